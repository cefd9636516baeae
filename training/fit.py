"""From labelled complaints to a classifier, top to bottom."""

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from classifier.alerts import AlertRules
from classifier.composition import Plan
from classifier.encoder import written
from classifier.errors import InputError
from classifier.features import Document, Features, Floats, Integers, read
from classifier.linear import Linear
from classifier.normalise import Normaliser
from classifier.parts import Head, Parts
from classifier.pipeline import Classifier
from classifier.records import Complaint, Label, Target
from classifier.redact import redact
from classifier.taxonomy import Taxonomy
from data.dataset import last_of_repeats
from training.agency_labels import AgencyLabels, agency_labels
from training.calibrate import class_scale
from training.config import LinearConfig
from training.design import Design, Products, Wanted, wanted
from training.directions import learn_directions
from training.facts import Expected, TargetFacts, expected, target_facts, unknown_words
from training.fit_encoder import ENCODER_STAGE, FitEncoder
from training.judged import Judge
from training.learn_slots import learn_composer, right_columns
from training.least_squares import Solution, solve, unseen_rows
from training.lesson import Lesson, held_out
from training.soft import COUNTS, Taught
from training.vocabulary import learn_vocabulary

DAY = 86_400
CORPUS_HALVES = 500  # own complaints beside which one of the corpus counts half; see the learning curve in the README
BATCH = 1 << 14  # documents made into rows at a time
STAGES = "Reading texts", "Finding places", "Learning the vocabulary", "Fitting", "Calibrating"


@dataclass(frozen=True, slots=True)
class Classes:
    """The labels of one target in the training rows: `known` holds each row's class number, -1 if it has none."""

    labels: tuple[Label, ...]
    known: Integers
    unresolved: Mapping[str, int]  # labels that the taxonomy can't place, and how often each stands there


@dataclass(frozen=True, slots=True)
class Examples:
    """The masked rows that have a label, and what their labels mean; `own` marks those that are not of the corpus.

    `weights` hold how much each own row counts beside its age; 1 for the corpus.
    """

    rows: Sequence[Complaint]
    own: NDArray[np.bool_]
    weights: Floats
    topic: Classes
    agency: AgencyLabels
    kind: Classes

    @property
    def unresolved(self) -> dict[Target, Mapping[str, int]]:
        """The labels that the taxonomy can't place, by target, and how often each stands there."""
        return {"topic": self.topic.unresolved, "agency": self.agency.unresolved, "kind": self.kind.unresolved}


@dataclass(frozen=True, slots=True)
class Task:
    """One target as it is learnt: its classes, what the rows should answer, and each class's number of rows.

    `right`: the one column of each row's right answer, -1 if there is none.
    """

    target: Target
    labels: tuple[Label, ...]
    wanted: Wanted
    sizes: NDArray[np.int64]
    right: Integers


