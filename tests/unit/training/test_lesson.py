from dataclasses import replace

import numpy as np
import toy

from training.lesson import Lesson, held_out


def test_the_newest_own_reports_are_held_out() -> None:
    rows = toy.complaints()
    learnt, unseen = held_out(rows, np.ones(len(rows), bool), 0.1)
    assert not (learnt & unseen).any()
    assert unseen.sum() == len(rows) // 10
    days = [row.date for row in rows]
    newest = sorted(day for day in days if day)[-int(unseen.sum()) :]
    assert [day for day, held in zip(days, unseen, strict=True) if held] == newest


def test_a_near_copy_of_what_is_held_out_is_not_learnt_from() -> None:
    rows = toy.complaints()
    last = max(rows, key=lambda row: row.date or toy.START)
    rows = [replace(last, id="salinan", date=toy.START), *rows]
    learnt, unseen = held_out(rows, np.ones(len(rows), bool), 0.1)
    assert not learnt[0]
    assert not unseen[0]


def test_what_is_not_ones_own_is_never_held_out() -> None:
    rows = toy.complaints()
    own = np.arange(len(rows)) < 20
    learnt, unseen = held_out(rows, own, 0.1)
    assert not unseen[20:].any()
    assert learnt[20:].any()


def test_reports_without_dates_are_held_out_by_a_hash() -> None:
    rows = [replace(row, date=None) for row in toy.complaints()]
    learnt, unseen = held_out(rows, np.ones(len(rows), bool), 0.2)
    assert unseen.any()
    assert learnt.any()
    mirrored = held_out(rows[::-1], np.ones(len(rows), bool), 0.2)[1]
    assert (mirrored[::-1] == unseen).all()


def test_sizes_and_columns_follow_the_targets() -> None:
    classes = {"topic": np.array([0, 1, 1, -1], np.int32), "kind": np.array([0, 0, -1, 0], np.int32)}
    learnt = np.array([True, True, False, True])
    labels = {"topic": ["a", "b", "c"], "kind": ["d"]}
    lesson = Lesson(["x"] * 4, classes, labels, np.ones(4, np.float32), learnt, ~learnt)
    assert {target: sizes.tolist() for target, sizes in lesson.sizes.items()} == {"topic": [1, 1, 0], "kind": [3]}
    assert lesson.columns == {"topic": slice(0, 3), "kind": slice(3, 4)}
