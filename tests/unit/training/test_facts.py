from datetime import UTC, datetime

import numpy as np
import pytest
import toy

from classifier.records import Complaint
from training.facts import period, target_facts
from training.policy import NEVER, Answered

SIZES = np.array([40, 5, 4, 1])
ANSWERED = Answered(
    known=np.array([True] * 8 + [False]),
    probabilities=np.array([0.9] * 4 + [0.5] * 4 + [0.99], np.float32),
    right=np.array([True, True, True, False, True, False, True, False, True]),
)


def test_facts_count_rows_and_classes_and_measure_unseen_answers() -> None:
    facts = target_facts(SIZES, 50, ANSWERED, 0.625, 0.8)
    assert (facts.rows, facts.classes, facts.few_row_classes, facts.unseen_rows) == (50, 4, 2, 8)
    assert (facts.accuracy, facts.threshold, facts.auto_share, facts.auto_error) == (0.625, 0.8, 0.5, 0.25)
    assert facts.calibration_error is not None
    assert 0 < facts.calibration_error < 1


@pytest.mark.parametrize("least", [None, NEVER])
def test_what_is_never_acted_on_has_no_share(least: float | None) -> None:
    facts = target_facts(SIZES, 50, ANSWERED, 0.625, least)
    assert (facts.threshold, facts.auto_share, facts.auto_error) == (None, None, None)
    assert facts.accuracy == 0.625


def test_without_unseen_rows_nothing_is_measured() -> None:
    nothing = Answered(np.zeros(9, bool), ANSWERED.probabilities, ANSWERED.right)
    facts = target_facts(SIZES, 50, nothing, None, NEVER)
    assert facts.unseen_rows == 0
    assert (facts.accuracy, facts.calibration_error, facts.auto_share) == (None, None, None)


def test_a_period_leaves_out_complaints_without_a_date() -> None:
    dated = [Complaint("a", "teks", date=datetime(2025, month, 9, tzinfo=UTC)) for month in (3, 1, 2)]
    assert period([*dated, Complaint("b", "teks")]) == ["2025-01-09", "2025-03-09"]
    assert period([Complaint("b", "teks")]) == []


def test_a_fitted_model_knows_its_facts() -> None:
    facts = toy.fitted().facts
    assert set(facts) == {"topic", "agency", "kind"}
    assert facts["topic"].rows == facts["topic"].unseen_rows == len(toy.complaints())
    assert facts["topic"].classes == 4
    assert facts["kind"].threshold is None
    assert toy.fitted().corpus_rows == 0
