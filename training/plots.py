"""Where values lie in a plot: the templates draw, this measures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

LEFT, RIGHT, TOP, BOTTOM = 46.0, 20.0, 26.0, 36.0  # margins, in pixels
NICE = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1.0)  # ends of an axis of shares


@dataclass(frozen=True, slots=True)
class Frame:
    """The inside of a plot: shares from 0 to 1 to the right, from 0 to `highest` upwards, in pixels."""

    width: float
    height: float
    highest: float = 1.0

    @property
    def left(self) -> float:
        """The left end of the inside; likewise `right`, `top` and `bottom`."""
        return LEFT

    @property
    def right(self) -> float:
        """The right end of the inside."""
        return self.width - RIGHT

    @property
    def top(self) -> float:
        """The upper end of the inside."""
        return TOP

    @property
    def bottom(self) -> float:
        """The lower end of the inside."""
        return self.height - BOTTOM

    def x(self, share: float) -> float:
        """Return how far right a share lies."""
        return round(self.left + share * (self.right - self.left), 1)

    def y(self, share: float) -> float:
        """Return how far down a share lies; higher ones lie on the upper edge."""
        return round(self.bottom - min(share / self.highest, 1) * (self.bottom - self.top), 1)

    def line(self, points: Sequence[Any], across: str, up: str) -> str:
        """Return the points of a polyline through two attributes of `points`."""
        return " ".join(f"{self.x(getattr(one, across))},{self.y(getattr(one, up))}" for one in points)

    def band(self, points: Sequence[Any], across: str, low: str, high: str) -> str:
        """Return the points of a polygon between two attributes of `points`."""
        return f"{self.line(points, across, low)} {self.line(points[::-1], across, high)}"

    def ticks(self) -> list[float]:
        """Return the shares at which the upward axis is labelled, whole percents."""
        steps = 4 if self.highest == 1 else 5
        return [self.highest * step / steps for step in range(steps + 1)]


def nice_end(shares: Iterable[float]) -> float:
    """Return the end of an axis that holds all shares."""
    most = max(shares, default=0)
    return next((end for end in NICE if most <= end), 1.0)
