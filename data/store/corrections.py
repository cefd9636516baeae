"""What people, and other systems, said of reports: appended, never changed; what holds is a query."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from classifier.errors import ConflictError, InputError
from classifier.records import Complaint
from classifier.redact import redact
from data.complaints import JAKARTA
from data.store.answered import Answered, in_reach, lock_newest, newest_of, unknown_report
from data.store.database import BATCH, Store
from data.store.reach import Reach
from data.store.standing import PASSED, Correction, Standing, standing_of, taken_back
from data.store.tables import Source, Verdict, corrections, keys, notes, predictions, reports, texts
from data.store.waiting import settle

TARGETS = ("topic", "agency", "place", "kind")
CORRECTIONS_LOCK = 0x6B6F72656B7369  # "koreksi": their ids become visible in order, so that `since` misses none


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says of a report.

    `verdict` None is derived: "withdrawn" with `withdraws`, else "confirmed" where every label given is that of the
    prediction and "corrected" otherwise. "confirmed" without labels states the topic and agency of the prediction.
    `seen` is the newest correction that the speaker knew of, 0 for none; `prediction` the one looked at. With either a
    view that has become stale is refused. `request` makes sending it twice harmless.
    """

    report: int
    source: Source = "reviewer"
    verdict: Verdict | None = None
    topic: str | None = None
    agency: str | None = None
    place: str | None = None
    kind: str | None = None
    note: str = ""
    seen: int | None = None
    request: str | None = None
    withdraws: int | None = None
    prediction: int | None = None

    @property
    def labels(self) -> dict[str, str]:
        """The labels given."""
        return {target: code for target in TARGETS if (code := getattr(self, target)) is not None}


@dataclass(frozen=True, slots=True)
class Learnt:
    """A report that people decided: the complaint with the labels that hold, who said so, and how many."""

    report: int
    complaint: Complaint
    sources: frozenset[Source]
    agreed: int
    made: datetime


class Corrections:
    """The corrections of a store.

    Those who speak of one report at once are taken one after the other: the later one sees what the earlier said.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, key_id: int | None, said: Said, now: datetime) -> Correction:
        """Append what a key (None: an import) says, and let the report wait or no longer wait.

        The same `request` again returns what it made. Raises ConflictError for a stale view, for taking back twice and
        for a `request` that had another content; InputError for an unknown report and for what can't be said so.
        """
        return self.add_many(key_id, [said], now)[0]

    def add_many(self, key_id: int | None, said: Sequence[Said], now: datetime) -> list[Correction]:
        """Append all or none, as `add` does."""
        for one in said:
            _check(one)
        with self._store.write() as connection:
            answered = lock_newest(connection, {one.report for one in said})
            if not self._store.is_sqlite:
                connection.execute(select(func.pg_advisory_xact_lock(CORRECTIONS_LOCK)))
            made = [self._append(connection, key_id, one, answered[one.report], now) for one in said]
            newest = list(answered.values())
            for start in range(0, len(newest), BATCH):
                settle(self._store, connection, newest[start : start + BATCH])
        return made

    def of(self, report: int) -> list[Correction]:
        """Return all that was said of a report, oldest first."""
        with self._store.read() as connection:
            return _of(connection, report)

    def since(self, after: int, limit: int, reach: Reach) -> list[Correction]:
        """Return at most `limit` corrections with an id above `after`, in order, of the reports within reach."""
        query = _SAID.where(corrections.c.id > after, in_reach(corrections.c.report_id, reach))
        with self._store.read() as connection:
            return [_correction(row) for row in connection.execute(query.limit(limit))]

    def standing(self, report: int) -> Standing | None:
        """Return the labels that hold of a report's newest text, None if nobody said one."""
        with self._store.read() as connection:
            newest = newest_of(connection, [report])
            return standing_of(one for one in _of(connection, report) if one.text == newest[report].text)

    def learnt(self) -> Iterator[Learnt]:
        """Yield every report with a label that holds and a text, in order of their number; many are read in parts."""
        decided, after = select(corrections.c.report_id).distinct().order_by(corrections.c.report_id), 0
        while True:
            with self._store.read() as connection:
                ids = list(connection.scalars(decided.where(corrections.c.report_id > after).limit(BATCH)))
                part = _learnt(connection, ids) if ids else []
            yield from part
            if not ids:
                return
            after = ids[-1]

    def numbers(self, key_id: int, complaint_ids: Iterable[str]) -> dict[str, int]:
        """Return the numbers of a key's reports by its own ids; an unknown id is left out."""
        ids, found = list(complaint_ids), dict[str, int]()
        with self._store.read() as connection:
            for start in range(0, len(ids), BATCH):
                known = select(reports.c.complaint_id, reports.c.id).where(
                    reports.c.key_id == key_id, reports.c.complaint_id.in_(ids[start : start + BATCH])
                )
                found |= {row.complaint_id: row.id for row in connection.execute(known)}
        return found

    def newest(self, report: int) -> Answered:
        """Return the newest answer for a report; raises InputError for an unknown one."""
        with self._store.read() as connection:
            found = newest_of(connection, [report])
        if report not in found:
            raise unknown_report(report)
        return found[report]

    def within(self, report: int, reach: Reach, owner: int | None = None) -> bool:
        """Tell whether a report exists and lies within reach, by its newest answer or the agency that holds.

        With `owner` only a report of that key does.
        """
        query = select(reports.c.id).where(reports.c.id == report, in_reach(reports.c.id, reach))
        if owner is not None:
            query = query.where(reports.c.key_id == owner)
        with self._store.read() as connection:
            return connection.scalar(query) is not None

    def _append(
        self, connection: Connection, key_id: int | None, said: Said, newest: Answered, now: datetime
    ) -> Correction:
        if said.request is not None and (earlier := _requested(connection, key_id, said.request)):
            return _repeated(earlier, said)
        _check_view(connection, said)
        if said.verdict == "withdrawn" or said.withdraws is not None:
            _check_withdrawal(connection, key_id, said)
        judged = _judged(connection, said, newest)
        verdict, labels = _verdict(said, judged)
        values = {
            "report_id": said.report,
            "key_id": key_id,
            "prediction_id": judged.prediction,
            "text_id": newest.text,
            "made": now,
            "source": said.source,
            "verdict": verdict,
            "withdraws": said.withdraws,
            "request": said.request,
            **labels,
        }
        row = self._store.insert(corrections).values(values).on_conflict_do_nothing().returning(corrections.c.id)
        made = connection.scalar(row)
        if made is None:  # another report was corrected with the same request at this very moment
            raise _other_content()
        if said.note and newest.text is not None:
            note = {"correction_id": made, "note": redact(said.note).text}
            connection.execute(self._store.insert(notes).values(note))
        return _one(connection, made)


