"""Complaints without labels that a teacher has answered, so that a pupil learns how sure it was of every class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from classifier.features import Floats
from classifier.records import Complaint, Label, Target
from training.design import Wanted

if TYPE_CHECKING:
    from training.fit import Examples, Task

LEAST = 0.02  # of a class, below which a teacher's answer says nothing of it
COUNTS = 0.5  # of a labelled complaint is what a taught one counts


@dataclass(frozen=True, slots=True)
class Taught:
    """Masked complaints; by target, how likely each of the teacher's classes is, one row a complaint."""

    rows: Sequence[Complaint]
    labels: Mapping[Target, Sequence[Label]]
    chances: Mapping[Target, sparse.csr_array]

    def beside(self, known: "Examples") -> "Examples":
        """Return the labelled rows and these after them, which tell nothing of how far to trust an answer."""
        count = len(self.rows)
        topic, kind = (
            replace(one, known=np.concatenate([one.known, np.full(count, -1, np.int32)]))
            for one in (known.topic, known.kind)
        )
        none = np.full(count, -1, known.agency.archetypes.dtype)
        agency = replace(
            known.agency,
            archetypes=np.concatenate([known.agency.archetypes, none]),
            bodies=np.concatenate([known.agency.bodies, none]),
            seats=(*known.agency.seats, *[""] * count),
        )
        own = np.concatenate([known.own, np.zeros(count, bool)])
        weights = np.concatenate([known.weights, np.ones(count, np.float32)])
        rows = [*known.rows, *self.rows]
        return replace(known, rows=rows, own=own, weights=weights, topic=topic, agency=agency, kind=kind)

    def wanted(self, task: "Task") -> Wanted:
        """Return what rows should answer, the last ones what the teacher did, as far as the pupil has such classes."""
        if task.target not in self.labels:
            return task.wanted
        column = {label.code: at for at, label in enumerate(task.labels)}
        pairs = [(at, column[one.code]) for at, one in enumerate(self.labels[task.target]) if one.code in column]
        theirs, ours = np.array(pairs).T if pairs else np.empty((2, 0), int)
        ones = np.ones(len(pairs), np.float32)
        mapping = sparse.csr_array((ones, (theirs, ours)), shape=(len(self.labels[task.target]), len(task.labels)))
        count, before = len(self.rows), task.wanted
        classes = sparse.vstack(
            [before.classes[: before.classes.shape[0] - count], self.chances[task.target] @ mapping]
        )
        taught = np.arange(len(before.known)) >= len(before.known) - count
        return Wanted(sparse.csr_array(classes, dtype=np.float32), before.known | taught)


def sure_enough(chances: Floats) -> sparse.csr_array:
    """Return what a teacher answered without the classes that it holds unlikely."""
    return sparse.csr_array(np.where(chances >= LEAST, np.minimum(chances, 1), 0).astype(np.float32))
