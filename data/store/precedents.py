"""What people decided about the same text from the same place, so that nobody has to decide it twice."""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select

from data.store.database import BATCH, Store
from data.store.standing import DECIDING, taken_back
from data.store.tables import corrections, predictions, texts

RETURNED = "returned"  # by the agency that was given before, without naming another
LEAST_WORDS = 8  # a shorter text says too little to be the same matter
_WORD = re.compile(r"\w+")

# Each report's decisions and returns that stand, oldest first; made once: this runs with every answer.
_DECIDED: Select[Any] = (
    select(
        texts.c.likeness,
        func.coalesce(corrections.c.place, predictions.c.place).label("place"),
        corrections.c.report_id,
        corrections.c.verdict,
        corrections.c.topic,
        corrections.c.agency,
    )
    .join_from(texts, corrections, corrections.c.text_id == texts.c.id)
    .join(predictions, predictions.c.id == corrections.c.prediction_id)
    .where(
        texts.c.likeness.in_(bindparam("likenesses", expanding=True)),
        corrections.c.verdict.in_((*DECIDING, RETURNED)),
        ~taken_back(),
        predictions.c.visibility != "rahasia",
    )
    .order_by(corrections.c.id)
)

Alike = tuple[bytes, str]  # the likeness of a text and the code of its place


@dataclass(frozen=True, slots=True)
class Precedent:
    """The topic and agency that people gave a text, None where none or several were given, and how often the same."""

    topic: str | None = None
    topic_times: int = 0
    agency: str | None = None
    agency_times: int = 0
    contradicted: bool = False


class Precedents:
    """The decided reports of a store, by their text and place."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, asked: Collection[Alike]) -> dict[Alike, Precedent]:
        """Return what was decided about texts, as far as anything was; a text without a place has no precedent."""
        wanted = {alike for alike in asked if alike[1]}
        likenesses = list({likeness for likeness, _ in wanted})
        said: dict[Alike, list[Row[Any]]] = {}
        with self._store.read() as connection:
            for start in range(0, len(likenesses), BATCH):
                for row in connection.execute(_DECIDED, {"likenesses": likenesses[start : start + BATCH]}):
                    said.setdefault((row.likeness, row.place), []).append(row)
        found = {alike: _precedent(said[alike]) for alike in wanted & said.keys()}
        return {alike: one for alike, one in found.items() if one != Precedent()}


def likeness(title: str, text: str) -> bytes | None:
    """Return the digest that equal texts share, whatever their case and punctuation; None below `LEAST_WORDS`."""
    words = [_WORD.findall(part.lower()) for part in (title, text)]
    if sum(map(len, words)) < LEAST_WORDS:
        return None
    return hashlib.sha256("\0".join(map(" ".join, words)).encode()).digest()


def _precedent(said: Iterable[Row[Any]]) -> Precedent:
    """Take the newest decision of each report; reports that were decided differently contradict each other."""
    newest: Mapping[str, dict[int, str]] = {"topic": {}, "agency": {}}
    for row in said:
        if row.verdict == RETURNED:
            newest["agency"].pop(row.report_id, None)
        for target, by_report in newest.items():
            if (label := getattr(row, target)) is not None:
                by_report[row.report_id] = label
    one = {target: set(by_report.values()) for target, by_report in newest.items()}
    (topic, agency) = (labels.copy().pop() if len(labels) == 1 else None for labels in one.values())
    return Precedent(
        topic=topic,
        topic_times=len(newest["topic"]) if topic else 0,
        agency=agency,
        agency_times=len(newest["agency"]) if agency else 0,
        contradicted=any(len(labels) > 1 for labels in one.values()),
    )
