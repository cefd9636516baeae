"""The solver: weighted, regularised least squares, every class of every target at once.

Exact up to `EXACT_ROWS` rows, through the Cholesky factor of the rows' inner products (Rifkin & Klautau, In Defense of
One-Vs-All Classification, JMLR 2004), which also gives every row's score by a model that never saw that row
(leave-one-out, ibid.). Beyond, by conjugate gradients, with the scores of a tenth that was held out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from classifier.features import Floats, Integers

EXACT_ROWS = 16_000  # 1 GiB of inner products
BIAS = 0.1  # squared length of the constant feature
BLOCK = 1024  # rows of inner products at a time
STEPS, TOLERANCE = 60, 1e-3  # of conjugate gradients
HELD_OUT = 10
FOLDS = 5
FEW = 0.25  # share of rows without a label up to which taking them out is cheaper than starting without them

Fit = tuple[Floats, Floats, NDArray[np.bool_]]  # weights with the constant's last, scores, rows that those did not see


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one target should answer: `classes` is 1 where a row has a class, `known` marks the rows with a label.

    A row may have several classes.
    """

    classes: sparse.csr_array
    known: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Solution:
    """The fitted weights, a row a column of the design, and the bias of each class.

    `scores` are, for the rows marked in `unseen`, those of a model that was fitted without them.
    """

    weights: Floats
    bias: Floats
    scores: Floats
    unseen: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Design:
    """The rows to fit: sparse columns, and dense ones after them."""

    sparse: sparse.csr_array
    dense: Floats

    @property
    def shape(self) -> tuple[int, int]:
        """The number of rows and of columns."""
        return self.sparse.shape[0], self.sparse.shape[1] + self.dense.shape[1]

    def __getitem__(self, rows: slice | NDArray[np.bool_]) -> "Design":
        """Return some of the rows."""
        return Design(self.sparse[rows], self.dense[rows])

    def __matmul__(self, weights: Floats) -> Floats:
        """Return the scores by weights, a row a column of the design."""
        first, second = np.split(weights, [self.sparse.shape[1]])
        return np.asarray(self.sparse @ first + self.dense @ second, np.float32)

    def transposed(self, values: Floats | sparse.csr_array) -> Floats:
        """Return the product of the design's transpose with `values`, a row a row of the design."""
        first = self.sparse.T @ values
        return np.vstack([first.toarray() if isinstance(first, sparse.sparray) else first, self.dense.T @ values])


def solve(design: Design, wanted: Sequence[Wanted], weights: Floats, penalty: float) -> Solution:
    """Fit every target; `weights` say how much each row counts, on average 1."""
    fit = _exact if design.shape[0] <= EXACT_ROWS else _iterative
    fitted, scores, unseen = fit(_with_constant(design), wanted, weights, penalty)
    return Solution(fitted[:-1], np.sqrt(np.float32(BIAS)) * fitted[-1], scores, unseen)


def scores_without_group(design: Design, classes: sparse.csr_array, groups: Integers, penalty: float) -> Floats:
    """Return each row's scores by a model that saw neither it nor the other rows of its group; all rows count the same.

    `groups` numbers them from 0 on. Exact up to `EXACT_ROWS` rows; beyond, a fold of groups is held out at a time.
    """
    fit = _without_group if design.shape[0] <= EXACT_ROWS else _without_fold
    return fit(_with_constant(design), classes, groups, penalty)


def wanted(numbers: Integers, count: int) -> Wanted:
    """Return what rows should answer that have one class each, by its number, or -1 if not known."""
    at = np.flatnonzero(numbers >= 0)
    ones = np.ones(len(at), np.float32)
    return Wanted(sparse.csr_array((ones, (at, numbers[at])), shape=(len(numbers), count)), numbers >= 0)


def _with_constant(design: Design) -> Design:
    constant = np.full((design.shape[0], 1), np.sqrt(BIAS), np.float32)
    return Design(design.sparse, np.hstack([design.dense, constant]))


def _exact(design: Design, wanted: Sequence[Wanted], weights: Floats, penalty: float) -> Fit:
    ridge = penalty / weights
    root = _inverse_factor(design, ridge)
    diagonal = np.einsum("ij,ij->j", root, root)
    duals, scores = [], []
    for one in wanted:
        if np.mean(~one.known) > FEW:
            dual, spread = _alone(design, ridge, one.classes, one.known)
        else:
            dual, spread = _target(root, diagonal, one.classes, ~one.known)
        duals.append(dual)
        scores.append(one.classes.toarray() - dual / spread[:, None])
    return design.transposed(np.hstack(duals)), np.hstack(scores), np.ones(design.shape[0], bool)


def _inverse_factor(design: Design, ridge: Floats) -> Floats:
    """Return the lower triangular P with P'P the inverse of design design' + ridge; made in place to save memory."""
    size = design.shape[0]
    products, columns = np.empty((size, size), np.float32, order="F"), design.sparse.T.tocsr()
    for start in range(0, size, BLOCK):
        block = design[start : start + BLOCK]
        products[:, start : start + BLOCK] = (block.sparse @ columns).toarray().T + design.dense @ block.dense.T
    products[np.diag_indices(size)] += ridge
    factor = linalg.cholesky(products, lower=True, overwrite_a=True, check_finite=False)
    inverse, _ = linalg.lapack.strtri(factor, lower=1, overwrite_c=1)
    return np.asarray(inverse, np.float32)


