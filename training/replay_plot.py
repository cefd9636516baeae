"""A replay as one SVG: accuracy of topic and agency, the share routed and how much of that is wrong, by month."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from training.plots import Frame
from training.replay import LINES, Month, Replay

TEMPLATES = Path(__file__).parent / "templates"
WIDTH, HEIGHT = 440, 230  # of a panel, in pixels
FIRST, LAST = 0.03, 0.9  # where on the axis the first and the last month lie; figures stand behind the last
STEPS = 0.05, 0.1, 0.2  # between the lines of an upward axis
MOST_LINES = 6
FIGURE = 0.075  # of the height that a figure needs

Figure = Callable[[Month], float | None]
PANELS: Mapping[str, Figure] = {
    "Topic: share right": lambda month: month.accuracy["topic"],
    "Agency: share right": lambda month: month.accuracy["agency"],
    "Agency: share acted on without a person": lambda month: month.routed["agency"].share,
    "Agency: of these wrong": lambda month: month.routed["agency"].error,
}
PROMISED = "Agency: of these wrong"


@dataclass(frozen=True, slots=True)
class Spot:
    """A month in its panel, as shares of the axes."""

    at: float
    up: float


@dataclass(frozen=True, slots=True)
class Line:
    """The months of one model, its figure over all of them, and how far up that stands beside the last."""

    name: str
    spots: tuple[Spot, ...]
    figure: str
    beside: float


@dataclass(frozen=True, slots=True)
class Panel:
    """One figure of all models; `marks` are the lines of the upward axis, `promise` where the stated error lies."""

    title: str
    lines: tuple[Line, ...]
    marks: tuple[tuple[float, str], ...]
    months: tuple[tuple[float, str], ...]
    promise: float | None


def draw(replayed: Replay) -> str:
    """Return the SVG: 900 pixels wide, on a ground of its own, with nothing to load."""
    page = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    panels = [_panel(title, figure, replayed) for title, figure in PANELS.items()]
    return page.get_template("replay.svg").render(
        panels=panels, names=LINES, frame=Frame(WIDTH, HEIGHT), replay=replayed
    )


def _panel(title: str, figure: Figure, replayed: Replay) -> Panel:
    values = {line: [figure(month) for month in months] for line, months in replayed.lines.items()}
    shown = [value for line in values.values() for value in line if value is not None]
    if title == PROMISED:
        shown += [0.0, replayed.promise]
    low, high, marks = _axis(shown)
    months = [month.month for month in next(iter(replayed.lines.values()))]
    across = [FIRST + (LAST - FIRST) * at / max(1, len(months) - 1) for at in range(len(months))]
    spots = {line: tuple(_spots(found, across, low, high)) for line, found in values.items()}
    beside = _apart({line: found[-1].up if found else 0.0 for line, found in spots.items()})
    whole = {line: figure(month) for line, month in replayed.whole().items()}
    lines = (
        Line(line, found, "" if whole[line] is None else f"{whole[line]:.2f}", beside[line])
        for line, found in spots.items()
    )
    promise = (replayed.promise - low) / (high - low) if title == PROMISED else None
    return Panel(title, tuple(lines), marks, tuple(zip(across, months, strict=True)), promise)


def _spots(values: Sequence[float | None], across: Sequence[float], low: float, high: float) -> Iterator[Spot]:
    for at, value in zip(across, values, strict=True):
        if value is not None:
            yield Spot(at, (value - low) / (high - low))


def _axis(shown: Sequence[float]) -> tuple[float, float, tuple[tuple[float, str], ...]]:
    """Return the ends of an axis in whole steps that holds all shares, and its lines."""
    least, most = min(shown, default=0.0), max(shown, default=1.0)
    step = next((step for step in STEPS if (most - least) / step < MOST_LINES - 1), STEPS[-1])
    first, last = floor(least / step + 1e-9), max(ceil(most / step - 1e-9), floor(least / step + 1e-9) + 1)
    low, high = first * step, last * step
    marks = ((at - first) / (last - first) for at in range(first, last + 1))
    return low, high, tuple((up, f"{low + up * (high - low):.2f}") for up in marks)


def _apart(ends: Mapping[str, float]) -> dict[str, float]:
    """Move figures up that stand closer than `FIGURE` above another."""
    placed, before = dict[str, float](), -1.0
    for line, up in sorted(ends.items(), key=lambda item: item[1]):
        before = placed[line] = max(up, before + FIGURE)
    return placed
