"""What own reports and our corpus bring: accuracy on held-back reports after learning from so many others."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np

from classifier.errors import InputError
from classifier.records import GROUPS, Complaint, Target
from classifier.taxonomy import Taxonomy
from data.complaints import JAKARTA
from data.dataset import Mask, hashed_part, later, split, without_repeats
from training.cases import golds
from training.config import read_config
from training.evaluate import evaluate
from training.fit import Fitted, fit
from training.intervals import Estimate, share

PARTS = 5  # one part in five is held back
FEWEST = 20  # reports on each side of the split
SEED = 0  # of the order in which reports are drawn
_SIZE = re.compile(r"0|[1-9][0-9]*")


@dataclass(frozen=True, slots=True)
class Division:
    """Own reports to learn from, each once and with a label that the taxonomy knows, and the held-back ones.

    `since`: the first day of the held-back ones, None if a hash chose them.
    """

    training: Sequence[Complaint]
    held_back: Sequence[Complaint]
    since: date | None


@dataclass(frozen=True, slots=True)
class Point:
    """Accuracy of main topic and archetype after learning from `own` reports; one that was not learnt is missing."""

    own: int
    accuracy: Mapping[Target, Estimate]


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """Points by growing number of own reports, learnt with our corpus and without it.

    `rows`: the held-back reports that have a label of a target; `since` as in `Division`.
    """

    with_corpus: tuple[Point, ...]
    alone: tuple[Point, ...]
    rows: Mapping[Target, int]
    since: date | None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object that `pilah learning-curve --json` writes."""
        return {
            "held_back": {GROUPS[target]: rows for target, rows in self.rows.items()},
            "since": self.since.isoformat() if self.since else None,
            "with_corpus": [_row(point) for point in self.with_corpus],
            "alone": [_row(point) for point in self.alone],
        }


@dataclass(frozen=True, slots=True)
class Learner:
    """What every training of a curve shares; `corpus` has its topics in `topic_column`."""

    taxonomy: Taxonomy
    lexicon: Mapping[str, str]
    corpus: Sequence[Complaint]
    topic_column: str

    def __call__(self, own: Sequence[Complaint], *, with_corpus: bool) -> Fitted:
        """Learn as `pilah train` does: from own reports, with the corpus or without it, or from the corpus alone."""
        rows, name, added = (own, "linear", self.corpus if with_corpus else ()) if own else (self.corpus, "corpus", ())
        settings = read_config(name)
        return fit(rows, self.taxonomy, self.lexicon, settings, corpus=added, topic_column=self.topic_column)


def divide(complaints: Sequence[Complaint], taxonomy: Taxonomy, topic_column: str = "topic") -> Division:
    """Hold back the latest fifth, or one report in five by a hash where fewer than half have a date.

    Near copies stay on one side. InputError if reports or labels are too few.
    """
    columns = (topic_column, "agency")
    labelled = [one for one in complaints if any(one.labels.get(column, "").strip() for column in columns)]
    if not labelled:
        raise InputError("--data", f"no complaint has a label {' or '.join(columns)}", "labelled complaints")
    test, since = _newest(labelled)
    rest, held_back = split(labelled, test)
    training = without_repeats(_known(rest, taxonomy, topic_column))
    if min(len(training), len(held_back)) < FEWEST:
        problem = f"{len(training)} reports to learn from and {len(held_back)} to hold back are too few"
        raise InputError("--data", problem, f"{FEWEST} of each, with topics or agencies that the reference knows")
    return Division(training, held_back, since)


def read_sizes(written: str, most: int) -> list[int]:
    """Read sizes as "0,50,all": growing, each once, "all" is `most` and larger ones are left out."""
    found = set[int]()
    for size in (part.strip() for part in written.split(",")):
        if size != "all" and not _SIZE.fullmatch(size):
            raise InputError("--sizes", f"has {size!r}", "whole numbers or all, with commas between them")
        found.add(most if size == "all" else int(size))
    within = sorted(size for size in found if size <= most)
    if not any(within):
        raise InputError("--sizes", "none is above 0 and within the reports", f"a number up to {most}, or all")
    return within


def samples(complaints: Sequence[Complaint], sizes: Sequence[int]) -> Iterator[list[Complaint]]:
    """Yield so many complaints at random, in their order; each sample holds all smaller ones."""
    drawn = np.random.default_rng(SEED).permutation(len(complaints))
    for size in sizes:
        yield [complaints[at] for at in sorted(drawn[:size])]


def trainings(sizes: Sequence[int]) -> int:
    """Return how many models a curve takes."""
    return 2 * len(sizes) - sizes.count(0)


def learning_curve(
    division: Division, sizes: Sequence[int], learn: Learner, track: Callable[[str], object] = str
) -> LearningCurve:
    """Learn from growing samples with the corpus and without it; no own report is the corpus alone.

    `track` is told each training as it begins.
    """
    rows = dict[Target, int]()

    def measure(own: Sequence[Complaint], *, with_corpus: bool) -> Point:
        track(f"{len(own):,} own reports{', with the corpus' if with_corpus else ''}")
        classifier = learn(own, with_corpus=with_corpus).classifier
        report = evaluate(classifier, division.held_back, learn.taxonomy, learn.topic_column)
        accuracy = dict[Target, Estimate]()
        for target, found in report.targets.items():
            if found.groups:
                rows[target] = found.overall.rows
                accuracy[target] = share(round(found.groups.accuracy * rows[target]), rows[target])
        return Point(len(own), accuracy)

    drawn = list(samples(division.training, sizes))
    alone = tuple(measure(own, with_corpus=False) for own in drawn if own)
    with_corpus = tuple(measure(own, with_corpus=True) for own in drawn)
    return LearningCurve(with_corpus, alone, rows, division.since)


def _newest(complaints: Sequence[Complaint]) -> tuple[Mask, date | None]:
    dates = sorted(one.date for one in complaints if one.date)
    if 2 * len(dates) < len(complaints):
        return hashed_part(complaints, PARTS), None
    cut = dates[-max(1, len(dates) // PARTS)]
    return later(complaints, cut), cut.astimezone(JAKARTA).date()


def _known(complaints: Sequence[Complaint], taxonomy: Taxonomy, topic_column: str) -> list[Complaint]:
    topics = golds(complaints, "topic", topic_column, taxonomy)
    agencies = golds(complaints, "agency", "agency", taxonomy)
    return [one for one, topic, agency in zip(complaints, topics, agencies, strict=True) if topic or agency]


def _row(point: Point) -> dict[str, Any]:
    return {"own": point.own} | {GROUPS[target]: asdict(found) for target, found in point.accuracy.items()}
