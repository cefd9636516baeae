"""Beside another bundle and the peers, on the same reports."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import toy
from invented import case

from classifier.records import Label
from training.cases import Case, Cost, Judged, judge
from training.comparison import alike, beside_bundle, beside_peers, compare

COST = Cost(1, 1, 1)


def judged(cases: Sequence[Case]) -> Judged:
    complaints = [one.complaint for one in cases]
    columns: Any = {"topic": "topic", "agency": "agency", "kind": "kind"}
    routed = np.array([one.routed for one in cases], dtype=bool)
    return Judged(complaints, toy.taxonomy(), columns, {"topic": cases}, routed, COST)


def test_only_reports_that_both_answer_are_compared() -> None:
    own = [case("a", "a", row=0), case("a", "a", row=1), case("a", "b", row=2)]
    other = [case("a", "b", row=1, routed=True), case("a", "a", row=2), case("a", "a", row=3)]
    ((target, found),) = beside_bundle(judged(own), "lain", judged(other))
    assert (target, found.name, found.of, found.rows) == ("topic", "lain", "bundle", 2)
    assert (found.accuracy, found.difference.value) == (0.5, 0)
    assert (found.auto_share, found.auto_error) == (0.5, 1)


def test_a_bundle_that_acts_on_nothing_has_no_error() -> None:
    ((_, found),) = beside_bundle(judged([case()]), "lain", judged([case()]))
    assert (found.auto_share, found.auto_error) == (0, None)


def test_a_classifier_is_as_good_as_itself() -> None:
    found = judge(toy.classifier(), toy.complaints(), toy.taxonomy())
    compared = compare(found, toy.classifier(), ())
    assert set(compared) == {"topic", "agency", "kind"}
    assert {(one.difference.low, one.difference.high) for each in compared.values() for one in each} == {(0, 0)}


def test_peers_learn_the_same_labels_and_are_named_as_they_run() -> None:
    seen: list[str] = []
    found = judge(toy.classifier(), toy.complaints(), toy.taxonomy())
    compared = list(beside_peers(found, toy.complaints(), seen.append))
    assert {target for target, _ in compared} == {"topic", "agency"}
    assert {one.of for _, one in compared} == {"peer"}
    assert [f"{one.name}: {target}" for target, one in compared] == seen
    assert all(one.accuracy > 0.9 and one.auto_share is None for _, one in compared)  # they have learnt these reports


def test_a_peer_with_too_little_to_learn_is_left_out() -> None:
    found = judge(toy.classifier(), toy.complaints(), toy.taxonomy())
    assert list(beside_peers(found, toy.complaints()[:5])) == []


@pytest.mark.parametrize(("renamed", "same"), [(0, True), (4, True), (5, False)])
def test_classifiers_are_alike_if_half_of_the_classes_are_the_same(renamed: int, same: bool) -> None:
    assert alike(Classes(range(8)), Classes(range(renamed, renamed + 8))) == same


class Classes:
    """Stands for a classifier with these topics alone."""

    agencies: tuple[Label, ...] = ()
    kinds: tuple[Label, ...] = ()

    def __init__(self, numbers: Any) -> None:
        self.topics = tuple(Label(f"topik {number}", "") for number in numbers)


def test_the_gold_of_a_national_archetype_is_met_anywhere() -> None:
    one = replace(case("kecamatan", "kecamatan@777101"), paths=True)
    assert one.right
    assert one.ranked == ["kecamatan"]
    assert not replace(one, paths=False).right
