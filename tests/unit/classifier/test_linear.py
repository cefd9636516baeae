"""The model: products are a kernel of degree two, shares add up to the score, 8 bits keep it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from classifier.linear import PRODUCT_WEIGHT, STEPS, Linear, pair_count, products

WIDTH, DIRECTIONS, CLASSES = 9, 3, 4
seeds = st.integers(0, 2**32 - 1)


def drawn(seed: int, rows: int = 5) -> tuple[sparse.csr_array, Linear]:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(rows, WIDTH)) * (rng.random((rows, WIDTH)) < 0.6)
    directions = rng.normal(size=(WIDTH, DIRECTIONS)).astype(np.float32)
    weights = rng.normal(size=(WIDTH + pair_count(DIRECTIONS), CLASSES)).astype(np.float32)
    return sparse.csr_array(values.astype(np.float32)), Linear.of(weights, np.ones(CLASSES, np.float32), directions)


@given(seeds)
def test_products_are_the_square_of_the_cosine_between_rows(seed: int) -> None:
    rows, model = drawn(seed)
    along = rows @ model.directions
    lengths = np.linalg.norm(along, axis=1)
    cosines = along @ along.T / np.maximum(np.outer(lengths, lengths), 1e-9)
    found = products(rows, model.directions)
    assert found @ found.T == pytest.approx(PRODUCT_WEIGHT * cosines**2, abs=1e-4)


@given(seeds, st.integers(0, CLASSES - 1))
def test_the_shares_of_the_features_add_up_to_the_score(seed: int, column: int) -> None:
    rows, model = drawn(seed, rows=1)
    gains = model.gains(rows, model.weights[:, column], model.of_products(slice(column, column + 1))[:, 0])
    shares = rows.data * gains[rows.indices]
    assert shares.sum() + model.bias[column] == pytest.approx(model(rows)[0, column], abs=1e-3)


def test_an_empty_row_gets_the_bias() -> None:
    _, model = drawn(0)
    empty = sparse.csr_array((1, WIDTH), dtype=np.float32)
    assert model(empty).tolist() == [model.bias.tolist()]
    assert not model.gains(empty, model.weights[:, 0], model.of_products(slice(1))[:, 0]).any()


def test_a_model_without_directions_is_a_plain_linear_one() -> None:
    rows, model = drawn(1)
    plain = Linear.of(model.weights, model.bias, np.zeros((WIDTH, 0), np.float32))
    assert plain(rows) == pytest.approx(rows @ plain.weights + plain.bias, abs=1e-6)


@given(seeds)
def test_a_score_does_not_depend_on_the_rows_beside_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(WIDTH, 48)).astype(np.float32)
    weights = rng.normal(size=(WIDTH + pair_count(48), CLASSES)).astype(np.float32)
    weights[:, 0] = np.abs(weights[:, 0]).max()  # as large as a sum of products can get
    model = Linear.of(weights, np.zeros(CLASSES, np.float32), directions)
    rows, _ = drawn(seed, rows=33)
    together = model(rows)
    assert all(np.array_equal(model(rows[[at]])[0], together[at]) for at in range(33))


@given(seeds)
def test_eight_bits_keep_each_weight_within_half_a_step(seed: int) -> None:
    _, model = drawn(seed)
    again = Linear.from_stored(model.stored())
    step = np.abs(model.weights).max(axis=1, keepdims=True) / STEPS
    assert (np.abs(again.weights - model.weights) <= step * 0.501).all()
    assert np.array_equal(again.of_products(slice(None)), model.of_products(slice(None)))
    assert np.array_equal(again.stored()["weights"], model.stored()["weights"])


def test_a_unit_too_few_is_refused() -> None:
    arrays = drawn(2)[1].stored()
    with pytest.raises(ValueError, match="units has shape"):
        Linear.from_stored(arrays | {"units": arrays["units"][1:]})
