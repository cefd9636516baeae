"""What a classifier is made of, and how that is stored in arrays and JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from classifier.alerts import AlertRules
from classifier.calibration import Calibration, Confidence
from classifier.composition import Composer
from classifier.decision import Policy
from classifier.encoder import EncoderPart
from classifier.features import GRAM_BUCKETS, REGION_BUCKETS, Floats, Vocabulary
from classifier.linear import Linear, pair_count
from classifier.places import PlaceResolver
from classifier.records import Label, Target
from classifier.state import Array, State


@dataclass(frozen=True, slots=True)
class Head:
    """The classes of one target, in the order of their columns, and how their scores become probabilities."""

    target: Target
    labels: tuple[Label, ...]
    calibration: Calibration


@dataclass(frozen=True, slots=True)
class Parts:
    """All that can change a prediction; `encoder` only where one answers beside the linear model."""

    lexicon: Mapping[str, str]
    vocabulary: Vocabulary
    linear: Linear
    heads: tuple[Head, ...]
    policy: Policy
    places: PlaceResolver
    composer: Composer
    alerts: AlertRules
    encoder: EncoderPart | None = None

    def state(self) -> State:
        """Return all that `from_state` needs, as arrays and JSON."""
        vocabulary = self.vocabulary
        arrays: dict[str, Array] = {
            **self.linear.stored(),
            "term_idf": vocabulary.term_idf,
            "grams": vocabulary.grams,
            "gram_idf": vocabulary.gram_idf,
            "regions": vocabulary.regions,
            "scale": np.concatenate([head.calibration.scale for head in self.heads]),
            "reliability": np.concatenate([head.calibration.reliability for head in self.heads]),
        }
        tables = {
            "lexicon": dict(self.lexicon),
            "terms": vocabulary.names,
            "heads": [_head_state(head) for head in self.heads],
            "policy": asdict(self.policy),
            "places": self.places.state(),
            "composer": self.composer.state(),
            "alerts": self.alerts.state(),
        }
        if self.encoder is None:
            return State(arrays, tables)
        beside = self.encoder.state()
        return State({**arrays, **beside.arrays}, {**tables, **beside.tables}, beside.files)

    @classmethod
    def from_state(cls, state: State) -> Self:
        """Rebuild the parts; ValueError, LookupError or TypeError if they do not fit each other."""
        arrays, tables = state.arrays, state.tables
        vocabulary = Vocabulary(
            terms={term: column for column, term in enumerate(tables["terms"])},
            term_idf=np.asarray(arrays["term_idf"], np.float32),
            grams=np.asarray(arrays["grams"], np.int32),
            gram_idf=np.asarray(arrays["gram_idf"], np.float32),
            regions=np.asarray(arrays["regions"], np.int32),
        )
        linear = Linear.from_stored(arrays)
        scale, reliability = (np.asarray(arrays[name], np.float32) for name in ("scale", "reliability"))
        sizes = [len(head["labels"]) for head in tables["heads"]]
        _check_fit(vocabulary, linear, scale, reliability, sum(sizes))
        scales, reliabilities = (np.split(array, np.cumsum(sizes)[:-1]) for array in (scale, reliability))
        heads = tuple(map(_head, tables["heads"], scales, reliabilities))
        places = PlaceResolver.from_state(tables["places"])
        agencies = next((head.labels for head in heads if head.target == "agency"), ())
        composer = Composer.from_state(tables["composer"], agencies, places)
        policy, alerts = Policy(**tables["policy"]), AlertRules.from_state(tables["alerts"])
        encoder = EncoderPart.from_state(state, sizes) if state.files else None
        return cls(tables["lexicon"], vocabulary, linear, heads, policy, places, composer, alerts, encoder)


def _head_state(head: Head) -> dict[str, Any]:
    return {
        "target": head.target,
        "labels": [[label.code, label.name, label.group] for label in head.labels],
        "confidence": asdict(head.calibration.confidence),
        "temperature": head.calibration.temperature,
    }


def _head(stored: Mapping[str, Any], scale: Floats, reliability: Floats) -> Head:
    calibration = Calibration(scale, reliability, Confidence(**stored["confidence"]), stored["temperature"])
    return Head(stored["target"], tuple(Label(*label) for label in stored["labels"]), calibration)


def _check_fit(vocabulary: Vocabulary, linear: Linear, scale: Floats, reliability: Floats, classes: int) -> None:
    """Refuse parts whose sizes don't fit each other, before a wrong row of weights is read."""
    grams = int(vocabulary.grams.max(initial=-1)) + 1
    for name, array, shape in (
        ("term_idf", vocabulary.term_idf, (len(vocabulary.terms),)),
        ("grams", vocabulary.grams, (GRAM_BUCKETS,)),
        ("gram_idf", vocabulary.gram_idf, (grams,)),
        ("regions", vocabulary.regions, (REGION_BUCKETS,)),
        ("directions", linear.directions, (vocabulary.width, linear.directions.shape[-1])),
        ("weights", linear.weights, (vocabulary.width, classes)),
        ("pairs", linear.pairs, (pair_count(linear.directions.shape[-1]), classes)),
        ("pair_units", linear.pair_units, (classes,)),
        ("bias", linear.bias, (classes,)),
        ("scale", scale, (classes,)),
        ("reliability", reliability, (classes,)),
    ):
        if array.shape != shape:
            raise ValueError(f"{name} has shape {array.shape}, the other parts need {shape}")
