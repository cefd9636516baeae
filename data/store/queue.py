"""The reports that wait for a person: which comes next, and whose it is for a while."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, or_, select, true, update

from classifier.errors import ConflictError
from data.complaints import JAKARTA
from data.store.answered import unknown_report
from data.store.corrections import already_decided, last_said
from data.store.database import Store
from data.store.keys import Key
from data.store.reach import Reach, at_place
from data.store.standing import taken_back
from data.store.tables import corrections, keys, predictions, reports, texts, waiting

MINUTES = 10  # that a report is kept for a reviewer who may have left
TRIES = 20  # reports that other reviewers may take before this one finds one
REST = timedelta(days=1)  # how long a skipped report is not shown to who skipped it
PATIENCE = 8  # of so many turns one goes to what waits longest, even while urgent reports come in


@dataclass(frozen=True, slots=True)
class Waiting:
    """A report that waits; `prediction` and `seen` (the newest correction, 0 for none) are what a reviewer looks at.

    `answer` is the prediction JSON, its evidence without words. `doubt` is 1 less the lower of the probabilities of
    topic and agency, `gain` 1 less the lead of the best topic over the second.
    """

    report: int
    complaint_id: str
    since: datetime
    urgent: bool
    doubt: float
    gain: float
    title: str
    text: str
    region: str
    date: datetime | None
    channel: str
    visibility: str
    answer: dict[str, Any]
    model: str
    prediction: int
    seen: int
    leased_until: datetime | None


class Queue:
    """The reports of a store that wait for a person; `reach` is always what the key may see."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def lease(self, key: Key, reach: Reach, now: datetime, *, minutes: int = MINUTES, **wanted: Any) -> Waiting | None:
        """Return the first report of `list` and keep it for the key, None if nothing waits."""
        leased = self.lease_many(key, reach, now, limit=1, minutes=minutes, **wanted)
        return leased[0] if leased else None

    def lease_many(
        self,
        key: Key,
        reach: Reach,
        now: datetime,
        *,
        limit: int,
        minutes: int = MINUTES,
        topic: str | None = None,
        agency: str | None = None,
        place: str | None = None,
        urgent: bool | None = None,
    ) -> list[Waiting]:
        """Return the next reports as `list` does and keep them for the key."""
        asked = [*_wanted(topic, agency, place, urgent), *_free_for(key, reach, now)]
        until = now + timedelta(minutes=minutes)
        with self._store.read() as connection:
            found = _next(connection, asked, limit + TRIES)
        if not found:
            return []
        with self._store.write() as connection:  # short: who answers complaints waits for it
            return list(_leased(connection, found, limit, key, now, until))

    def take(self, key: Key, report: int, now: datetime, *, minutes: int = MINUTES) -> Waiting:
        """Keep one report for the key; whether it may see it is for the caller to check.

        Raises ConflictError if another key keeps it or if somebody decided, InputError if it never was to be reviewed.
        """
        until = now + timedelta(minutes=minutes)
        with self._store.write() as connection:
            found = connection.execute(_WAITING.where(waiting.c.report_id == report)).one_or_none()
            if found is None:
                raise _not_waiting(connection, report)
            kept = list(_leased(connection, [_waiting(found)], 1, key, now, until))
            if not kept:
                raise _kept_by_another(connection, report)
        return kept[0]

    def release(self, key: Key, report: int) -> None:
        """Give a report back if the key keeps it."""
        own = and_(waiting.c.report_id == report, waiting.c.leased_by == key.id)
        with self._store.write() as connection:
            connection.execute(update(waiting).where(own).values(leased_by=None, leased_until=None))

    def count(self, key: Key, reach: Reach, now: datetime, **wanted: Any) -> dict[str, Any]:
        """Return how many reports wait for a key, how many of them are urgent, and since when the oldest does."""
        oldest, urgent = func.min(waiting.c.since), func.count().filter(waiting.c.urgent)
        query = select(func.count(), urgent, oldest).join_from(waiting, predictions, _answered)
        with self._store.read() as connection:
            row = connection.execute(query.where(*_wanted(**wanted), *_free_for(key, reach, now))).one()
        return {"waiting": row[0], "urgent": row[1], "oldest": row[2]}

    def list(
        self,
        key: Key,
        reach: Reach,
        now: datetime,
        *,
        limit: int,
        topic: str | None = None,
        agency: str | None = None,
        place: str | None = None,
        urgent: bool | None = None,
    ) -> list[Waiting]:
        """Return the next reports for a key, without those that others lease and those that it left itself.

        Urgent ones come first, oldest first. Then the longest waiting, the least sure and those that teach the model
        most take turns, and who starts changes with every correction. In one turn of `PATIENCE` the longest waiting
        report goes before all, so that none starves. What a key was unsure about is never shown to it again, unless the
        text changes; what it skipped, after a day. `topic` takes in the leaves of a main topic, `agency` the bodies
        of an archetype, `place` those inside it.
        """
        asked = [*_wanted(topic, agency, place, urgent), *_free_for(key, reach, now)]
        with self._store.read() as connection:
            return _next(connection, asked, limit)


_answered = predictions.c.id == waiting.c.prediction_id
_seen = func.coalesce(
    select(func.max(corrections.c.id)).where(corrections.c.report_id == waiting.c.report_id).scalar_subquery(), 0
)
_WAITING: Select[Any] = (
    select(
        waiting,
        reports.c.complaint_id,
        texts.c.title,
        texts.c.text,
        *(predictions.c[name] for name in ("region", "date", "channel", "visibility", "answer", "model")),
        _seen.label("seen"),
    )
    .join_from(waiting, predictions, _answered)
    .join(reports, reports.c.id == waiting.c.report_id)
    .join(texts, texts.c.id == predictions.c.text_id)
)


