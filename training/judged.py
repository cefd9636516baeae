"""How far to trust a model's scores, from rows that it did not see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from classifier.calibration import Calibration
from classifier.composition import Composer, Plan
from classifier.decision import Policy
from classifier.features import Floats
from classifier.records import Label, Target
from training.calibrate import Calibrated, calibrate
from training.policy import Answered, learn_policy

if TYPE_CHECKING:
    from training.fit import Task

ENOUGH = 200  # own labels of a target from which on its probabilities are learnt from own rows alone


@dataclass(frozen=True, slots=True)
class Judged:
    """By task, in their order, how scores become probabilities; by target, what rows were answered that tell.

    `best` are the best answers of the rows that `answered` marks as known. A target that no own row tells of has no
    accuracy.
    """

    calibrations: tuple[Calibration, ...]
    answered: Mapping[Target, Answered]
    accuracy: Mapping[Target, float]
    best: Mapping[Target, Sequence[Label]]
    policy: Policy


@dataclass(frozen=True, slots=True)
class Judge:
    """What it takes to judge: the tasks, all rows' plans and which rows are own, and what the thresholds promise."""

    tasks: Sequence["Task"]
    composer: Composer
    plans: Sequence[Plan]
    own: NDArray[np.bool_]
    error: float
    confidence: float

    def __call__(self, scaled: Sequence[Floats], scales: Sequence[Floats], unseen: NDArray[np.bool_]) -> Judged:
        """Judge the scaled scores of the rows marked in `unseen`; `scales` are the factors in them, by task."""
        plans = [plan for plan, judged in zip(self.plans, unseen, strict=True) if judged]
        calibrations, answered, accuracy = [], dict[Target, Answered](), dict[Target, float]()
        best = dict[Target, list[Label]]()
        for task, own_scores, scale in zip(self.tasks, scaled, scales, strict=True):
            scores, alike = own_scores, np.arange(len(task.labels), dtype=np.int32)
            if task.target == "agency":
                scores, alike = self.composer(own_scores, plans), self.composer.column_of
            use = unseen & task.wanted.known & _telling(task.wanted.known, self.own)
            learnt = calibrate(scores[use[unseen]], task.right[use], scale, alike)
            calibrations.append(learnt.calibration)
            told = answered[task.target] = _answered(use, self.own, learnt)
            best[task.target] = [task.labels[column] for column in alike[scores[told.known[unseen]].argmax(axis=1)]]
            if told.known.any():
                accuracy[task.target] = round(float(told.right[told.known].mean()), 4)
        policy = learn_policy(answered, self.error, self.confidence)
        return Judged(tuple(calibrations), answered, accuracy, best, policy)


def _telling(labelled: NDArray[np.bool_], own: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark the rows that tell how far to trust the answers: the own ones, and where these are few the corpus too."""
    return own if (labelled & own).sum() >= ENOUGH else np.ones_like(own)


def _answered(rows: NDArray[np.bool_], own: NDArray[np.bool_], learnt: Calibrated) -> Answered:
    """Put what some rows were answered at the places of these rows; only the own ones tell when to act."""
    probabilities, right = np.zeros(len(rows), np.float32), np.zeros(len(rows), bool)
    probabilities[rows], right[rows] = learnt.probabilities, learnt.right
    return Answered(rows & own, probabilities, right)
