"""The figures of the last months, counted by the database over indexed columns of at most `MOST_DAYS` days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, distinct, func, select

from data.complaints import JAKARTA
from data.store.database import Store
from data.store.reach import Reach
from data.store.standing import DECIDING, taken_back
from data.store.tables import corrections, predictions

MOST_DAYS = 90
LONGEST = 100_000  # decisions read for the weeks
ROWS = 8  # lines of a list


@dataclass(frozen=True, slots=True)
class Volume:
    """How many reports a label was answered for, and how many of them were routed without a person."""

    code: str
    reports: int
    routed: int


@dataclass(frozen=True, slots=True)
class Week:
    """The decisions of the week that begins on `monday`: how many, and how often the model had been right."""

    monday: date
    decided: int
    topic: int
    agency: int
    both: int


@dataclass(frozen=True, slots=True)
class Pair:
    """An answer of the model that people put right, and how often."""

    answered: str
    corrected: str
    times: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The figures since a moment; lists hold the largest first, weeks the oldest first."""

    since: datetime
    reports: int
    routed: int
    topics: Sequence[Volume]
    agencies: Sequence[Volume]
    places: Sequence[Volume]
    weeks: Sequence[Week]
    topic_pairs: Sequence[Pair]
    agency_pairs: Sequence[Pair]


def overview(store: Store, reach: Reach, now: datetime, days: int = MOST_DAYS) -> Overview:
    """Count what was answered and decided in the last days, of the reports that a key may see.

    A report that was answered again counts once, under each label that it was answered with.
    """
    since = now - timedelta(days=min(days, MOST_DAYS))
    seen = (predictions.c.made >= since) & reach.covers(
        predictions.c.agency, predictions.c.place, predictions.c.visibility == "rahasia"
    )
    kabkota = func.substr(predictions.c.place, 1, 4)
    with store.read() as connection:
        total = connection.execute(select(*_counts()).where(seen)).one()
        topics, agencies, places = (
            [
                Volume(*row)
                for row in connection.execute(
                    select(code, *_counts())
                    .where(seen, code != "")
                    .group_by(code)
                    .order_by(_reports().desc(), code)
                    .limit(ROWS)
                )
            ]
            for code in (predictions.c.topic, predictions.c.agency, kabkota)
        )
        return Overview(
            since,
            *total,
            topics,
            agencies,
            places,
            _weeks(connection, _decided(since, reach)),
            _pairs(connection, _decided(since, reach), "topic"),
            _pairs(connection, _decided(since, reach), "agency"),
        )


def topic_counts(store: Store, now: datetime) -> dict[str, int]:
    """Return how often each topic was answered in the last days."""
    query = select(predictions.c.topic, func.count()).where(predictions.c.made >= now - timedelta(days=MOST_DAYS))
    with store.read() as connection:
        return {row[0]: row[1] for row in connection.execute(query.group_by(predictions.c.topic))}


def _reports() -> ColumnElement[int]:
    return func.count(distinct(predictions.c.report_id))


def _counts() -> tuple[ColumnElement[int], ColumnElement[int]]:
    routed = case((predictions.c.action == "route", predictions.c.report_id))
    return _reports(), func.count(distinct(routed))


def _decided(since: datetime, reach: Reach) -> Select[Any]:
    """Return the decisions that stand, joined with the predictions that they judge."""
    return (
        select(corrections.c.id)
        .join_from(corrections, predictions, predictions.c.id == corrections.c.prediction_id)
        .where(corrections.c.made >= since, corrections.c.verdict.in_(DECIDING), ~taken_back())
        .where(reach.covers(predictions.c.agency, predictions.c.place, predictions.c.visibility == "rahasia"))
    )


def _weeks(connection: Connection, decided: Select[Any]) -> list[Week]:
    topic, agency = (
        (said.is_(None) | (said == answered)).label(name)
        for name, said, answered in (
            ("topic", corrections.c.topic, predictions.c.topic),
            ("agency", corrections.c.agency, predictions.c.agency),
        )
    )
    newest = decided.with_only_columns(corrections.c.made, topic, agency, maintain_column_froms=True)
    counts: dict[date, list[int]] = {}
    rows = connection.execute(newest.order_by(corrections.c.made.desc()).limit(LONGEST))
    for made, topic_right, agency_right in rows:
        day = made.astimezone(JAKARTA).date()
        found = counts.setdefault(day - timedelta(days=day.weekday()), [0, 0, 0, 0])
        for at, holds in enumerate((True, topic_right, agency_right, topic_right and agency_right)):
            found[at] += bool(holds)
    return [Week(monday, *counts[monday]) for monday in sorted(counts)]


def _pairs(connection: Connection, decided: Select[Any], target: str) -> list[Pair]:
    answered, said, times = predictions.c[target], corrections.c[target], func.count()
    query = (
        decided.with_only_columns(answered, said, times, maintain_column_froms=True)
        .where(said.is_not(None), said != answered, answered != "")
        .group_by(answered, said)
        .order_by(times.desc(), answered, said)
        .limit(ROWS)
    )
    return [Pair(*row) for row in connection.execute(query)]
