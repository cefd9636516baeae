"""Shares and differences with their 95 % intervals."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

RESAMPLES = 2000
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


def share(hits: int, rows: int) -> Estimate:
    """Return the share of `hits` among `rows`, at least one, with Wilson's interval."""
    interval = binomtest(hits, rows).proportion_ci(CONFIDENCE, method="wilson")
    return Estimate(hits / rows, float(interval.low), float(interval.high))


def paired_difference(own: NDArray[np.bool_], other: NDArray[np.bool_]) -> Estimate:
    """Return the share of `own` minus that of `other`, true or false on the same rows, with a paired bootstrap.

    A row adds -1, 0 or 1 to the difference, so to draw rows again is to draw how many there are of each.
    """
    gain = own.astype(np.int8) - other.astype(np.int8)
    kinds = np.array([(gain == step).mean() for step in (-1, 0, 1)])
    drawn = np.random.default_rng(0).multinomial(len(gain), kinds, RESAMPLES)
    ends = (1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2
    low, high = np.quantile((drawn[:, 2] - drawn[:, 0]) / len(gain), ends)
    return Estimate(float(gain.mean()), float(low), float(high))
