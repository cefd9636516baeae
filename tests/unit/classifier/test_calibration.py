"""Calibration: scores become probabilities, in the order that the scaled scores have."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from classifier.calibration import Calibration, Confidence, leads, softmax

scores = arrays(np.float32, st.tuples(st.integers(1, 5), st.integers(1, 6)), elements=st.floats(-3, 3, width=32))


def calibration(classes: int, *, reliability: list[float] | None = None, lead: float = 5.0) -> Calibration:
    return Calibration(
        np.ones(classes, np.float32),
        np.array(reliability or [0.0] * classes, np.float32),
        Confidence(lead=lead, reliability=1.0, product=0.5, constant=-1.0),
        temperature=0.1,
    )


@given(scores)
def test_rows_are_probabilities_with_the_best_score_on_top(rows: np.ndarray) -> None:
    found = calibration(rows.shape[1])(rows)
    assert found.dtype == np.float32
    assert ((found >= 0) & (found <= 1)).all()
    assert (found.sum(axis=1) <= 1 + 1e-5).all()
    assert (found.argmax(axis=1) == rows.argmax(axis=1)).all()


def test_a_larger_lead_is_surer() -> None:
    near, far = calibration(2)(np.array([[0.5, 0.45], [0.9, 0.1]], np.float32)).max(axis=1)
    assert near < far


def test_a_class_that_was_often_wrong_is_trusted_less() -> None:
    rows = np.array([[0.9, 0.1], [0.1, 0.9]], np.float32)
    trusted, doubted = calibration(2, reliability=[2.0, -2.0])(rows).max(axis=1)
    assert trusted > doubted


def test_what_is_left_goes_to_the_others_by_their_scores() -> None:
    found = calibration(3)(np.array([[0.6, 0.3, 0.1]], np.float32))[0]
    assert found[0] > found[1] > found[2] > 0
    assert found.sum() == pytest.approx(1, abs=1e-5)


def test_the_lead_of_a_single_class_is_its_score() -> None:
    assert leads(np.array([[0.7]], np.float32)).tolist() == [pytest.approx(0.7)]


def test_large_scores_do_not_overflow() -> None:
    assert softmax(np.array([[1e6, -1e6]], np.float32)).tolist() == [[1, 0]]


def test_one_class_is_certain() -> None:
    assert softmax(np.array([[-5.0]], np.float32)).tolist() == [[1]]
