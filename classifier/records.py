"""Frozen records that travel between the stages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Action = Literal["route", "review"]
Field = Literal["title", "text"]
Target = Literal["topic", "agency", "kind"]
Visibility = Literal["public", "anonim", "rahasia"]

GROUPS: Mapping[Target, str] = {"topic": "main", "agency": "archetype"}  # what the `group` of a label is called
ANSWERS = 5  # the best answer and its four alternatives


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a citizen wrote, as it came in.

    `labels` holds what is known: "topic", "agency", "kind" and any further label column; empty strings are left out.
    """

    id: str
    text: str
    title: str = ""
    region: str = ""
    date: datetime | None = None
    channel: str = ""
    visibility: Visibility = "public"
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Label:
    """One class of a target; `group` is the main topic of a topic, the archetype of an agency, "" for any other."""

    code: str
    name: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A label with the calibrated probability, 0 to 1, that it is right."""

    label: Label
    probability: float


@dataclass(frozen=True, slots=True)
class Decision:
    """What a router may do: `action` is "route" only if both topic and agency are."""

    action: Action
    topic: Action
    agency: Action
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span that spoke for an answer: code point offsets in the field as sent, never in a masked span."""

    target: Target
    field: Field
    start: int
    end: int
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answers for one complaint, best first, at most five a target; () for a target the model does not know.

    `place` is () where neither the region field nor the text names one. `unknown`, the share of the words that the
    model does not know, is for those who watch it, and no part of the answer.
    """

    id: str
    model: str
    topic: tuple[Answer, ...]
    agency: tuple[Answer, ...]
    kind: Answer | None
    decision: Decision
    place: tuple[Answer, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[str, ...] = ()
    unknown: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the prediction as the JSON object that files and the API carry."""
        return {
            "id": self.id,
            "model": self.model,
            "topic": _ranked(self.topic, GROUPS["topic"]),
            "agency": _ranked(self.agency, GROUPS["agency"]),
            "kind": self.kind and _answer(self.kind, None),
            "place": _ranked(self.place, None),
            "decision": {
                "action": self.decision.action,
                "topic": self.decision.topic,
                "agency": self.decision.agency,
                "reasons": list(self.decision.reasons),
            },
            "evidence": [
                {"for": e.target, "field": e.field, "start": e.start, "end": e.end, "text": e.text, "weight": e.weight}
                for e in self.evidence
            ],
            "notes": list(self.notes),
        }


def _ranked(answers: tuple[Answer, ...], group: str | None) -> dict[str, Any] | None:
    if not answers:
        return None
    best, *others = answers
    return _answer(best, group) | {"alternatives": [_answer(other, group) for other in others]}


def _answer(answer: Answer, group: str | None) -> dict[str, Any]:
    label = answer.label
    named = {"code": label.code, "name": label.name}
    if group:
        named[group] = label.group
    return named | {"probability": round(answer.probability, 4)}
