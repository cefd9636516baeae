"""From the scores of a target to probabilities."""

from dataclasses import dataclass

import numpy as np

from classifier.features import Floats


@dataclass(frozen=True, slots=True)
class Calibration:
    """`scale` has one factor a class, above 1 for rare ones, whose scores a least-squares fit keeps too low.

    `temperature` is learnt on scores of rows that the model did not see, so that among answers of probability p a
    share of p is right (Guo et al., On Calibration of Modern Neural Networks, ICML 2017).
    """

    scale: Floats
    temperature: float

    def __call__(self, scores: Floats) -> Floats:
        """Return probabilities that add up to 1 in each row."""
        return softmax(scores * self.scale / np.float32(self.temperature))


def softmax(logits: Floats) -> Floats:
    """Return the normalised exponentials of each row."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)
