"""What the gate is told of a model's answers."""

from dataclasses import replace

import numpy as np
import toy

from classifier.records import Complaint
from classifier.taxonomy import national
from training.cases import UNRESOLVED
from training.evaluate import evaluate
from training.outcomes import known_targets, outcomes


def test_they_are_those_of_the_evaluation() -> None:
    rows = [replace(one, text=one.text + " tolong") for one in toy.complaints()]
    found = outcomes(toy.classifier(), rows, toy.taxonomy(), "topic", 0.1)
    report = evaluate(toy.classifier(), rows, toy.taxonomy())
    assert found.keys() == report.targets.keys() == known_targets(toy.classifier())
    for target, one in found.items():
        overall = report.targets[target].overall
        assert (len(one.right), one.right.mean()) == (overall.rows, overall.accuracy)
        assert one.routed.mean() == overall.auto_share
        assert one.promise == 0.1


def test_each_model_has_the_same_rows_whatever_it_answers() -> None:
    rows = [Complaint("1", "x", labels={"topic": " "}), Complaint("2", "Lampu padam", labels={"utama": toy.LAMPS})]
    found = outcomes(toy.classifier(), rows, toy.taxonomy(), "utama", 0.05)
    assert list(found) == ["topic"]
    assert found["topic"].classes == (toy.LAMPS,)
    assert outcomes(toy.classifier(), rows[:1], toy.taxonomy(), "topic", 0.05) == {}


def test_a_label_that_the_taxonomy_can_not_place_is_never_right() -> None:
    empty = national([], toy.taxonomy().agencies, [], "uji")
    rows = [Complaint("1", "Lampu padam", labels={"topic": toy.LAMPS})]
    found = outcomes(toy.classifier(), rows, empty, "topic", 0.05)["topic"]
    assert found.classes == (UNRESOLVED,)
    assert not found.right.any()
    assert np.all(found.probability > 0)
