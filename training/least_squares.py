"""The solver: weighted, regularised least squares, every class of every target at once.

Exact up to `EXACT_ROWS` rows, through the Cholesky factor of the rows' inner products (Rifkin & Klautau, In Defense of
One-Vs-All Classification, JMLR 2004), which also gives every row's score by a model that never saw that row
(leave-one-out, ibid.). Beyond, by conjugate gradients, with the scores of rows that were held out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from classifier.features import Floats, Integers
from training.conjugate_gradients import fit_groups
from training.design import Design, Wanted, WithConstant

EXACT_ROWS = 16_000  # 1 GiB of inner products
BIAS = 0.1  # squared length of the constant feature
BLOCK = 1024  # rows of inner products at a time
HELD_OUT, MOST_HELD_OUT = 5, 50_000  # one row in so many, but not more than these
FOLDS = 5
FEW = 0.25  # share of rows without a label up to which taking them out is cheaper than starting without them


@dataclass(frozen=True, slots=True)
class Solution:
    """The fitted weights, a row a column of the design, and the bias of each class.

    `scores`, a row for each that `unseen_rows` marks, are those of a model that was fitted without that row.
    """

    weights: Floats
    bias: Floats
    scores: Floats


def unseen_rows(rows: int) -> NDArray[np.bool_]:
    """Mark the rows that `solve` scores by a model without them: all if it is exact, else some of them, held out."""
    if rows <= EXACT_ROWS:
        return np.ones(rows, bool)
    return np.asarray(np.arange(rows) % max(HELD_OUT, ceil(rows / MOST_HELD_OUT)) == 0)


def solve(
    design: Design,
    wanted: Sequence[Wanted],
    weights: Floats,
    penalty: float,
    told: Callable[[float], object] = float,
) -> Solution:
    """Fit every target; `weights` say how much each row counts, on average 1.

    Many rows take long: `told` the share that is done.
    """
    design = _with_constant(design)
    if design.shape[0] <= EXACT_ROWS:
        fitted, scores = _exact(design[:], wanted, weights, penalty)
    else:
        fitted, scores = _iterative(design, wanted, weights, penalty, told)
    return Solution(fitted[:-1], np.sqrt(np.float32(BIAS)) * fitted[-1], scores)


def scores_without_group(design: Design, classes: sparse.csr_array, groups: Integers, penalty: float) -> Floats:
    """Return each row's scores by a model that saw neither it nor the other rows of its group; all rows count the same.

    `groups` numbers them from 0 on. Exact up to `EXACT_ROWS` rows; beyond, a fold of groups is held out at a time.
    """
    design = _with_constant(design)
    if design.shape[0] <= EXACT_ROWS:
        return _without_group(design[:], classes, groups, penalty)
    return _without_fold(design, classes, groups, penalty)


def _with_constant(design: Design) -> Design:
    return Design(design.sparse, WithConstant(design.dense, float(np.sqrt(BIAS))))


def _exact(design: Design, wanted: Sequence[Wanted], weights: Floats, penalty: float) -> tuple[Floats, Floats]:
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
    return design.transposed(np.hstack(duals)), np.hstack(scores)


def _inverse_factor(design: Design, ridge: Floats) -> Floats:
    """Return the lower triangular P with P'P the inverse of design design' + ridge; made in place to save memory."""
    size = design.shape[0]
    products, columns = np.empty((size, size), np.float32, order="F"), design.sparse.T.tocsr()
    for start in range(0, size, BLOCK):
        block = design[start : start + BLOCK]
        products[:, start : start + BLOCK] = (block.sparse @ columns).toarray().T + design.dense[:] @ block.dense[:].T
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


def _iterative(
    design: Design, wanted: Sequence[Wanted], weights: Floats, penalty: float, told: Callable[[float], object]
) -> tuple[Floats, Floats]:
    unseen = unseen_rows(design.shape[0])
    ends = np.cumsum([one.classes.shape[1] for one in wanted])
    fitted = np.empty((design.shape[1], ends[-1]), np.float32)
    scores = np.empty((int(unseen.sum()), ends[-1]), np.float32)
    for one, end in zip(wanted, ends, strict=True):
        columns = slice(end - one.classes.shape[1], end)
        known = np.where(one.known, weights, 0).astype(np.float32)
        share = _within(columns, ends[-1], told)
        for group in fit_groups(design, one.classes, known, unseen, penalty, share):
            fitted[:, columns][:, group.columns] = group.weights
            scores[:, columns][:, group.columns] = group.scores
    return fitted, scores


def _within(columns: slice, count: int, told: Callable[[float], object]) -> Callable[[float], object]:
    """Return what tells the share done of all columns when it is told that of some."""
    return lambda share: told((columns.start + share * (columns.stop - columns.start)) / count)


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
        for group in fit_groups(design, classes, np.asarray(~held, np.float32), held, penalty):
            scores[held, group.columns] = group.scores
    return scores
