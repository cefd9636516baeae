"""The main directions of the training rows."""

import numpy as np
import pytest
from scipy import sparse

from training.directions import DIRECTIONS, learn_directions


def rows(count: int, width: int) -> sparse.csr_array:
    return sparse.random_array((count, width), density=0.2, rng=np.random.default_rng(5), dtype=np.float32).tocsr()


def test_they_are_orthonormal_and_catch_most_of_the_rows() -> None:
    matrix = rows(200, 300)
    found = learn_directions(matrix)
    assert found.shape == (300, DIRECTIONS)
    assert found.T @ found == pytest.approx(np.eye(DIRECTIONS), abs=1e-4)
    singular = np.linalg.svd(matrix.toarray(), compute_uv=False)
    assert np.square(matrix @ found).sum() >= 0.97 * np.square(singular[:DIRECTIONS]).sum()


def test_the_same_rows_give_the_same_ones() -> None:
    assert np.array_equal(learn_directions(rows(60, 90)), learn_directions(rows(60, 90)))


@pytest.mark.parametrize("shape", [(1, 5), (4, 1), (3, 0)])
def test_too_few_rows_or_features_have_none(shape: tuple[int, int]) -> None:
    matrix = sparse.csr_array(np.ones(shape, np.float32))
    assert learn_directions(matrix).shape == (shape[1], 0)


def test_rows_without_a_word_have_none() -> None:
    assert learn_directions(sparse.csr_array((4, 6), dtype=np.float32)).shape == (6, 0)
