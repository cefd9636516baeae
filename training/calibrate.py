"""Learns calibration from the scores of rows that the model did not see."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression

from classifier.calibration import Calibration, Confidence, confidence_inputs, leads
from classifier.features import Floats, Integers

STEADYING = 3  # added to class sizes, lest a class of one row be lifted over all others
TEMPERATURES = (0.01, 1.0)
STEADYING_ANSWERS = 10  # as many answers as this count as right as often as all are, for each class
FOLDS = 10
FEW_ROWS = 20  # below, all answers are trusted alike
DEFAULT_TEMPERATURE = 0.1  # where nothing can be learnt from fewer than two known rows


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What one target learnt from rows that its model did not see, and its accuracy on them.

    `probabilities` of the best answers are from a calibration that did not see the row; `right` says which are.
    """

    calibration: Calibration
    accuracy: float
    probabilities: Floats
    right: NDArray[np.bool_]


def calibrate(scaled: Floats, right_class: Integers, scale: Floats, alike: Integers) -> Calibrated:
    """Learn the calibration from all rows, and probabilities from calibrations without the row's half.

    Arguments as for `learn_calibration`.
    """
    halves = np.arange(len(scaled)) % 2 == 0
    chances = np.zeros(len(scaled), np.float32)
    for half in (halves, ~halves):
        chances[half] = learn_calibration(scaled[~half], right_class[~half], scale, alike)(scaled[half]).max(axis=1)
    right = np.asarray(scaled.argmax(axis=1) == right_class)
    accuracy = round(float(right.mean()), 4) if len(right) else 0.0
    calibration = learn_calibration(scaled, right_class, scale, alike)
    return Calibrated(calibration, accuracy, chances, right)


def class_scale(sizes: NDArray[np.int64], power: float) -> Floats:
    """Return a factor for each class from its number of training rows: those of rare classes are above 1."""
    relative = (sizes + STEADYING) / (sizes.mean() + STEADYING)
    return np.asarray(relative**-power, np.float32)


def learn_calibration(scaled: Floats, right_class: Integers, scale: Floats, alike: Integers) -> Calibration:
    """Learn how far to trust the best of the scaled scores.

    `right_class` is the right class of each row, -1 where no class is; classes with the same number in `alike` are
    trusted alike.
    """
    best = scaled.argmax(axis=1)
    right = np.asarray(best == right_class)
    reliability = _reliability(alike[best], right, len(scale))[alike]
    confidence = _confidence(leads(scaled), _unseen_reliability(alike[best], right, len(scale)), right)
    possible = right_class >= 0
    temperature = _temperature(scaled[possible], right_class[possible]) if possible.sum() > 1 else DEFAULT_TEMPERATURE
    return Calibration(scale, reliability, confidence, temperature)


def _reliability(best: NDArray[np.intp], right: NDArray[np.bool_], count: int) -> Floats:
    """Return the logit of the share of right answers of each class, drawn to that of all where there are few."""
    overall = (right.sum() + 1) / (len(right) + 2)
    good, bad = (np.bincount(best[rows], minlength=count) for rows in (right, ~right))
    odds = (good + STEADYING_ANSWERS * overall) / (bad + STEADYING_ANSWERS * (1 - overall))
    return np.asarray(np.log(odds), np.float32)


def _unseen_reliability(best: NDArray[np.int32], right: NDArray[np.bool_], count: int) -> Floats:
    """Return for each answer the reliability of its class on the rows of other folds, as later reports meet it."""
    reliability, fold = np.zeros(len(best), np.float32), np.arange(len(best)) % FOLDS
    for held in (fold == number for number in range(FOLDS)):
        reliability[held] = _reliability(best[~held], right[~held], count)[best[held]]
    return reliability


def _confidence(lead: Floats, reliability: Floats, right: NDArray[np.bool_]) -> Confidence:
    if len(right) < FEW_ROWS or right.all() or not right.any():
        return Confidence(0.0, 0.0, 0.0, float(np.log((right.sum() + 1) / ((~right).sum() + 1))))
    model = LogisticRegression(C=10, max_iter=1000).fit(confidence_inputs(lead, reliability), right)
    lead_weight, reliability_weight, product = map(float, model.coef_[0])
    return Confidence(lead_weight, reliability_weight, product, float(model.intercept_[0]))


def _temperature(scores: Floats, known: Integers) -> float:
    """Return the temperature of the least mean negative log likelihood."""

    def loss(log_temperature: float) -> float:
        logits = scores.astype(np.float64) / np.exp(log_temperature)
        top = logits.max(axis=1)
        total = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
        return float((total - logits[np.arange(len(known)), known]).mean())

    low, high = np.log(TEMPERATURES)
    return float(np.exp(minimize_scalar(loss, bounds=(low, high), method="bounded").x))
