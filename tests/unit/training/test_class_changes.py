"""What a candidate changes class by class."""

import numpy as np
import toy

from training.class_changes import ClassChange, changed_labels, class_changes
from training.fit import fit
from training.gate import Outcomes


def outcomes(right: str) -> Outcomes:
    """Return outcomes on the rows of classes a, a, b, b, c: "1" for a right answer."""
    marks = np.array([mark == "1" for mark in right])
    return Outcomes(("a", "a", "b", "b", "c"), marks, np.full(5, 0.5), np.zeros(5, bool), 0.05)


def test_classes_with_more_or_fewer_right_answers_are_told_the_greatest_loss_first() -> None:
    assert class_changes(outcomes("00111"), outcomes("11011")) == (ClassChange("a", 2, 2, 0), ClassChange("b", 2, 1, 2))
    assert ClassChange("a", 2, 2, 0).gain == -2


def test_a_class_that_changes_rows_but_not_their_number_is_not_told() -> None:
    assert class_changes(outcomes("10000"), outcomes("01000")) == ()


def test_labels_that_are_new_or_gone_are_told_by_target() -> None:
    rows = [one for one in toy.complaints() if one.labels["topic"] != toy.WATER]
    fewer = fit(rows, toy.taxonomy(), toy.LEXICON, toy.config()).classifier
    new, gone = changed_labels(toy.classifier(), fewer)
    assert (new, gone) == ({"topic": (toy.WATER,), "agency": (toy.PERUMDA,)}, {})
    assert changed_labels(fewer, toy.classifier()) == (gone, new)
