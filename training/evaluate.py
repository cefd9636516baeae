"""How good a classifier is on labelled complaints."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from classifier.pipeline import Classifier
from classifier.records import GROUPS, Complaint, Label, Target
from classifier.taxonomy import Taxonomy
from training.cases import UNRESOLVED, Case, Cost, Judged, golds, judge
from training.comparison import Comparison
from training.confusion import Confusion, confusions
from training.contradictions import Contradictions, contradictions
from training.curves import Point, Reliability, reliability, risk_coverage
from training.intervals import Estimate, share
from training.measures import ClassMeasures, Measures, class_measures, measures
from training.slices import Slice, slices


@dataclass(frozen=True, slots=True)
class GroupMeasures:
    """Shares of reports whose main topic or archetype is right: that of the best answer, or one of the best three."""

    accuracy: float
    top3: float


@dataclass(frozen=True, slots=True)
class Automation:
    """The shares of reports that need no person, of wrong ones among these (None if there is none), and of right ones.

    For topic and agency together, a report is right if both are, and needs no person if the whole decision says so.
    """

    rows: int
    accuracy: Estimate
    auto_share: Estimate
    auto_error: Estimate | None


@dataclass(frozen=True, slots=True)
class TargetReport:
    """All figures of one target; `months` by "2024-03" for complaints with a date; `groups` None for the kind.

    `names` holds the names of the classes that any figure mentions, by code.
    """

    overall: Measures
    intervals: Automation
    groups: GroupMeasures | None
    classes: tuple[ClassMeasures, ...]
    months: Mapping[str, Measures]
    unresolved: Mapping[str, int]
    reliability: Reliability
    risk_coverage: tuple[Point, ...]
    slices: Mapping[str, tuple[Slice, ...]]
    confusions: tuple[Confusion, ...]
    contradictions: Contradictions | None
    names: Mapping[str, str]
    comparisons: tuple[Comparison, ...] = ()

    def as_dict(self, target: Target) -> dict[str, Any]:
        """Return the JSON object of a target."""
        figures = asdict(self)
        groups = {GROUPS[target]: figures["groups"]} if self.groups else {}
        renamed = {"per_class": figures["classes"], "by_month": figures["months"]}
        other = {key: figures[key] for key in figures if key not in ("overall", "groups", "classes", "months")}
        return {**figures["overall"], **groups, **renamed, **other}


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of an evaluation; a target is missing if the classifier or the data do not know it.

    `both` is None where no report has a topic and an agency. `places` names those of the slices by their codes.
    """

    rows: int
    targets: Mapping[Target, TargetReport]
    both: Automation | None
    places: Mapping[str, str]
    cost: Cost

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object that `pilah evaluate --json` writes."""
        found = {target: report.as_dict(target) for target, report in self.targets.items()}
        both = self.both and asdict(self.both)
        return {"rows": self.rows} | found | {"both": both, "places": dict(self.places), "cost": asdict(self.cost)}


def evaluate(
    classifier: Classifier, complaints: Sequence[Complaint], taxonomy: Taxonomy, topic_column: str = "topic"
) -> Report:
    """Classify the complaints and compare.

    A gold label that the taxonomy can't resolve counts as a wrong answer. One that names a main topic only is met by
    all of its leaves, one that names an archetype without a place by its bodies at any place. Agencies of the national
    table are compared by who has their work now, whatever the day of the complaint.
    """
    return count(judge(classifier, complaints, taxonomy, topic_column))


def count(
    judged: Judged, earlier: Sequence[Complaint] = (), comparisons: Mapping[Target, Sequence[Comparison]] | None = None
) -> Report:
    """Return all figures of judged complaints; labels of `earlier` ones tell as well what operators disagree on."""
    compared = comparisons or {}
    reports = {
        target: _target_report(judged, target, cases, earlier, tuple(compared.get(target, ())))
        for target, cases in judged.cases.items()
    }
    return Report(len(judged.complaints), reports, _both(judged), _places(reports.values(), judged), judged.cost)


def _target_report(
    judged: Judged,
    target: Target,
    cases: Sequence[Case],
    earlier: Sequence[Complaint],
    comparisons: tuple[Comparison, ...],
) -> TargetReport:
    column, right = judged.columns[target], np.array([case.right for case in cases])
    stated = np.array([case.answers[0].probability for case in cases], dtype=float)
    labelled = [*judged.complaints, *earlier]
    meant = golds(labelled, target, column, judged.taxonomy)
    return TargetReport(
        overall=_measure(cases),
        intervals=_automation([case.right for case in cases], [case.routed for case in cases]),
        groups=_group_measures(cases) if target in GROUPS else None,
        classes=_per_class(cases),
        months=_by_month(cases),
        unresolved=dict(Counter(case.complaint.labels[column].strip() for case in cases if not case.gold)),
        reliability=reliability(stated, right),
        risk_coverage=risk_coverage(stated, right),
        slices=slices(cases),
        confusions=confusions(cases),
        contradictions=contradictions(labelled, meant),
        names=_names(cases, meant, judged.taxonomy),
        comparisons=comparisons,
    )


def _by_month(cases: Sequence[Case]) -> dict[str, Measures]:
    months = defaultdict[str, list[Case]](list)
    for case in cases:
        if case.complaint.date:
            months[case.complaint.date.strftime("%Y-%m")].append(case)
    return {month: _measure(found) for month, found in sorted(months.items())}


def _places(reports: Iterable[TargetReport], judged: Judged) -> dict[str, str]:
    codes = {one.name for report in reports for one in report.slices["place"]}
    found = [judged.taxonomy.agencies.places.get(code) for code in sorted(codes)]
    return {place.code: place.name for place in found if place}


def _both(judged: Judged) -> Automation | None:
    right: dict[Target, dict[int, bool]] = {
        target: {case.row: case.right for case in judged.cases.get(target, ())} for target in GROUPS
    }
    rows = sorted(right["topic"].keys() & right["agency"].keys())
    if not rows:
        return None
    return _automation([right["topic"][row] and right["agency"][row] for row in rows], judged.routed[rows].tolist())


def _automation(right: Sequence[bool], routed: Sequence[bool]) -> Automation:
    wrong = [not good for good, automatic in zip(right, routed, strict=True) if automatic]
    return Automation(
        len(right),
        share(sum(right), len(right)),
        share(len(wrong), len(right)),
        share(sum(wrong), len(wrong)) if wrong else None,
    )


def _measure(cases: Sequence[Case]) -> Measures:
    return measures(
        [case.code for case in cases],
        [case.ranked for case in cases],
        [case.answers[0].probability for case in cases],
        [case.routed for case in cases],
    )


def _group_measures(cases: Sequence[Case]) -> GroupMeasures:
    right = [[group == (case.gold and case.gold.group) for group in case.ranked_groups] for case in cases]
    return GroupMeasures(*(sum(any(row[:places]) for row in right) / len(cases) for places in (1, 3)))


def _per_class(cases: Sequence[Case]) -> tuple[ClassMeasures, ...]:
    """Return the classes that are meant or answered, the most frequent first."""
    gold = [case.code for case in cases]
    best = [case.ranked[0] for case in cases]
    return class_measures(gold, best, sorted({*gold, *best} - {UNRESOLVED}))


def _names(cases: Sequence[Case], meant: Sequence[Label | None], taxonomy: Taxonomy) -> dict[str, str]:
    """Return names by code, as answered where possible: a gold body has its archetype's name, without its place."""
    golden = {label.code: _written(label, taxonomy) for label in set(meant) if label}
    return golden | {answer.label.code: answer.label.name for case in cases for answer in case.answers[:1]}


def _written(label: Label, taxonomy: Taxonomy) -> str:
    place = taxonomy.agencies.places.get(label.code.rpartition("@")[2]) if taxonomy.kind == "national" else None
    return f"{label.name}, {place.name}" if place else label.name
