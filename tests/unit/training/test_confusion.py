"""The pairs that cost most, the worst classes, and what may be shown of their texts."""

import pytest
from invented import case

from training.confusion import EXAMPLES, confusions, examples, mistaken_for, worst
from training.measures import ClassMeasures


def test_the_pairs_that_cost_most_come_first() -> None:
    cases = [
        *(case("jalan", "lampu", "jalan") for _ in range(3)),
        case("jalan", "lampu", "air", "sampah", "jalan"),
        *(case("air", "sampah", "lampu") for _ in range(2)),
        case(None, "lampu"),
        case("air", "air"),
    ]
    first, second = confusions(cases)
    assert (first.gold, first.answer, first.rows) == ("jalan", "lampu", 4)
    assert first.error_share == pytest.approx(4 / 7)
    assert first.next_two == 0.75
    assert (second.gold, second.rows, second.next_two) == ("air", 2, 0)


def test_without_an_error_there_is_no_pair() -> None:
    assert confusions([case("a", "a")]) == ()


def test_the_worst_classes_have_enough_reports_and_errors() -> None:
    classes = [
        ClassMeasures("good", 50, 50, 1, 1, 1),
        ClassMeasures("fair", 50, 50, 0.5, 0.5, 0.5),
        ClassMeasures("bad", 20, 5, 0.1, 0.1, 0.1),
        ClassMeasures("rare", 3, 0, 0, 0, 0),
    ]
    assert [one.code for one in worst(classes)] == ["bad", "fair"]


def test_what_a_class_is_taken_for() -> None:
    cases = [case("a", "b"), case("a", "c"), case("a", "c"), case("a", "a"), case("b", "d")]
    assert mistaken_for(cases, "a") == ["c", "b"]


def test_examples_are_the_surest_wrong_answers() -> None:
    chances = (0.3, 0.8, 0.5, 0.9)
    cases = [case("a", "b", text=f"lubang {chance}", probability=chance) for chance in chances]
    found = examples([*cases, case("a", "a", probability=0.99)], "a")
    assert [one.probability for one in found] == [0.9, 0.8, 0.5]
    assert len(found) == EXAMPLES


def test_personal_numbers_are_masked_before_a_text_is_cut() -> None:
    text = f"{'kata ' * 60}hubungi 081200000000 segera {'kata ' * 40}"
    (shown,) = examples([case("a", "b", text=text)], "a")
    assert "0812" not in shown.text
    assert "<TELEPON>" in shown.text
    assert shown.text.endswith(" …")
    assert len(shown.text) <= 322


def test_a_secret_report_is_never_an_example() -> None:
    assert examples([case("a", "b", visibility="rahasia")], "a") == []
    assert len(examples([case("a", "b", visibility="anonim")], "a")) == 1
