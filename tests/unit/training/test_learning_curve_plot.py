"""The plot of a learning curve: what it shows is what was measured, and nothing leaves its panel."""

from datetime import date
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.intervals import Estimate
from training.learning_curve import LearningCurve, Point
from training.learning_curve_plot import apart, draw
from training.tables import learning_curve as table

SVG = "{http://www.w3.org/2000/svg}"


def point(own: int, topic: float, agency: float | None = None) -> Point:
    found = {"topic": topic} | ({} if agency is None else {"agency": agency})
    return Point(own, {target: Estimate(value, value - 0.05, value + 0.05) for target, value in found.items()})


CURVE = LearningCurve(
    with_corpus=(point(0, 0.41, 0.31), point(50, 0.52, 0.42), point(1134, 0.66, 0.64)),
    alone=(point(50, 0.35), point(1134, 0.63, 0.65)),
    rows={"topic": 280, "agency": 234},
    since=date(2024, 3, 1),
)


def figures(svg: str, line: str) -> list[str]:
    texts = ElementTree.fromstring(svg).iter(f"{SVG}text")
    return [str(one.text) for one in texts if one.get("class") == f"figure {line}"]


def test_plot_table_and_json_agree() -> None:
    svg, shown = draw(CURVE), CURVE.as_dict()
    for line, name in (("corpus", "with_corpus"), ("alone", "alone")):
        measured = [
            f"{row[group]['value']:.2f}" for group in ("main", "archetype") for row in shown[name] if group in row
        ]
        assert figures(svg, line) == measured
    cells = [list(column.cells) for column in table(CURVE).columns]
    assert cells == [
        ["0", "50", "1,134"],
        ["", "0.350", "0.630"],
        ["0.410", "0.520", "0.660"],
        ["", "", "0.650"],
        ["0.310", "0.420", "0.640"],
    ]
    assert shown["held_back"] == {"main": 280, "archetype": 234}
    assert (shown["since"], "from 2024-03-01 on" in svg) == ("2024-03-01", True)


def test_the_plot_has_a_ground_of_its_own_and_loads_nothing() -> None:
    svg = draw(CURVE)
    assert ElementTree.fromstring(svg).find(f"{SVG}rect[@fill='#fff']") is not None
    assert not any(word in svg for word in ("href", "url(", "<script", "<image"))


def test_higher_accuracies_stand_higher_and_more_reports_further_right() -> None:
    panel = ElementTree.fromstring(draw(CURVE)).findall(f"{SVG}g")[0]
    line = next(one for one in panel.iter(f"{SVG}polyline") if one.get("class") == "line corpus")
    places = [tuple(map(float, pair.split(","))) for pair in str(line.get("points")).split()]
    assert places == sorted(places)
    assert [y for _, y in places] == sorted((y for _, y in places), reverse=True)


def test_a_target_that_was_not_measured_has_no_panel_and_one_that_was_only_learnt_with_the_corpus_has_one_line() -> (
    None
):
    lone = LearningCurve((point(0, 0.4), point(50, 0.5)), (Point(50, {}),), {"topic": 30}, None)
    svg = draw(lone)
    assert "Agency archetype" not in svg
    assert (figures(svg, "corpus"), figures(svg, "alone")) == (["0.40", "0.50"], [])
    assert "chosen by a hash" in svg
    assert 'width="460"' in svg


@given(st.lists(st.floats(0, 1), min_size=1, max_size=4))
def test_every_point_lies_in_its_panel(values: list[float]) -> None:
    points = tuple(point(10 * (at + 1), value) for at, value in enumerate(values))
    drawn = ElementTree.fromstring(draw(LearningCurve(points, points, {"topic": 30}, None)))
    heights = [float(str(one.get("cy"))) for one in drawn.find(f"{SVG}g").iter(f"{SVG}circle")]
    assert len(heights) == 2 * len(values)
    assert all(26 <= height <= 294 for height in heights)


def test_close_figures_move_apart() -> None:
    assert apart([0, 100, 110], 30) == pytest.approx([0, 90, 120])
