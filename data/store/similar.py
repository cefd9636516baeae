"""Similar reports: earlier ones that share the words which few reports have."""

from dataclasses import dataclass
from datetime import datetime
from math import log
from typing import Any, Self

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, true

from data.store.database import Store
from data.store.tables import predictions, reports, texts
from data.store.text_words import count, matches, words_of

MOST_MATCHES = 2000  # rows that the words asked for may match together: what a search costs
TOGETHER = 3  # words of which a report must have all, where even the rarest is frequent
COMPARED = 5  # times `limit`: candidates compared word by word


@dataclass(frozen=True, slots=True)
class Found:
    """A similar report; `score` is the share that both have in common of the weight of their words, 0 to 1."""

    report: int
    complaint_id: str
    title: str
    text: str
    date: datetime | None
    score: float
    topic: str
    agency: str


class Similar:
    """The reports of a store that are like a given one; those that are `rahasia` are never among them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(
        self,
        title: str,
        text: str,
        *,
        limit: int = 10,
        without: int | None = None,
        within: ColumnElement[bool] | None = None,
    ) -> list[Found]:
        """Return the reports most like this title and text, the most similar first, one text of each.

        `without` is a report to leave out, the one looked at; `within` a condition on a report's newest prediction.
        """
        with self._store.read() as connection:
            words = _Words.of(connection, words_of(title, text))
            if not words.weights:
                return []
            rows = connection.execute(_candidates(connection, words, limit, without, within)).all()
        best: dict[int, Found] = {}
        for found in sorted((_found(row, words) for row in rows), key=lambda found: -found.score):
            best.setdefault(found.report, found)
        return list(best.values())[:limit]


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


def _candidates(
    connection: Connection, words: _Words, limit: int, without: int | None, within: ColumnElement[bool] | None
) -> Select[Any]:
    found = matches(connection, words.searched(), 2 * MOST_MATCHES)
    scored = select(found.c.text_id, func.sum(found.c.weight).label("shared")).group_by(found.c.text_id).subquery()
    every = predictions.alias()
    newest = select(func.max(every.c.id)).where(every.c.report_id == texts.c.report_id).scalar_subquery()
    return (
        select(texts.c.report_id, texts.c.title, texts.c.text, reports.c.complaint_id)
        .add_columns(predictions.c.date, predictions.c.topic, predictions.c.agency)
        .join_from(scored, texts, texts.c.id == scored.c.text_id)
        .join(reports, reports.c.id == texts.c.report_id)
        .join(predictions, predictions.c.id == newest)
        .where(predictions.c.visibility != "rahasia", true() if within is None else within)
        .where(true() if without is None else texts.c.report_id != without)
        .order_by(scored.c.shared.desc(), texts.c.id.desc())
        .limit(COMPARED * limit)
    )


def _found(row: Row[Any], asked: _Words) -> Found:
    words = words_of(row.title, row.text)
    shared = sum(asked.weights.get(word, 0.0) for word in words)
    own = sum(asked.weights.values())
    others = own / len(asked.weights) * sum(word not in asked.weights for word in words)
    return Found(
        row.report_id, row.complaint_id, row.title, row.text, row.date, shared / (own + others), row.topic, row.agency
    )
