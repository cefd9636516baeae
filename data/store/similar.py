"""Similar reports: earlier ones that share the words which few reports have."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import log
from typing import Any, Self

from sqlalchemy import Connection, Row, Select, bindparam, func, select, true

from data.store.answered import in_reach
from data.store.database import Store
from data.store.reach import EVERYTHING, Reach
from data.store.standing import DECIDING, taken_back
from data.store.tables import corrections, predictions, reports, texts
from data.store.text_words import count, matches, words_of

MOST_MATCHES = 1000  # rows that the words asked for may match together: what a search costs
TOGETHER = 3  # words of which a report must have all, where even the rarest is frequent
COMPARED = 3  # times `limit`: candidates compared word by word


# Made once: aliases of tables take longer to make than they take the database.
_every = predictions.alias()
# "+ 0": PostgreSQL would else look for the largest id of the report by reading all ids from the end.
_NEWEST = select(func.max(_every.c.id + 0)).where(_every.c.report_id == texts.c.report_id).scalar_subquery()
_DECIDED = (
    select(corrections.c.text_id, corrections.c.topic, corrections.c.agency)
    .where(corrections.c.text_id.in_(bindparam("ids", expanding=True)))
    .where(corrections.c.verdict.in_(DECIDING), ~taken_back())
    .order_by(corrections.c.id)
)


@dataclass(frozen=True, slots=True)
class Found:
    """A similar report; `score` is the share that both have in common of the weight of their words, 0 to 1.

    `topic` and `agency` are the codes that people decided on (`decided`), else those predicted.
    """

    report: int
    complaint_id: str
    title: str
    text: str
    date: datetime | None
    score: float
    topic: str
    agency: str
    decided: bool


class Similar:
    """The reports of a store that are like a given one; those that are `rahasia` are never among them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(
        self, title: str, text: str, *, limit: int = 10, without: int | None = None, reach: Reach = EVERYTHING
    ) -> list[Found]:
        """Return the reports within reach most like this title and text, the most similar first, one text of each.

        `without` is a report to leave out: the one looked at.
        """
        with self._store.read() as connection:
            words = _Words.of(connection, words_of(title, text))
            if not words.weights:
                return []
            rows = connection.execute(_candidates(connection, words, COMPARED * limit, without, reach)).all()
            scores = sorted(((_score(row, words), row) for row in rows), key=lambda scored: -scored[0])
            best: dict[int, tuple[float, Row[Any]]] = {}
            for score, row in scores:
                best.setdefault(row.report_id, (score, row))
            chosen = list(best.values())[:limit]
            decided = _decided(connection, [row.text_id for _, row in chosen])
        return [_found(row, score, decided.get(row.text_id)) for score, row in chosen]


@dataclass(frozen=True, slots=True)
class _Words:
    """What is asked: a weight for each word, more for a rarer one, the rarest first, and how many texts have it."""

    weights: dict[str, float]
    counts: dict[str, float]

    @classmethod
    def of(cls, connection: Connection, words: list[str]) -> Self:
        stored = connection.scalar(select(func.max(texts.c.id))) or 0
        counts = count(connection, words, stored, MOST_MATCHES + 1)
        rarest = sorted(words, key=counts.__getitem__)
        return cls({word: log(1 + stored / max(counts[word], 1)) for word in rarest}, counts)

    def searched(self) -> dict[tuple[str, ...], float]:
        """Return the rarest words, each alone, as many as match few enough texts; else the rarest ones together."""
        alone: dict[tuple[str, ...], float] = {}
        total = 0.0
        for word, weight in self.weights.items():
            total += self.counts[word]
            if total > MOST_MATCHES:
                break
            alone[word,] = weight
        return alone or {tuple(self.weights)[:TOGETHER]: 1.0}


def _candidates(connection: Connection, words: _Words, most: int, without: int | None, reach: Reach) -> Select[Any]:
    found = matches(connection, words.searched(), 2 * MOST_MATCHES)
    shared = func.sum(found.c.weight).label("shared")
    scored = select(found.c.text_id, shared).group_by(found.c.text_id)
    everywhere = replace(reach, confidential=True) == EVERYTHING
    if everywhere:  # nothing is left out later, but the report looked at
        scored = scored.order_by(shared.desc(), found.c.text_id.desc()).limit(most + 1)
    best = scored.subquery()
    return (
        select(texts.c.id.label("text_id"), texts.c.report_id, texts.c.title, texts.c.text, reports.c.complaint_id)
        .add_columns(predictions.c.date, predictions.c.topic, predictions.c.agency)
        .join_from(best, texts, texts.c.id == best.c.text_id)
        .join(reports, reports.c.id == texts.c.report_id)
        .join(predictions, predictions.c.id == _NEWEST)
        .where(predictions.c.visibility != "rahasia")
        .where(true() if everywhere else in_reach(texts.c.report_id, reach))
        .where(true() if without is None else texts.c.report_id != without)
        .order_by(best.c.shared.desc(), texts.c.id.desc())
        .limit(most)
    )


def _decided(connection: Connection, text_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Return the newest topic and agency, "" where none, that people decided on for each text that has one."""
    held: dict[int, tuple[str, str]] = {}
    for row in connection.execute(_DECIDED, {"ids": text_ids}):
        topic, agency = held.get(row.text_id, ("", ""))
        held[row.text_id] = (row.topic or topic, row.agency or agency)
    return held


def _score(row: Row[Any], asked: _Words) -> float:
    words = words_of(row.title, row.text)
    shared = sum(asked.weights.get(word, 0.0) for word in words)
    own = sum(asked.weights.values())
    others = own / len(asked.weights) * sum(word not in asked.weights for word in words)
    return shared / (own + others)


def _found(row: Row[Any], score: float, decided: tuple[str, str] | None) -> Found:
    topic, agency = decided or ("", "")
    return Found(
        report=row.report_id,
        complaint_id=row.complaint_id,
        title=row.title,
        text=row.text,
        date=row.date,
        score=score,
        topic=topic or row.topic,
        agency=agency or row.agency,
        decided=decided is not None,
    )
