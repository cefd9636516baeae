"""What a candidate changes class by class, beside the model that serves."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from classifier.pipeline import Classifier
from classifier.records import Label, Target
from training.gate import Outcomes


@dataclass(frozen=True, slots=True)
class ClassChange:
    """A class of the test rows of which not as many are right as `before`."""

    code: str
    rows: int
    before: int
    after: int

    @property
    def gain(self) -> int:
        """How many more rows are right."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Changes:
    """By target: classes with more or fewer right answers, greatest loss first, and those that are `new` or `gone`."""

    classes: Mapping[Target, tuple[ClassChange, ...]] = field(default_factory=dict)
    new: Mapping[Target, tuple[str, ...]] = field(default_factory=dict)
    gone: Mapping[Target, tuple[str, ...]] = field(default_factory=dict)


def class_changes(candidate: Outcomes, current: Outcomes) -> tuple[ClassChange, ...]:
    """Return the classes of which the candidate answers more or fewer rows right; both answered the same rows."""
    codes = np.array(candidate.classes)
    found = []
    for code in dict.fromkeys(candidate.classes):
        rows = codes == code
        change = ClassChange(code, int(rows.sum()), int(current.right[rows].sum()), int(candidate.right[rows].sum()))
        if change.gain:
            found.append(change)
    return tuple(sorted(found, key=lambda one: (one.gain, one.code)))


def changed_labels(candidate: Classifier, current: Classifier) -> tuple[dict[Target, tuple[str, ...]], ...]:
    """Return the codes that only the candidate can answer, and those that only the current model can, by target."""
    ours, theirs = _codes(candidate), _codes(current)
    return tuple(
        {target: tuple(sorted(more)) for target in one if (more := one[target] - other[target])}
        for one, other in ((ours, theirs), (theirs, ours))
    )


def _codes(classifier: Classifier) -> dict[Target, set[str]]:
    labels: Mapping[Target, tuple[Label, ...]] = {
        "topic": classifier.topics,
        "agency": classifier.agencies,
        "kind": classifier.kinds,
    }
    return {target: {label.code for label in found} for target, found in labels.items()}
