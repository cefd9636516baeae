"""Calibration: scores become probabilities, in the order that the scaled scores have."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from classifier.calibration import Calibration, softmax

scores = arrays(np.float32, st.tuples(st.integers(1, 5), st.integers(1, 6)), elements=st.floats(-3, 3, width=32))


@given(scores, st.sampled_from([0.01, 0.1, 1.0]))
def test_rows_are_probabilities_in_the_order_of_the_scores(rows: np.ndarray, temperature: float) -> None:
    found = Calibration(np.ones(rows.shape[1], np.float32), temperature)(rows)
    assert found.dtype == np.float32
    assert ((found >= 0) & (found <= 1)).all()
    assert found.sum(axis=1) == pytest.approx(1, abs=1e-5)
    best = np.take_along_axis(rows, found.argmax(axis=1)[:, None], axis=1)[:, 0]
    assert best == pytest.approx(rows.max(axis=1), abs=1e-5)


def test_a_lower_temperature_is_surer() -> None:
    rows = np.array([[0.6, 0.4, 0.0]], np.float32)
    sure, unsure = (Calibration(np.ones(3, np.float32), temperature)(rows).max() for temperature in (0.05, 0.5))
    assert sure > 0.95 > unsure


def test_the_scale_lifts_its_class() -> None:
    rows = np.array([[0.5, 0.45]], np.float32)
    assert Calibration(np.array([1, 1.3], np.float32), 0.1)(rows).argmax() == 1


def test_large_scores_do_not_overflow() -> None:
    assert softmax(np.array([[1e6, -1e6]], np.float32)).tolist() == [[1, 0]]


def test_one_class_is_certain() -> None:
    assert softmax(np.array([[-5.0]], np.float32)).tolist() == [[1]]
