"""What was asked, masked, and what was answered: each answer is a fact that is appended."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from classifier.records import Complaint
from data.store import text_words
from data.store.answered import Answered
from data.store.database import BATCH, Store
from data.store.erasure import erased
from data.store.precedents import likeness
from data.store.tables import predictions, reports, texts
from data.store.waiting import settle

_ANSWERED = ("id", "model", "made", "answer", "region", "date", "channel", "visibility")
_Report = tuple[int, bytes]  # the report's id and the digest of one text of it


@dataclass(frozen=True, slots=True)
class Asked:
    """A complaint, already masked, and the prediction JSON given for it, with offsets into the masked text."""

    complaint: Complaint
    answer: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoredPrediction:
    """One answer as it was given; `title` and `text` are None once the text is erased.

    Evidence in `answer` carries offsets into `title` and `text`, never the words themselves.
    """

    id: int
    complaint_id: str
    model: str
    made: datetime
    answer: dict[str, Any]
    title: str | None
    text: str | None
    region: str
    date: datetime | None
    channel: str
    visibility: str


class Predictions:
    """The reports of a store and what was answered for them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, key_id: int, asked: Sequence[Asked], model: str, now: datetime) -> None:
        """Append a prediction for each complaint; a report seen for the first time and a changed text are added too."""
        # In one order everywhere, so that two calls never wait for each other's reports.
        ordered = sorted(asked, key=lambda item: item.complaint.id)
        with self._store.write() as connection:
            for start in range(0, len(ordered), BATCH):
                self._append(connection, key_id, ordered[start : start + BATCH], {"model": model, "made": now})

    def of(self, key_id: int, complaint_id: str) -> list[StoredPrediction]:
        """Return every answer given for a complaint of this key, oldest first."""
        return self._given(reports.c.key_id == key_id, reports.c.complaint_id == complaint_id)

    def about(self, report: int) -> list[StoredPrediction]:
        """Return every answer given for the report with this number, oldest first."""
        return self._given(reports.c.id == report)

    def _given(self, *which: ColumnElement[bool]) -> list[StoredPrediction]:
        columns = [predictions.c[name] for name in _ANSWERED]
        query = (
            select(*columns, reports.c.complaint_id, texts.c.title, texts.c.text)
            .join_from(predictions, reports)
            .outerjoin(texts, texts.c.id == predictions.c.text_id)
            .where(*which)
            .order_by(predictions.c.id)
        )
        with self._store.read() as connection:
            return [StoredPrediction(**row) for row in connection.execute(query).mappings()]

    def _append(self, connection: Connection, key_id: int, asked: Sequence[Asked], made: Mapping[str, Any]) -> None:
        report_ids = self._report_ids(connection, key_id, dict.fromkeys(item.complaint.id for item in asked))
        sent = [(report_ids[item.complaint.id], _digest(item.complaint)) for item in asked]
        gone = erased(connection, report_ids.values())
        written = {at: item.complaint for at, item in zip(sent, asked, strict=True) if at[0] not in gone}
        text_ids = self._text_ids(connection, written) if written else {}
        text_words.index(connection, {text_ids[at]: complaint for at, complaint in written.items()})
        rows = [
            {"report_id": at[0], "text_id": text_ids.get(at), **_facts(item), **made}
            for at, item in zip(sent, asked, strict=True)
        ]
        append = self._store.insert(predictions).returning(predictions.c.id, sort_by_parameter_order=True)
        numbered = zip(rows, connection.scalars(append, rows), strict=True)
        newest = {row["report_id"]: _answered(row, number) for row, number in numbered}
        settle(self._store, connection, list(newest.values()))

    def _report_ids(self, connection: Connection, key_id: int, ids: Iterable[str]) -> dict[str, int]:
        new = [{"key_id": key_id, "complaint_id": complaint_id} for complaint_id in ids]
        connection.execute(self._store.insert(reports).on_conflict_do_nothing(), new)
        known = select(reports.c.complaint_id, reports.c.id).where(
            reports.c.key_id == key_id, reports.c.complaint_id.in_(ids)
        )
        known = known.order_by(reports.c.id).with_for_update(key_share=True)  # whoever corrects one of them waits
        return {row.complaint_id: row.id for row in connection.execute(known)}

    def _text_ids(self, connection: Connection, sent: Mapping[_Report, Complaint]) -> dict[_Report, int]:
        new = [
            {
                "report_id": report_id,
                "digest": digest,
                "title": complaint.title,
                "text": complaint.text,
                "likeness": likeness(complaint.title, complaint.text),
            }
            for (report_id, digest), complaint in sent.items()
        ]
        connection.execute(self._store.insert(texts).on_conflict_do_nothing(), new)
        known = select(texts.c.report_id, texts.c.digest, texts.c.id).where(
            texts.c.report_id.in_({report_id for report_id, _ in sent})
        )
        return {(row.report_id, row.digest): row.id for row in connection.execute(known)}


def _digest(complaint: Complaint) -> bytes:
    return hashlib.sha256(f"{complaint.title}\0{complaint.text}".encode()).digest()


def _answered(row: Mapping[str, Any], prediction: int) -> Answered:
    names = {"report": "report_id", "text": "text_id", "made": "made", "answer": "answer", "visibility": "visibility"}
    return Answered(prediction=prediction, **{name: row[column] for name, column in names.items()})


def _facts(item: Asked) -> dict[str, Any]:
    complaint = item.complaint
    return {
        "answer": {name: _offsets(part) if name == "evidence" else part for name, part in item.answer.items()},
        "region": complaint.region,
        "date": complaint.date,
        "channel": complaint.channel,
        "visibility": complaint.visibility,
        **{target: (item.answer.get(target) or {}).get("code", "") for target in ("topic", "agency", "place")},
        "action": item.answer.get("decision", {}).get("action", ""),
    }


def _offsets(evidence: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    # The words stay in the text alone, so that erasing it leaves none behind.
    return [{name: part for name, part in item.items() if name != "text"} for item in evidence]
