"""The whole way from complaints to predictions on one screen."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Self

import numpy as np

from classifier.calibration import Calibration, Confidence
from classifier.decision import Policy
from classifier.explain import Explainer
from classifier.features import GRAM_BUCKETS, REGION_BUCKETS, Document, Features, Floats, Vocabulary, read
from classifier.linear import Linear
from classifier.normalise import Normaliser
from classifier.records import ANSWERS, Answer, Complaint, Field, Label, Prediction, Target
from classifier.redact import Redacted, redact
from classifier.state import Array, State


@dataclass(frozen=True, slots=True)
class Head:
    """The classes of one target, in the order of their columns, and how their scores become probabilities."""

    target: Target
    labels: tuple[Label, ...]
    calibration: Calibration


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best classes of each complaint, best first: column numbers within the head, and probabilities."""

    columns: np.ndarray[tuple[int, int], np.dtype[np.intp]]
    probabilities: Floats


class Classifier:
    """Answers complaints; made once, then only read, so that threads may share it."""

    def __init__(
        self,
        model_id: str,
        lexicon: Mapping[str, str],
        vocabulary: Vocabulary,
        linear: Linear,
        heads: Sequence[Head],
        policy: Policy,
    ) -> None:
        self.id, self._lexicon, self._linear, self._heads, self._policy = model_id, lexicon, linear, heads, policy
        self._normalise = Normaliser(lexicon)
        self._features = Features(vocabulary)
        ends = np.cumsum([len(head.labels) for head in heads]).tolist()
        self._columns = {head.target: slice(end - len(head.labels), end) for head, end in zip(heads, ends, strict=True)}
        parts = {target: linear.weights[:, columns] for target, columns in self._columns.items()}
        self._explain = Explainer(self._features, self._normalise, parts)

    @property
    def topics(self) -> tuple[Label, ...]:
        """The topics that this classifier can answer, () if it was not trained on any."""
        return self._labels("topic")

    @property
    def agencies(self) -> tuple[Label, ...]:
        """The agencies that this classifier can answer."""
        return self._labels("agency")

    @property
    def kinds(self) -> tuple[Label, ...]:
        """The kinds that this classifier can answer."""
        return self._labels("kind")

    def classify(self, complaints: Sequence[Complaint], *, evidence: bool = True) -> list[Prediction]:
        """Return one prediction a complaint, in order; the texts are masked here before anything reads them."""
        if not complaints:
            return []
        fields = [_masked(complaint) for complaint in complaints]
        documents = [self._read(complaint, masks) for complaint, masks in zip(complaints, fields, strict=True)]
        scores = self._linear(self._features(documents))
        rankings = {head.target: self._rank(head, scores) for head in self._heads}
        return [
            self._predict(row, complaint, documents[row], rankings, fields[row] if evidence else {})
            for row, complaint in enumerate(complaints)
        ]

    def _read(self, complaint: Complaint, fields: Mapping[Field, Redacted]) -> Document:
        region = redact(complaint.region).text
        masked = replace(complaint, title=fields["title"].text, text=fields["text"].text, region=region)
        return read(masked, self._normalise)

    def _rank(self, head: Head, scores: Floats) -> Ranking:
        probabilities = head.calibration(scores[:, self._columns[head.target]])
        best = _best_columns(probabilities)
        return Ranking(best, np.take_along_axis(probabilities, best, axis=1))

    def _predict(
        self,
        row: int,
        complaint: Complaint,
        document: Document,
        rankings: Mapping[Target, Ranking],
        fields: Mapping[Field, Redacted],
    ) -> Prediction:
        answers = {head.target: _answers(head, rankings[head.target], row) for head in self._heads}
        topic, agency, kind = (answers.get(target, ()) for target in ("topic", "agency", "kind"))
        spans = [
            span
            for target in ("topic", "agency")
            if fields and target in rankings
            for span in self._explain(target, int(rankings[target].columns[row, 0]), document, fields)
        ]
        return Prediction(
            id=complaint.id,
            model=self.id,
            topic=topic,
            agency=agency,
            kind=kind[0] if kind else None,
            decision=self._policy.decide(_best(topic), _best(agency), len(document.words), self._unknown(document)),
            evidence=tuple(spans),
        )

    def _unknown(self, document: Document) -> float:
        """Return the share of the words that the vocabulary does not hold."""
        known = self._features.vocabulary.terms
        return 1 - sum(map(known.__contains__, document.words)) / len(document.words) if document.words else 0.0

    def _labels(self, target: Target) -> tuple[Label, ...]:
        return next((head.labels for head in self._heads if head.target == target), ())

    def state(self) -> State:
        """Return all that `from_state` needs, as arrays and JSON."""
        vocabulary, (weights, bias) = self._features.vocabulary, self._linear.stored()
        arrays: dict[str, Array] = {
            "weights": weights,
            "bias": bias,
            "term_idf": vocabulary.term_idf,
            "grams": vocabulary.grams,
            "gram_idf": vocabulary.gram_idf,
            "regions": vocabulary.regions,
            "scale": np.concatenate([head.calibration.scale for head in self._heads]),
            "reliability": np.concatenate([head.calibration.reliability for head in self._heads]),
        }
        heads = [
            {
                "target": head.target,
                "labels": [[label.code, label.name, label.group] for label in head.labels],
                "confidence": asdict(head.calibration.confidence),
                "temperature": head.calibration.temperature,
            }
            for head in self._heads
        ]
        policy = {"topic": self._policy.topic, "agency": self._policy.agency, "error": self._policy.error}
        tables = {"lexicon": dict(self._lexicon), "terms": vocabulary.names, "heads": heads, "policy": policy}
        return State(arrays, tables)

    @classmethod
    def from_state(cls, state: State, model_id: str) -> Self:
        """Rebuild a classifier; ValueError, LookupError or TypeError if the parts do not fit each other."""
        arrays, tables = state.arrays, state.tables
        vocabulary = Vocabulary(
            terms={term: column for column, term in enumerate(tables["terms"])},
            term_idf=np.asarray(arrays["term_idf"], np.float32),
            grams=np.asarray(arrays["grams"], np.int32),
            gram_idf=np.asarray(arrays["gram_idf"], np.float32),
            regions=np.asarray(arrays["regions"], np.int32),
        )
        linear = Linear(np.asarray(arrays["weights"], np.float32), np.asarray(arrays["bias"], np.float32))
        scale, reliability = (np.asarray(arrays[name], np.float32) for name in ("scale", "reliability"))
        sizes = [len(head["labels"]) for head in tables["heads"]]
        _check_fit(vocabulary, linear, scale, reliability, sum(sizes))
        scales, reliabilities = (np.split(array, np.cumsum(sizes)[:-1]) for array in (scale, reliability))
        heads = [
            Head(
                head["target"],
                tuple(Label(*label) for label in head["labels"]),
                Calibration(scaled, reliable, Confidence(**head["confidence"]), head["temperature"]),
            )
            for head, scaled, reliable in zip(tables["heads"], scales, reliabilities, strict=True)
        ]
        return cls(model_id, tables["lexicon"], vocabulary, linear, heads, Policy(**tables["policy"]))


