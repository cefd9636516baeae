"""Complaints beside their gold labels and a classifier's answers: what every figure of an evaluation is counted on."""

import resource
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from classifier.agencies import AgencyTable
from classifier.pipeline import Classifier
from classifier.records import Answer, Complaint, Label, Prediction, Target
from classifier.taxonomy import Taxonomy
from training.agency_labels import agency_golds

BATCH = 500
UNRESOLVED = "?"  # stands for every gold label that the taxonomy can't place; no answer equals it


@dataclass(frozen=True, slots=True)
class Cost:
    """What the answers took: wall time, and the most memory that the process had until then (0 for no complaint)."""

    seconds: float
    texts_a_second: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class Case:
    """One complaint with a written label, and what a classifier answers; `row` counts the complaints from 0.

    `gold` is None for a label that the taxonomy can't resolve. `paths`: codes are paths, see `meets`.
    """

    row: int
    complaint: Complaint
    gold: Label | None
    answers: tuple[Answer, ...]
    routed: bool
    place: str
    paths: bool

    @property
    def code(self) -> str:
        """The code of the gold label."""
        return self.gold.code if self.gold else UNRESOLVED

    @property
    def ranked(self) -> list[str]:
        """The codes of the answers, that of the gold label for the ones that are right."""
        return [self.code if self.met_by(answer.label.code) else answer.label.code for answer in self.answers]

    @property
    def ranked_groups(self) -> list[str]:
        """The groups of the answers, each once."""
        return list(dict.fromkeys(answer.label.group for answer in self.answers))

    @property
    def right(self) -> bool:
        """Whether the best answer is right."""
        return self.met_by(self.answers[0].label.code)

    def met_by(self, code: str) -> bool:
        """Tell whether the answer `code` is right."""
        return self.gold is not None and (meets(code, self.gold) if self.paths else code == self.gold.code)


@dataclass(frozen=True, slots=True)
class Judged:
    """The cases of every target that both the classifier and the complaints know; `columns` hold the labels."""

    complaints: Sequence[Complaint]
    taxonomy: Taxonomy
    columns: Mapping[Target, str]
    cases: Mapping[Target, Sequence[Case]]
    routed: NDArray[np.bool_]
    cost: Cost


def meets(code: str, gold: Label) -> bool:
    """Tell whether the answer with a national code is right: it says what the gold label says, or more precisely."""
    return code == gold.code or code.startswith((f"{gold.code}/", f"{gold.code}@"))


def judge(
    classifier: Classifier, complaints: Sequence[Complaint], taxonomy: Taxonomy, topic_column: str = "topic"
) -> Judged:
    """Classify the complaints and put their labels beside the answers; see `training.evaluate.evaluate`."""
    began = time.perf_counter()
    predictions = classify(classifier, complaints, taxonomy)
    cost = _cost(len(complaints), time.perf_counter() - began)
    columns: dict[Target, str] = {"topic": topic_column, "agency": "agency", "kind": "kind"}
    cases = {
        target: found
        for target, column in columns.items()
        if (found := _cases(complaints, predictions, target, column, taxonomy))
    }
    routed = np.array([one.decision.action == "route" for one in predictions], dtype=bool)
    return Judged(complaints, taxonomy, columns, cases, routed, cost)


def classify(classifier: Classifier, complaints: Sequence[Complaint], taxonomy: Taxonomy) -> list[Prediction]:
    """Answer complaints as an evaluation compares them: with the agencies of the national table that live now."""
    predictions = [
        prediction
        for start in range(0, len(complaints), BATCH)
        for prediction in classifier.classify(complaints[start : start + BATCH], evidence=False)
    ]
    return _living(predictions, taxonomy.agencies) if taxonomy.kind == "national" else predictions


def golds(complaints: Sequence[Complaint], target: Target, column: str, taxonomy: Taxonomy) -> list[Label | None]:
    """Return the label that each complaint's column means, None where it has none or the taxonomy can't resolve it."""
    if target == "agency":
        return agency_golds(complaints, taxonomy)
    resolve = cache(lambda written: taxonomy.resolve(target, written) if written else None)
    return [resolve(complaint.labels.get(column, "")) for complaint in complaints]


def _cost(rows: int, seconds: float) -> Cost:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return Cost(seconds, rows / max(seconds, 1e-9), peak)


def _living(predictions: Sequence[Prediction], agencies: AgencyTable) -> list[Prediction]:
    """Put the bodies that have the work now in the place of those of the day, as the gold labels name the living."""
    heir_of = cache(agencies.living)

    def living(label: Label) -> Label:
        archetype, at, place = label.code.partition("@")
        heir = heir_of(archetype)
        return Label(f"{heir.code}{at}{place}", label.name, heir.group) if heir else label

    return [
        replace(one, agency=tuple(replace(answer, label=living(answer.label)) for answer in one.agency))
        for one in predictions
    ]


def _cases(
    complaints: Sequence[Complaint],
    predictions: Sequence[Prediction],
    target: Target,
    column: str,
    taxonomy: Taxonomy,
) -> list[Case]:
    meant = golds(complaints, target, column, taxonomy)
    return [
        Case(
            row,
            complaint,
            gold,
            found,
            routed=target != "kind" and getattr(prediction.decision, target) == "route",
            place=prediction.place[0].label.code if prediction.place else "",
            paths=taxonomy.kind == "national",
        )
        for row, (complaint, prediction, gold) in enumerate(zip(complaints, predictions, meant, strict=True))
        if complaint.labels.get(column, "").strip() and (found := answers(prediction, target))
    ]


def answers(prediction: Prediction, target: Target) -> tuple[Answer, ...]:
    """Return the answers of a prediction for a target, best first."""
    if target == "kind":
        return (prediction.kind,) if prediction.kind else ()
    return prediction.topic if target == "topic" else prediction.agency
