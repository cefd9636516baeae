"""pilah beside its peers: same rows, same run, same machine."""

import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from classifier.errors import InputError
from classifier.pipeline import Classifier
from classifier.records import Complaint, Target
from data.alerts import read_alerts
from data.complaints import JAKARTA, read_complaints
from data.dataset import hashed_part, later, split
from data.lexicon import read_lexicon
from data.tables import read_written
from training.cases import BATCH
from training.config import LinearConfig
from training.fit import fit
from training.intervals import paired_difference
from training.measures import Measures, measures
from training.peers import Peer, Ranked, peers

INNER_SPLIT = Path(__file__).parent / "benchmarks" / "inner_split.toml"
PARTS = 5  # an undated set keeps one part in five for the test
PILAH = "pilah"


class BenchSet(BaseModel):
    """A file of labelled complaints and where its test side begins."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    path: str
    cut: date | None = None
    topic_column: str = "topic"


class BenchSets(BaseModel):
    """The sets of a benchmark."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sets: tuple[BenchSet, ...] = Field(alias="set")


@dataclass(frozen=True, slots=True)
class Run:
    """One competitor on one target: `right` marks the test rows it got right."""

    set: str
    target: Target
    competitor: str
    measures: Measures
    fit_seconds: float
    texts_a_second: float
    right: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Lead:
    """pilah's accuracy minus that of the best peer, with the 95 % interval of a paired bootstrap."""

    set: str
    target: Target
    peer: str
    difference: float
    low: float
    high: float


def read_sets(path: Path = INNER_SPLIT) -> tuple[BenchSet, ...]:
    """Read the sets of a benchmark."""
    return BenchSets.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).sets


def bench(
    folder: Path, sets: Sequence[BenchSet], config: LinearConfig, track: Callable[[str], object] = str
) -> Iterator[Run]:
    """Run pilah and every peer on each set that stands in `folder`; InputError if none does."""
    found = [one for one in sets if (folder / one.path).is_file()]
    if not found:
        raise InputError("--data", f"holds none of {[one.path for one in sets]}", "a folder with labelled sets")
    for one in found:
        track(f"{one.name}: splitting")
        training, test = divide(list(read_complaints(folder / one.path)), one)
        track(f"{one.name}: {PILAH}")
        yield from _run_pilah(one, training, test, config)
        for name, peer in peers().items():
            track(f"{one.name}: {name}")
            yield from _run_peer(one, name, peer, training, test)


def divide(complaints: Sequence[Complaint], one: BenchSet) -> tuple[list[Complaint], list[Complaint]]:
    """Return the training and the test side of a set."""
    if one.cut:
        return split(complaints, later(complaints, datetime(one.cut.year, one.cut.month, one.cut.day, tzinfo=JAKARTA)))
    return split(complaints, hashed_part(complaints, PARTS))


def lead(runs: Sequence[Run]) -> Lead:
    """Compare pilah with the most accurate peer among the runs of one set and target."""
    own = next(run for run in runs if run.competitor == PILAH)
    best = max((run for run in runs if run.competitor != PILAH), key=lambda run: run.measures.accuracy)
    ahead = paired_difference(own.right, best.right)
    return Lead(own.set, own.target, best.competitor, ahead.value, ahead.low, ahead.high)


def _run_pilah(
    one: BenchSet, training: Sequence[Complaint], test: Sequence[Complaint], config: LinearConfig
) -> Iterator[Run]:
    """Fit all targets at once, so that their runs share one time; answer whole predictions, redaction to decision."""
    began = time.perf_counter()
    fitted = fit(training, read_written(), read_lexicon(), config, topic_column=one.topic_column, alerts=read_alerts())
    seconds = time.perf_counter() - began
    for target, column in _columns(one):
        rows = [complaint for complaint in test if complaint.labels.get(column)]
        if rows and any(complaint.labels.get(column) for complaint in training):
            yield _pilah_run(one, target, fitted.classifier, rows, column, seconds)


def _pilah_run(
    one: BenchSet, target: Target, classifier: Classifier, rows: Sequence[Complaint], column: str, seconds: float
) -> Run:
    began = time.perf_counter()
    predictions = [
        prediction
        for start in range(0, len(rows), BATCH)
        for prediction in classifier.classify(rows[start : start + BATCH], evidence=False)
    ]
    rate = len(rows) / (time.perf_counter() - began)
    answers = [prediction.topic if target == "topic" else prediction.agency for prediction in predictions]
    ranked = [[answer.label.code for answer in row] for row in answers]
    routed = [getattr(prediction.decision, target) == "route" for prediction in predictions]
    gold = [_label(complaint, column) for complaint in rows]
    found = measures(gold, ranked, [row[0].probability for row in answers], routed)
    return Run(one.name, target, PILAH, found, seconds, rate, _right(gold, ranked))


def _run_peer(
    one: BenchSet, name: str, peer: Peer, training: Sequence[Complaint], test: Sequence[Complaint]
) -> Iterator[Run]:
    for target, column in _columns(one):
        known = [complaint for complaint in training if complaint.labels.get(column)]
        rows = [complaint for complaint in test if complaint.labels.get(column)]
        if not known or not rows:
            continue
        began = time.perf_counter()
        rank = peer([_text(complaint) for complaint in known], [_label(complaint, column) for complaint in known])
        fitted = time.perf_counter()
        ranked = rank([_text(complaint) for complaint in rows])
        rate = len(rows) / (time.perf_counter() - fitted)
        gold = [_label(complaint, column) for complaint in rows]
        found = measures(gold, ranked, [0.0] * len(rows), [False] * len(rows))
        yield Run(one.name, target, name, found, fitted - began, rate, _right(gold, ranked))


def _right(gold: Sequence[str], ranked: Ranked) -> NDArray[np.bool_]:
    return np.array([answers[0] == truth for answers, truth in zip(ranked, gold, strict=True)])


def _columns(one: BenchSet) -> tuple[tuple[Target, str], ...]:
    return ("topic", one.topic_column), ("agency", "agency")


def _text(complaint: Complaint) -> str:
    return f"{complaint.title}\n{complaint.text}".strip()


def _label(complaint: Complaint, column: str) -> str:
    return " ".join(complaint.labels[column].split())
