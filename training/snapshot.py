"""What a retraining learns from: own reports and what reviewers said, and the part that is held back to test on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from classifier.records import Complaint
from data.dataset import fingerprint
from models.row_hashes import RowKey, normalised
from training.fit import masked

if TYPE_CHECKING:
    from data.store.corrections import Learnt

REVIEWED, AGREED = 2.0, 3.0  # how much a report counts that a person decided, or several who agreed; any other 1
PART = 5  # one report in five, by a keyed hash of its letters, may be held back
SHARE, FEWEST, MOST = 0.1, 200, 2_000  # of the reports held back: the newest so many
_UNDATED = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Masked reports with labels, how much each counts, and how many of them are corrections."""

    complaints: Sequence[Complaint]
    weights: Sequence[float]
    corrections: int

    def digest(self, recipe: Mapping[str, object]) -> str:
        """Return the SHA-256 of the reports, their weights and the JSON-ready settings of a training."""
        told = json.dumps([recipe, list(self.weights)], sort_keys=True)
        return hashlib.sha256(f"{fingerprint(self.complaints)} {told}".encode()).hexdigest()

    def take(self, rows: NDArray[np.bool_]) -> Snapshot:
        """Return some of the reports; corrections are the last ones."""
        kept = np.flatnonzero(rows).tolist()
        corrected = sum(row >= len(self.complaints) - self.corrections for row in kept)
        return Snapshot([self.complaints[row] for row in kept], [self.weights[row] for row in kept], corrected)


def snapshot(own: Iterable[Complaint], learnt: Iterable[Learnt], topic_column: str = "topic") -> Snapshot:
    """Put own reports and corrected ones together; what was said of a text takes the place of its labels in `own`.

    A label that nobody spoke of stays. Corrections have their topics under "topic".
    """
    said = list(learnt)
    spoken = {_likeness(one.complaint) for one in said}
    kept, before = list[Complaint](), dict[tuple[str, str], Mapping[str, str]]()
    for one in map(masked, own):
        if (key := _likeness(one)) in spoken:
            before[key] = one.labels
        else:
            kept.append(one)
    corrected = [_corrected(one.complaint, before, topic_column) for one in said]
    weights = [1.0] * len(kept) + [_weight(one) for one in said]
    return Snapshot([*kept, *corrected], weights, len(corrected))


def held_back(
    rows: Sequence[Complaint], key: RowKey, seen: Sequence[bool], columns: Sequence[str]
) -> NDArray[np.bool_]:
    """Mark the rows to test on: with a label, not `seen` by the active model, chosen by the key, the newest of these.

    The key always chooses the same texts, copies included, so that no model of this home learns from one of them
    before newer ones have taken its place.
    """
    chosen = [
        row
        for row, one in enumerate(rows)
        if not seen[row] and any(one.labels.get(column) for column in columns) and _is_chosen(one, key)
    ]
    most = min(MOST, max(FEWEST, round(SHARE * len(rows))))
    newest = sorted(chosen, key=lambda row: rows[row].date or _UNDATED)[-most:]
    marks = np.zeros(len(rows), bool)
    marks[newest] = True
    return marks


def copies(rows: Sequence[Complaint], of: Iterable[Complaint]) -> NDArray[np.bool_]:
    """Mark the rows whose text has the letters of another one's."""
    known = {normalised(one.text) for one in of}
    return np.array([normalised(one.text) in known for one in rows], bool)


def _is_chosen(one: Complaint, key: RowKey) -> bool:
    return int.from_bytes(key.hash(one.text)) % PART == 0


def _likeness(one: Complaint) -> tuple[str, str]:
    return normalised(one.title), normalised(one.text)


def _corrected(one: Complaint, before: Mapping[tuple[str, str], Mapping[str, str]], topic_column: str) -> Complaint:
    labels = dict(_under(topic_column, one.labels))
    return replace(masked(one), labels={**before.get(_likeness(one), {}), **labels})


def _under(topic_column: str, labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, label in labels.items():
        if label:
            yield topic_column if name == "topic" else name, label


def _weight(one: Learnt) -> float:
    """Return how much a correction counts: what only came back as the final disposition is a label like any other."""
    if one.agreed > 1:
        return AGREED
    return 1.0 if set(one.sources) == {"final-disposition"} else REVIEWED
