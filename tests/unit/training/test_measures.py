"""Measures of ranked answers."""

from hypothesis import given
from hypothesis import strategies as st

from training.measures import class_measures, measures

shares = st.floats(0, 1)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.permutations("abcdef"), shares, st.booleans()), min_size=1))
def test_measures_are_shares(cases: list[tuple[str, list[str], float, bool]]) -> None:
    gold, ranked, top, routed = zip(*cases, strict=True)
    found = measures(gold, ranked, top, routed)
    assert found.rows == len(cases)
    assert 0 <= found.accuracy <= found.top3 <= found.top5 <= 1
    assert all(0 <= one <= 1 for one in (found.macro_f1, found.ece, found.auto_share, found.auto_error))


def test_classes_come_in_the_order_of_their_rows() -> None:
    found = class_measures(["b", "b", "a"], ["b", "a", "a"], ["a", "b", "c"])
    assert [(one.code, one.rows, one.answered, one.precision, one.recall) for one in found] == [
        ("b", 2, 1, 1.0, 0.5),
        ("a", 1, 2, 0.5, 1.0),
        ("c", 0, 0, 0.0, 0.0),
    ]
