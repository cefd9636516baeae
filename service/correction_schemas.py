"""The JSON of corrections, of the queue and of a report's history."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from data.store.predictions import StoredPrediction
from data.store.queue import Waiting
from data.store.standing import Correction, Standing
from data.store.tables import Source, Verdict
from service.schemas import PredictionOut, no_nul, readable

MAX_NUMBER = 2**53  # of a report, prediction or correction; larger ones are no whole numbers to JavaScript

Number = Annotated[int, Field(ge=1, le=MAX_NUMBER)]
_READABLE = AfterValidator(no_nul), AfterValidator(readable)
_Code = Annotated[str, StringConstraints(min_length=1, max_length=500), *_READABLE]


class CorrectionIn(BaseModel):
    """What somebody says of one report, named by its number or by your own id."""

    model_config = ConfigDict(extra="forbid", strict=True)

    report: Number | None = Field(None, description="The number of the report, as the queue shows it.")
    id: Annotated[str, StringConstraints(max_length=200), *_READABLE] | None = Field(
        None, description="Instead of the number: your own id of the complaint, as you sent it."
    )
    source: Source = Field(
        "reviewer",
        description="Who knows it: a reviewer; the agency that returned it; or how the report was closed in the end.",
    )
    verdict: Verdict | None = Field(
        None,
        description="Left out it follows from the labels: `confirmed` if all are those predicted, else `corrected`. "
        "`confirmed` without labels confirms topic and agency. `returned`: the agency sent it back without naming the "
        "right one. `unsure` and `skipped` leave it waiting for others. `withdrawn` takes back an own correction.",
    )
    topic: _Code | None = Field(None, description="The right topic, a code.")
    agency: _Code | None = Field(None, description="The right agency, a code.")
    place: _Code | None = Field(None, description="The right place, a Kemendagri code.")
    kind: _Code | None = Field(None, description="The right kind, a code.")
    reason: Annotated[str, StringConstraints(max_length=2_000), AfterValidator(no_nul)] = Field(
        "", description="Why, in own words; personal numbers in it are masked."
    )
    seen: Annotated[int, Field(ge=0, le=MAX_NUMBER)] | None = Field(
        None, description="The newest correction that you saw, 0 for none: if there is a newer one, the answer is 409."
    )
    prediction: Number | None = Field(
        None, description="The prediction that you looked at: if the text has changed since, the answer is 409."
    )
    withdraws: Number | None = Field(None, description="The own correction that is taken back.")
    new_label: bool = Field(
        False, description="Whether a label may be one that a model of labels as written does not know yet."
    )


class _Out(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CorrectionOut(_Out):
    """What was said of a report; a label that is null was not spoken of."""

    id: int
    report: int
    complaint_id: str
    by: str = Field(description="The name of the key; empty for an import.")
    made: datetime
    source: Source
    verdict: Verdict
    topic: str | None
    agency: str | None
    place: str | None
    kind: str | None
    reason: str
    withdraws: int | None
    withdrawn: bool
    model: str
    prediction: int | None

    @classmethod
    def of(cls, said: Correction) -> "CorrectionOut":
        """Return a correction as it is sent."""
        shown = asdict(said) | {"by": said.key, "reason": said.note}
        return cls(**{name: shown[name] for name in cls.model_fields})


class CorrectionsOut(_Out):
    """Corrections in the order in which they were made; ask again with `since` = `next` for what comes after."""

    corrections: list[CorrectionOut]
    next: int


class WaitingOut(_Out):
    """A report that waits for a person; send `seen` and `prediction` back with what you decide."""

    report: int
    complaint_id: str
    since: datetime
    urgent: bool
    doubt: float
    gain: float
    title: str
    text: str
    region: str
    date: datetime | None
    channel: str
    visibility: str
    prediction: int
    seen: int
    leased_until: datetime | None
    answer: PredictionOut


class QueueOut(_Out):
    """The reports that come next, and how many wait in all."""

    waiting: int
    urgent: int
    oldest: datetime | None
    reports: list[WaitingOut]


class StandingOut(_Out):
    """The labels that hold of the newest text after all that was said; `agreed` people said the same."""

    topic: str | None
    agency: str | None
    place: str | None
    kind: str | None
    sources: list[Source]
    agreed: int
    made: datetime


class AnsweredOut(_Out):
    """An answer as it was given; `title` and `text` are null once the report is erased."""

    id: int
    made: datetime
    title: str | None
    text: str | None
    region: str
    date: datetime | None
    channel: str
    visibility: str
    answer: PredictionOut


class HistoryOut(_Out):
    """All that was answered and said about a report, oldest first."""

    report: int
    complaint_id: str
    standing: StandingOut | None
    predictions: list[AnsweredOut]
    corrections: list[CorrectionOut]


def waiting_row(one: Waiting) -> dict[str, Any]:
    """Return a waiting report in the form of `WaitingOut`."""
    shown = asdict(one) | {"answer": _worded(one.complaint_id, one.model, one.answer, one.title, one.text)}
    return {name: shown[name] for name in WaitingOut.model_fields}


def answered_row(one: StoredPrediction) -> dict[str, Any]:
    """Return a stored answer in the form of `AnsweredOut`."""
    shown = asdict(one) | {"answer": _worded(one.complaint_id, one.model, one.answer, one.title, one.text)}
    return {name: shown[name] for name in AnsweredOut.model_fields}


def standing_row(held: Standing | None) -> dict[str, Any] | None:
    """Return what holds in the form of `StandingOut`."""
    return None if held is None else asdict(held) | {"sources": sorted(held.sources)}


def _worded(
    complaint_id: str, model: str, answer: dict[str, Any], title: str | None, text: str | None
) -> dict[str, Any]:
    """Return a stored answer with the words of its evidence, which stand in the text alone; none if that is erased."""
    fields = {"title": title, "text": text}
    evidence = [
        span | {"text": words[span["start"] : span["end"]]}
        for span in answer.get("evidence", ())
        if (words := fields[span["field"]]) is not None
    ]
    return {"id": complaint_id, "model": model} | answer | {"evidence": evidence}