def _wanted(
    topic: str | None = None, agency: str | None = None, place: str | None = None, urgent: bool | None = None
) -> Iterator[ColumnElement[bool]]:
    if topic:
        yield _at_or_below(predictions.c.topic, topic, "/")
    if agency:
        yield _at_or_below(waiting.c.agency, agency, "@")
    if place:
        yield at_place(waiting.c.agency, waiting.c.place, place)
    if urgent is not None:
        yield waiting.c.urgent if urgent else ~waiting.c.urgent


def _at_or_below(column: ColumnElement[str], code: str, below: str) -> ColumnElement[bool]:
    return or_(column == code, column.startswith(code + below, autoescape=True))


def _free_for(key: Key, reach: Reach, now: datetime) -> Iterator[ColumnElement[bool]]:
    left = (
        exists()
        .where(corrections.c.report_id == waiting.c.report_id, corrections.c.key_id == key.id)
        .where(corrections.c.text_id == predictions.c.text_id, ~taken_back())
        .where(
            or_(
                corrections.c.verdict == "unsure",
                and_(corrections.c.verdict == "skipped", corrections.c.made > now - REST),
            )
        )
    )
    yield reach.covers(waiting.c.agency, waiting.c.place, waiting.c.confidential)
    yield ~left
    yield _free(key, now)


def _free(key: Key, now: datetime) -> ColumnElement[bool]:
    return or_(waiting.c.leased_by.is_(None), waiting.c.leased_by == key.id, waiting.c.leased_until <= now)


def _next(connection: Connection, asked: Sequence[ColumnElement[bool]], limit: int) -> list[Waiting]:
    # Each is the order of an index, so that no more rows are read than are asked for.
    oldest = (waiting.c.since.asc(), waiting.c.report_id.asc())
    doubtful = (waiting.c.doubt.desc(), waiting.c.report_id.desc())
    telling = (waiting.c.gain.desc(), waiting.c.report_id.desc())
    turn = connection.scalar(select(func.coalesce(func.max(corrections.c.id), 0))) or 0
    orders = [oldest, doubtful, telling]
    start = turn % len(orders)
    urgent = _ordered(connection, [*asked, waiting.c.urgent], oldest, limit)
    others = [_ordered(connection, [*asked, ~waiting.c.urgent], order, limit) for order in orders]
    mixed = [one for round_ in zip_longest(*others[start:], *others[:start]) for one in round_ if one is not None]
    patient = others[0][:1] if turn % PATIENCE == PATIENCE - 1 else []
    chosen = list(dict.fromkeys([*patient, *urgent, *mixed]))[:limit]
    rows = {row.report_id: row for row in connection.execute(_WAITING.where(waiting.c.report_id.in_(chosen)))}
    return [_waiting(rows[report]) for report in chosen if report in rows]


def _ordered(
    connection: Connection, asked: Iterable[ColumnElement[bool]], order: Iterable[ColumnElement[Any]], limit: int
) -> Sequence[int]:
    query = select(waiting.c.report_id).join_from(waiting, predictions, _answered)
    return connection.scalars(query.where(true(), *asked).order_by(*order).limit(limit)).all()


def _leased(
    connection: Connection, found: Iterable[Waiting], limit: int, key: Key, now: datetime, until: datetime
) -> Iterator[Waiting]:
    """Yield those of the reports that could be leased: another call may have been faster."""
    for one in found:
        if not limit:
            return
        free = and_(waiting.c.report_id == one.report, _free(key, now))
        if connection.execute(update(waiting).where(free).values(leased_by=key.id, leased_until=until)).rowcount:
            limit -= 1
            yield replace(one, leased_until=until)


def _not_waiting(connection: Connection, report: int) -> Exception:
    if last := last_said(connection, report):
        return already_decided(last)
    if connection.scalar(select(reports.c.id).where(reports.c.id == report)) is None:
        return unknown_report(report)
    return ConflictError(f"Report {report} waits for nobody: it was answered without doubt, or erased.")


def _kept_by_another(connection: Connection, report: int) -> ConflictError:
    holder = select(keys.c.name, waiting.c.leased_until).join_from(waiting, keys, keys.c.id == waiting.c.leased_by)
    row = connection.execute(holder.where(waiting.c.report_id == report)).one_or_none()
    if row is None:
        return ConflictError(f"Report {report} is just being decided; look again.")
    until = row.leased_until.astimezone(JAKARTA)
    told = {"report": report, "by": row.name, "until": until.isoformat()}
    return ConflictError(f"Report {report} is being looked at by {row.name} until {until:%H:%M} WIB.", told)


def _waiting(row: Row[Any]) -> Waiting:
    return Waiting(
        report=row.report_id,
        complaint_id=row.complaint_id,
        since=row.since,
        urgent=row.urgent,
        doubt=row.doubt,
        gain=row.gain,
        title=row.title,
        text=row.text,
        region=row.region,
        date=row.date,
        channel=row.channel,
        visibility=row.visibility,
        answer=row.answer,
        model=row.model,
        prediction=row.prediction_id,
        seen=row.seen,
        leased_until=row.leased_until,
    )
