"""The JSON that goes in and out; what goes in is checked here, once."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from classifier.records import Action, Visibility

MAX_COMPLAINTS = 1_000
MAX_TEXT = 100_000  # Unicode code points

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*", re.ASCII)  # fromisoformat alone takes weeks and bare days too


def _moment(value: object) -> datetime:
    try:
        if isinstance(value, str) and _MOMENT.fullmatch(value):
            moment = datetime.fromisoformat(value.upper())
            if moment.utcoffset() is not None:
                return moment
    except ValueError:
        pass
    raise PydanticCustomError("moment", "not a moment in ISO 8601 with its offset")


def no_nul(value: str) -> str:
    """Refuse a text that PostgreSQL can't store."""
    if "\0" in value:
        raise PydanticCustomError("nul", "holds U+0000")
    return value


def readable(value: str) -> str:
    """Refuse a text of which nothing can be seen."""
    if not any(character.isprintable() and not character.isspace() for character in value):
        raise PydanticCustomError("blank", "blank")
    return value


def _at_most(limit: int) -> StringConstraints:
    return StringConstraints(max_length=limit)


_Moment = Annotated[
    datetime | None,  # None only where the field is absent: null is no moment
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
_NO_NUL = AfterValidator(no_nul)  # PostgreSQL can't store one
_READABLE = AfterValidator(readable)


class ComplaintIn(BaseModel):
    """What a citizen wrote."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Annotated[str, _at_most(200), _NO_NUL, _READABLE] = Field(
        description="Your own id of the complaint; sending it again appends another prediction."
    )
    text: Annotated[str, _at_most(MAX_TEXT), _NO_NUL, _READABLE] = Field(
        description="What the citizen wrote, as it came in."
    )
    title: Annotated[str, _at_most(1_000), _NO_NUL] = Field("", description="The title, where the channel has one.")
    region: Annotated[str, _at_most(500), _NO_NUL] = Field(
        "", description='A Kemendagri code or free text, such as "Kota Surabaya, Kec. Gubeng, Kel. Airlangga".'
    )
    date: _Moment = Field(
        None,
        description="When it was written: ISO 8601 with its offset, from 1945 to now. If absent, now in Asia/Jakarta.",
    )
    channel: Annotated[str, _at_most(100), _NO_NUL] = Field("", description="The channel it came through.")
    visibility: Visibility = Field("public", description="How the citizen is shown: public, anonim or rahasia.")


class PredictionsIn(BaseModel):
    """The complaints to answer, each with an id of its own."""

    model_config = ConfigDict(extra="forbid", strict=True)

    complaints: Annotated[list[ComplaintIn], Field(min_length=1, max_length=MAX_COMPLAINTS)]
    evidence: bool = Field(True, description="Whether to name the words that spoke most for each answer.")


class _Out(BaseModel):
    model_config = ConfigDict(extra="forbid")


_Probability = Annotated[float, Field(ge=0, le=1, description="The calibrated probability that this is right.")]


class TopicOut(_Out):
    """A topic (kategori)."""

    code: str
    name: str
    main: str


class AgencyOut(_Out):
    """An agency (instansi)."""

    code: str
    name: str
    archetype: str


class RankedTopic(TopicOut):
    """A topic with its probability."""

    probability: _Probability


class RankedAgency(AgencyOut):
    """An agency with its probability."""

    probability: _Probability


class TopicAnswer(RankedTopic):
    """The best topic and what else it may be, best first."""

    alternatives: list[RankedTopic]


class AgencyAnswer(RankedAgency):
    """The best agency and which else it may be, best first."""

    alternatives: list[RankedAgency]


class KindAnswer(_Out):
    """The kind of complaint (klasifikasi)."""

    code: str
    name: str
    probability: _Probability


class PlaceOut(_Out):
    """A place (wilayah) with its Kemendagri code."""

    code: str
    name: str


class RankedPlace(PlaceOut):
    """A place with its probability."""

    probability: _Probability


class PlaceAnswer(RankedPlace):
    """The most specific place that the complaint is certain to be about, and other readings, best first."""

    alternatives: list[RankedPlace]


class DecisionOut(_Out):
    """What a router may do: `route` only if every answer may be acted on, else `review` by a person."""

    action: Action
    topic: Action
    agency: Action
    reasons: list[str]


class EvidenceOut(_Out):
    """A span that spoke for an answer; `start` and `end` count Unicode code points of the field as you sent it."""

    target: Literal["topic", "agency", "kind"] = Field(alias="for")
    field: Literal["title", "text"]
    start: int
    end: int
    text: str
    weight: float


class PredictionOut(_Out):
    """The answers for one complaint; null for what the model does not answer."""

    id: str
    model: str
    topic: TopicAnswer | None
    agency: AgencyAnswer | None
    kind: KindAnswer | None
    place: PlaceAnswer | None
    decision: DecisionOut
    evidence: list[EvidenceOut]
    notes: list[str]


class PredictionsOut(_Out):
    """One prediction for each complaint, in the order they were sent."""

    predictions: list[PredictionOut]


class TopicsOut(_Out):
    """The topics that the model answers; `total` counts all that match, also those over the limit."""

    model: str
    total: int
    topics: list[TopicOut]


class AgenciesOut(_Out):
    """The agencies that the model answers; `total` counts all that match, also those over the limit."""

    model: str
    total: int
    agencies: list[AgencyOut]


class ModelOut(_Out):
    """A bundle in the registry."""

    id: str
    created: datetime
    metrics: dict[str, Any]


class LoadFailure(_Out):
    """A bundle that should serve and could not be loaded."""

    model: str
    reason: str
    at: datetime


class ModelsOut(_Out):
    """The model that answers, the bundles in the registry, and the last load that failed, if it still matters."""

    active: str
    models: list[ModelOut]
    failure: LoadFailure | None


class HealthOut(_Out):
    """The state of the service; `reason` says why it is not ready, or what it could not load."""

    status: Literal["alive", "ready", "not ready"]
    model: str | None = None
    reason: str | None = None


class FieldProblem(_Out):
    """What is wrong with one field."""

    field: str
    problem: str
    expected: str


class Problem(_Out):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem]
    correction: dict[str, Any] | None = Field(
        None, description="Of a conflict: who was first, what they said and when; null if nothing was decided."
    )
