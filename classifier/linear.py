"""The model itself: one weight for every column and class, all targets side by side.

score = row x weights + products of the row's coordinates x their weights + bias

The coordinates are those along the main directions of the training rows, so that their products tell which matters
stand together in a text, wherever in it: a polynomial kernel of degree two, kept small.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from classifier.features import Floats
from classifier.state import Array

PRODUCT_WEIGHT = 0.3  # the squared length of a row's products; chosen by the ablation in the README
STEPS = 127  # of a stored weight on each side of 0


@dataclass(frozen=True, slots=True)
class Linear:
    """`weights` has a row a feature, `pairs` a row a product, and both a column a class; `bias` one value a class.

    `directions` has a row a feature and a column a direction. `pairs` are of double precision, so that a score does not
    depend on how many others are computed with it.
    """

    weights: Floats
    pairs: NDArray[np.float64]
    bias: Floats
    directions: Floats

    @classmethod
    def of(cls, weights: Floats, bias: Floats, directions: Floats) -> Self:
        """Return the model of weights that have a row a feature and then a row a product."""
        features, pairs = np.split(weights, [len(directions)])
        return cls(features, pairs.astype(np.float64), bias, directions)

    def __call__(self, rows: sparse.csr_array) -> Floats:
        """Return the scores, one row a document; about 1 for a class that is right and 0 for one that is wrong."""
        together = products(rows, self.directions).astype(np.float64) @ self.pairs
        return np.asarray(rows @ self.weights, np.float32) + together.astype(np.float32) + self.bias

    def gains(self, row: sparse.csr_array, weights: Floats, pairs: NDArray[np.float64]) -> Floats:
        """Return what a unit of each feature of one document adds to a score, which is the sum of all such shares.

        `weights` and `pairs`: those of a class, or of several combined. Features that the row lacks have 0.
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

    def stored(self) -> tuple[NDArray[np.int8], Floats, Floats, NDArray[np.float16]]:
        """Return the arrays to keep: weights in 8 bits and the unit of each row, bias, directions."""
        weights = np.vstack([self.weights, self.pairs])
        units = (np.abs(weights).max(axis=1, initial=0) / STEPS).astype(np.float32)
        steps = np.rint(weights / np.where(units > 0, units, 1)[:, None]).astype(np.int8)
        return steps, units, self.bias, self.directions.astype(np.float16)

    @classmethod
    def from_stored(cls, steps: Array, units: Array, bias: Array, directions: Array) -> Self:
        """Rebuild a model from what `stored` returned; ValueError if there is not one unit a row."""
        if units.shape != steps.shape[:1]:
            raise ValueError(f"units has shape {units.shape}, the weights need {steps.shape[:1]}")
        weights = steps.astype(np.float32)
        weights *= np.asarray(units, np.float32)[:, None]
        return cls.of(weights, np.asarray(bias, np.float32), np.asarray(directions, np.float32))


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
