"""What reviewers decided lately: the newest words of people on the reports that a key may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, distinct, exists, func, select, true

from data.store.database import Store
from data.store.reach import Reach
from data.store.tables import Source, Verdict, corrections, keys, predictions, reports, texts

DECIDING: tuple[Verdict, ...] = ("confirmed", "corrected")
_later = corrections.alias("later")


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
            .join_from(corrections, predictions, predictions.c.id == corrections.c.prediction_id)
            .where(corrections.c.made >= begin, corrections.c.verdict.in_(DECIDING), ~_withdrawn())
            .where(_within(reach))
        )
        with self._store.read() as connection:
            own, everybody = connection.execute(query).one()
        return own, everybody

    def _read(self, query: Select[tuple[object, ...]]) -> list[Decided]:
        with self._store.read() as connection:
            return [Decided(**row) for row in connection.execute(query).mappings()]  # type: ignore[arg-type]


def _within(reach: Reach) -> ColumnElement[bool]:
    return reach.covers(predictions.c.agency, predictions.c.place, predictions.c.visibility == "rahasia")


def _withdrawn():  # type: ignore[no-untyped-def]  # as SQLAlchemy infers it
    return exists().where(_later.c.withdraws == corrections.c.id)


def _decided(reach: Reach) -> Select[tuple[object, ...]]:
    said = ("id", "key_id", "made", "source", "verdict", "topic", "agency")
    return (
        select(*(corrections.c[name] for name in said), corrections.c.report_id.label("report"))
        .add_columns(reports.c.complaint_id, func.coalesce(keys.c.name, "").label("key"), texts.c.title, texts.c.text)
        .add_columns(predictions.c.topic.label("predicted_topic"), predictions.c.agency.label("predicted_agency"))
        .add_columns(_withdrawn().label("withdrawn"))
        .join_from(corrections, reports)
        .join(predictions, predictions.c.id == corrections.c.prediction_id)
        .outerjoin(keys, keys.c.id == corrections.c.key_id)
        .outerjoin(texts, texts.c.id == corrections.c.text_id)
        .where(_within(reach))
    )
