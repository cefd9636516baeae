"""Replaying months: who learns what when, and that no month is learnt before it is answered."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

import pytest
import toy

from classifier.errors import InputError
from classifier.records import Complaint
from training.replay import ALL, LOOP, ONCE, Learner, Replay, flat, months_of, replay, trainings
from training.replay_plot import draw
from training.snapshot import REVIEWED

MONTHS = 6


def reports() -> list[Complaint]:
    """Return the toy complaints once a month, worded anew."""
    words = ["pagi", "siang", "sore", "malam", "subuh", "senja"]
    return [
        replace(one, id=f"{one.id}-{at}", text=f"{one.text} {word}", date=toy.START + timedelta(days=31 * at))
        for at, word in enumerate(words)
        for one in toy.complaints()
    ]


class Recording(Learner):
    """A learner that keeps what it was given."""

    asked: ClassVar[list[tuple[Sequence[Complaint], Sequence[float]]]] = []

    def __call__(self, rows, weights):  # type: ignore[no-untyped-def]
        self.asked.append((rows, weights))
        return super().__call__(rows, weights)


@pytest.fixture(scope="module")
def played() -> tuple[Replay, list[tuple[Sequence[Complaint], Sequence[float]]]]:
    Recording.asked = []
    learner = Recording(toy.taxonomy(), toy.LEXICON, toy.config(), "topic", 0.05)
    return replay(months_of(reports()), learner), Recording.asked


def test_every_line_has_every_month_after_the_first_three(played: tuple[Replay, object]) -> None:
    lines = played[0].lines
    assert list(lines) == [ONCE, LOOP, ALL]
    assert {tuple(month.month for month in months) for months in lines.values()} == {("2025-04", "2025-05", "2025-06")}
    assert all(month.rows == len(toy.complaints()) for months in lines.values() for month in months)


def test_the_first_month_is_answered_alike_and_later_ones_by_what_was_learnt(played: tuple[Replay, object]) -> None:
    once, loop, everything = (played[0].lines[line] for line in (ONCE, LOOP, ALL))
    assert once[0] == loop[0] == everything[0]
    rows, tenth = len(toy.complaints()), round(0.1 * len(toy.complaints()))
    assert [month.learnt for month in once] == [3 * rows] * 3
    assert [month.learnt for month in loop] == [3 * rows, 3 * rows + tenth, 3 * rows + 2 * tenth]
    assert [month.learnt for month in everything] == [3 * rows, 4 * rows, 5 * rows]
    assert played[0].reviews == 3 * tenth


def test_reviewed_reports_weigh_more_and_no_month_is_learnt_early(
    played: tuple[Replay, list[tuple[Sequence[Complaint], Sequence[float]]]],
) -> None:
    asked = played[1]
    assert len(asked) == trainings(MONTHS) == 5
    newest = [max(one.date.strftime("%Y-%m") for one in rows if one.date) for rows, _ in asked]
    assert newest == ["2025-03", "2025-04", "2025-04", "2025-05", "2025-05"]
    assert [set(weights) for _, weights in asked] == [{1.0}, {1.0, REVIEWED}, {1.0}, {1.0, REVIEWED}, {1.0}]


def test_the_whole_is_the_mean_of_months_of_equal_size(played: tuple[Replay, object]) -> None:
    whole = played[0].whole()[LOOP]
    months = played[0].lines[LOOP]
    assert whole.accuracy["topic"] == pytest.approx(sum(month.accuracy["topic"] for month in months) / 3)
    assert whole.rows == 3 * len(toy.complaints())
    assert len(list(flat(played[0]))) == 9


def test_the_plot_is_one_sound_svg_with_every_line(played: tuple[Replay, object]) -> None:
    svg = ET.fromstring(draw(played[0]))
    found = [one.get("class") for one in svg.iter("{http://www.w3.org/2000/svg}polyline")]
    assert found == [f"line {line}" for line in (ONCE, LOOP, ALL)] * 4


def test_too_few_months_are_refused() -> None:
    with pytest.raises(InputError, match="3 months hold reports"):
        months_of([one for one in reports() if one.date and one.date < toy.START + timedelta(days=80)])
