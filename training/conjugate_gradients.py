"""Least squares of many rows: conjugate gradients on the normal equations, some hundred classes at a time.

The preconditioner inverts the inner products of the dense columns and of the `LEADING` heaviest sparse ones, which hold
two thirds of all entries, and takes the others as if they were at right angles. Rows are read in parts, several at
once; beside the rows, memory holds a few copies of the weights of `GROUP` classes.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from math import ceil
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from classifier.features import Floats
from training.design import Design

LEADING = 4_000  # heaviest sparse columns, whose inner products are inverted
SAMPLE = 32_000  # rows that these products are estimated from
GROUP = 400  # classes at a time
PART = 32_768  # rows at a time
THREADS = min(4, os.cpu_count() or 1)
STEPS, AGAIN = 12, 4  # without the rows that are held out, and after they come in
TOLERANCE = 1e-3  # of the first step's length: shorter ones are not worth taking
TINY = np.finfo(np.float32).tiny

Told = Callable[[float], object]


@dataclass(frozen=True, slots=True)
class Group:
    """The fitted weights of some classes, and their scores of the rows that were held out on the way there."""

    columns: slice
    weights: Floats
    scores: Floats


def fit_groups(
    design: Design,
    classes: sparse.csr_array,
    weights: Floats,
    held_out: NDArray[np.bool_],
    penalty: float,
    told: Told = float,
) -> Iterator[Group]:
    """Fit first without the rows that are held out and score them, then with all; `told` the share done so far.

    `weights` say how much each row counts, 0 not at all.
    """
    precondition = Preconditioner.of(design, weights, penalty)
    groups = ceil(classes.shape[1] / GROUP)
    ends = np.linspace(0, classes.shape[1], groups + 1).astype(int)
    held = np.flatnonzero(held_out)
    without = np.where(held_out, 0, weights).astype(np.float32)
    with ThreadPoolExecutor(THREADS) as pool:
        for number, columns in enumerate(map(slice, ends[:-1], ends[1:])):
            some = classes[:, columns]
            solution = np.zeros((design.shape[1], some.shape[1]), np.float32)
            shares = count(number / groups, 1 / groups / (STEPS + AGAIN))
            descend = _Descent(design, some, penalty, precondition, pool, map(told, shares))
            enough = descend(solution, without, STEPS)
            scores = np.vstack([design[rows] @ solution for rows in _parts(held)])
            if weights[held].any():
                descend(solution, weights, AGAIN, enough)
            told((number + 1) / groups)
            yield Group(columns, solution, scores)


@dataclass(frozen=True, slots=True)
class Preconditioner:
    """An approximate inverse of design' W design + penalty: a factor of the leading and the dense columns' part of it.

    `diagonal` has a value for each sparse column.
    """

    leading: NDArray[np.intp]
    factor: Floats
    diagonal: Floats

    @classmethod
    def of(cls, design: Design, weights: Floats, penalty: float) -> Self:
        """Estimate the inner products from some of the rows that count, the squared lengths from all."""
        rows = np.flatnonzero(weights)
        lengths = np.zeros(design.sparse.shape[1])
        for part in _parts(rows):
            lengths += design.sparse[part].power(2).T @ weights[part]
        leading = np.sort(np.argsort(-lengths, kind="stable")[:LEADING])
        some = rows[:: ceil(len(rows) / SAMPLE) or 1]
        products = _products(design[some], leading, weights[some] * weights.sum() / max(TINY, weights[some].sum()))
        products[np.diag_indices(len(products))] += np.float32(penalty)
        factor = linalg.cholesky(products, lower=True, overwrite_a=True, check_finite=False)
        return cls(leading, factor, np.asarray(lengths + penalty, np.float32)[:, None])

    def __call__(self, residual: Floats) -> Floats:
        """Return the step that a residual asks for."""
        width, heavy = len(self.diagonal), len(self.leading)
        exact = np.vstack([residual[self.leading], residual[width:]])
        exact = linalg.cho_solve((self.factor, True), exact, check_finite=False)
        step = np.empty_like(residual)
        np.divide(residual[:width], self.diagonal, out=step[:width])
        step[self.leading], step[width:] = np.split(exact, [heavy])
        return step


@dataclass(frozen=True, slots=True)
class _Descent:
    design: Design
    classes: sparse.csr_array
    penalty: float
    precondition: Preconditioner
    pool: ThreadPoolExecutor
    stepped: Iterator[object]  # tells the next share done

    def __call__(self, solution: Floats, weights: Floats, steps: int, enough: Floats | None = None) -> Floats:
        """Improve the solution in place; return the squared length of steps that are enough, by class."""
        residual = self._pull(solution, weights, self.classes)
        direction = self.precondition(residual)
        size = _dots(residual, direction)
        enough = TOLERANCE**2 * size if enough is None else enough
        for _ in range(steps):
            next(self.stepped)
            if (size <= enough).all():
                break
            image = self._pull(direction, weights)  # of the opposite sign
            length = -size / np.minimum(_dots(direction, image), -TINY)
            solution += length * direction
            image *= length
            residual += image
            image = self.precondition(residual)
            before, size = size, _dots(residual, image)
            direction *= size / np.maximum(before, TINY)
            direction += image
        return enough

    def _pull(self, solution: Floats, weights: Floats, classes: sparse.csr_array | None = None) -> Floats:
        """Return design' W (classes - design solution) - penalty x solution: where the solution should move."""

        def pull(rows: NDArray[np.intp]) -> tuple[Floats, Floats]:
            block = self.design[rows]
            missing = -(block @ solution)
            if classes is not None:
                missing += classes[rows].toarray()
            missing *= weights[rows, None]
            return block.sparse.T @ missing, block.dense[:].T @ missing

        total, width = np.float32(-self.penalty) * solution, self.design.sparse.shape[1]
        for sparse_part, dense_part in self.pool.map(pull, _parts(np.flatnonzero(weights))):
            total[:width] += sparse_part
            total[width:] += dense_part
        return total


def _products(rows: Design, leading: NDArray[np.intp], weights: Floats) -> Floats:
    """Return the weighted inner products of the leading and the dense columns."""
    roots = np.sqrt(weights, dtype=np.float32)[:, None]
    heavy, dense = rows.sparse[:, leading].multiply(roots).tocsr(), rows.dense[:] * roots
    between = heavy.T @ dense
    return np.asarray(np.block([[(heavy.T @ heavy).toarray(), between], [between.T, dense.T @ dense]]), np.float32)


def _parts(rows: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Cut rows into parts of about `PART`, as many of them as threads can share."""
    return np.array_split(rows, THREADS * (ceil(len(rows) / (PART * THREADS)) or 1))


def _dots(first: Floats, second: Floats) -> Floats:
    return np.asarray(np.einsum("ij,ij->j", first, second), np.float32)