def _check_fit(vocabulary: Vocabulary, linear: Linear, scale: Floats, reliability: Floats, classes: int) -> None:
    """Refuse parts whose sizes don't fit each other, before a wrong row of weights is read."""
    grams = int(vocabulary.grams.max(initial=-1)) + 1
    for name, array, shape in (
        ("term_idf", vocabulary.term_idf, (len(vocabulary.terms),)),
        ("grams", vocabulary.grams, (GRAM_BUCKETS,)),
        ("gram_idf", vocabulary.gram_idf, (grams,)),
        ("regions", vocabulary.regions, (REGION_BUCKETS,)),
        ("weights", linear.weights, (vocabulary.width, classes)),
        ("bias", linear.bias, (classes,)),
        ("scale", scale, (classes,)),
        ("reliability", reliability, (classes,)),
    ):
        if array.shape != shape:
            raise ValueError(f"{name} has shape {array.shape}, the other parts need {shape}")


def _masked(complaint: Complaint) -> dict[Field, Redacted]:
    return {"title": redact(complaint.title), "text": redact(complaint.text)}


def _answers(head: Head, ranking: Ranking, row: int) -> tuple[Answer, ...]:
    columns, probabilities = ranking.columns[row].tolist(), ranking.probabilities[row].tolist()
    return tuple(Answer(head.labels[at], chance) for at, chance in zip(columns, probabilities, strict=True))


def _best_columns(probabilities: Floats) -> np.ndarray[tuple[int, int], np.dtype[np.intp]]:
    """Return the columns of the `ANSWERS` highest values of each row, best first; sorts those only."""
    best = np.arange(probabilities.shape[1])[None, :].repeat(len(probabilities), axis=0)
    if probabilities.shape[1] > ANSWERS:
        best = np.sort(np.argpartition(-probabilities, ANSWERS - 1, axis=1)[:, :ANSWERS], axis=1)
    order = np.argsort(-np.take_along_axis(probabilities, best, axis=1), axis=1, kind="stable")
    return np.take_along_axis(best, order, axis=1)


def _best(answers: Sequence[Answer]) -> float | None:
    return answers[0].probability if answers else None
