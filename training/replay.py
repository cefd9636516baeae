"""What the reviewers' loop brings: months of reports played again, as if a person had corrected the doubtful ones."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.errors import InputError
from classifier.pipeline import Classifier
from classifier.records import Complaint, Prediction, Target
from classifier.taxonomy import Taxonomy
from data.complaints import JAKARTA
from training.cases import answers, classify, golds, meets
from training.config import LinearConfig
from training.fit import fit
from training.snapshot import REVIEWED

START = 3  # months that the first model learns from
DOUBTFUL = 0.1  # of a month's reports go to a reviewer, the least sure first
BOTH = "both"
ONCE, LOOP, ALL = "once", "reviewed", "all"
LINES: Mapping[str, str] = {
    ONCE: "trained once",
    LOOP: "the doubtful tenth reviewed",
    ALL: "every final disposition fed back",
}
TARGETS: tuple[Target, ...] = ("topic", "agency")


@dataclass(frozen=True, slots=True)
class Routed:
    """The share of reports that need no person, and of wrong ones among these (None if there is none)."""

    share: float
    error: float | None


@dataclass(frozen=True, slots=True)
class Month:
    """How a model did on the reports of one month, before any of them was learnt from.

    `accuracy` by target; `routed` by target, and for topic and agency at once under "both". `learnt`: the reports that
    the model was trained on.
    """

    month: str
    rows: int
    learnt: int
    accuracy: Mapping[str, float]
    routed: Mapping[str, Routed]


@dataclass(frozen=True, slots=True)
class Replay:
    """The months of each line of `LINES`, in order; `reviews` were made in all, `promise` is the stated error."""

    lines: Mapping[str, Sequence[Month]]
    reviews: int
    promise: float

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object that `pilah replay --json` writes."""
        whole = self.whole()
        lines = {line: [asdict(month) for month in (*months, whole[line])] for line, months in self.lines.items()}
        return {"reviews": self.reviews, "promise": self.promise, "lines": lines}

    def whole(self) -> dict[str, Month]:
        """Return the figures of each line over all its months."""
        return {line: _whole(months) for line, months in self.lines.items()}


@dataclass(frozen=True, slots=True)
class Learner:
    """What every training of a replay shares."""

    taxonomy: Taxonomy
    lexicon: Mapping[str, str]
    settings: LinearConfig
    topic_column: str
    auto_error: float

    def __call__(self, rows: Sequence[Complaint], weights: Sequence[float]) -> Classifier:
        """Learn from rows that count by their weights."""
        return fit(
            rows,
            self.taxonomy,
            self.lexicon,
            self.settings,
            weights=weights,
            topic_column=self.topic_column,
            auto_error=self.auto_error,
        ).classifier


@dataclass(frozen=True, slots=True)
class _Answered:
    """A month's answers by target and for "both": which are right and which routed; and how doubtful each report is."""

    right: Mapping[str, NDArray[np.bool_]]
    routed: Mapping[str, NDArray[np.bool_]]
    doubt: NDArray[np.float64]


def months_of(complaints: Sequence[Complaint], topic_column: str = "topic") -> list[tuple[str, list[Complaint]]]:
    """Return the reports with a date, a topic and an agency by month; InputError for too few months."""
    found = defaultdict[str, list[Complaint]](list)
    for one in complaints:
        if one.date and all(one.labels.get(column) for column in (topic_column, "agency")):
            found[one.date.astimezone(JAKARTA).strftime("%Y-%m")].append(one)
    if len(found) <= START:
        problem = f"{len(found)} months hold reports with a date, a topic and an agency"
        raise InputError("--data", problem, f"more than the {START} months that the first model learns from")
    return sorted(found.items())


