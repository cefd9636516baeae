"""From the scores of a target to probabilities."""

from dataclasses import dataclass

import numpy as np

from classifier.features import Floats

BELOW = np.float32(0.999)  # of the best answer's probability is the most that another one gets: no ties


@dataclass(frozen=True, slots=True)
class Confidence:
    """A logistic model of whether the best answer is right, learnt on rows that the model did not see.

    Its inputs are the root of the lead over the second best score, the logit of how often answers of that class were
    right, and the product of both. One softmax over the scores would be too sure of classes that operators mix up.
    """

    lead: float
    reliability: float
    product: float
    constant: float

    def __call__(self, lead: Floats, reliability: Floats) -> Floats:
        """Return the probability that the answers are right."""
        root, usual, product = confidence_inputs(lead, reliability).T
        logit = self.lead * root + self.reliability * usual + self.product * product + self.constant
        return np.asarray(1 / (1 + np.exp(-logit)), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Calibration:
    """`scale` has one factor a class, above 1 for rare ones, whose scores a least-squares fit keeps too low.

    `reliability` has one logit a class. `temperature` shares out what the best answer leaves among the others.
    """

    scale: Floats
    reliability: Floats
    confidence: Confidence
    temperature: float

    def __call__(self, scaled: Floats) -> Floats:
        """Return the probabilities of scores times `scale`, one row a document.

        They add up to at most 1, and the best score has the highest.
        """
        rows, best = np.arange(len(scaled)), scaled.argmax(axis=1)
        sure = self.confidence(leads(scaled), self.reliability[best])
        others = softmax(scaled / np.float32(self.temperature))
        others[rows, best] = 0
        left = (1 - sure) / np.maximum(others.sum(axis=1), np.finfo(np.float32).tiny)
        probabilities = np.minimum(others * left[:, None], BELOW * sure[:, None])
        probabilities[rows, best] = sure
        return np.asarray(probabilities, dtype=np.float32)


def confidence_inputs(lead: Floats, reliability: Floats) -> Floats:
    """Return what `Confidence` reads, one row an answer."""
    root = np.sqrt(np.maximum(lead, 0))
    return np.column_stack([root, reliability, root * reliability])


def leads(scaled: Floats) -> Floats:
    """Return by how much the best score of each row exceeds the second best; with a single class, the score itself."""
    if scaled.shape[1] < 2:
        return scaled[:, 0]
    second, first = np.partition(scaled, -2, axis=1)[:, -2:].T
    return np.asarray(first - second, dtype=np.float32)


def softmax(logits: Floats) -> Floats:
    """Return the normalised exponentials of each row."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)
