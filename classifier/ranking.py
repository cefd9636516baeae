"""The best classes of each complaint."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.features import Floats
from classifier.records import ANSWERS


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best classes of each complaint, best first: column numbers within the head, and probabilities."""

    columns: NDArray[np.intp]
    probabilities: Floats

    def row(self, at: int) -> list[tuple[int, float]]:
        """Return the columns and probabilities of one complaint."""
        return list(zip(self.columns[at].tolist(), self.probabilities[at].tolist(), strict=True))

    def make_room(self, at: int, columns: Sequence[int], probabilities: Floats) -> None:
        """Put columns of one complaint among its answers, in place of the last of the others but the best."""
        missing = [column for column in columns if column not in self.columns[at]]
        kept = [column for column in self.columns[at, 1:].tolist() if column in columns]
        others = [column for column in self.columns[at, 1:].tolist() if column not in columns]
        chosen = [*kept, *missing, *others][: len(self.columns[at]) - 1]
        chosen.sort(key=lambda column: -probabilities[at, column])
        if missing:
            self.columns[at, 1:], self.probabilities[at, 1:] = chosen, probabilities[at, chosen]


def ranking(probabilities: Floats) -> Ranking:
    """Rank the classes of each row by their probabilities."""
    best = _best_columns(probabilities)
    return Ranking(best, np.take_along_axis(probabilities, best, axis=1))


def _best_columns(probabilities: Floats) -> NDArray[np.intp]:
    """Return the columns of the `ANSWERS` highest values of each row, best first; sorts those only."""
    best = np.arange(probabilities.shape[1])[None, :].repeat(len(probabilities), axis=0)
    if probabilities.shape[1] > ANSWERS:
        best = np.sort(np.argpartition(-probabilities, ANSWERS - 1, axis=1)[:, :ANSWERS], axis=1)
    order = np.argsort(-np.take_along_axis(probabilities, best, axis=1), axis=1, kind="stable")
    return np.take_along_axis(best, order, axis=1)
