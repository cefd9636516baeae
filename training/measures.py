"""The measures of ranked answers, of all reports and class by class."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import f1_score, precision_recall_fscore_support

from training.curves import calibration_error


@dataclass(frozen=True, slots=True)
class Measures:
    """Shares from 0 to 1; `ece` is the expected calibration error in 15 bins of equal mass.

    `auto_share` is the share of reports answered without a person, `auto_error` the share of wrong ones among them.
    """

    rows: int
    accuracy: float
    macro_f1: float
    top3: float
    top5: float
    ece: float
    auto_share: float
    auto_error: float


@dataclass(frozen=True, slots=True)
class ClassMeasures:
    """How one class fares: `rows` carry it, `answered` got it as the best answer."""

    code: str
    rows: int
    answered: int
    precision: float
    recall: float
    f1: float


def measures(
    gold: Sequence[str], ranked: Sequence[Sequence[str]], top: Sequence[float], routed: Sequence[bool]
) -> Measures:
    """Compute the measures of answers `ranked` best first, with the probability `top` of each best one."""
    best = [answers[0] for answers in ranked]
    right = np.array([answer == truth for answer, truth in zip(best, gold, strict=True)])
    automatic = np.array(routed, dtype=bool)
    return Measures(
        rows=len(gold),
        accuracy=float(right.mean()),
        macro_f1=float(f1_score(gold, best, average="macro", zero_division=0)),
        top3=_within(gold, ranked, 3),
        top5=_within(gold, ranked, 5),
        ece=calibration_error(np.array(top), right),
        auto_share=float(automatic.mean()),
        auto_error=float(1 - right[automatic].mean()) if automatic.any() else 0.0,
    )


def class_measures(gold: Sequence[str], best: Sequence[str], codes: Sequence[str]) -> tuple[ClassMeasures, ...]:
    """Return the measures of the classes `codes`, the most frequent first."""
    precision, recall, f1, rows = precision_recall_fscore_support(gold, best, labels=codes, zero_division=0)
    answered = Counter(best)
    found = [
        ClassMeasures(code, int(rows[at]), answered[code], float(precision[at]), float(recall[at]), float(f1[at]))
        for at, code in enumerate(codes)
    ]
    return tuple(sorted(found, key=lambda one: (-one.rows, one.code)))


def _within(gold: Sequence[str], ranked: Sequence[Sequence[str]], places: int) -> float:
    return sum(truth in answers[:places] for truth, answers in zip(gold, ranked, strict=True)) / len(gold)