@dataclass(frozen=True, slots=True)
class Fitted:
    """A classifier without an id, what it learnt from, and its accuracy by target on rows that it did not see.

    A target that only the corpus has labels of has no such accuracy. `corpus_rows` counts the rows of the corpus.
    `expected`: what later reports should look like if they are like these. `encoder` says how one was made, {}
    for none.
    """

    classifier: Classifier
    complaints: Sequence[Complaint]
    unresolved: Mapping[Target, Mapping[str, int]]
    unseen_accuracy: Mapping[Target, float]
    facts: Mapping[Target, TargetFacts]
    corpus_rows: int
    expected: Expected
    encoder: Mapping[str, Any] = field(default_factory=dict)

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
    corpus: Sequence[Complaint] = (),
    weights: Sequence[float] | None = None,
    topic_column: str = "topic",
    auto_error: float = 0.05,
    alerts: AlertRules | None = None,
    encoder: FitEncoder | None = None,
    taught: Taught | None = None,
    track: Callable[[str], object] = str,
) -> Fitted:
    """Fit topic, agency and kind together, as far as the complaints carry them; the same input gives the same model.

    `corpus`: complaints from elsewhere to learn from as well; they count less the more `complaints` there are, and
    no threshold is learnt from them, from `ENOUGH` of these on no probability either. `weights`: how much each of
    `complaints` counts beside its age, 1 if left out. `alerts`: what a person must see; nothing if left out. `encoder`
    puts one beside the linear model; `taught` are complaints that another model has answered.
    InputError if no complaint has a label that the taxonomy knows.
    `track` is told each of `STAGES` as it begins, and of many rows also the share of "Fitting" that is done.
    """
    track(STAGES[0])
    known = _examples(complaints, corpus, weights, topic_column, taxonomy)
    labelled = len(known.rows)
    known = taught.beside(known) if taught else known
    normalise = Normaliser(lexicon)
    documents = [_interned(read(one, normalise)) for one in known.rows]

    track(STAGES[1])
    places = taxonomy.agencies.places
    unseen = unseen_rows(len(known.rows))  # those whose scores tell how far to trust which
    where = [
        places.resolve(one.region, one.text, one.title).candidates if judged else ()
        for one, judged in zip(known.rows, unseen, strict=True)
    ]
    composer = learn_composer(known.agency, known.rows, where, taxonomy)
    plans = [composer.plan(candidates) for candidates in where]

    track(STAGES[2])
    vocabulary = learn_vocabulary(documents)
    matrix = feature_rows(Features(vocabulary), documents)
    own = [document.words for document, is_own in zip(documents, known.own, strict=True) if is_own]
    unknown = unknown_words(own, (one.words for one in documents))
    del documents, own  # here and below, what takes most memory goes as soon as it can
    directions = learn_directions(matrix)

    track(STAGES[3])
    tasks = _tasks(known, plans)
    design, counts = Design(matrix, Products(matrix, directions)), _weights(known, config.half_life_days)
    counts[labelled:] = COUNTS
    solution = solve(
        design,
        [taught.wanted(task) if taught else task.wanted for task in tasks],
        counts,
        config.penalty,
        lambda share: track(f"{STAGES[3]} {share:.0%}"),
    )
    del matrix, design
    solution = shared_within_groups(solution, known.topic.labels, config.group_share)

    track(STAGES[4])
    scales = [class_scale(task.sizes, config.rare_class_power) for task in tasks]
    scaled = [scores * scale for scores, scale in zip(_by_task(tasks, solution.scores), scales, strict=True)]
    judge = Judge(tasks, composer, plans, known.own, auto_error, config.confidence)
    judged = judge(scaled, scales, unseen)
    heads = tuple(Head(task.target, task.labels, one) for task, one in zip(tasks, judged.calibrations, strict=True))
    linear = Linear.from_stored(Linear.of(solution.weights, solution.bias, directions).stored())  # as bundles hold it
    parts = Parts(lexicon, vocabulary, linear, heads, judged.policy, places, composer, alerts or AlertRules())

    made: Mapping[str, Any] = {}
    if encoder:
        track(ENCODER_STAGE)
        lesson = _lesson(known, tasks, counts, encoder.settings.held_out)
        blends = encoder.fit(lesson, scaled, scales, unseen, composer.column_of)
        tried = [(judge(one.scaled, one.scales, one.unseen), one) for one in blends]
        judged, both = max(tried, key=lambda blend: sum(blend[0].accuracy.values()))
        parts, made = replace(parts, encoder=encoder.part(both, judged.calibrations, judged.policy)), both.facts

    facts = {
        task.target: target_facts(
            task.sizes,
            int(task.wanted.known.sum()),
            judged.answered[task.target],
            judged.accuracy.get(task.target),
            getattr(judged.policy, task.target, None),
        )
        for task in tasks
    }
    return Fitted(
        Classifier("", parts),
        known.rows,
        known.unresolved,
        judged.accuracy,
        facts,
        corpus_rows=int((~known.own[:labelled]).sum()),
        expected=expected(unknown, judged.best, judged.answered, judged.policy),
        encoder=made,
    )


def masked(complaint: Complaint) -> Complaint:
    """Return the complaint with personal numbers masked, as everything that learns must see it."""
    title, text, region = (redact(written).text for written in (complaint.title, complaint.text, complaint.region))
    return replace(complaint, title=title, text=text, region=region)


def corpus_weight(own: int) -> float:
    """Return how much a complaint of the corpus counts beside `own` complaints."""
    return 1 / (1 + own / CORPUS_HALVES)


def recency(complaints: Sequence[Complaint], half_life_days: int) -> Floats:
    """Return how much each complaint counts, 1 on average: half for each half-life before the newest."""
    ages = np.array([one.date.timestamp() / DAY if one.date else np.nan for one in complaints])
    if not half_life_days or np.isnan(ages).all():
        return np.ones(len(complaints), np.float32)
    halvings = np.nan_to_num((np.nanmax(ages) - ages) / half_life_days)
    weights = 0.5 ** np.minimum(halvings, 10)
    return np.asarray(weights / weights.mean(), np.float32)


def shared_within_groups(solution: Solution, labels: Sequence[Label], share: float) -> Solution:
    """Let what speaks for a class of the first target speak for the others of its group too, `share` times as much.

    A leaf topic of two reports thereby learns from all reports of its main topic.
    """
    groups = np.array([label.group for label in labels])
    same = (groups[:, None] == groups[None, :]) & (groups != "")
    if same.sum() <= len(labels):
        return solution
    mixing = np.asarray(share * same + np.eye(len(labels)), np.float32)
    first = slice(0, len(labels))
    weights, bias, scores = solution.weights.copy(), solution.bias.copy(), solution.scores.copy()
    for array in (weights, scores):
        array[:, first] = array[:, first] @ mixing
    bias[first] = bias[first] @ mixing
    return Solution(weights, bias, scores)


