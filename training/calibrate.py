"""Learns calibration and thresholds from the scores of rows that the model did not see."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.stats import binom
from sklearn.linear_model import LogisticRegression

from classifier.calibration import Calibration, Confidence, leads
from classifier.features import Floats, Integers

NEVER = 1.01  # above every probability
STEADYING = 3  # added to class sizes, lest a class of one row be lifted over all others
CANDIDATES = 20
TEMPERATURES = (0.01, 1.0)
STEADYING_ANSWERS = 10  # as many answers as this count as right as often as all are, for each class
FEW_ROWS = 20  # below, all answers are trusted alike
DEFAULT_TEMPERATURE = 0.1  # where nothing can be learnt from fewer than two known rows


def learn_calibration(scores: Floats, known: Integers, sizes: NDArray[np.int64], power: float) -> Calibration:
    """Scale the scores of each class by its size, then learn how far to trust the best one.

    `scores` has a row for each class number in `known`; `sizes` are the numbers of training rows by class.
    """
    scaled = scores * (scale := _scale(sizes, power))
    best = scaled.argmax(axis=1)
    right = np.asarray(best == known)
    reliability = _reliability(best, right, len(sizes))
    confidence = _confidence(leads(scaled), reliability[best], right)
    temperature = _temperature(scaled, known) if len(known) > 1 else DEFAULT_TEMPERATURE
    return Calibration(scale, reliability, confidence, temperature)


def learn_threshold(probabilities: Floats, right: NDArray[np.bool_], error: float, confidence: float) -> float:
    """Return the least probability to act on, so that at most `error` of the answers acted on are wrong.

    Holds with `confidence` on exchangeable reports: each of `CANDIDATES` thresholds is tested by an exact binomial test
    with its part of the risk, and the one that acts on most reports is taken (Angelopoulos et al., Learn then Test,
    2021, arXiv:2110.01052). `NEVER` if none passes.
    """
    ends = np.linspace(0, len(probabilities), CANDIDATES + 1).astype(int)
    accepted = NEVER
    for least in np.sort(probabilities)[::-1][ends[ends > 0] - 1]:
        acted = probabilities >= least  # among equal ones all or none
        wrong = acted.sum() - right[acted].sum()
        if binom.cdf(wrong, acted.sum(), error) <= (1 - confidence) / CANDIDATES:
            accepted = float(least)
    return accepted


def _scale(sizes: NDArray[np.int64], power: float) -> Floats:
    relative = (sizes + STEADYING) / (sizes.mean() + STEADYING)
    return np.asarray(relative**-power, np.float32)


def _reliability(best: NDArray[np.intp], right: NDArray[np.bool_], count: int) -> Floats:
    """Return the logit of the share of right answers of each class, drawn to that of all where there are few."""
    overall = (right.sum() + 1) / (len(right) + 2)
    good, bad = (np.bincount(best[rows], minlength=count) for rows in (right, ~right))
    odds = (good + STEADYING_ANSWERS * overall) / (bad + STEADYING_ANSWERS * (1 - overall))
    return np.asarray(np.log(odds), np.float32)


def _confidence(lead: Floats, reliability: Floats, right: NDArray[np.bool_]) -> Confidence:
    if len(right) < FEW_ROWS or right.all() or not right.any():
        return Confidence(0.0, 0.0, float(np.log((right.sum() + 1) / ((~right).sum() + 1))))
    inputs = np.column_stack([np.sqrt(np.maximum(lead, 0)), reliability])
    model = LogisticRegression(C=10, max_iter=1000).fit(inputs, right)
    return Confidence(float(model.coef_[0, 0]), float(model.coef_[0, 1]), float(model.intercept_[0]))


def _temperature(scores: Floats, known: Integers) -> float:
    """Return the temperature of the least mean negative log likelihood."""

    def loss(log_temperature: float) -> float:
        logits = scores.astype(np.float64) / np.exp(log_temperature)
        top = logits.max(axis=1)
        total = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
        return float((total - logits[np.arange(len(known)), known]).mean())

    low, high = np.log(TEMPERATURES)
    return float(np.exp(minimize_scalar(loss, bounds=(low, high), method="bounded").x))
