"""Learns calibration and thresholds from the scores of rows that the model did not see."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.stats import binom

from classifier.calibration import Calibration
from classifier.features import Floats, Integers

NEVER = 1.01  # above every probability
STEADYING = 3  # added to class sizes, lest a class of one row be lifted over all others
CANDIDATES = 20
TEMPERATURES = (0.01, 1.0)
DEFAULT_TEMPERATURE = 0.1  # where nothing can be learnt from fewer than two known rows


def learn_calibration(
    scores: Floats, known: Integers, sizes: NDArray[np.int64], powers: Sequence[float]
) -> Calibration:
    """Return the class scale that gets most unseen rows right, then the temperature that makes them likeliest.

    `scores` has a row for each class number in `known`; `sizes` are the numbers of training rows by class.
    """
    if len(known) < 2:
        return Calibration(np.ones(len(sizes), np.float32), DEFAULT_TEMPERATURE)
    scales = [_scale(sizes, power) for power in powers]
    best = max(scales, key=lambda scale: float((np.argmax(scores * scale, axis=1) == known).mean()))
    return Calibration(best, _temperature(scores * best, known))


def learn_threshold(probabilities: Floats, right: NDArray[np.bool_], error: float, confidence: float) -> float:
    """Return the least probability to act on, so that at most `error` of the answers acted on are wrong.

    Holds with `confidence` on exchangeable reports: each of `CANDIDATES` thresholds is tested by an exact binomial test
    with its part of the risk, and the one that acts on most reports is taken (Angelopoulos et al., Learn then Test,
    2021, arXiv:2110.01052). `NEVER` if none passes.
    """
    order = np.argsort(-probabilities, kind="stable")
    wrong = np.cumsum(~right[order])
    accepted = NEVER
    for last in np.linspace(0, len(order), CANDIDATES + 1)[1:].astype(int) - 1:
        if last >= 0 and binom.cdf(wrong[last], last + 1, error) <= (1 - confidence) / CANDIDATES:
            accepted = float(probabilities[order[last]])
    return accepted


def _scale(sizes: NDArray[np.int64], power: float) -> Floats:
    relative = (sizes + STEADYING) / (sizes.mean() + STEADYING)
    return np.asarray(relative**-power, np.float32)


def _temperature(scores: Floats, known: Integers) -> float:
    """Return the temperature of the least mean negative log likelihood."""

    def loss(log_temperature: float) -> float:
        logits = scores.astype(np.float64) / np.exp(log_temperature)
        top = logits.max(axis=1)
        total = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
        return float((total - logits[np.arange(len(known)), known]).mean())

    low, high = np.log(TEMPERATURES)
    return float(np.exp(minimize_scalar(loss, bounds=(low, high), method="bounded").x))
