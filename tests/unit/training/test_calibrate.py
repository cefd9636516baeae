"""Probabilities hold on unseen rows; thresholds keep their promise."""

import numpy as np
import pytest
from scipy.special import softmax

from training.calibrate import NEVER, calibrate, class_scale, learn_calibration, learn_threshold

ERROR, CONFIDENCE = 0.05, 0.9


def reports(rng: np.random.Generator, rows: int, *, steps: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw probabilities of best answers and whether these are right: 85 % at the low end, all at the high end."""
    probabilities = rng.random(rows, np.float32)
    right = rng.random(rows) < 0.85 + 0.15 * probabilities
    return (np.ceil(probabilities * steps) / np.float32(steps) if steps else probabilities), right


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
    assert calibrate(scores, known, np.ones(200, np.float32), apart(200), ERROR, CONFIDENCE).threshold == NEVER


@pytest.mark.parametrize("rows", [0, 1])
def test_too_few_rows_still_give_a_calibration(rows: int) -> None:
    scores, known = np.ones((rows, 2), np.float32), np.zeros(rows, np.int32)
    found = calibrate(scores, known, np.ones(2, np.float32), apart(2), ERROR, CONFIDENCE).calibration
    assert found.temperature > 0
    assert np.isfinite(found(np.ones((1, 2), np.float32))).all()


@pytest.mark.parametrize("steps", [0, 50, 8])
def test_the_error_exceeds_the_promise_no_oftener_than_stated(steps: int) -> None:
    """Equal probabilities included: `steps` rounds them, so that many rows share one."""
    rng = np.random.default_rng(11)
    repetitions, broken, acted = 200, 0, 0
    for _ in range(repetitions):
        least = learn_threshold(*reports(rng, 2000, steps=steps), ERROR, CONFIDENCE)
        probabilities, right = reports(rng, 20_000, steps=steps)
        routed = probabilities >= least
        acted += int(routed.any())
        broken += int(routed.any() and (~right[routed]).mean() > ERROR)
    assert acted > repetitions / 2
    assert broken <= repetitions * (1 - CONFIDENCE)


def test_equal_probabilities_are_acted_on_together_or_not_at_all() -> None:
    probabilities, right = np.full(1000, 0.9, np.float32), np.arange(1000) < 500
    assert learn_threshold(probabilities, right, ERROR, CONFIDENCE) == NEVER


def test_all_right_means_acting_on_all() -> None:
    probabilities = np.linspace(0.3, 0.9, 400, dtype=np.float32)
    assert learn_threshold(probabilities, np.ones(400, bool), ERROR, CONFIDENCE) == probabilities.min()


@pytest.mark.parametrize("rows", [0, 1, 19, 60])
def test_never_where_too_little_is_known(rows: int) -> None:
    assert learn_threshold(np.full(rows, 0.99, np.float32), np.ones(rows, bool), ERROR, CONFIDENCE) == NEVER


def test_never_where_the_answers_are_wrong_too_often() -> None:
    rng = np.random.default_rng(2)
    probabilities = rng.random(2000, np.float32)
    assert learn_threshold(probabilities, rng.random(2000) < 0.8, ERROR, CONFIDENCE) == NEVER
    assert NEVER > 1


def test_a_smaller_allowed_error_never_lowers_the_threshold() -> None:
    rows = reports(np.random.default_rng(3), 3000)
    found = [learn_threshold(*rows, error, CONFIDENCE) for error in (0.02, 0.05, 0.1, 0.3)]
    assert found == sorted(found, reverse=True)


def test_a_few_errors_among_the_surest_do_not_stop_all_the_others() -> None:
    right = np.ones(5000, bool)
    right[:8] = False  # of the first hundred, more than may be wrong
    assert learn_threshold(np.linspace(1, 0, 5000, dtype=np.float32), right, ERROR, CONFIDENCE) == 0


def test_the_threshold_is_the_last_before_the_errors_are_too_many() -> None:
    probabilities = np.linspace(1, 0, 4000, dtype=np.float32)
    right = (probabilities > 0.5) | (np.arange(4000) % 2 == 0)
    acted = probabilities >= learn_threshold(probabilities, right, ERROR, CONFIDENCE)
    assert 0.03 < 1 - right[acted].mean() <= ERROR
