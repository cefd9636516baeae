"""How probable each class is for rows that have a label already, by models that never saw the row or a near copy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from classifier.features import Features, Floats, Integers, read
from classifier.normalise import Normaliser
from classifier.records import Complaint, Label
from data.dataset import near_copies
from training.calibrate import class_scale, learn_calibration
from training.config import LinearConfig
from training.design import Design, wanted
from training.least_squares import scores_without_group
from training.vocabulary import learn_vocabulary

OTHER_LABEL = 0.125  # squared length of each other label of a row, as evidence beside its text


@dataclass(frozen=True, slots=True)
class Texts:
    """Masked complaints as rows of features; near copies of a text share a group."""

    features: sparse.csr_array
    groups: Integers

    @staticmethod
    def of(rows: Sequence[Complaint], lexicon: Mapping[str, str]) -> "Texts":
        """Read complaints; their labels play no part."""
        normalise = Normaliser(lexicon)
        documents = [read(row, normalise) for row in rows]
        features = Features(learn_vocabulary(documents))(documents)
        groups = np.array(near_copies([row.text for row in rows]), np.int32)
        return Texts(features, groups)

    def take(self, rows: Integers) -> "Texts":
        """Return some of the complaints."""
        return Texts(self.features[rows], self.groups[rows])


def label_probabilities(
    texts: Texts, labels: Sequence[Label], known: Integers, others: Sequence[Sequence[str]], config: LinearConfig
) -> Floats:
    """Return the probabilities of the labels for each row, by its text and its other labels.

    `known` holds the number of the label that each row has. `others`: for each other target the rows' labels, "" for
    none. A row's scores come from a model without its group, and their calibration from the half of the groups that it
    isn't in.
    """
    count = len(labels)
    evidence = sparse.hstack([texts.features, *(_indicators(one) for one in others)], format="csr")
    design = Design(evidence, np.zeros((len(known), 0), np.float32))
    groups = np.unique(texts.groups, return_inverse=True)[1].astype(np.int32)
    scores = scores_without_group(design, wanted(known, count).classes, groups, config.penalty)
    scores = scores @ _shared(labels, config.group_share)
    scale = class_scale(np.bincount(known, minlength=count), config.rare_class_power)
    scaled, alike, half = scores * scale, np.arange(count, dtype=np.int32), groups % 2 == 0
    probabilities = np.zeros_like(scaled)
    for judged in (half, ~half):
        if judged.any():
            probabilities[judged] = learn_calibration(scaled[~judged], known[~judged], scale, alike)(scaled[judged])
    return probabilities


def _shared(labels: Sequence[Label], share: float) -> Floats:
    """Return the matrix by which what speaks for a label speaks for the others of its group too; see training.fit."""
    groups = np.array([label.group or label.code for label in labels])
    return np.asarray(share * (groups[:, None] == groups[None, :]) + np.eye(len(labels)), np.float32)


def _indicators(labels: Sequence[str]) -> sparse.csr_array:
    """Return a column a label, for the rows that have it."""
    number = {label: at for at, label in enumerate(sorted(set(labels) - {""}))}
    rows = [row for row, label in enumerate(labels) if label]
    values = np.full(len(rows), np.sqrt(OTHER_LABEL), np.float32)
    return sparse.csr_array((values, (rows, [number[labels[row]] for row in rows])), shape=(len(labels), len(number)))