def _check(said: Said) -> None:
    """Raise InputError for what can't be said of any report."""
    if said.withdraws is not None and said.verdict not in (None, "withdrawn"):
        raise InputError("withdraws", f"given with the verdict {said.verdict}", "the verdict withdrawn, or none")
    if said.verdict == "withdrawn" and said.withdraws is None:
        raise InputError("withdraws", "missing", "the id of the correction to take back")
    bare = "withdrawn" if said.withdraws is not None else said.verdict
    if bare in (*PASSED, "returned", "withdrawn") and said.labels:
        raise InputError(next(iter(said.labels)), f"given with the verdict {bare}", "no label, or no such verdict")
    if bare in (None, "corrected") and not said.labels:
        raise InputError("topic", "nothing is said of the report", "a topic, agency, place or kind, or a verdict")


def _check_view(connection: Connection, said: Said) -> None:
    if said.seen is not None and (last := last_said(connection, said.report)) and last.id > said.seen:
        raise already_decided(last)


def last_said(connection: Connection, report: int) -> Correction | None:
    """Return the newest correction of a report that says something of it, None if there is none."""
    query = _SAID.where(corrections.c.report_id == report, corrections.c.verdict.not_in(PASSED))
    row = connection.execute(query.order_by(None).order_by(corrections.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else _correction(row)


def already_decided(one: Correction) -> ConflictError:
    """Return the error that says who was first, what they said and when."""
    when = one.made.astimezone(JAKARTA)
    labels = {target: code for target in TARGETS if (code := getattr(one, target))}
    spoken = "".join(f", {target} {code}" for target, code in labels.items())
    by = one.key or one.source
    message = f"Report {one.report} was {one.verdict} by {by} on {when:%Y-%m-%d %H:%M} WIB{spoken}; look at it again."
    told = {"id": one.id, "report": one.report, "by": by, "made": when.isoformat(), "verdict": one.verdict}
    return ConflictError(message, told | labels)


def _check_withdrawal(connection: Connection, key_id: int | None, said: Said) -> None:
    own = _SAID.where(corrections.c.id == said.withdraws, corrections.c.report_id == said.report)
    row = connection.execute(own).one_or_none()
    if row is None or row.key_id != key_id or row.verdict == "withdrawn":
        raise InputError("withdraws", "no correction of this report by this key", "the id of an own correction of it")
    if row.withdrawn:
        raise ConflictError(f"Correction {row.id} was taken back already.", {"id": row.id, "report": said.report})


def _judged(connection: Connection, said: Said, newest: Answered) -> Answered:
    """Return the answer that the speaker looked at; raises ConflictError if the text has changed since."""
    if said.prediction in (None, newest.prediction):
        return newest
    found = newest_of(connection, [said.report], prediction=said.prediction).get(said.report)
    if found is None:
        raise InputError("prediction", "unknown", "the id of a prediction for this report")
    if found.text != newest.text:
        raise ConflictError(f"The text of report {said.report} has changed; look at it again.")
    return found


def _verdict(said: Said, judged: Answered) -> tuple[Verdict, dict[str, str]]:
    """Return the verdict and the labels that are stated by it."""
    labels, predicted = said.labels, judged.codes
    if said.withdraws is not None:
        return "withdrawn", {}
    if said.verdict == "confirmed" and not labels:
        labels = {target: predicted[target] for target in ("topic", "agency") if target in predicted}
        if not labels:
            raise InputError("verdict", "the prediction has nothing to confirm", "the right topic and agency")
    if said.verdict in (None, *("confirmed", "corrected")):
        same = all(predicted.get(target) == code for target, code in labels.items())
        return ("confirmed" if same else "corrected"), labels
    assert said.verdict is not None  # noqa: S101 - for the type checker: None was derived above
    return said.verdict, labels


def _requested(connection: Connection, key_id: int | None, request: str) -> Correction | None:
    query = _SAID.where(corrections.c.key_id == key_id, corrections.c.request == request)
    row = connection.execute(query).one_or_none()
    return None if row is None else _correction(row)


def _repeated(earlier: Correction, said: Said) -> Correction:
    """Return what an earlier request made if it said the same; an erased note can't be compared."""
    stated = {target: code for target in TARGETS if (code := getattr(earlier, target))}
    same = (
        (earlier.report, earlier.source, earlier.withdraws) == (said.report, said.source, said.withdraws)
        and (said.labels == stated if said.labels or said.verdict != "confirmed" else earlier.verdict == "confirmed")
        and (said.verdict in (None, earlier.verdict) or bool(said.labels))
        and earlier.note in ("", redact(said.note).text)
    )
    if not same:
        raise _other_content(earlier)
    return earlier


def _other_content(earlier: Correction | None = None) -> ConflictError:
    told = {} if earlier is None else {"id": earlier.id, "report": earlier.report, "verdict": earlier.verdict}
    return ConflictError("The Idempotency-Key was used for another correction; send a new one.", told)


_SAID: Select[Any] = (
    select(
        corrections,
        reports.c.complaint_id,
        func.coalesce(keys.c.name, "").label("key"),
        func.coalesce(predictions.c.model, "").label("model"),
        func.coalesce(notes.c.note, "").label("note"),
        taken_back().label("withdrawn"),
    )
    .join_from(corrections, reports, reports.c.id == corrections.c.report_id)
    .outerjoin(keys, keys.c.id == corrections.c.key_id)
    .outerjoin(predictions, predictions.c.id == corrections.c.prediction_id)
    .outerjoin(notes, notes.c.correction_id == corrections.c.id)
    .order_by(corrections.c.id)
)


def _of(connection: Connection, report: int) -> list[Correction]:
    return [_correction(row) for row in connection.execute(_SAID.where(corrections.c.report_id == report))]


def _one(connection: Connection, correction: int) -> Correction:
    return _correction(connection.execute(_SAID.where(corrections.c.id == correction)).one())


def _correction(row: Row[Any]) -> Correction:
    return Correction(
        id=row.id,
        report=row.report_id,
        complaint_id=row.complaint_id,
        key_id=row.key_id,
        key=row.key,
        made=row.made,
        source=row.source,
        verdict=row.verdict,
        topic=row.topic,
        agency=row.agency,
        place=row.place,
        kind=row.kind,
        note=row.note,
        withdraws=row.withdraws,
        model=row.model,
        prediction=row.prediction_id,
        text=row.text_id,
        withdrawn=bool(row.withdrawn),
    )


def _learnt(connection: Connection, ids: Sequence[int]) -> list[Learnt]:
    said = map(_correction, connection.execute(_by_report(_SAID.where(corrections.c.report_id.in_(ids)))))
    by_report = {report: list(group) for report, group in groupby(said, key=lambda one: one.report)}
    asked = (
        select(predictions, reports.c.complaint_id, texts.c.title, texts.c.text)
        .join_from(predictions, texts, texts.c.id == predictions.c.text_id)
        .join(reports, reports.c.id == predictions.c.report_id)
    )
    newest = {one.prediction for one in newest_of(connection, ids).values()}
    rows = connection.execute(asked.where(predictions.c.id.in_(newest)).order_by(predictions.c.report_id))
    return [one for row in rows if (one := _taught(row, by_report[row.report_id]))]


def _by_report(query: Select[Any]) -> Select[Any]:
    return query.order_by(None).order_by(corrections.c.report_id, corrections.c.id)


def _taught(row: Row[Any], said: Sequence[Correction]) -> Learnt | None:
    held = standing_of(one for one in said if one.text == row.text_id)
    if held is None:
        return None
    labels: Mapping[str, str | None] = {target: getattr(held, target) for target in TARGETS}
    complaint = Complaint(
        id=row.complaint_id,
        text=row.text,
        title=row.title,
        region=row.region,
        date=row.date,
        channel=row.channel,
        visibility=row.visibility,
        labels={target: code for target, code in labels.items() if code},
    )
    return Learnt(row.report_id, complaint, held.sources, held.agreed, held.made)
