"""The reliability diagram beside chance, and the risk-coverage curve."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.curves import BINS, calibration_error, reliability, risk_coverage

shares = st.floats(0, 1)
answers = st.lists(st.tuples(shares, st.booleans()), min_size=1, max_size=80)


@given(st.lists(shares, min_size=1, max_size=40))
def test_probabilities_that_are_always_right_are_as_far_off_as_they_are_from_1(chances: list[float]) -> None:
    array = np.array(chances)
    assert calibration_error(array, np.ones(len(chances), bool)) == pytest.approx(1 - array.mean())


@given(answers)
def test_bins_hold_every_answer_and_make_up_the_error(pairs: list[tuple[float, bool]]) -> None:
    stated, right = (np.array(side) for side in zip(*pairs, strict=True))
    found = reliability(stated, right)
    assert sum(one.rows for one in found.bins) == len(pairs)
    assert len(found.bins) == min(BINS, len(pairs))
    assert max(one.rows for one in found.bins) - min(one.rows for one in found.bins) <= 1
    gap = sum(one.rows * abs(one.probability - one.accuracy) for one in found.bins) / len(pairs)
    assert gap == pytest.approx(calibration_error(stated, right))


def test_true_probabilities_lie_in_the_band_and_their_error_is_chance() -> None:
    chance = np.random.default_rng(3)
    stated = chance.random(3000)
    found = reliability(stated, chance.random(3000) < stated)
    inside = [one.low <= one.accuracy <= one.high for one in found.bins]
    assert sum(inside) >= BINS - 2
    assert 0.005 < found.ece_by_chance < found.ece_by_chance_95 < 0.05


def test_overstated_probabilities_leave_the_band() -> None:
    stated = np.full(2000, 0.9)
    right = np.arange(2000) % 2 == 0
    found = reliability(stated, right)
    assert all(one.accuracy < one.low for one in found.bins)
    assert calibration_error(stated, right) > found.ece_by_chance_95


def test_certain_answers_leave_nothing_to_chance() -> None:
    found = reliability(np.ones(30), np.ones(30, bool))
    assert (found.ece_by_chance, found.ece_by_chance_95) == (0, 0)


@given(answers)
def test_the_curve_ends_at_all_answers_and_their_error(pairs: list[tuple[float, bool]]) -> None:
    stated, right = (np.array(side) for side in zip(*pairs, strict=True))
    found = risk_coverage(stated, right)
    assert found[-1].share == 1
    assert found[-1].error == pytest.approx(1 - right.mean())
    assert [one.share for one in found] == sorted({one.share for one in found})


def test_the_error_among_the_surest_by_hand() -> None:
    stated = np.linspace(0.99, 0.5, 40)
    right = np.arange(40) < 20
    found = {round(one.share * 40): one.error for one in risk_coverage(stated, right)}
    assert (found[10], found[20], found[40]) == (0, 0, 0.5)
    assert min(found) == 10


def test_equal_probabilities_are_answered_together_or_not_at_all() -> None:
    found = risk_coverage(np.repeat([0.9, 0.4], 50), np.arange(100) % 2 == 0)
    assert [one.share for one in found] == [0.5, 1]
