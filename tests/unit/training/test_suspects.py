import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.suspects import NAMED, doubts

APART = np.eye(3, dtype=bool)


def likely(*best: int, sure: float = 0.9, count: int = 3) -> np.ndarray:
    """Return probabilities, one row a class that is the likely one."""
    rows = np.full((len(best), count), (1 - sure) / (count - 1), np.float32)
    rows[np.arange(len(best)), list(best)] = sure
    return rows


def numbers(*known: int) -> np.ndarray:
    return np.array(known, np.int32)


def test_a_label_that_the_model_surely_doubts_is_suspected() -> None:
    known = numbers(*[0] * 10, *[1] * 10, *[2] * 10)
    probabilities = likely(*known.tolist())
    probabilities[3] = likely(2)[0]
    (found,) = doubts([None] * 30, known, probabilities, APART)
    assert (found.row, found.suggested, round(found.probability, 3), found.against) == (3, 2, 0.9, ())


def test_the_less_probable_of_two_labels_comes_first() -> None:
    known = numbers(*[0] * 10, *[1] * 10, *[2] * 10)
    probabilities = likely(*known.tolist(), sure=0.7)
    probabilities[3], probabilities[14] = likely(2, sure=0.9)[0], likely(0, sure=0.98)[0]
    assert [one.row for one in doubts([None] * 30, known, probabilities, APART)] == [14, 3]


def test_most_rows_of_a_text_are_right_and_contradictions_come_first() -> None:
    known = numbers(0, 0, 1, *[0] * 9, *[1] * 9, *[2] * 9)
    probabilities = likely(*known.tolist())
    probabilities[2] = likely(0)[0]
    probabilities[5] = likely(2)[0]
    first, second = doubts(["sama", "sama", "sama", *[None] * 27], known, probabilities, APART)
    assert (first.row, first.suggested, first.against) == (2, 0, (0, 1))
    assert (second.row, second.suggested) == (5, 2)


def test_of_equally_many_the_likelier_label_is_right() -> None:
    for sure in (0, 1):
        found = doubts(["sama", "sama"], numbers(0, 1), likely(sure, sure), APART)
        assert [(one.row, one.suggested) for one in found] == [(1 - sure, sure)]


def test_labels_of_which_one_says_the_other_less_precisely_agree() -> None:
    agreement = np.array([[True, True, False], [True, True, False], [False, False, True]])
    known = numbers(0, 1, *[0] * 8, *[1] * 8, *[2] * 8)
    probabilities = likely(*known.tolist())
    probabilities[2] = likely(1)[0]
    assert doubts(["sama", "sama", *[None] * 24], known, probabilities, agreement) == []


def test_a_text_that_came_very_often_names_only_some_rows() -> None:
    known = numbers(*[0] * 50, 1)
    (found,) = doubts(["sama"] * 51, known, likely(*[0] * 51), APART)
    assert found.row == 50
    assert len(found.against) == NAMED


def test_a_single_class_is_never_doubted() -> None:
    assert doubts([None, None], numbers(0, 0), np.ones((2, 1), np.float32), np.eye(1, dtype=bool)) == []


@given(st.data(), st.integers(1, 12), st.integers(1, 5))
def test_doubts_name_each_row_once_and_never_suggest_its_own_label(data: st.DataObject, rows: int, count: int) -> None:
    """Any labels and probabilities, one-row classes and classes of no row among them."""
    known = numbers(*data.draw(st.lists(st.integers(0, count - 1), min_size=rows, max_size=rows)))
    best = data.draw(st.lists(st.integers(0, count - 1), min_size=rows, max_size=rows))
    texts = data.draw(st.lists(st.sampled_from(["a", "b", None]), min_size=rows, max_size=rows))
    probabilities = likely(*best, count=count) if count > 1 else np.ones((rows, 1), np.float32)
    found = doubts(texts, known, probabilities, np.eye(count, dtype=bool))
    assert len({one.row for one in found}) == len(found)
    assert all(one.suggested != known[one.row] for one in found)
    assert all(known[other] != known[one.row] for one in found for other in one.against)
