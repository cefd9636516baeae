"""The whole way from complaints to predictions on one screen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from classifier.agency_rows import FIRST_DAY, LIVING
from classifier.composition import Plan
from classifier.decision import Policy
from classifier.encoder import chances, written
from classifier.explain import Explainer
from classifier.features import Document, Features, Floats, read
from classifier.normalise import Normaliser
from classifier.parts import Head, Parts
from classifier.places import Resolution
from classifier.records import ANSWERS, Answer, Complaint, Evidence, Field, Label, Prediction, Target
from classifier.redact import Redacted, redact
from classifier.state import State

LINEAR_ALONE = "linear-alone"  # notes that time was short, and the encoder not asked


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best classes of each complaint, best first: column numbers within the head, and probabilities."""

    columns: np.ndarray[tuple[int, int], np.dtype[np.intp]]
    probabilities: Floats

    def row(self, at: int) -> list[tuple[int, float]]:
        """Return the columns and probabilities of one complaint."""
        return list(zip(self.columns[at].tolist(), self.probabilities[at].tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Reading:
    """One complaint as the stages see it: masked fields, words, where it is about and what that does to the scores."""

    complaint: Complaint
    fields: Mapping[Field, Redacted]
    document: Document
    where: Resolution
    plan: Plan


class Classifier:
    """Answers complaints; made once, then only read, so that threads may share it."""

    def __init__(self, model_id: str, parts: Parts) -> None:
        self.id, self._parts = model_id, parts
        self._labels = {head.target: head.labels for head in parts.heads}
        self._normalise = Normaliser(parts.lexicon)
        self._features = Features(parts.vocabulary)
        ends = np.cumsum([len(head.labels) for head in parts.heads]).tolist()
        self._columns = {
            head.target: slice(end - len(head.labels), end) for head, end in zip(parts.heads, ends, strict=True)
        }
        self._with_encoder = _with_encoder(parts)
        self._explain = Explainer(self._features, self._normalise, parts.linear, self._columns)

    @property
    def topics(self) -> tuple[Label, ...]:
        """The topics that this classifier can answer, () if it was not trained on any."""
        return self._labels.get("topic", ())

    @property
    def agencies(self) -> tuple[Label, ...]:
        """The agencies and archetypes that this classifier learnt."""
        return self._labels.get("agency", ())

    @property
    def kinds(self) -> tuple[Label, ...]:
        """The kinds that this classifier can answer."""
        return self._labels.get("kind", ())

    @property
    def parts(self) -> Parts:
        """What this classifier is made of."""
        return self._parts

    @property
    def deadline(self) -> float | None:
        """Seconds after which the linear model had better answer alone; None where no encoder stands beside it."""
        return self._parts.encoder.deadline if self._parts.encoder else None

    def state(self) -> State:
        """Return all that `from_state` needs, as arrays and JSON."""
        return self._parts.state()

    @classmethod
    def from_state(cls, state: State, model_id: str) -> Self:
        """Rebuild a classifier; ValueError, LookupError or TypeError if the parts do not fit each other."""
        return cls(model_id, Parts.from_state(state))

    def classify(
        self, complaints: Sequence[Complaint], *, evidence: bool = True, quick: bool = False
    ) -> list[Prediction]:
        """Return one prediction a complaint, in order; the texts are masked here before anything reads them.

        `quick` lets the linear model answer alone where an encoder stands beside it, and notes it.
        """
        if not complaints:
            return []
        readings = [self._read(complaint) for complaint in complaints]
        scores = self._scores(readings, quick=quick)
        rankings = {head.target: self._rank(head, scores[head.target], readings) for head in self._heads(quick=quick)}
        return [self._predict(row, one, rankings, evidence=evidence, quick=quick) for row, one in enumerate(readings)]

    def scores(self, complaints: Sequence[Complaint]) -> Mapping[Target, Floats]:
        """Return how likely each class of each target is, before places tell which body of an archetype answers."""
        return self._scores([self._read(complaint) for complaint in complaints], quick=False) if complaints else {}

    def _heads(self, *, quick: bool) -> tuple[Head, ...]:
        return self._parts.heads if quick else self._with_encoder

    def _scores(self, readings: Sequence[Reading], *, quick: bool) -> dict[Target, Floats]:
        """Return the scaled scores by target; an encoder adds its chances, times its share."""
        linear = self._parts.linear(self._features([one.document for one in readings]))
        scaled = {
            head.target: linear[:, self._columns[head.target]] * head.calibration.scale
            for head in self._heads(quick=quick)
        }
        if (part := self._parts.encoder) and not quick:
            logits = part.encoder([_written(one) for one in readings])
            added = np.float32(part.share) * chances(logits, self._columns, self._parts.composer.column_of)
            scaled = {target: scores + added[:, self._columns[target]] for target, scores in scaled.items()}
        return scaled

    def _read(self, complaint: Complaint) -> Reading:
        fields: dict[Field, Redacted] = {"title": redact(complaint.title), "text": redact(complaint.text)}
        title, text, region = fields["title"].text, fields["text"].text, redact(complaint.region).text
        document = read(replace(complaint, title=title, text=text, region=region), self._normalise)
        where = self._parts.places.resolve(region, text, title)
        return Reading(complaint, fields, document, where, self._parts.composer.plan(where.candidates))

    def _rank(self, head: Head, scaled: Floats, readings: Sequence[Reading]) -> Ranking:
        if head.target == "agency":
            scaled = self._parts.composer(scaled, [one.plan for one in readings])
        probabilities = head.calibration(scaled)
        best = _best_columns(probabilities)
        return Ranking(best, np.take_along_axis(probabilities, best, axis=1))

    def _predict(
        self, row: int, one: Reading, rankings: Mapping[Target, Ranking], *, evidence: bool, quick: bool
    ) -> Prediction:
        topic, kind = (
            tuple(Answer(self._labels[target][at], chance) for at, chance in rankings[target].row(row))
            if target in rankings
            else ()
            for target in ("topic", "kind")
        )
        agency, reasons = self._agencies(one, rankings["agency"].row(row)) if "agency" in rankings else ((), ())
        return Prediction(
            id=one.complaint.id,
            model=self.id,
            topic=topic,
            agency=agency,
            kind=kind[0] if kind else None,
            place=_places(one.where),
            decision=self._policy(quick=quick).decide(
                _best(topic), _best(agency), reasons, len(one.document.words), self._unknown(one.document)
            ),
            evidence=self._evidence(row, one, rankings) if evidence else (),
            notes=(*one.where.notes, *reasons, *((LINEAR_ALONE,) if quick and self._parts.encoder else ())),
        )

    def _agencies(
        self, one: Reading, ranked: Sequence[tuple[int, float]]
    ) -> tuple[tuple[Answer, ...], tuple[str, ...]]:
        """Return the bodies that answer on the complaint's day, and why the best one isn't simply its class."""
        on = max(one.complaint.date.date(), FIRST_DAY) if one.complaint.date else LIVING
        options = [
            (chance * option.share, option)
            for column, chance in ranked
            for option in self._parts.composer.options(column, one.plan, on)
        ]
        options.sort(key=lambda found: -found[0])
        bodies: dict[str, Answer] = {}
        for chance, option in options:
            bodies.setdefault(option.label.code, Answer(option.label, chance))  # a government may stand in for several
        return tuple(bodies.values())[:ANSWERS], options[0][1].reasons if options else ()

    def _policy(self, *, quick: bool) -> Policy:
        return self._parts.policy if quick or not self._parts.encoder else self._parts.encoder.policy

    def _evidence(self, row: int, one: Reading, rankings: Mapping[Target, Ranking]) -> tuple[Evidence, ...]:
        spans: list[Evidence] = []
        for target in ("topic", "agency"):
            if target in rankings:
                column = int(rankings[target].columns[row, 0])
                if target == "agency":
                    column = int(self._parts.composer.column_of[column])
                spans += self._explain(target, column, one.document, one.fields)
        return tuple(spans)

    def _unknown(self, document: Document) -> float:
        """Return the share of the words that the vocabulary does not hold."""
        known = self._parts.vocabulary.terms
        return 1 - sum(map(known.__contains__, document.words)) / len(document.words) if document.words else 0.0


def _with_encoder(parts: Parts) -> tuple[Head, ...]:
    """Return the heads with the calibrations of both together, where an encoder stands beside the linear model."""
    if parts.encoder is None:
        return parts.heads
    both = zip(parts.heads, parts.encoder.calibrations, strict=True)
    return tuple(replace(head, calibration=calibration) for head, calibration in both)


def _written(one: Reading) -> str:
    return written(one.fields["title"].text, one.fields["text"].text, redact(one.complaint.region).text)


def _places(where: Resolution) -> tuple[Answer, ...]:
    """Return the certain place, if there is one, and the other readings, best first."""
    certain = [where.best] if where.best else []
    others = [one for one in where.candidates if one.place not in [best.place for best in certain]]
    answers = [Answer(Label(one.place.code, one.place.name), one.probability) for one in (*certain, *others)]
    return tuple(answers[:ANSWERS])


def _best_columns(probabilities: Floats) -> np.ndarray[tuple[int, int], np.dtype[np.intp]]:
    """Return the columns of the `ANSWERS` highest values of each row, best first; sorts those only."""
    best = np.arange(probabilities.shape[1])[None, :].repeat(len(probabilities), axis=0)
    if probabilities.shape[1] > ANSWERS:
        best = np.sort(np.argpartition(-probabilities, ANSWERS - 1, axis=1)[:, :ANSWERS], axis=1)
    order = np.argsort(-np.take_along_axis(probabilities, best, axis=1), axis=1, kind="stable")
    return np.take_along_axis(best, order, axis=1)


def _best(answers: Sequence[Answer]) -> float | None:
    return answers[0].probability if answers else None
