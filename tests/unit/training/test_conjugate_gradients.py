"""Conjugate gradients against the normal equations, on random problems cut into small parts and groups."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from training import conjugate_gradients
from training.conjugate_gradients import fit_groups
from training.design import Design

PENALTY = 0.8


def by_hand(rows: np.ndarray, classes: np.ndarray, weights: np.ndarray) -> np.ndarray:
    weighted = (rows * weights[:, None]).astype(np.float64)
    return np.linalg.solve(weighted.T @ rows + PENALTY * np.eye(rows.shape[1]), weighted.T @ classes)


@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(2, 60),
    width=st.integers(1, 15),
    dense=st.integers(0, 4),
    leading=st.integers(0, 15),
    group=st.integers(1, 5),
)
@settings(deadline=None, max_examples=40)
def test_weights_and_scores_are_those_of_the_normal_equations(
    seed: int, count: int, width: int, dense: int, leading: int, group: int
) -> None:
    rng = np.random.default_rng(seed)
    rows = (rng.random((count, width + dense)) * (rng.random((count, width + dense)) < 0.5)).astype(np.float32)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1)
    classes = (rng.random((count, 5)) < 0.3).astype(np.float32)
    weights = rng.choice(np.array([0, 0.5, 1, 2], np.float32), count)
    weights[-1] = 1
    held_out = rng.random(count) < 0.2
    design = Design(sparse.csr_array(rows[:, :width]), rows[:, width:])
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"LEADING": leading, "GROUP": group, "PART": 7, "STEPS": 40, "AGAIN": 40}.items():
            patch.setattr(conjugate_gradients, name, value)
        patch.setattr(conjugate_gradients, "TOLERANCE", 1e-4)
        groups = list(fit_groups(design, sparse.csr_array(classes), weights, held_out, PENALTY))
    found = np.hstack([one.weights for one in groups])
    assert found == pytest.approx(by_hand(rows, classes, weights), abs=2e-3)
    without = by_hand(rows, classes, np.where(held_out, 0, weights))
    assert np.hstack([one.scores for one in groups]) == pytest.approx(rows[held_out] @ without, abs=2e-3)


def test_a_few_steps_come_near_enough_where_most_columns_are_rare() -> None:
    rng = np.random.default_rng(5)
    columns = (300 ** rng.random((400, 20))).astype(int) - 1
    rows = np.zeros((400, 300), np.float32)
    np.put_along_axis(rows, columns, rng.random((400, 20), np.float32), axis=1)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    classes = np.eye(4, dtype=np.float32)[rng.integers(0, 4, 400)]
    design = Design(sparse.csr_array(rows), np.zeros((400, 0), np.float32))
    ones, none = np.ones(400, np.float32), np.zeros(400, bool)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conjugate_gradients, "LEADING", 30)
        (found,) = fit_groups(design, sparse.csr_array(classes), ones, none, PENALTY)
    assert rows @ found.weights == pytest.approx(rows @ by_hand(rows, classes, ones), abs=0.01)


def test_the_same_problem_twice_gives_the_same_bits() -> None:
    rng = np.random.default_rng(6)
    rows = rng.random((50, 8), np.float32)
    design = Design(sparse.csr_array(rows[:, :5]), rows[:, 5:])
    classes, held_out = sparse.csr_array(np.eye(2, dtype=np.float32)[rng.integers(0, 2, 50)]), np.arange(50) % 5 == 0
    first, second = (next(fit_groups(design, classes, np.ones(50, np.float32), held_out, PENALTY)) for _ in range(2))
    assert np.array_equal(first.weights, second.weights)
    assert np.array_equal(first.scores, second.scores)
