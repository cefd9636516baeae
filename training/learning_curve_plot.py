"""A learning curve as one SVG: a panel for main topics and one for archetypes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, sqrt
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from classifier.records import Target
from training.learning_curve import LearningCurve, Point
from training.plots import Frame

TEMPLATES = Path(__file__).parent / "templates"
TITLES: Mapping[Target, str] = {"topic": "Main topic", "agency": "Agency archetype"}
WIDTH, HEIGHT = 440, 330  # of a panel, in pixels
FIRST, LAST = 0.045, 0.965  # where on the axis no own report and all of them lie
LETTER, FIGURE = 7.0, 29.0  # room that a letter below the axis and a figure beside a point need, in pixels
STEP = 0.1  # between the lines of the upward axis


@dataclass(frozen=True, slots=True)
class Spot:
    """A point in its panel: shares of the axes, its figure, where that stands, and whether it is above the point."""

    at: float
    up: float
    value: float
    label: float
    above: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A number of own reports below the axis; `row` 1 is one line lower, where the first has no room."""

    at: float
    name: str
    row: int


@dataclass(frozen=True, slots=True)
class Axis:
    """The accuracies that the panels show, in whole steps."""

    low: int
    high: int

    def up(self, accuracy: float) -> float:
        """Return how far up an accuracy lies, from 0 to 1."""
        return (accuracy / STEP - self.low) / (self.high - self.low)

    def lines(self) -> list[tuple[float, str]]:
        """Return how far up the lines of the axis lie, and what stands beside them."""
        marks = [step * STEP for step in range(self.low, self.high + 1)]
        return [(self.up(mark), f"{mark:.1f}") for mark in marks]


@dataclass(frozen=True, slots=True)
class Panel:
    """What is drawn of one target, own reports alone and with the corpus; `chance`: half of the widest interval."""

    title: str
    rows: int
    chance: float
    ticks: tuple[Tick, ...]
    with_corpus: tuple[Spot, ...]
    alone: tuple[Spot, ...]


def draw(curve: LearningCurve) -> str:
    """Return the SVG: 900 pixels wide, on a ground of its own, with nothing to load."""
    page = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    axis, frame = _axis(curve), Frame(WIDTH, HEIGHT)
    panels = [_panel(target, curve, axis, frame) for target in TITLES if target in curve.rows]
    template = page.get_template("learning_curve.svg")
    return template.render(panels=panels, since=curve.since, axis=axis, frame=frame)


def apart(places: Sequence[float], room: float) -> list[float]:
    """Move neighbours that are closer than `room` away from each other, both by the same."""
    moved = list(places)
    for at, (left, right) in enumerate(pairwise(places)):
        missing = max(0, room - (right - left)) / 2
        moved[at] -= missing
        moved[at + 1] += missing
    return moved


def _axis(curve: LearningCurve) -> Axis:
    """Hold all points with room for their figures."""
    shown = [one.value for point in (*curve.with_corpus, *curve.alone) for one in point.accuracy.values()]
    low, high = floor(min(shown) / STEP - 0.4), ceil(max(shown) / STEP + 0.4)
    return Axis(max(low, 0), min(high, round(1 / STEP)))


def _panel(target: Target, curve: LearningCurve, axis: Axis, frame: Frame) -> Panel:
    with_corpus, alone = (_accuracies(target, points) for points in (curve.with_corpus, curve.alone))
    intervals = [point.accuracy[target] for point in (*curve.with_corpus, *curve.alone) if target in point.accuracy]
    most = max(point.own for point in curve.alone)
    return Panel(
        TITLES[target],
        curve.rows[target],
        max((one.high - one.low) / 2 for one in intervals),
        _ticks(sorted({*with_corpus, *alone}), most, frame),
        tuple(_spots(with_corpus, alone, most, axis, frame, first=True)),
        tuple(_spots(alone, with_corpus, most, axis, frame, first=False)),
    )


def _accuracies(target: Target, points: Sequence[Point]) -> dict[int, float]:
    return {point.own: point.accuracy[target].value for point in points if target in point.accuracy}


def _spots(
    line: Mapping[int, float], other: Mapping[int, float], most: int, axis: Axis, frame: Frame, *, first: bool
) -> Iterator[Spot]:
    """Place the points of a line, figures on the side away from the other line; where both are equal, `first` above."""
    labels = apart([frame.x(_across(own, most)) for own in line], FIGURE)
    for (own, value), label in zip(line.items(), labels, strict=True):
        beside = other.get(own, value)
        above = value > beside or (value == beside and first)
        yield Spot(_across(own, most), axis.up(value), value, round(label, 1), above)


def _ticks(sizes: Sequence[int], most: int, frame: Frame) -> tuple[Tick, ...]:
    ticks = list[Tick]()
    for size in sizes:
        at, name, row = _across(size, most), f"{size:,}", 0
        if ticks and not ticks[-1].row:
            room = LETTER * (1 + (len(name) + len(ticks[-1].name)) / 2)
            row = int(frame.x(at) - frame.x(ticks[-1].at) < room)
        ticks.append(Tick(at, name, row))
    return tuple(ticks)


def _across(own: int, most: int) -> float:
    return FIRST + (LAST - FIRST) * sqrt(own / most)
