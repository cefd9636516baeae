"""How good a classifier is on labelled complaints."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score, precision_recall_fscore_support

from classifier.agencies import AgencyTable
from classifier.pipeline import Classifier
from classifier.records import GROUPS, Answer, Complaint, Label, Prediction, Target
from classifier.taxonomy import Taxonomy
from training.agency_labels import agency_golds

BINS = 15
BATCH = 500
UNRESOLVED = "?"  # stands for every gold label that the taxonomy can't place; no answer equals it


@dataclass(frozen=True, slots=True)
class Measures:
    """Shares from 0 to 1; `ece` is the expected calibration error in 15 bins of equal mass.

    `auto_share` is the share of reports answered without a person, `auto_error` the share of wrong ones among them.
    """

    rows: int
    accuracy: float
    macro_f1: float
    top3: float
    top5: float
    ece: float
    auto_share: float
    auto_error: float


@dataclass(frozen=True, slots=True)
class GroupMeasures:
    """Shares of reports whose main topic or archetype is right: that of the best answer, or one of the best three."""

    accuracy: float
    top3: float


@dataclass(frozen=True, slots=True)
class ClassMeasures:
    """How one class fares: `rows` carry it, `answered` got it as the best answer."""

    code: str
    rows: int
    answered: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class TargetReport:
    """All figures of one target; `months` by "2024-03" for complaints with a date; `groups` None for the kind."""

    overall: Measures
    groups: GroupMeasures | None
    classes: tuple[ClassMeasures, ...]
    months: Mapping[str, Measures]
    unresolved: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of an evaluation; a target is missing if the classifier or the data do not know it."""

    rows: int
    targets: Mapping[Target, TargetReport]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object that `pilah evaluate --json` writes."""
        return {"rows": self.rows} | {
            target: asdict(report.overall)
            | ({GROUPS[target]: asdict(report.groups)} if report.groups else {})
            | {
                "per_class": [asdict(one) for one in report.classes],
                "by_month": {month: asdict(measures) for month, measures in report.months.items()},
                "unresolved": dict(report.unresolved),
            }
            for target, report in self.targets.items()
        }


@dataclass(frozen=True, slots=True)
class _Case:
    """One complaint with a gold label."""

    gold: Label | None
    answers: tuple[Answer, ...]
    routed: bool
    month: str
    paths: bool  # codes are paths: see `meets`

    @property
    def code(self) -> str:
        return self.gold.code if self.gold else UNRESOLVED

    @property
    def ranked(self) -> list[str]:
        """The codes of the answers, that of the gold label for the ones that are right."""
        codes = (answer.label.code for answer in self.answers)
        return [self.code if self.paths and self.gold and meets(code, self.gold) else code for code in codes]

    @property
    def ranked_groups(self) -> list[str]:
        return list(dict.fromkeys(answer.label.group for answer in self.answers))


def evaluate(
    classifier: Classifier, complaints: Sequence[Complaint], taxonomy: Taxonomy, topic_column: str = "topic"
) -> Report:
    """Classify the complaints and compare.

    A gold label that the taxonomy can't resolve counts as a wrong answer. One that names a main topic only is met by
    all of its leaves, one that names an archetype without a place by its bodies at any place. Agencies of the national
    table are compared by who has their work now, whatever the day of the complaint.
    """
    predictions = classify(classifier, complaints, taxonomy)
    columns: dict[Target, str] = {"topic": topic_column, "agency": "agency", "kind": "kind"}
    reports = {
        target: _target_report(complaints, predictions, target, column, taxonomy) for target, column in columns.items()
    }
    return Report(len(complaints), {target: report for target, report in reports.items() if report})


def classify(classifier: Classifier, complaints: Sequence[Complaint], taxonomy: Taxonomy) -> list[Prediction]:
    """Answer complaints as `evaluate` compares them: with the agencies of the national table that live now."""
    predictions = [
        prediction
        for start in range(0, len(complaints), BATCH)
        for prediction in classifier.classify(complaints[start : start + BATCH], evidence=False)
    ]
    return _living(predictions, taxonomy.agencies) if taxonomy.kind == "national" else predictions


def meets(code: str, gold: Label) -> bool:
    """Tell whether the answer with a national code is right: it says what the gold label says, or more precisely."""
    return code == gold.code or code.startswith((f"{gold.code}/", f"{gold.code}@"))


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


def golds(complaints: Sequence[Complaint], target: Target, column: str, taxonomy: Taxonomy) -> list[Label | None]:
    """Return what the label of each complaint means, None where there is none or the taxonomy can't place it."""
    if target == "agency":
        return agency_golds(complaints, taxonomy)
    resolve = cache(lambda written: taxonomy.resolve(target, written) if written else None)
    return [resolve(complaint.labels.get(column, "")) for complaint in complaints]


