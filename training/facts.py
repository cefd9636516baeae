"""What a manifest, and the model card made of it, says of each target that a model learnt."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.decision import Policy
from classifier.features import MIN_REPORTS
from classifier.records import Complaint, Label, Target
from training.curves import calibration_error
from training.policy import Answered

TENTHS = 10  # bins of a probability
FEW_ROWS = 5  # of a class, below which a model card calls it one of few texts


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """Counts of training rows and classes, and shares from 0 to 1 over `unseen_rows`, which the model did not see.

    `threshold`: the least probability to act on; `auto_share` the share of rows that reach it, `auto_error` the share
    of wrong answers among those. These are None where the target is never acted on, and all are without unseen rows.
    """

    rows: int
    classes: int
    few_row_classes: int
    unseen_rows: int
    accuracy: float | None
    calibration_error: float | None
    threshold: float | None
    auto_share: float | None
    auto_error: float | None


def target_facts(
    sizes: NDArray[np.int64], rows: int, answered: Answered, accuracy: float | None, least: float | None
) -> TargetFacts:
    """Put together what is known of a target: the rows of each class, those with a label, and the answers."""
    known = answered.known
    counts = rows, len(sizes), int((sizes < FEW_ROWS).sum()), int(known.sum())
    chances, right = answered.probabilities[known], answered.right[known]
    ece = round(calibration_error(chances.astype(np.float64), right), 4) if known.any() else None
    if least is None or not (acted := chances >= least).any():
        return TargetFacts(*counts, accuracy, ece, None, None, None)
    share, error = float(acted.mean()), float(1 - right[acted].mean())
    return TargetFacts(*counts, accuracy, ece, round(least, 4), round(share, 4), round(error, 4))


def period(complaints: Sequence[Complaint]) -> list[str]:
    """Return the first and the last day of complaints, [] if none has a date."""
    days = [one.date.date().isoformat() for one in complaints if one.date]
    return [min(days), max(days)] if days else []


@dataclass(frozen=True, slots=True)
class Expected:
    """What later reports should look like if they are like the training rows, each answered by a model without it.

    `unknown_words`: the share of a report's words that the vocabulary would not hold, on average; `auto_share`: that of
    reports routed. By target, `groups` is the share of best answers by main topic, archetype or kind, `confidence` by
    tenths of their probability. Shares are None and targets missing where no row tells.
    """

    unknown_words: float | None
    auto_share: float | None
    groups: Mapping[Target, Mapping[str, float]]
    confidence: Mapping[Target, Sequence[float]]


def expected(
    unknown: float | None,
    best: Mapping[Target, Sequence[Label]],
    answered: Mapping[Target, Answered],
    policy: Policy,
) -> Expected:
    """Describe training rows; `unknown` as `unknown_words` has it.

    `best` are the best answers of the rows that `answered` marks as known, in their order.
    """
    told = {target: one for target, one in answered.items() if one.known.any()}
    return Expected(
        unknown_words=unknown,
        auto_share=_auto_share(told, policy),
        groups={target: group_shares(best[target]) for target in told},
        confidence={target: tenths(one.probabilities[one.known]) for target, one in told.items()},
    )


def group_shares(labels: Sequence[Label]) -> dict[str, float]:
    """Return the share of each group among labels, the largest first; a label without a group is one by itself."""
    counts = Counter(label.group or label.code for label in labels)
    return {group: round(count / len(labels), 5) for group, count in counts.most_common()}


def tenths(probabilities: Sequence[float] | NDArray[np.float32]) -> list[float]:
    """Return the share of probabilities in each tenth from 0 to 1."""
    counts, _ = np.histogram(np.clip(probabilities, 0, 1), TENTHS, (0, 1))
    return [round(float(share), 5) for share in counts / max(1, len(probabilities))]


def unknown_words(documents: Sequence[Sequence[str]], vocabulary: Iterable[Sequence[str]]) -> float | None:
    """Return the mean share of the words of `documents` that would be unknown if their own had not been there.

    `vocabulary`: the words of all documents that the vocabulary was learnt from.
    """
    reports = Counter(word for words in vocabulary for word in set(words))
    shares = [float(np.mean([reports[word] <= MIN_REPORTS for word in words])) for words in documents if words]
    return round(float(np.mean(shares)), 5) if shares else None


def _auto_share(answered: Mapping[Target, Answered], policy: Policy) -> float | None:
    if "topic" not in answered or "agency" not in answered:
        return None
    topic, agency = answered["topic"], answered["agency"]
    rows = topic.known & agency.known
    if not rows.any() or policy.topic is None or policy.agency is None or policy.both is None:
        return None
    sure, surer = topic.probabilities[rows], agency.probabilities[rows]
    acted = (sure >= policy.topic) & (surer >= policy.agency) & (sure * surer >= policy.both)
    return round(float(acted.mean()), 5)
