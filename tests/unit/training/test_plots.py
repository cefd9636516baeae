"""Where values lie in a plot."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.plots import Frame, nice_end


@dataclass
class Spot:
    at: float
    low: float
    high: float


@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from([0.05, 0.3, 1.0]))
def test_every_share_lies_inside(across: float, up: float, highest: float) -> None:
    frame = Frame(400, 300, highest)
    assert frame.left <= frame.x(across) <= frame.right
    assert frame.top <= frame.y(up) <= frame.bottom


def test_the_corners() -> None:
    frame = Frame(400, 300, 0.5)
    assert (frame.x(0), frame.x(1)) == (frame.left, frame.right)
    assert (frame.y(0), frame.y(0.5)) == (frame.bottom, frame.top)
    assert frame.ticks() == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5])


def test_a_band_goes_there_and_back() -> None:
    frame = Frame(400, 300)
    corners = frame.band([Spot(0, 0, 1), Spot(1, 0, 1)], "at", "low", "high").split()
    assert corners == [f"{frame.x(x)},{frame.y(y)}" for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))]


@pytest.mark.parametrize(("shares", "end"), [([], 0.05), ([0.05], 0.05), ([0.06, 0.01], 0.1), ([0.8], 1), ([1.2], 1)])
def test_an_axis_ends_at_a_round_share(shares: list[float], end: float) -> None:
    assert nice_end(shares) == end
