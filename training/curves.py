"""How far probabilities can be trusted: the reliability diagram and the risk-coverage curve."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.intervals import share

BINS = 15
DRAWS = 200  # of right and wrong answers, if the probabilities were true
POINTS = 100
FEWEST = 10  # answers at a point of the risk-coverage curve; fewer jump about

Probabilities = NDArray[np.float64]
Right = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers of like probability; `low` and `high` hold 95 % of what the accuracy would be by chance alone."""

    rows: int
    probability: float
    accuracy: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """Bins of equal mass from the lowest probability to the highest.

    `ece_by_chance` is the mean, `ece_by_chance_95` the 95 % quantile, of the calibration error that true probabilities
    would show on as many reports.
    """

    ece_by_chance: float
    ece_by_chance_95: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """If the surest `share` of the reports are answered, `error` of these are wrong, from `low` to `high`."""

    share: float
    error: float
    low: float
    high: float


def calibration_error(probabilities: Probabilities, right: Right) -> float:
    """Return the expected calibration error: the mean gap of probability and accuracy over bins of equal mass."""
    bins = _bins(probabilities)
    gaps = [len(rows) * abs(float(probabilities[rows].mean()) - float(right[rows].mean())) for rows in bins]
    return sum(gaps) / len(right)


def reliability(probabilities: Probabilities, right: Right) -> Reliability:
    """Compare stated probabilities with what came true, and with what chance alone would do to true ones."""
    bins = _bins(probabilities)
    order, sizes = np.concatenate(bins), np.array([len(rows) for rows in bins])
    starts = np.cumsum(sizes) - sizes
    stated = np.add.reduceat(probabilities[order], starts) / sizes
    drawn = np.array(list(_drawn(probabilities[order], starts))) / sizes
    errors = (np.abs(drawn - stated) * sizes).sum(axis=1) / len(right)
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
    found = [
        Bin(len(rows), float(stated[at]), float(right[rows].mean()), float(low[at]), float(high[at]))
        for at, rows in enumerate(bins)
    ]
    return Reliability(float(errors.mean()), float(np.quantile(errors, 0.95)), tuple(found))


def risk_coverage(probabilities: Probabilities, right: Right) -> tuple[Point, ...]:
    """Return the error among the surest answers, from few of them to all; equal probabilities are never parted."""
    order = np.argsort(-probabilities, kind="stable")
    sure, wrong = probabilities[order], np.cumsum(~right[order])
    last = np.flatnonzero(np.append(sure[1:] < sure[:-1], True)) + 1
    last = last[last >= min(FEWEST, len(right))]
    shown = np.unique(np.linspace(0, len(last) - 1, POINTS).astype(int))
    return tuple(_point(int(wrong[count - 1]), int(count), len(right)) for count in last[shown])


def _bins(probabilities: Probabilities) -> list[NDArray[np.intp]]:
    order = np.argsort(probabilities, kind="stable")
    return [rows for rows in np.array_split(order, BINS) if len(rows)]


def _drawn(probabilities: Probabilities, starts: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    """Yield the number of right answers in each bin, drawn by the probabilities, one draw at a time to save memory."""
    chance = np.random.default_rng(0)
    for _ in range(DRAWS):
        yield np.add.reduceat((chance.random(len(probabilities)) < probabilities).astype(np.intp), starts)


def _point(wrong: int, answered: int, rows: int) -> Point:
    error = share(wrong, answered)
    return Point(answered / rows, error.value, error.low, error.high)
