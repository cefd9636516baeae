"""What a fit reads and should answer: rows of features, and the classes of each target."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from classifier.features import Floats, Integers
from classifier.linear import coordinates, pair_count, pair_products

Rows = slice | NDArray[np.bool_] | NDArray[np.intp]


class Columns(Protocol):
    """Dense columns, an array or what makes it when asked for some of the rows."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of rows and of columns."""

    def __getitem__(self, rows: Rows, /) -> Floats:
        """Return the columns of some of the rows."""


class Products:
    """The products of the rows' coordinates, made anew for each use: those of a million rows would fill 5 GB."""

    def __init__(self, rows: sparse.csr_array, directions: Floats) -> None:
        self._along = coordinates(rows, directions)

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of rows and of products."""
        return len(self._along), pair_count(self._along.shape[1])

    def __getitem__(self, rows: Rows, /) -> Floats:
        """Return the products of some of the rows."""
        return pair_products(self._along[rows])


@dataclass(frozen=True, slots=True)
class WithConstant:
    """Columns, and after them one that is the same for all rows: its weights are the bias."""

    columns: Columns
    value: float

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of rows and of columns."""
        rows, columns = self.columns.shape
        return rows, columns + 1

    def __getitem__(self, rows: Rows, /) -> Floats:
        """Return the columns of some of the rows."""
        found = self.columns[rows]
        return np.hstack([found, np.full((len(found), 1), self.value, np.float32)])


@dataclass(frozen=True, slots=True)
class Design:
    """The rows to fit: sparse columns, and dense ones after them."""

    sparse: sparse.csr_array
    dense: Columns

    @property
    def shape(self) -> tuple[int, int]:
        """The number of rows and of columns."""
        return self.sparse.shape[0], self.sparse.shape[1] + self.dense.shape[1]

    def __getitem__(self, rows: Rows) -> "Design":
        """Return some of the rows."""
        return Design(self.sparse[rows], self.dense[rows])

    def __matmul__(self, weights: Floats) -> Floats:
        """Return the scores by weights, a row a column of the design."""
        first, second = np.split(weights, [self.sparse.shape[1]])
        return np.asarray(self.sparse @ first + self.dense[:] @ second, np.float32)

    def transposed(self, values: Floats) -> Floats:
        """Return the product of the design's transpose with `values`, a row a row of the design."""
        return np.vstack([self.sparse.T @ values, self.dense[:].T @ values])


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one target should answer: `classes` is 1 where a row has a class, `known` marks the rows with a label.

    A row may have several classes.
    """

    classes: sparse.csr_array
    known: NDArray[np.bool_]


def wanted(numbers: Integers, count: int) -> Wanted:
    """Return what rows should answer that have one class each, by its number, or -1 if not known."""
    at = np.flatnonzero(numbers >= 0)
    ones = np.ones(len(at), np.float32)
    return Wanted(sparse.csr_array((ones, (at, numbers[at])), shape=(len(numbers), count)), numbers >= 0)