def replay(
    months: Sequence[tuple[str, Sequence[Complaint]]], learn: Learner, track: Callable[[str], object] = str
) -> Replay:
    """Play the months after the first again: answer, review, correct, train; `track` is told each training.

    The reviewer of the doubtful reports answers what the labels say.
    """
    first = [one for _, reports in months[:START] for one in reports]
    learnt: dict[str, list[tuple[Complaint, float]]] = {line: [(one, 1.0) for one in first] for line in LINES}
    track("The first months")
    models = dict.fromkeys(LINES, learn(first, [1.0] * len(first)))
    lines: dict[str, list[Month]] = {line: [] for line in LINES}
    for at, (month, reports) in enumerate(months[START:], START + 1):
        answered = {line: _answer(model, reports, learn) for line, model in models.items()}
        for line, one in answered.items():
            lines[line].append(_month(month, one, len(learnt[line])))
        learnt[LOOP] += [(reports[row], REVIEWED) for row in _doubtful(answered[LOOP].doubt)]
        learnt[ALL] += [(one, 1.0) for one in reports]
        if at < len(months):
            for line in (LOOP, ALL):
                track(f"{month}, {LINES[line]}")
                models[line] = learn(*zip(*learnt[line], strict=True))
    return Replay(lines, len(learnt[LOOP]) - len(first), learn.auto_error)


def trainings(months: int) -> int:
    """Return how many models a replay of so many months takes."""
    return 1 + 2 * (months - START - 1)


def _doubtful(doubt: NDArray[np.float64]) -> list[int]:
    """Return the rows that go to a reviewer."""
    return [int(row) for row in np.argsort(-doubt, kind="stable")[: round(DOUBTFUL * len(doubt))]]


def _answer(classifier: Classifier, reports: Sequence[Complaint], learn: Learner) -> _Answered:
    predictions = classify(classifier, reports, learn.taxonomy)
    columns: Mapping[Target, str] = {"topic": learn.topic_column, "agency": "agency"}
    right = {str(target): _right(predictions, reports, target, columns[target], learn.taxonomy) for target in TARGETS}
    right[BOTH] = right["topic"] & right["agency"]
    routed = {name: np.array([_is_routed(one, name) for one in predictions], bool) for name in right}
    sure = [min(_sure(one, target) for target in TARGETS) for one in predictions]
    return _Answered(right, routed, 1 - np.array(sure))


def _right(
    predictions: Sequence[Prediction], reports: Sequence[Complaint], target: Target, column: str, taxonomy: Taxonomy
) -> NDArray[np.bool_]:
    national = taxonomy.kind == "national"
    found = []
    for one, gold in zip(predictions, golds(reports, target, column, taxonomy), strict=True):
        code = next((answer.label.code for answer in answers(one, target)), None)
        found.append(code is not None and gold is not None and (meets(code, gold) if national else code == gold.code))
    return np.array(found, bool)


def _sure(one: Prediction, target: Target) -> float:
    return next((answer.probability for answer in answers(one, target)), 0.0)


def _is_routed(one: Prediction, name: str) -> bool:
    return bool(getattr(one.decision, "action" if name == BOTH else name) == "route")


def _month(month: str, one: _Answered, learnt: int) -> Month:
    accuracy: Mapping[str, float] = {target: float(one.right[target].mean()) for target in TARGETS}
    routed = {
        name: Routed(float(acted.mean()), float(1 - one.right[name][acted].mean()) if acted.any() else None)
        for name, acted in one.routed.items()
    }
    return Month(month, len(one.doubt), learnt, accuracy, routed)


def _whole(months: Sequence[Month]) -> Month:
    """Return the figures of all months together."""
    rows = sum(month.rows for month in months)
    accuracy: Mapping[str, float] = {
        target: sum(month.accuracy[target] * month.rows for month in months) / rows for target in TARGETS
    }
    routed = {}
    for name in (*TARGETS, BOTH):
        acted = [(month.routed[name].share * month.rows, month.routed[name].error or 0.0) for month in months]
        share = sum(many for many, _ in acted)
        routed[name] = Routed(share / rows, sum(many * error for many, error in acted) / share if share else None)
    return Month("all", rows, months[-1].learnt, accuracy, routed)


def flat(replayed: Replay) -> Iterator[tuple[str, Month]]:
    """Yield the lines' months, month by month."""
    for months in zip(*replayed.lines.values(), strict=True):
        yield from zip(replayed.lines, months, strict=True)
