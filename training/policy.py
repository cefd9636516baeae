"""Learns when to act without a person, from what rows were answered by models that did not see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from classifier.decision import Policy
from classifier.features import Floats
from classifier.records import Target

NEVER = 1.01  # above every probability
CANDIDATES, STARTS = 60, 4  # thresholds that are tested


@dataclass(frozen=True, slots=True)
class Answered:
    """What all rows were answered for one target: how sure the best answer was, and whether it was right.

    `known` marks the rows that tell; the others hold anything.
    """

    known: NDArray[np.bool_]
    probabilities: Floats
    right: NDArray[np.bool_]


def learn_policy(answered: Mapping[Target, Answered], error: float, confidence: float) -> Policy:
    """Learn the least probability to act on for the topic, for the agency, and for both at once."""
    least = {
        target: learn_threshold(one.probabilities[one.known], one.right[one.known], error, confidence)
        for target, one in answered.items()
    }
    both = None
    if "topic" in answered and "agency" in answered:
        topic, agency = answered["topic"], answered["agency"]
        each = (topic.probabilities >= least["topic"]) & (agency.probabilities >= least["agency"])
        rows = each & topic.known & agency.known
        product = topic.probabilities * agency.probabilities
        both = learn_threshold(product[rows], (topic.right & agency.right)[rows], error, confidence)
    return Policy(least.get("topic"), least.get("agency"), both, error)


def learn_threshold(probabilities: Floats, right: NDArray[np.bool_], error: float, confidence: float) -> float:
    """Return the least probability to act on, so that at most `error` of the answers acted on are wrong.

    Holds with `confidence` on exchangeable reports: thresholds are tested from the highest on, by an exact binomial
    test, until one fails; from several starts, which share the risk (fixed sequence testing with multiple starts,
    Angelopoulos et al., Learn then Test, 2021, arXiv:2110.01052, 3.2). `NEVER` if none passes.
    """
    order = np.argsort(-probabilities, kind="stable")
    ranked, wrong = probabilities[order], np.cumsum(~right[order])
    risk = (1 - confidence) / STARTS
    fewest = int(np.ceil(np.log(risk) / np.log(1 - error)))  # of which all are right, so that the test may pass
    if len(ranked) < fewest:
        return NEVER
    sizes = np.unique(np.linspace(fewest, len(ranked), CANDIDATES).astype(int))
    acted = [int(np.searchsorted(-ranked, -ranked[size - 1], side="right")) for size in sizes]  # equal ones all or none
    passed = [bool(binom.cdf(wrong[many - 1], many, error) <= risk) for many in acted]
    starts = [len(passed) * number // STARTS for number in range(STARTS)]
    reached = max((start + _leading(passed[start:]) for start in starts if _leading(passed[start:])), default=0)
    return float(ranked[acted[reached - 1] - 1]) if reached else NEVER


def _leading(passed: Sequence[bool]) -> int:
    """Return how many tests pass before the first that fails."""
    return len(list(takewhile(bool, passed)))
