"""Thresholds: they keep the stated share of wrong answers, for each target and for both at once."""

import numpy as np
import pytest

from training.policy import NEVER, Answered, learn_policy, learn_threshold

ERROR, CONFIDENCE = 0.05, 0.9


def reports(rng: np.random.Generator, rows: int, *, steps: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw probabilities of best answers and whether these are right: 85 % at the low end, all at the high end."""
    probabilities = rng.random(rows, np.float32)
    right = rng.random(rows) < 0.85 + 0.15 * probabilities
    return (np.ceil(probabilities * steps) / np.float32(steps) if steps else probabilities), right


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


def answered(rng: np.random.Generator, rows: int = 4000, *, wrong: np.ndarray | None = None) -> Answered:
    """Answer rows of which the unsurest tenth, or those of `wrong`, are wrong."""
    probabilities = rng.random(rows, np.float32)
    return Answered(np.ones(rows, bool), probabilities, probabilities > 0.1 if wrong is None else ~wrong)


def test_both_at_once_have_a_threshold_of_their_own() -> None:
    """Each target is wrong in four of a hundred, never in the same report."""
    rng, number = np.random.default_rng(1), np.arange(4000)
    topic, agency = answered(rng, wrong=number % 25 == 0), answered(rng, wrong=number % 25 == 1)
    found = learn_policy({"topic": topic, "agency": agency}, ERROR, CONFIDENCE)
    assert found.topic is not None
    assert found.topic < 1
    assert found.both == NEVER


def test_a_row_without_one_of_the_labels_tells_nothing_of_both() -> None:
    rng = np.random.default_rng(2)
    topic, agency = answered(rng), answered(rng)
    half = np.arange(4000) % 2 == 0
    lacking = Answered(half, agency.probabilities, agency.right & half)
    found = learn_policy({"topic": topic, "agency": lacking}, ERROR, CONFIDENCE)
    assert found.both is not None
    assert found.both < 1


def test_a_target_that_is_not_answered_has_no_threshold() -> None:
    found = learn_policy({"topic": answered(np.random.default_rng(3))}, ERROR, CONFIDENCE)
    assert (found.agency, found.both) == (None, None)
