"""The figures of the last months, counted by the database over indexed columns of at most `MOST_DAYS` days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, select

from data.complaints import JAKARTA
from data.store.database import Store
from data.store.reach import Reach
from data.store.standing import DECIDING, taken_back
from data.store.tables import corrections, predictions

MOST_DAYS = 90
ROWS = 8  # lines of a list


@dataclass(frozen=True, slots=True)
class Volume:
    """How often a label was answered, and how many of these answers were acted on without a person."""

    code: str
    answers: int
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
    """The figures from one moment to another; lists hold the largest first, weeks the oldest first."""

    since: datetime
    until: datetime
    answers: int
    routed: int
    topics: Sequence[Volume]
    agencies: Sequence[Volume]
    places: Sequence[Volume]
    weeks: Sequence[Week]
    topic_pairs: Sequence[Pair]
    agency_pairs: Sequence[Pair]


def overview(store: Store, reach: Reach, now: datetime, days: int = MOST_DAYS) -> Overview:
    """Count what was answered and decided in the last days, of the reports that a key may see.

    A report that was asked about again counts again.
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
                    .order_by(func.count().desc(), code)
                    .limit(ROWS)
                )
            ]
            for code in (predictions.c.topic, predictions.c.agency, kabkota)
        )
        return Overview(
            since,
            now,
            *total,
            topics,
            agencies,
            places,
            _weeks(connection, _decided(since, reach), since, now),
            _pairs(connection, _decided(since, reach), "topic"),
            _pairs(connection, _decided(since, reach), "agency"),
        )


def topic_counts(store: Store, now: datetime) -> dict[str, int]:
    """Return how often each topic was answered in the last days."""
    query = select(predictions.c.topic, func.count()).where(predictions.c.made >= now - timedelta(days=MOST_DAYS))
    with store.read() as connection:
        return {row[0]: row[1] for row in connection.execute(query.group_by(predictions.c.topic))}


def _counts() -> tuple[ColumnElement[int], ColumnElement[int]]:
    return func.count(), func.count().filter(predictions.c.action == "route")


def _decided(since: datetime, reach: Reach) -> Select[Any]:
    """Return the decisions that stand, joined with the predictions that they judge."""
    return (
        select(corrections.c.id)
        .join_from(corrections, predictions, predictions.c.id == corrections.c.prediction_id)
        .where(corrections.c.made >= since, corrections.c.verdict.in_(DECIDING), ~taken_back())
        .where(reach.covers(predictions.c.agency, predictions.c.place, predictions.c.visibility == "rahasia"))
    )


def _weeks(connection: Connection, decided: Select[Any], since: datetime, now: datetime) -> list[Week]:
    first = since.astimezone(JAKARTA).date()
    mondays = [first - timedelta(days=first.weekday())]
    while mondays[-1] + timedelta(days=7) <= now.astimezone(JAKARTA).date():
        mondays.append(mondays[-1] + timedelta(days=7))
    ends = [datetime.combine(monday + timedelta(days=7), time(), JAKARTA) for monday in mondays]
    week = case(*((corrections.c.made < end, at) for at, end in enumerate(ends)), else_=len(ends) - 1)
    topic, agency = (
        said.is_(None) | (said == answered)
        for said, answered in (
            (corrections.c.topic, predictions.c.topic),
            (corrections.c.agency, predictions.c.agency),
        )
    )
    right = [func.count().filter(holds) for holds in (topic, agency, topic & agency)]
    counted = decided.with_only_columns(week, func.count(), *right, maintain_column_froms=True).group_by(week)
    return [Week(mondays[at], *counts) for at, *counts in connection.execute(counted.order_by(week))]


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
