"""Erasing what a citizen wrote: the facts about a report stay, with a tombstone that says when and why."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, exists, literal, select

from classifier.errors import InputError, StoreError
from data.store import text_words
from data.store.database import BATCH, Store
from data.store.tables import Utc, corrections, erasures, keys, notes, predictions, reports, texts, waiting

AT_ONCE = 200  # reports erased in one transaction: others who write wait no longer than that takes
TRIES, PAUSE = 100, 0.1  # how often, and after how many seconds, SQLite's log is tried to be emptied
BY_AGE = "retention"  # the reason of a text that was kept long enough


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of an erased report's words: that they were erased, when and why."""

    report: int
    complaint_id: str
    made: datetime
    reason: str


class Erasure:
    """Erases the texts of a store: of one report, or of all that are old enough.

    Gone with a text are its words in the index, the likeness that precedents are found by, the reviewers' notes and the
    place among the waiting. What is sent later under the same id is answered, and stored without its text.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, key_id: int, complaint_id: str) -> int:
        """Return the number of the report that a key sent under this id; raises InputError if it sent none."""
        sent = select(reports.c.id).where(reports.c.key_id == key_id, reports.c.complaint_id == complaint_id)
        with self._store.read() as connection:
            report: int | None = connection.scalar(sent)
        if report is None:
            raise InputError("id", "this key has sent no report of this id", "the id of a report that the key sent")
        return report

    def erase(self, report: int, key_id: int | None, reason: str, now: datetime) -> Tombstone:
        """Erase a report at the wish of a key (None: of whoever runs the service); an earlier tombstone stays.

        Raises InputError for an unknown report. What the database's files still hold goes with `overwrite`.
        """
        known = select(reports.c.complaint_id).where(reports.c.id == report)
        with self._store.write() as connection:
            complaint_id = connection.scalar(known)
            if complaint_id is None:
                raise InputError("report", f"no report has the number {report}", "the number of a stored report")
            _lock(connection, [report])
            _bury(self._store, connection, [report], {"key_id": key_id, "made": now, "reason": reason})
            left = connection.execute(select(erasures).where(erasures.c.report_id == report)).one()
        return Tombstone(report, complaint_id, left.made, left.reason)

    def retain(self, older_than: datetime, now: datetime) -> Iterator[int]:
        """Erase every report last answered before `older_than`, in batches; yields how many after each of them."""
        last = 0
        while batch := self._old(older_than, last):
            last = batch[-1]
            with self._store.write() as connection:
                _lock(connection, batch)
                still = select(reports.c.id).where(reports.c.id.in_(batch), _unanswered_since(older_than, reports.c.id))
                old = list(connection.scalars(still))
                _bury(self._store, connection, old, {"key_id": None, "made": now, "reason": BY_AGE})
            yield len(old)

    def tombstones(self) -> Iterator[dict[str, Any]]:
        """Yield what was erased, oldest first, as JSON rows that `replay` takes in any restored copy of the store."""
        stones = (
            select(reports.c.key_id, reports.c.complaint_id, erasures.c.made, erasures.c.reason)
            .join_from(erasures, reports)
            .order_by(erasures.c.made, erasures.c.report_id)
        )
        with self._store.read() as connection:
            for row in connection.execute(stones, execution_options={"yield_per": BATCH}):
                yield {
                    "key": row.key_id,
                    "id": row.complaint_id,
                    "made": row.made.isoformat(),
                    "reason": row.reason,
                }

    def overwrite(self) -> Iterator[None]:
        """Remove what was erased from a SQLite file's bytes, in short steps between which others write.

        PostgreSQL does so by itself, in time: autovacuum frees the space, and new rows take it. Raises StoreError where
        somebody reads or writes so long that SQLite's log can't be emptied.
        """
        if not self._store.is_sqlite:
            return
        begin = more = True
        while more:
            with self._store.write() as connection:
                more = text_words.merge(connection, begin=begin)
            begin = False
            yield
        for _ in range(TRIES):
            if self._store.checkpoint():
                return
            time.sleep(PAUSE)
            yield
        raise StoreError("Erased, but the database is in use without a break: its log still holds it.", retryable=True)

    def _old(self, older_than: datetime, last: int) -> list[int]:
        old = select(texts.c.report_id).where(
            texts.c.report_id > last, _unanswered_since(older_than, texts.c.report_id)
        )
        with self._store.read() as connection:
            return list(connection.scalars(old.distinct().order_by(texts.c.report_id).limit(AT_ONCE)))


def replay(store: Store, connection: Connection, stones: Iterable[Mapping[str, Any]]) -> None:
    """Erase what `tombstones` named, in a copy that may be older; a report that it lacks will never have a text."""
    known = set(connection.scalars(select(keys.c.id)))
    for stone in stones:
        if stone["key"] in known:
            named = {"key_id": stone["key"], "complaint_id": stone["id"]}
            connection.execute(store.insert(reports).on_conflict_do_nothing(), named)
            report = connection.execute(select(reports.c.id).filter_by(**named)).scalar_one()
            why = {"key_id": None, "made": stone["made"], "reason": stone["reason"]}
            _bury(store, connection, [report], why)


def erased(connection: Connection, report_ids: Iterable[int]) -> set[int]:
    """Return which of these reports are erased; the caller has locked them, so that none will be meanwhile."""
    return set(connection.scalars(select(erasures.c.report_id).where(erasures.c.report_id.in_(report_ids))))


def _lock(connection: Connection, report_ids: Sequence[int]) -> None:
    """Keep erasing and storing apart, so that no text comes in while its report is erased; SQLite has one writer."""
    locked = select(reports.c.id).where(reports.c.id.in_(report_ids)).order_by(reports.c.id)
    connection.execute(locked.with_for_update())


def _unanswered_since(moment: datetime, report_id: ColumnElement[int]) -> ColumnElement[bool]:
    later = predictions.c.made >= literal(moment, Utc)
    return ~exists().where(predictions.c.report_id == report_id, later)


def _bury(store: Store, connection: Connection, report_ids: Sequence[int], why: Mapping[str, Any]) -> None:
    if not report_ids:
        return
    stones = [{"report_id": report, **why} for report in report_ids]
    connection.execute(store.insert(erasures).on_conflict_do_nothing(), stones)
    of_reports = select(corrections.c.id).where(corrections.c.report_id.in_(report_ids))
    connection.execute(delete(notes).where(notes.c.correction_id.in_(of_reports)))
    connection.execute(delete(waiting).where(waiting.c.report_id.in_(report_ids)))
    written = connection.scalars(select(texts.c.id).where(texts.c.report_id.in_(report_ids))).all()
    text_words.remove(connection, written)
    connection.execute(delete(texts).where(texts.c.id.in_(written)))
