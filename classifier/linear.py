"""The model itself: one weight for every column and class, all targets side by side."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from classifier.features import Floats


@dataclass(frozen=True, slots=True)
class Linear:
    """`weights` has a row a feature and a column a class; `bias` one value a class."""

    weights: Floats
    bias: Floats

    def __call__(self, rows: sparse.csr_array) -> Floats:
        """Return the scores, one row a document; about 1 for a class that is right and 0 for one that is wrong."""
        return np.asarray(rows @ self.weights, dtype=np.float32) + self.bias

    def stored(self) -> tuple[NDArray[np.float16], Floats]:
        """Return the arrays to keep; half precision moves no score by more than a thousandth."""
        return self.weights.astype(np.float16), self.bias
