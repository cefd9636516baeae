"""Intervals of shares and of paired differences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from training.intervals import paired_difference, share

rights = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60)


@given(st.integers(1, 500), st.data())
def test_a_share_lies_in_its_interval(rows: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, rows))
    found = share(hits, rows)
    assert found.value == hits / rows
    assert 0 <= found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= 1


def test_more_rows_narrow_the_interval() -> None:
    few, many = share(6, 10), share(600, 1000)
    assert few.low < many.low < 0.6 < many.high < few.high


def test_wilson_by_hand() -> None:
    found = share(0, 10)
    assert (found.low, round(found.high, 4)) == (0, 0.2775)


@given(rights)
def test_a_difference_turns_its_sign_with_its_sides(pairs: list[tuple[bool, bool]]) -> None:
    own, other = (np.array(side) for side in zip(*pairs, strict=True))
    there, back = paired_difference(own, other), paired_difference(other, own)
    assert there.value == pytest.approx(own.mean() - other.mean())
    assert there.value == pytest.approx(-back.value)
    assert there.low <= there.high


def test_the_same_answers_differ_by_nothing() -> None:
    own = np.array([True, False, True])
    found = paired_difference(own, own)
    assert (found.low, found.value, found.high) == (0, 0, 0)


def test_the_interval_is_that_of_rows_drawn_again() -> None:
    chance = np.random.default_rng(1)
    own, other = (chance.random(400) < share for share in (0.7, 0.6))
    found = paired_difference(own, other)
    rows = chance.integers(0, 400, (4000, 400))
    assert ends(own.astype(float)[rows] - other[rows]) == pytest.approx((found.low, found.high), abs=0.006)


def ends(gains: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.quantile(gains.mean(axis=1), (0.025, 0.975))
    return float(low), float(high)
