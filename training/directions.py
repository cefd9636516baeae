"""Learns the main directions of the training rows: what varies most from report to report."""

from math import ceil

import numpy as np
from scipy import sparse
from sklearn.utils.extmath import randomized_svd

from classifier.features import Floats

DIRECTIONS = 48  # more bring little: the products of 64 cost twice the time
SAMPLE = 20_000  # rows that tell them well enough
ROUNDS = 4  # of the power iteration (Halko et al., Finding structure with randomness, SIAM Review 2011)


def learn_directions(rows: sparse.csr_array) -> Floats:
    """Return up to `DIRECTIONS` right singular vectors of the rows, a column each; the same rows give the same ones."""
    rows = rows[:: ceil(rows.shape[0] / SAMPLE) or 1]
    count = min(DIRECTIONS, min(rows.shape) - 1)
    if count < 1 or not rows.nnz:
        return np.zeros((rows.shape[1], 0), np.float32)
    _, _, found = randomized_svd(rows, count, n_iter=ROUNDS, random_state=0)
    return np.ascontiguousarray(found.T, np.float32)
