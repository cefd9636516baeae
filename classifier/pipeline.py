"""The whole way from complaints to predictions on one screen."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from classifier.agency_rows import FIRST_DAY, LIVING
from classifier.alerts import GENERAL_LINE, Alert, Alerts
from classifier.composition import Plan
from classifier.decision import MIN_WORDS, NOT_A_COMPLAINT, SEVERAL_MATTERS, Policy
from classifier.encoder import class_chances, written
from classifier.explain import Explainer
from classifier.features import Document, Features, Floats, read
from classifier.matters import Matters
from classifier.normalise import Normaliser
from classifier.parts import Head, Parts
from classifier.places import Resolution
from classifier.ranking import Ranking, ranking
from classifier.records import ANSWERS, Answer, Complaint, Evidence, Field, Label, Prediction, Target
from classifier.redact import Redacted, redact
from classifier.seams import HINTS
from classifier.state import State

LINEAR_ALONE = "linear-alone"  # notes that time was short, and the encoder not asked


@dataclass(frozen=True, slots=True)
class Reading:
    """One complaint as the stages see it: masked fields, words, where it is about and what that does to the scores."""

    complaint: Complaint
    fields: Mapping[Field, Redacted]
    document: Document
    seen: Set[str]  # those of its words that may begin an alert or another matter
    where: Resolution
    plan: Plan


NO_COMPLAINT = "bukan-laporan"  # the kind of what asks nothing of anybody
SHOWN: tuple[tuple[Target, int], ...] = ("topic", ANSWERS), ("kind", 1)  # the most answers of a target
SURE = 0.9  # least probability of that kind that makes it a reason; 0.5 held back a fifth of reports of another style


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
        self._alerts = Alerts(parts.alerts, self._normalise, parts.vocabulary.rarity)
        self._matters = self._make_matters()
        self._with_encoder = _with_encoder(parts)
        self._watched = self._alerts.anchors | HINTS
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
        heads, scores = self._heads(quick=quick), self._scores(readings, quick=quick)
        chances = {head.target: self._probabilities(head, scores[head.target], readings) for head in heads}
        rankings = {target: ranking(probabilities) for target, probabilities in chances.items()}
        matters = self._find_matters(readings, rankings.get("topic"))
        for row, topics in matters.items():
            rankings["topic"].make_room(row, topics, chances["topic"])
        alerts = self._find_alerts(readings, rankings.get("agency"))
        return [
            self._predict(row, one, rankings, alerts[row], several=row in matters, evidence=evidence, quick=quick)
            for row, one in enumerate(readings)
        ]

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
            added = np.float32(part.share) * class_chances(logits, self._columns, self._parts.composer.column_of)
            scaled = {target: scores + added[:, self._columns[target]] for target, scores in scaled.items()}
        return scaled

    def _read(self, complaint: Complaint) -> Reading:
        fields: dict[Field, Redacted] = {"title": redact(complaint.title), "text": redact(complaint.text)}
        title, text, region = fields["title"].text, fields["text"].text, redact(complaint.region).text
        document = read(Complaint(complaint.id, text, title, region), self._normalise)
        where = self._parts.places.resolve(region, text, title)
        seen = self._watched.intersection(document.words)  # here, where the words are at hand: later costs more
        return Reading(complaint, fields, document, seen, where, self._parts.composer.plan(where.candidates))

    def _make_matters(self) -> Matters | None:
        """Return what finds several matters, None for a model that answers no topics."""
        heads = {head.target: head for head in self._parts.heads}
        if "topic" not in heads:
            return None

        def score(documents: Sequence[Document]) -> tuple[Floats, Floats]:
            scores = self._parts.linear.by_words(self._features.term_block(documents))
            topic, agency = (
                scores[:, self._columns[target]] * heads[target].calibration.scale if target in heads else scores[:, :0]
                for target in ("topic", "agency")
            )
            return topic, agency

        topic = heads["topic"]
        return Matters(self._normalise, score, topic.labels, topic.calibration, self._parts.composer.column_of)

    def _find_matters(self, readings: Sequence[Reading], topics: Ranking | None) -> Mapping[int, Sequence[int]]:
        if self._matters is None or topics is None:
            return {}
        texts = [(one.fields["text"].text, one.seen) for one in readings]
        return self._matters(texts, topics.columns, topics.probabilities)

    def _find_alerts(self, readings: Sequence[Reading], agencies: Ranking | None) -> list[list[Alert]]:
        """Return the rules that each complaint meets, whose agency may be what they are about."""
        if agencies is None:
            return [self._alerts(one.document.words, one.seen) for one in readings]
        known, best = self.agencies, self._parts.composer.column_of[agencies.columns[:, 0]].tolist()
        return [
            self._alerts(one.document.words, one.seen, known[at].group) for one, at in zip(readings, best, strict=True)
        ]

    def _probabilities(self, head: Head, scaled: Floats, readings: Sequence[Reading]) -> Floats:
        if head.target == "agency":
            scaled = self._parts.composer(scaled, [one.plan for one in readings])
        return head.calibration(scaled)

    def _predict(
        self,
        row: int,
        one: Reading,
        rankings: Mapping[Target, Ranking],
        alerts: Sequence[Alert],
        *,
        several: bool,
        evidence: bool,
        quick: bool,
    ) -> Prediction:
        unknown = self._unknown(one.document)
        topic, kind = (self._answers(target, row, rankings, most) for target, most in SHOWN)
        agency, reasons = self._agencies(one, rankings["agency"].row(row)) if "agency" in rankings else ((), ())
        return Prediction(
            id=one.complaint.id,
            model=self.id,
            topic=topic,
            agency=agency,
            kind=kind[0] if kind else None,
            place=_places(one.where),
            decision=self._policy(quick=quick).decide(
                _best(topic),
                _best(agency),
                reasons,
                len(one.document.words),
                unknown,
                _found(alerts, kind, several=several, babble=len(one.document.words) < MIN_WORDS and unknown == 1),
            ),
            evidence=self._evidence(row, one, rankings) if evidence else (),
            notes=(*one.where.notes, *reasons, *_alert_notes(alerts), *self._alone(quick=quick)),
            unknown=unknown,
        )

    def _answers(self, target: Target, row: int, rankings: Mapping[Target, Ranking], most: int) -> tuple[Answer, ...]:
        """Return at most so many answers of a target whose classes are the answers."""
        if target not in rankings:
            return ()
        labels = self._labels[target]
        return tuple([Answer(labels[at], chance) for at, chance in rankings[target].row(row)[:most]])

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

    def _alone(self, *, quick: bool) -> tuple[str, ...]:
        """Note that an encoder was not asked."""
        return (LINEAR_ALONE,) if quick and self._parts.encoder else ()

    def _policy(self, *, quick: bool) -> Policy:
        return self._parts.policy if quick or not self._parts.encoder else self._parts.encoder.policy

    def _evidence(self, row: int, one: Reading, rankings: Mapping[Target, Ranking]) -> tuple[Evidence, ...]:
        spans, shares = list[Evidence](), self._explain.shares(one.document)
        for target in ("topic", "agency"):
            if target in rankings:
                column = int(rankings[target].columns[row, 0])
                if target == "agency":
                    column = int(self._parts.composer.column_of[column])
                spans += self._explain(target, column, shares, one.fields)
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


def _found(alerts: Sequence[Alert], kind: Sequence[Answer], *, several: bool, babble: bool) -> set[str]:
    """Return the reasons that hold however sure the answers are; `babble`: a few words that no report holds."""
    nothing_asked = bool(kind) and kind[0].label.code == NO_COMPLAINT and kind[0].probability >= SURE
    found: set[str] = {alert.kind for alert in alerts}
    if several:
        found.add(SEVERAL_MATTERS)
    if nothing_asked or babble:
        found.add(NOT_A_COMPLAINT)
    return found


def _alert_notes(alerts: Sequence[Alert]) -> tuple[str, ...]:
    """Name the rules that were met, and the lines to call: 112 and that of each danger."""
    if not alerts:
        return ()
    lines = dict.fromkeys(alert.line for alert in alerts if alert.line)
    emergency = [f"emergency-{line}" for line in dict.fromkeys([*lines, GENERAL_LINE])] if lines else []
    return (*emergency, *(f"alert-{alert.code}" for alert in alerts))


def _places(where: Resolution) -> tuple[Answer, ...]:
    """Return the certain place, if there is one, and the other readings, best first."""
    certain = [where.best] if where.best else []
    others = [one for one in where.candidates if one.place not in [best.place for best in certain]]
    answers = [Answer(Label(one.place.code, one.place.name), one.probability) for one in (*certain, *others)]
    return tuple(answers[:ANSWERS])


def _best(answers: Sequence[Answer]) -> float | None:
    return answers[0].probability if answers else None
