"""The model itself: one weight for every column and class, all targets side by side.

score = row x weights + products of the row's coordinates x their weights + bias

The coordinates are those along the main directions of the training rows, so that their products tell which matters
stand together in a text, wherever in it: a polynomial kernel of degree two, kept small.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from classifier.features import Floats
from classifier.state import Array

PRODUCT_WEIGHT = 0.3  # the squared length of a row's products; chosen by the ablation in the README
STEPS = 127  # of a stored weight on each side of 0
# Of a product of 1. A row of products is shorter than 4,096 and a column of pairs than 127 times the root of their
# number, so that no sum, nor any part of one, reaches the 2 ** 24 up to which float32 counts exactly.
PRODUCT_STEPS = 4096


@dataclass(frozen=True, slots=True)
class Linear:
    """`weights` has a row a feature, `pairs` a row a product, and both a column a class; `bias` one value a class.

    `directions` has a row a feature and a column a direction. `pairs` are whole numbers of `pair_units`, of which each
    class has one: sums of whole numbers are exact, so that a score never depends on how many others are computed
    with it.
    """

    weights: Floats
    pairs: Floats
    pair_units: Floats
    bias: Floats
    directions: Floats

    @classmethod
    def of(cls, weights: Floats, bias: Floats, directions: Floats) -> Self:
        """Return the model of weights that have a row a feature and then a row a product."""
        features, pairs = np.split(weights, [len(directions)])
        units = (np.abs(pairs).max(axis=0, initial=0) / STEPS).astype(np.float32)
        return cls(features, np.rint(pairs / np.where(units > 0, units, 1)), units, bias, directions)

    def __call__(self, rows: sparse.csr_array) -> Floats:
        """Return the scores, one row a document; about 1 for a class that is right and 0 for one that is wrong."""
        whole = np.rint(products(rows, self.directions) * PRODUCT_STEPS) @ self.pairs
        return np.asarray(rows @ self.weights + whole * (self.pair_units / PRODUCT_STEPS) + self.bias, np.float32)

    def of_products(self, columns: slice) -> Floats:
        """Return the weights of the products for some of the classes."""
        return self.pairs[:, columns] * self.pair_units[columns]

    def by_words(self, rows: sparse.csr_array) -> Floats:
        """Return rough scores of rows that hold the block of words alone, for a fifth of the time.

        The words count twice, in place of their pieces, which say about the same.
        """
        return np.asarray(2 * (rows @ self.weights[: rows.shape[1]]) + self.bias, np.float32)

    def gains(self, row: sparse.csr_array, weights: Floats, pairs: Floats) -> Floats:
        """Return what a unit of each feature of one document adds to a score, which is the sum of all such shares.

        `weights` and `pairs`: those of a class, as `of_products` has them, or of several combined. Features that the
        row lacks have 0.
        """
        count = self.directions.shape[1]
        along = (row @ self.directions)[0]
        first, second, factors = _pairs(count)
        mixed = np.zeros((count, count))
        mixed[first, second] = factors * pairs / 2
        pull = (mixed + mixed.T) @ along / max(float(along @ along), np.finfo(np.float32).tiny)
        gains = np.zeros(len(weights), np.float32)
        gains[row.indices] = weights[row.indices] + self.directions[row.indices] @ pull
        return gains

    def stored(self) -> dict[str, Array]:
        """Return the arrays to keep: weights in 8 bits with the unit of each row or, for products, of each class."""
        units = (np.abs(self.weights).max(axis=1, initial=0) / STEPS).astype(np.float32)
        return {
            "weights": np.rint(self.weights / np.where(units > 0, units, 1)[:, None]).astype(np.int8),
            "units": units,
            "pairs": self.pairs.astype(np.int8),
            "pair_units": self.pair_units,
            "bias": self.bias,
            "directions": self.directions.astype(np.float16),
        }

    @classmethod
    def from_stored(cls, arrays: Mapping[str, Array]) -> Self:
        """Rebuild a model from what `stored` returned; LookupError or ValueError if one is missing or too short."""
        steps, units = arrays["weights"], np.asarray(arrays["units"], np.float32)
        if units.shape != steps.shape[:1]:
            raise ValueError(f"units has shape {units.shape}, the weights need {steps.shape[:1]}")
        weights = steps.astype(np.float32)
        weights *= units[:, None]
        others = (np.asarray(arrays[name], np.float32) for name in ("pairs", "pair_units", "bias", "directions"))
        return cls(weights, *others)


def products(rows: sparse.csr_array, directions: Floats) -> Floats:
    """Return the products of each two coordinates of the rows, of squared length `PRODUCT_WEIGHT`."""
    return pair_products(coordinates(rows, directions))


def pair_products(along: Floats) -> Floats:
    """Return the products of each two of the coordinates."""
    first, second, factors = _pairs(along.shape[1])
    return np.asarray(along[:, first] * along[:, second] * factors, np.float32)


def pair_count(directions: int) -> int:
    """Return how many products so many directions have."""
    return directions * (directions + 1) // 2


def coordinates(rows: sparse.csr_array, directions: Floats) -> Floats:
    """Return the coordinates of the rows along the directions, of length 1; 0 for a row that no direction touches."""
    along = np.asarray(rows @ directions, np.float32)
    lengths = np.linalg.norm(along, axis=1, keepdims=True)
    return np.asarray(along / np.where(lengths > 0, lengths, 1), np.float32)


def _pairs(count: int) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """Return the two directions of each product, and its factor."""
    first, second = np.triu_indices(count)
    factors = np.sqrt(PRODUCT_WEIGHT * np.where(first == second, 1, 2)).astype(np.float32)
    return first, second, factors
