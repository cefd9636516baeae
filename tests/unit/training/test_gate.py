"""The gate's comparison: its laws, and each reason by a case of its own."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from training.gate import (
    AUTOMATION,
    CALIBRATION,
    CLASS_LOST,
    CONFIDENCE,
    FEW_ROWS,
    MIN_ROWS,
    TARGET_LOST,
    WORSE,
    Comparison,
    LostClass,
    Outcomes,
    chance_error,
    compare,
    reasons,
)

ROWS = 400


def model(
    right: Any, *, classes: Any = None, probability: Any = 0.5, routed: Any = False, promise: float = 0.05
) -> Outcomes:
    """Return outcomes; a single value stands for all rows."""
    right = np.asarray(right, dtype=bool)
    return Outcomes(
        tuple(classes) if classes is not None else ("air",) * len(right),
        right,
        np.broadcast_to(np.asarray(probability, dtype=float), right.shape),
        np.broadcast_to(np.asarray(routed, dtype=bool), right.shape),
        promise,
    )


def first(count: int, of: int = ROWS) -> Any:
    """Return that the first `count` rows of so many are right."""
    return np.arange(of) < count


def codes(candidate: Outcomes, current: Outcomes, **fields: Any) -> list[str]:
    return [code for code, _ in reasons({"topic": compare(candidate, current, **fields)})]


@st.composite
def pairs(draw: Any) -> tuple[Outcomes, Outcomes]:
    rows = draw(st.integers(1, 80))
    classes = draw(st.lists(st.sampled_from("abc"), min_size=rows, max_size=rows))

    def one() -> Outcomes:
        def lists(values: Any) -> Any:
            return draw(st.lists(values, min_size=rows, max_size=rows))

        promise = draw(st.floats(0.01, 0.5))
        right, routed = lists(st.booleans()), lists(st.booleans())
        return model(right, classes=classes, probability=lists(st.floats(0, 1)), routed=routed, promise=promise)

    return one(), one()


@given(pairs())
def test_nothing_speaks_against_a_model_that_answers_as_the_active_one(pair: tuple[Outcomes, Outcomes]) -> None:
    found = compare(pair[0], pair[0])
    assert (found.difference, found.low, found.high, found.lost) == (0, 0, 0, ())
    expected = [] if found.rows >= MIN_ROWS else [FEW_ROWS]
    assert [code for code, _ in reasons({"topic": found})] == expected


@given(pairs())
def test_the_other_way_round_everything_is_the_opposite(pair: tuple[Outcomes, Outcomes]) -> None:
    there, back = compare(*pair), compare(*pair[::-1])
    assert there.difference == -back.difference
    assert (there.candidate, there.current) == (back.current, back.candidate)
    assert not {one.code for one in there.lost} & {one.code for one in back.lost}
    for code in (WORSE, CALIBRATION, AUTOMATION):
        assert not all(code in dict(reasons({"topic": one})) for one in (there, back))
    if there.difference:
        assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


@given(pairs(), st.randoms())
def test_the_order_of_the_rows_does_not_matter(pair: tuple[Outcomes, Outcomes], random: Any) -> None:
    order = list(range(len(pair[0].right)))
    random.shuffle(order)

    def shuffled(one: Outcomes) -> Outcomes:
        classes = tuple(one.classes[at] for at in order)
        return Outcomes(classes, one.right[order], one.probability[order], one.routed[order], one.promise)

    there, mixed = compare(*pair), compare(*map(shuffled, pair))
    assert (there.difference, there.lost) == (mixed.difference, mixed.lost)
    assert (there.low, there.high, there.loss_chance) == pytest.approx((mixed.low, mixed.high, mixed.loss_chance))


@given(pairs())
def test_more_right_answers_are_never_worse(pair: tuple[Outcomes, Outcomes]) -> None:
    candidate, current = pair
    better = replace(candidate, right=candidate.right | current.right)
    assume(len(current.right) >= MIN_ROWS)
    assert not {WORSE, CLASS_LOST} & {*codes(better, current)}


def test_a_clear_loss_is_refused_and_a_small_one_is_not() -> None:
    assert WORSE in codes(model(first(240)), model(first(280)))
    assert codes(model(first(279)), model(first(280))) == []
    told = dict(reasons({"topic": compare(model(first(240)), model(first(280)))}))[WORSE]
    assert told.startswith("topic accuracy falls by 10.0 points on 400 rows (at least 7.")
    assert told.endswith("with 95% confidence); tolerated 0.5")


def test_a_loss_that_may_be_chance_is_not_refused() -> None:
    random = np.random.default_rng(1)
    current = random.random(ROWS) < 0.6
    flipped = current ^ (random.random(ROWS) < 0.1)
    found = compare(model(flipped), model(current))
    assert found.low < 0 < found.high
    assert found.loss_chance < CONFIDENCE


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [(9, 2, True), (9, 5, False), (8, 3, True), (3, 0, True), (2, 0, False), (4, 1, False), (6, 2, False)],
)
def test_a_class_has_a_floor(before: int, after: int, lost: bool) -> None:
    classes = ["air"] * 10 + ["jalan"] * (ROWS - 10)
    current, candidate = (np.r_[first(count, 10), first(300, ROWS - 10)] for count in (before, after))
    found = compare(model(candidate, classes=classes), model(current, classes=classes))
    assert found.lost == ((LostClass("air", 10, before, after),) if lost else ())
    assert (CLASS_LOST in dict(reasons({"topic": found}))) == lost


def test_only_the_greatest_losses_are_named() -> None:
    classes = [f"kelas-{at:02}" for at in range(8) for _ in range(10)]
    current = np.ones(80, bool)
    candidate = np.concatenate([np.arange(10) < 3 - (at == 7) for at in range(8)])
    found = compare(model(candidate, classes=classes), model(current, classes=classes))
    assert found.lost[0] == LostClass("kelas-07", 10, 10, 2)
    told = [sentence for code, sentence in reasons({"agency": found}) if code == CLASS_LOST]
    assert len(told) == 6
    assert told[0] == "agency 'kelas-07': 2 of 10 rows right, 10 by the active bundle; expected 50% of that"
    assert told[-1] == "3 more classes of the agency"


def test_probabilities_that_mean_something_else_are_refused() -> None:
    right = np.random.default_rng(2).random(ROWS) < 0.6
    honest, boasting = model(right, probability=0.6), model(right, probability=0.9)
    assert codes(boasting, honest) == [CALIBRATION]
    assert codes(honest, boasting) == codes(boasting, boasting) == []


def test_more_wrong_answers_without_a_person_than_promised_are_refused() -> None:
    keeping, breaking = (model(first(380), routed=np.arange(ROWS) >= cut) for cut in (0, 200))
    assert compare(keeping, keeping).candidate.auto_error == pytest.approx(0.05)
    assert codes(breaking, keeping) == [AUTOMATION]
    assert codes(keeping, breaking) == codes(breaking, breaking) == []
    assert codes(replace(breaking, promise=0.1), keeping) == []
    told = dict(reasons({"topic": compare(breaking, keeping)}))[AUTOMATION]
    assert told == "topic: 20 of 200 answers given without a person are wrong (10.0%); promised 5.0%"


def test_few_wrong_answers_do_not_break_a_promise() -> None:
    lucky = model(first(399), routed=np.arange(ROWS) >= 392)
    assert codes(lucky, model(first(399))) == []


def test_a_target_that_is_no_longer_answered_is_refused() -> None:
    assert codes(model(first(0)), model(first(300)), answered=False) == [TARGET_LOST]


@pytest.mark.parametrize("rows", [0, MIN_ROWS - 1])
def test_too_few_rows_can_not_tell(rows: int) -> None:
    found: dict[Any, Comparison] = {"topic": compare(model(first(0, rows)), model(first(rows, rows)))} if rows else {}
    assert [code for code, _ in reasons(found)] == [FEW_ROWS]
    assert dict(reasons(found))[FEW_ROWS].startswith(f"{rows} labelled test rows")


def test_a_target_with_few_rows_is_not_judged_beside_one_with_enough() -> None:
    good, bad = compare(model(first(9, 30)), model(first(9, 30))), compare(model(first(0, 9)), model(first(9, 9)))
    assert list(reasons({"topic": good, "kind": bad})) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=200))
def test_chance_explains_no_more_than_there_is(probabilities: list[float]) -> None:
    assert 0 <= chance_error(np.array(probabilities)) <= 1


def test_chance_explains_less_the_more_rows_there_are() -> None:
    found = [chance_error(np.full(rows, 0.7)) for rows in (100, 1_000, 10_000)]
    assert found == sorted(found, reverse=True)
    assert chance_error(np.array([0.0, 1.0] * 50)) == 0
