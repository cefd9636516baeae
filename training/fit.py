"""From labelled complaints to a classifier, top to bottom."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from classifier.calibration import Calibration
from classifier.decision import Policy
from classifier.errors import InputError
from classifier.features import Features, Floats, Integers, read
from classifier.linear import Linear
from classifier.normalise import Normaliser
from classifier.pipeline import Classifier, Head
from classifier.records import Complaint, Label, Target
from classifier.redact import redact
from classifier.taxonomy import Taxonomy
from data.dataset import without_repeats
from training.calibrate import learn_calibration, learn_threshold
from training.config import LinearConfig
from training.least_squares import Solution, solve
from training.vocabulary import learn_vocabulary

TARGETS: tuple[Target, ...] = ("topic", "agency", "kind")
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Classes:
    """The labels of one target in the training rows: `known` holds each row's class number, -1 if it has none."""

    target: Target
    labels: tuple[Label, ...]
    known: Integers
    unresolved: Mapping[str, int]  # labels that the taxonomy can't place, and how often each stands there

    @property
    def sizes(self) -> NDArray[np.int64]:
        """The number of rows by class."""
        return np.bincount(self.known[self.known >= 0], minlength=len(self.labels))


@dataclass(frozen=True, slots=True)
class Fitted:
    """A classifier without an id, what it learnt from, and its accuracy by target on rows that it did not see."""

    classifier: Classifier
    complaints: Sequence[Complaint]
    unresolved: Mapping[Target, Mapping[str, int]]
    unseen_accuracy: Mapping[Target, float]

    @property
    def unresolved_rows(self) -> dict[str, int]:
        """How many rows of each target carry a label that the taxonomy can't place."""
        return {target: sum(labels.values()) for target, labels in self.unresolved.items()}


def fit(
    complaints: Sequence[Complaint],
    taxonomy: Taxonomy,
    lexicon: Mapping[str, str],
    config: LinearConfig,
    *,
    topic_column: str = "topic",
    auto_error: float = 0.05,
    track: Callable[[str], object] = str,
) -> Fitted:
    """Fit topic, agency and kind together, as far as the complaints carry them; the same input gives the same model.

    InputError if no complaint has a label that the taxonomy knows. `track` is told each stage as it begins.
    """
    track("Reading texts")
    rows = [masked(one) for one in without_repeats(complaints)]
    found = [_classes(rows, target, topic_column, taxonomy) for target in TARGETS]
    targets = [one for one in found if one.labels]
    if not targets:
        raise InputError("labels", "no complaint has one that the taxonomy knows", "topic, agency or kind labels")
    labelled = np.flatnonzero(np.any([one.known >= 0 for one in targets], axis=0))
    rows = [rows[at] for at in labelled]
    targets = [replace(one, known=one.known[labelled]) for one in targets]
    normalise = Normaliser(lexicon)
    documents = [read(one, normalise) for one in rows]

    track("Learning the vocabulary")
    vocabulary = learn_vocabulary(documents)
    matrix = Features(vocabulary)(documents)

    track("Fitting")
    weights = recency(rows, config.half_life_days)
    solution = solve(
        matrix, [one.known for one in targets], [len(one.labels) for one in targets], weights, config.penalty
    )

    solution = shared_within_groups(solution, [one.labels for one in targets], config.group_share)

    track("Calibrating")
    heads, policy, accuracy = _calibrated(targets, solution, config, auto_error)
    classifier = Classifier("", lexicon, vocabulary, solution.linear, heads, policy)
    return Fitted(classifier, rows, {one.target: one.unresolved for one in found}, accuracy)


def masked(complaint: Complaint) -> Complaint:
    """Return the complaint with personal numbers masked, as everything that learns must see it."""
    title, text, region = (redact(written).text for written in (complaint.title, complaint.text, complaint.region))
    return replace(complaint, title=title, text=text, region=region)


def recency(complaints: Sequence[Complaint], half_life_days: int) -> Floats:
    """Return how much each complaint counts, 1 on average: half for each half-life before the newest."""
    ages = np.array([one.date.timestamp() / DAY if one.date else np.nan for one in complaints])
    if not half_life_days or np.isnan(ages).all():
        return np.ones(len(complaints), np.float32)
    halvings = np.nan_to_num((np.nanmax(ages) - ages) / half_life_days)
    weights = 0.5 ** np.minimum(halvings, 10)
    return np.asarray(weights / weights.mean(), np.float32)


def shared_within_groups(solution: Solution, targets: Sequence[Sequence[Label]], share: float) -> Solution:
    """Let what speaks for a class speak for the others of its group too, `share` times as much.

    A leaf topic of two reports thereby learns from all reports of its main topic.
    """
    blocks = [_group_mixing(labels, share) for labels in targets]
    if not any(block.any() for block in blocks):
        return solution
    mixing = linalg.block_diag(*blocks) + np.eye(solution.scores.shape[1], dtype=np.float32)
    linear = Linear(solution.linear.weights @ mixing, solution.linear.bias @ mixing)
    return Solution(linear, solution.scores @ mixing, solution.unseen)


def _group_mixing(labels: Sequence[Label], share: float) -> Floats:
    """Return a square matrix with `share` where two classes are of one group; zeros if no group has two."""
    groups = np.array([label.group for label in labels])
    same = (groups[:, None] == groups[None, :]) & (groups != "")
    return np.asarray(share * same if same.sum() > len(labels) else 0 * same, np.float32)


def _classes(rows: Sequence[Complaint], target: Target, topic_column: str, taxonomy: Taxonomy) -> Classes:
    """Resolve the written labels of a target; each distinct spelling once."""
    column = topic_column if target == "topic" else target
    written = [row.labels.get(column, "") for row in rows]
    meanings = {text: taxonomy.resolve(target, text) for text in set(written) if text}
    labels = tuple(sorted({label for label in meanings.values() if label}, key=lambda label: label.code))
    number = {label.code: at for at, label in enumerate(labels)}
    known = [number[label.code] if (label := meanings.get(text)) else -1 for text in written]
    unresolved = Counter(text for text in written if text and not meanings[text])
    return Classes(target, labels, np.array(known, np.int32), unresolved)


def _calibrated(
    targets: Sequence[Classes], solution: Solution, config: LinearConfig, auto_error: float
) -> tuple[list[Head], Policy, dict[Target, float]]:
    heads, thresholds, accuracy = [], {}, {}
    ends = np.cumsum([len(one.labels) for one in targets])
    for one, scores in zip(targets, np.split(solution.scores, ends[:-1], axis=1), strict=True):
        use = solution.unseen & (one.known >= 0)
        calibration = learn_calibration(scores[use], one.known[use], one.sizes, config.rare_class_power)
        heads.append(Head(one.target, one.labels, calibration))
        chances, right = _best(calibration, scores[use], one.known[use])
        thresholds[one.target] = learn_threshold(chances, right, auto_error, config.confidence)
        accuracy[one.target] = round(float(right.mean()), 4) if len(right) else 0.0
    return heads, Policy(thresholds.get("topic"), thresholds.get("agency"), auto_error), accuracy


def _best(calibration: Calibration, scores: Floats, known: Integers) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the probability of each row's best answer and whether it is right."""
    probabilities = calibration(scores)
    return probabilities.max(axis=1), np.asarray(probabilities.argmax(axis=1) == known)
