"""What a manifest, and the model card made of it, says of each target that a model learnt."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.records import Complaint
from training.curves import calibration_error
from training.policy import Answered

FEW_ROWS = 5  # of a class, below which a model card calls it one of few texts


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """Counts of training rows and classes, and shares from 0 to 1 over `unseen_rows`, which the model did not see.

    `threshold`: the least probability to act on; `auto_share` the share of rows that reach it, `auto_error` the share
    of wrong answers among those. These are None where the target is never acted on, and all are without unseen rows.
    """

    rows: int
    classes: int
    few_row_classes: int
    unseen_rows: int
    accuracy: float | None
    calibration_error: float | None
    threshold: float | None
    auto_share: float | None
    auto_error: float | None


def target_facts(
    sizes: NDArray[np.int64], rows: int, answered: Answered, accuracy: float | None, least: float | None
) -> TargetFacts:
    """Put together what is known of a target: the rows of each class, those with a label, and the answers."""
    known = answered.known
    counts = rows, len(sizes), int((sizes < FEW_ROWS).sum()), int(known.sum())
    chances, right = answered.probabilities[known], answered.right[known]
    ece = round(calibration_error(chances.astype(np.float64), right), 4) if known.any() else None
    if least is None or not (acted := chances >= least).any():
        return TargetFacts(*counts, accuracy, ece, None, None, None)
    share, error = float(acted.mean()), float(1 - right[acted].mean())
    return TargetFacts(*counts, accuracy, ece, round(least, 4), round(share, 4), round(error, 4))


def period(complaints: Sequence[Complaint]) -> list[str]:
    """Return the first and the last day of complaints, [] if none has a date."""
    days = [one.date.date().isoformat() for one in complaints if one.date]
    return [min(days), max(days)] if days else []
