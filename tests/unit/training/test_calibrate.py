"""Probabilities hold on unseen rows; thresholds keep their promise."""

import numpy as np
import pytest
from scipy.special import softmax

from training.calibrate import calibrate, class_scale, learn_calibration
from training.policy import NEVER, learn_threshold


def test_unseen_rows_of_the_same_kind_get_the_probabilities_that_hold() -> None:
    """Also where one class is right less often than its scores say."""
    rng = np.random.default_rng(5)
    scores, known = answered(rng, 6000)
    found = learn_calibration(scores, known, np.ones(4, np.float32), apart(4))
    scores, known = answered(rng, 6000)
    probabilities = found(scores)
    best, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == known
    for part in np.array_split(np.argsort(best), 6):
        assert best[part].mean() == pytest.approx(right[part].mean(), abs=0.12)  # least certain where the lead is small
    noisy = probabilities.argmax(axis=1) == 3
    assert best[noisy].mean() == pytest.approx(right[noisy].mean(), abs=0.05)


def answered(rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw scores of four classes and the right ones; half of what looks like the last class is of another."""
    scores = rng.normal(0.2, 0.3, (rows, 4)).astype(np.float32)
    known = np.array([rng.choice(4, p=row) for row in softmax(scores.astype(float) / 0.1, axis=1)], np.int32)
    mixed_up = (known == 3) & (rng.random(rows) < 0.5)
    return scores, np.where(mixed_up, rng.integers(0, 3, rows), known).astype(np.int32)


def apart(classes: int) -> np.ndarray:
    return np.arange(classes, dtype=np.int32)


def test_rare_classes_are_lifted_over_frequent_ones() -> None:
    scale = class_scale(np.array([2, 40, 400]), 0.2)
    assert scale[0] > 1 > scale[2]
    assert list(scale) == sorted(scale, reverse=True)


def test_power_0_lifts_none() -> None:
    assert class_scale(np.array([2, 400]), 0).tolist() == [1, 1]


def test_classes_that_are_alike_are_trusted_alike() -> None:
    scores, known = answered(np.random.default_rng(3), 2000)
    found = learn_calibration(scores, known, np.ones(4, np.float32), np.array([0, 1, 2, 2], np.int32))
    assert found.reliability[2] == found.reliability[3] != found.reliability[0]


def test_rows_whose_answer_no_class_is_make_the_best_one_less_sure() -> None:
    scores, known = answered(np.random.default_rng(3), 2000)
    ones = np.ones(4, np.float32)
    lost = np.where(np.arange(2000) % 2, known, -1).astype(np.int32)
    sure, unsure = (learn_calibration(scores, truth, ones, apart(4))(scores).max(axis=1) for truth in (known, lost))
    assert unsure.mean() == pytest.approx(sure.mean() / 2, abs=0.05)


def test_a_threshold_is_tested_on_probabilities_that_did_not_see_the_row() -> None:
    """Labels at random: whatever the calibration learns by heart must not pass for confidence."""
    rng = np.random.default_rng(7)
    scores, known = rng.normal(0, 0.3, (600, 200)).astype(np.float32), rng.integers(0, 200, 600).astype(np.int32)
    found = calibrate(scores, known, np.ones(200, np.float32), apart(200))
    assert learn_threshold(found.probabilities, found.right, 0.05, 0.9) == NEVER


@pytest.mark.parametrize("rows", [0, 1])
def test_too_few_rows_still_give_a_calibration(rows: int) -> None:
    scores, known = np.ones((rows, 2), np.float32), np.zeros(rows, np.int32)
    found = calibrate(scores, known, np.ones(2, np.float32), apart(2)).calibration
    assert found.temperature > 0
    assert np.isfinite(found(np.ones((1, 2), np.float32))).all()