def feature_rows(features: Features, documents: Sequence[Document]) -> sparse.csr_array:
    """Return the documents' rows of features, made `BATCH` at a time and put together in the space of one copy."""
    blocks = [features(documents[start : start + BATCH]) for start in range(0, len(documents), BATCH)]
    starts = np.cumsum([0, *(block.nnz for block in blocks)])
    indptr = np.concatenate([[0], *(block.indptr[1:] + start for block, start in zip(blocks, starts, strict=False))])
    data, indices = np.empty(starts[-1], np.float32), np.empty(starts[-1], np.int32)
    for start in starts[:-1]:
        block = blocks.pop(0)
        data[start : start + block.nnz], indices[start : start + block.nnz] = block.data, block.indices
    shape = len(documents), features.vocabulary.width
    return sparse.csr_array((data, indices, indptr.astype(np.int32)), shape=shape)


def _interned(document: Document) -> Document:
    """Let equal words of all documents be one in memory."""
    return Document(list(map(sys.intern, document.words)), list(map(sys.intern, document.region)))


def _classes(rows: Sequence[Complaint], target: Target, topic_column: str, taxonomy: Taxonomy) -> Classes:
    """Resolve the written labels of a target; each distinct spelling once."""
    column = topic_column if target == "topic" else target
    written = [row.labels.get(column, "") for row in rows]
    meanings = {text: taxonomy.resolve(target, text) for text in set(written) if text}
    labels = tuple(sorted({label for label in meanings.values() if label}, key=lambda label: label.code))
    number = {label.code: at for at, label in enumerate(labels)}
    known = [number[label.code] if (label := meanings.get(text)) else -1 for text in written]
    unresolved = Counter(text for text in written if text and not meanings[text])
    return Classes(labels, np.array(known, np.int32), unresolved)


def _examples(
    complaints: Sequence[Complaint],
    corpus: Sequence[Complaint],
    weights: Sequence[float] | None,
    topic_column: str,
    taxonomy: Taxonomy,
) -> Examples:
    kept = last_of_repeats(complaints)
    rows = [masked(one) for one in (*(complaints[row] for row in kept), *corpus)]
    counts = np.ones(len(rows), np.float32)
    if weights is not None:
        counts[: len(kept)] = np.asarray(weights, np.float32)[kept]
    topic, kind = _classes(rows, "topic", topic_column, taxonomy), _classes(rows, "kind", "kind", taxonomy)
    agency = agency_labels(rows, taxonomy)
    use = np.flatnonzero((topic.known >= 0) | agency.known | (kind.known >= 0))
    if not len(use):
        raise InputError("labels", "no complaint has one that the taxonomy knows", "topic, agency or kind labels")
    topic, kind = (replace(one, known=one.known[use]) for one in (topic, kind))
    return Examples([rows[at] for at in use], use < len(kept), counts[use], topic, agency.take(use), kind)


def _weights(known: Examples, half_life_days: int) -> Floats:
    weights = np.full(len(known.rows), corpus_weight(int(known.own.sum())), np.float32)
    own = [row for row, is_own in zip(known.rows, known.own, strict=True) if is_own]
    weights[known.own] = recency(own, half_life_days) * known.weights[known.own]
    return weights


def _tasks(known: Examples, plans: Sequence[Plan]) -> list[Task]:
    """Return the targets that the rows have labels of."""
    agency = known.agency
    right = right_columns(agency, plans)
    tasks = (
        _task("topic", known.topic),
        Task("agency", agency.labels, agency.wanted, agency.sizes, right),
        _task("kind", known.kind),
    )
    return [task for task in tasks if task.labels]


def _task(target: Target, classes: Classes) -> Task:
    known, count = classes.known, len(classes.labels)
    sizes = np.bincount(known[known >= 0], minlength=count)
    return Task(target, classes.labels, wanted(known, count), sizes, known)


def _lesson(known: Examples, tasks: Sequence[Task], weights: Floats, share: float) -> Lesson:
    agency = np.where(known.agency.bodies >= 0, known.agency.bodies, known.agency.archetypes)
    classes: dict[Target, Integers] = {"topic": known.topic.known, "agency": agency, "kind": known.kind.known}
    learnt, unseen = held_out(known.rows, known.own, share)
    return Lesson(
        texts=[written(one.title, one.text, one.region) for one in known.rows],
        classes={task.target: classes[task.target] for task in tasks},
        labels={task.target: [label.code for label in task.labels] for task in tasks},
        weights=weights,
        learnt=learnt,
        unseen=unseen,
    )


def _by_task(tasks: Sequence[Task], columns: Floats) -> list[Floats]:
    """Cut the columns of all targets apart."""
    return np.split(columns, np.cumsum([len(task.labels) for task in tasks])[:-1], axis=1)
