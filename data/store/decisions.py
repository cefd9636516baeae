"""What reviewers decided lately: the newest words of people on the reports that a key may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, distinct, func, select, true

from data.store.answered import in_reach
from data.store.database import Store
from data.store.reach import Reach
from data.store.standing import DECIDING, taken_back
from data.store.tables import Source, Verdict, corrections, keys, predictions, reports, texts

_judged = predictions.alias("judged")  # a name of its own: the condition of reach looks at the newest prediction


@dataclass(frozen=True, slots=True)
class Decided:
    """One word on a report, beside what the model had answered; `title` and `text` are None once erased."""

    id: int
    report: int
    complaint_id: str
    key_id: int | None
    key: str
    made: datetime
    source: Source
    verdict: Verdict
    topic: str | None
    agency: str | None
    predicted_topic: str
    predicted_agency: str
    title: str | None
    text: str | None
    withdrawn: bool


class Decisions:
    """The decisions of a store, as the page lists them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def latest(
        self, reach: Reach, *, key_id: int | None = None, before: int | None = None, limit: int = 30
    ) -> list[Decided]:
        """Return the newest words, newest first; `key_id`: of this key alone; `before`: older than this one."""
        query = (
            _decided(reach)
            .where(true() if key_id is None else corrections.c.key_id == key_id)
            .where(true() if before is None else corrections.c.id < before)
            .where(corrections.c.verdict.not_in(("withdrawn", "skipped")))
            .order_by(corrections.c.id.desc())
            .limit(limit)
        )
        return self._read(query)

    def of(self, reach: Reach, ids: Iterable[int]) -> list[Decided]:
        """Return the words with these ids, oldest first."""
        return self._read(_decided(reach).where(corrections.c.id.in_(list(ids))).order_by(corrections.c.id))

    def count_since(self, begin: datetime, key_id: int, reach: Reach) -> tuple[int, int]:
        """Return how many reports this key, and everybody, decided since then."""
        query = (
            select(
                func.count(distinct(corrections.c.report_id)).filter(corrections.c.key_id == key_id),
                func.count(distinct(corrections.c.report_id)),
            )
            .where(corrections.c.made >= begin, corrections.c.verdict.in_(DECIDING), ~taken_back())
            .where(in_reach(corrections.c.report_id, reach))
        )
        with self._store.read() as connection:
            own, everybody = connection.execute(query).one()
        return own, everybody

    def _read(self, query: Select[Any]) -> list[Decided]:
        with self._store.read() as connection:
            return [Decided(**row) for row in connection.execute(query).mappings()]


def _decided(reach: Reach) -> Select[Any]:
    said = ("id", "key_id", "made", "source", "verdict", "topic", "agency")
    return (
        select(*(corrections.c[name] for name in said), corrections.c.report_id.label("report"))
        .add_columns(reports.c.complaint_id, func.coalesce(keys.c.name, "").label("key"), texts.c.title, texts.c.text)
        .add_columns(_judged.c.topic.label("predicted_topic"), _judged.c.agency.label("predicted_agency"))
        .add_columns(taken_back().label("withdrawn"))
        .join_from(corrections, reports)
        .join(_judged, _judged.c.id == corrections.c.prediction_id)
        .outerjoin(keys, keys.c.id == corrections.c.key_id)
        .outerjoin(texts, texts.c.id == corrections.c.text_id)
        .where(in_reach(corrections.c.report_id, reach))
    )
