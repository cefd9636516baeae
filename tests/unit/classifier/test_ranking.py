"""Rankings: the best classes of each row."""

import numpy as np

from classifier.ranking import ranking
from classifier.records import ANSWERS

CHANCES = np.array([[0.1, 0.3, 0.05, 0.2, 0.01, 0.15, 0.19]], np.float32)


def test_ranks_the_best_first() -> None:
    assert [column for column, _ in ranking(CHANCES).row(0)] == [1, 3, 6, 5, 0]


def test_fewer_classes_than_answers_are_all_ranked() -> None:
    assert [column for column, _ in ranking(CHANCES[:, :2]).row(0)] == [1, 0]


def test_makes_room_for_columns_in_place_of_the_last_ones() -> None:
    found = ranking(CHANCES)
    found.make_room(0, [4, 6], CHANCES)
    assert [column for column, _ in found.row(0)] == [1, 3, 6, 5, 4]
    assert len(found.row(0)) == ANSWERS


def test_columns_that_stand_there_change_nothing() -> None:
    found = ranking(CHANCES)
    found.make_room(0, [1, 0], CHANCES)
    assert found.row(0) == ranking(CHANCES).row(0)