def measures(
    gold: Sequence[str], ranked: Sequence[Sequence[str]], top: Sequence[float], routed: Sequence[bool]
) -> Measures:
    """Compute the measures of answers `ranked` best first, with the probability `top` of each best one."""
    best = [answers[0] for answers in ranked]
    right = np.array([answer == truth for answer, truth in zip(best, gold, strict=True)])
    automatic = np.array(routed, dtype=bool)
    return Measures(
        rows=len(gold),
        accuracy=float(right.mean()),
        macro_f1=float(f1_score(gold, best, average="macro", zero_division=0)),
        top3=_within(gold, ranked, 3),
        top5=_within(gold, ranked, 5),
        ece=calibration_error(np.array(top), right),
        auto_share=float(automatic.mean()),
        auto_error=float(1 - right[automatic].mean()) if automatic.any() else 0.0,
    )


def calibration_error(probabilities: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Return the expected calibration error: the mean gap of probability and accuracy over bins of equal mass."""
    bins = np.array_split(np.argsort(probabilities, kind="stable"), BINS)
    gaps = [
        len(rows) * abs(float(probabilities[rows].mean()) - float(right[rows].mean())) for rows in bins if len(rows)
    ]
    return sum(gaps) / len(right)


def _target_report(
    complaints: Sequence[Complaint],
    predictions: Sequence[Prediction],
    target: Target,
    column: str,
    taxonomy: Taxonomy,
) -> TargetReport | None:
    resolved = golds(complaints, target, column, taxonomy)
    cases, unresolved = [], Counter[str]()
    for complaint, prediction, gold in zip(complaints, predictions, resolved, strict=True):
        written, found = complaint.labels.get(column, "").strip(), answers(prediction, target)
        if not written or not found:
            continue
        unresolved.update([] if gold else [written])
        routed = target != "kind" and getattr(prediction.decision, target) == "route"
        month = complaint.date.strftime("%Y-%m") if complaint.date else ""
        cases.append(_Case(gold, found, routed, month, taxonomy.kind == "national"))
    if not cases:
        return None
    months = defaultdict(list)
    for case in cases:
        months[case.month].append(case)
    by_month = {month: _measure(found) for month, found in sorted(months.items()) if month}
    groups = _group_measures(cases) if target in GROUPS else None
    return TargetReport(_measure(cases), groups, _per_class(cases), by_month, unresolved)


def answers(prediction: Prediction, target: Target) -> tuple[Answer, ...]:
    """Return the answers of a prediction for a target, best first."""
    if target == "kind":
        return (prediction.kind,) if prediction.kind else ()
    return prediction.topic if target == "topic" else prediction.agency


def _measure(cases: Sequence[_Case]) -> Measures:
    return measures(
        [case.code for case in cases],
        [case.ranked for case in cases],
        [case.answers[0].probability for case in cases],
        [case.routed for case in cases],
    )


def _group_measures(cases: Sequence[_Case]) -> GroupMeasures:
    right = [[group == (case.gold and case.gold.group) for group in case.ranked_groups] for case in cases]
    return GroupMeasures(*(sum(any(row[:places]) for row in right) / len(cases) for places in (1, 3)))


def _per_class(cases: Sequence[_Case]) -> tuple[ClassMeasures, ...]:
    """Return the classes that are meant or answered, the most frequent first."""
    gold = [case.code for case in cases]
    best = [case.ranked[0] for case in cases]
    codes = sorted({*gold, *best} - {UNRESOLVED})
    precision, recall, f1, rows = precision_recall_fscore_support(gold, best, labels=codes, zero_division=0)
    answered = Counter(best)
    found = [
        ClassMeasures(code, int(rows[at]), answered[code], float(precision[at]), float(recall[at]), float(f1[at]))
        for at, code in enumerate(codes)
    ]
    return tuple(sorted(found, key=lambda one: (-one.rows, one.code)))


def _within(gold: Sequence[str], ranked: Sequence[Sequence[str]], places: int) -> float:
    return sum(truth in answers[:places] for truth, answers in zip(gold, ranked, strict=True)) / len(gold)
