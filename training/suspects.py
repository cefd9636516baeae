"""Which of the labels that rows have are doubtful, the surest first.

Confident learning (Northcutt et al., JAIR 2021, arXiv:1911.00068, by cleanlab) tells from the probabilities how many
labels are wrong. Which ones is told by how improbable a row's label is: of several ways to rank, this one found planted
errors best (see the README).
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from cleanlab.count import num_label_issues
from numpy.typing import NDArray

from classifier.features import Floats, Integers

RARITY = (
    0.15  # where they are right, labels of rare classes are improbable too: a probability counts per class size ^ this
)
TINY = 1e-6  # below, all are equally improbable
NAMED = 20  # contradicting rows

Agreement = NDArray[np.bool_]  # for each two classes, whether both can be right


@dataclass(frozen=True, slots=True)
class Doubt:
    """A row whose label may be wrong, the class that may be right, its probability, and the rows that contradict."""

    row: int
    suggested: int
    probability: float
    against: tuple[int, ...] = ()


def doubts(texts: Sequence[Hashable], known: Integers, probabilities: Floats, agreement: Agreement) -> list[Doubt]:
    """Return the doubtful rows: first those that others contradict, those with most others leading, then suspects.

    `known` holds the class of each row, `probabilities` those of all classes by a model that did not see the row. Rows
    with equal `texts` should have classes that agree; None has no equal.
    """
    likely = probabilities @ agreement.astype(np.float32)
    sizes = np.bincount(known, minlength=probabilities.shape[1])
    given = np.maximum(likely[np.arange(len(known)), known], TINY) / sizes[known] ** RARITY
    contradicted = sorted(
        _contradicted(texts, known, likely, agreement), key=lambda one: (-len(one.against), given[one.row])
    )
    told = {one.row for one in contradicted}
    suspected = [one for one in _suspected(known, probabilities, agreement, given) if one.row not in told]
    return contradicted + suspected


def _contradicted(texts: Sequence[Hashable], known: Integers, likely: Floats, agreement: Agreement) -> Iterator[Doubt]:
    """Take the class that most rows of a text agree with for right, of equally many the likeliest."""
    rows_of = defaultdict[Hashable, list[int]](list)
    for row, text in enumerate(texts):
        if text is not None:
            rows_of[text].append(row)
    for found in rows_of.values():
        rows, classes = np.array(found), known[found]
        if agreement[np.ix_(classes, classes)].all():
            continue
        votes, chances = agreement[np.ix_(classes, classes)].sum(axis=1), likely[np.ix_(rows, classes)].sum(axis=0)
        right = int(classes[np.lexsort((chances, votes))[-1]])
        for row in rows[~agreement[classes, right]].tolist():
            against = rows[~agreement[known[row], classes]][:NAMED]
            yield Doubt(row, right, float(likely[row, right]), tuple(against.tolist()))


def _suspected(known: Integers, probabilities: Floats, agreement: Agreement, given: Floats) -> list[Doubt]:
    """Return as many as are wrong by confident learning, of those for which another class is likelier."""
    if len(np.unique(known)) < 2:
        return []
    shares = probabilities / probabilities.sum(axis=1, keepdims=True)
    wrong, best = int(num_label_issues(known, shares)), probabilities.argmax(axis=1)
    rows = np.flatnonzero(~agreement[known, best])
    surest = rows[np.argsort(given[rows], kind="stable")][:wrong]
    return [Doubt(row, int(best[row]), float(probabilities[row, best[row]])) for row in surest.tolist()]
