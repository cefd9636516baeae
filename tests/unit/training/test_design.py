"""The rows that a fit reads: dense columns that are made when they are asked for."""

import numpy as np
from scipy import sparse

from classifier.linear import products
from training.design import Design, Products, WithConstant

RNG = np.random.default_rng(3)
ROWS = sparse.csr_array((RNG.random((9, 6)) * (RNG.random((9, 6)) < 0.6)).astype(np.float32))
DIRECTIONS = np.linalg.qr(RNG.random((6, 3)))[0].astype(np.float32)


def test_products_of_some_rows_are_those_of_all_rows() -> None:
    made, expected = Products(ROWS, DIRECTIONS), products(ROWS, DIRECTIONS)
    assert made.shape == expected.shape
    assert np.array_equal(made[:], expected)
    assert np.array_equal(made[np.array([4, 1])], expected[[4, 1]])


def test_a_constant_stands_after_the_columns() -> None:
    columns = WithConstant(np.ones((9, 2), np.float32), 0.5)
    assert columns.shape == (9, 3)
    assert columns[2:4].tolist() == [[1, 1, 0.5]] * 2


def test_a_design_multiplies_as_the_matrix_of_its_columns() -> None:
    design = Design(ROWS, Products(ROWS, DIRECTIONS))
    matrix = np.hstack([ROWS.toarray(), products(ROWS, DIRECTIONS)])
    assert design.shape == matrix.shape
    weights, values = RNG.random((12, 2), np.float32), RNG.random((9, 2), np.float32)
    np.testing.assert_allclose(design @ weights, matrix @ weights, rtol=1e-5)
    np.testing.assert_allclose(design.transposed(values), matrix.T @ values, rtol=1e-5)
    assert np.array_equal(design[3:5] @ weights, (design @ weights)[3:5])
