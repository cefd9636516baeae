"""The fit of many rows beside the exact one, on the same complaints of our corpus: it may answer nothing worse."""

from collections.abc import Sequence

import numpy as np
import pytest

from classifier.records import Complaint
from data.dataset import read_corpus
from data.lexicon import read_lexicon
from data.tables import read_taxonomy
from training import conjugate_gradients, least_squares
from training.config import read_config
from training.fit import fit

EVERY = 6  # complaint of the corpus is used, and of these one in five is asked


def answered(training: Sequence[Complaint], asked: Sequence[Complaint]) -> list[tuple[str, str]]:
    fitted = fit(training, read_taxonomy(), read_lexicon(), read_config("corpus"))
    found = fitted.classifier.classify(asked, evidence=False)
    return [(one.topic[0].label.code, one.agency[0].label.code) for one in found]


def test_answers_of_the_fit_of_many_rows_are_those_of_the_exact_one(monkeypatch: pytest.MonkeyPatch) -> None:
    complaints = read_corpus()[::EVERY]
    asked = complaints[::5]
    training = [one for at, one in enumerate(complaints) if at % 5]
    exact = answered(training, asked)
    monkeypatch.setattr(least_squares, "EXACT_ROWS", 0)
    monkeypatch.setattr(conjugate_gradients, "LEADING", 1_500)  # of some 20,000 columns, as few as of a long file
    found = answered(training, asked)
    for target, name in enumerate(("topic", "agency")):
        gold = [one.labels[name] for one in asked]
        right, usual = (
            np.mean([one[target] == label for one, label in zip(answers, gold, strict=True)])
            for answers in (found, exact)
        )
        same = np.mean([one[target] == other[target] for one, other in zip(found, exact, strict=True)])
        assert same > 0.97, name
        assert right == pytest.approx(usual, abs=0.01), name