def _alone(
    design: Design, ridge: Floats, indicators: sparse.csr_array, known: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Return what `_target` returns, from a factor of the labelled rows only."""
    root = _inverse_factor(design[known], ridge[known])
    dual, spread = np.zeros(indicators.shape, np.float32), np.ones(len(known), np.float32)
    dual[known] = root.T @ (root @ indicators[known].toarray())
    spread[known] = np.einsum("ij,ij->j", root, root)
    return dual, spread


def _target(
    root: Floats, diagonal: Floats, indicators: sparse.csr_array, missing: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Return the dual weights of one target and the diagonal of its inverse, rows without a label taken out.

    Taking rows out of a solved system is a small system of its own: the dual weights that they would get are forced
    to zero.
    """
    half = np.asarray((indicators.T @ root.T).T, dtype=np.float32, order="F")
    dual = linalg.blas.strmm(1.0, root, half, lower=1, trans_a=1)
    if not missing.any():
        return dual, diagonal
    absent = root.T @ root[:, missing]
    gone = linalg.solve(absent[missing], np.hstack([dual[missing], absent.T]), assume_a="pos")
    without, shrink = np.split(gone, [dual.shape[1]], axis=1)
    dual = dual - absent @ without
    dual[missing] = 0
    return dual, np.where(missing, 1, diagonal - np.einsum("ij,ji->i", absent, shrink))


def _iterative(design: Design, wanted: Sequence[Wanted], weights: Floats, penalty: float) -> Fit:
    unseen = np.arange(design.shape[0]) % HELD_OUT == 0
    parts = [
        _conjugate_gradients(design, one.classes, np.where(one.known, weights, 0), unseen, penalty) for one in wanted
    ]
    whole, partial = (np.hstack(each) for each in zip(*parts, strict=True))
    return whole, design @ partial, unseen


def _conjugate_gradients(
    design: Design, indicators: sparse.csr_array, weights: Floats, unseen: NDArray[np.bool_], penalty: float
) -> tuple[Floats, Floats]:
    """Return the weights fitted to all rows and, on the way there, those fitted without the `unseen` ones."""
    start = np.zeros((design.shape[1], indicators.shape[1]), np.float32)
    partial = _descend(design, indicators, np.where(unseen, 0, weights), start, penalty)
    return _descend(design, indicators, weights, partial.copy(), penalty), partial


def _descend(design: Design, indicators: sparse.csr_array, weights: Floats, solution: Floats, penalty: float) -> Floats:
    """Solve (design' W design + penalty) x = design' W indicators for every column, from `solution` on, in place."""
    wanted = design.transposed(sparse.diags_array(weights.astype(np.float32)) @ indicators)
    residual = wanted - _normal(design, weights, solution, penalty)
    direction, size = residual.copy(), np.einsum("ij,ij->j", residual, residual)
    enough = TOLERANCE**2 * np.einsum("ij,ij->j", wanted, wanted)
    for _ in range(STEPS):
        if (size <= enough).all():
            break
        image = _normal(design, weights, direction, penalty)
        step = size / np.maximum(np.einsum("ij,ij->j", direction, image), np.finfo(np.float32).tiny)
        solution += step * direction
        residual -= step * image
        before, size = size, np.einsum("ij,ij->j", residual, residual)
        direction *= size / np.maximum(before, np.finfo(np.float32).tiny)
        direction += residual
    return solution


def _normal(design: Design, weights: Floats, solution: Floats, penalty: float) -> Floats:
    return design.transposed(weights[:, None] * (design @ solution)) + np.float32(penalty) * solution


def _without_group(design: Design, classes: sparse.csr_array, groups: Integers, penalty: float) -> Floats:
    """Solve a small system for each group: how far off its rows are without it, as leave-one-out does for one row."""
    root = _inverse_factor(design, np.full(design.shape[0], penalty, np.float32))
    indicators = classes.toarray()
    dual = root.T @ (root @ indicators)
    scores = indicators - dual / np.einsum("ij,ij->j", root, root)[:, None]
    sizes, order = np.bincount(groups), np.argsort(groups, kind="stable")
    for rows in np.split(order, np.cumsum(sizes)[:-1]):
        if len(rows) > 1:
            block = root[:, rows].T @ root[:, rows]
            scores[rows] = indicators[rows] - linalg.solve(block, dual[rows], assume_a="pos")
    return np.asarray(scores, np.float32)


def _without_fold(design: Design, classes: sparse.csr_array, groups: Integers, penalty: float) -> Floats:
    scores = np.zeros(classes.shape, np.float32)
    for fold in range(FOLDS):
        held = groups % FOLDS == fold
        start = np.zeros((design.shape[1], classes.shape[1]), np.float32)
        weights = _descend(design, classes, np.asarray(~held, np.float32), start, penalty)
        scores[held] = design[held] @ weights
    return scores
