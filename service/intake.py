"""From the bytes of a request to complaints: the one place where what clients send is checked."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from classifier.records import Complaint
from classifier.redact import EMAIL, NIK, TELEPON, Span, redact
from service.errors import (
    BodyTooLargeError,
    BrokenBodyError,
    FieldError,
    InvalidRequestError,
    SlowBodyError,
    UnsupportedBodyError,
    describe,
)
from service.schemas import ComplaintIn, PredictionsIn

M = TypeVar("M", bound=BaseModel)
EARLIEST = 1945
PATIENCE = 30.0  # seconds for a body to arrive, so that slow clients can't take every place
CLOCK_SKEW = timedelta(minutes=5)  # how far a client's clock may be ahead
PERSONAL = {NIK: "a citizen's NIK", TELEPON: "a telephone number", EMAIL: "an e-mail address"}


async def read_json(request: Request, limit: int) -> bytes:
    """Return the body of a JSON request; one of more than `limit` bytes is refused while it is read."""
    _check_headers(request, limit)
    chunks, size = [], 0
    try:
        async with asyncio.timeout(PATIENCE):
            async for chunk in request.stream():
                size += len(chunk)
                if size > limit:
                    raise _too_large(limit)
                chunks.append(chunk)
    except TimeoutError:
        raise SlowBodyError(
            FieldError("body", "not sent in time", f"all of it within {PATIENCE:.0f} seconds")
        ) from None
    return b"".join(chunks)


def parse_predictions(raw: bytes, now: datetime) -> tuple[list[Complaint], bool]:
    """Return the complaints, dated `now` where they carry no date, and whether evidence is asked for."""
    sent = parse_body(PredictionsIn, raw)
    if wrong := [*_repeated(sent.complaints), *_personal(sent.complaints), *_misdated(sent.complaints, now)]:
        raise InvalidRequestError(*wrong)
    return [_complaint(one, now) for one in sent.complaints], sent.evidence


def parse_body(model: type[M], raw: bytes) -> M:
    """Return a JSON body as its model; raises InvalidRequestError, or BrokenBodyError for what is no JSON."""
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        if details[0]["type"] == "json_invalid":
            raise _broken(model, raw, details[0]) from None
        raise InvalidRequestError(*(describe(dict(detail)) for detail in details)) from None


def _check_headers(request: Request, limit: int) -> None:
    media, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    charset = parameters.replace('"', "").replace(" ", "")
    if media.strip() != "application/json" or charset not in ("", "charset=utf-8", "charset=utf8"):
        raise UnsupportedBodyError(FieldError("Content-Type header", "not JSON in UTF-8", "application/json"))
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedBodyError(FieldError("Content-Encoding header", "compressed", "a body that is not compressed"))
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > limit:
        raise _too_large(limit)


def _too_large(limit: int) -> BodyTooLargeError:
    return BodyTooLargeError(FieldError("body", "over the limit", f"at most {limit:,} bytes"))


def _broken(model: type[BaseModel], raw: bytes, detail: ErrorDetails) -> BrokenBodyError | InvalidRequestError:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        return BrokenBodyError(FieldError("body", f"not UTF-8 from byte {error.start} on", "JSON in UTF-8"))
    problem = str(detail.get("ctx", {}).get("error", "not JSON"))
    return _half_pairs(model, text) or BrokenBodyError(FieldError("body", f"broken JSON: {problem}", "JSON in UTF-8"))


def _half_pairs(model: type[BaseModel], text: str) -> InvalidRequestError | None:
    """Name the fields that hold half of a surrogate pair, which the fast parser reports without a field."""
    try:
        model.model_validate(json.loads(text))
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        found = [describe(dict(detail)) for detail in details if detail["type"] == "string_unicode"]
        return InvalidRequestError(*found) if found else None
    except (ValueError, RecursionError):
        return None
    return None


def _repeated(complaints: Sequence[ComplaintIn]) -> Iterator[FieldError]:
    first: dict[str, int] = {}
    for index, complaint in enumerate(complaints):
        if (earlier := first.setdefault(complaint.id, index)) != index:
            yield FieldError(f"complaints[{index}].id", f"the same as complaints[{earlier}].id", "an id of its own")


def _personal(complaints: Sequence[ComplaintIn]) -> Iterator[FieldError]:
    """Name the ids that point at a person, since an id is stored as it is."""
    for index, complaint in enumerate(complaints):
        spans = [span for span in redact(complaint.id).spans if span.mask in PERSONAL]
        if found := next((span for span in spans if _stands_out(span, complaint.id)), None):
            yield FieldError(f"complaints[{index}].id", PERSONAL[found.mask], "the number of the report")


def _stands_out(span: Span, own: str) -> bool:
    """Tell a person's number from digits of a longer id that look so by chance, as those of one UUID in 1,500."""
    if span.mask == NIK and own[span.start : span.end].isdecimal():
        return True
    return not any(character.isdecimal() for character in own[: span.start] + own[span.end :])


def _misdated(complaints: Sequence[ComplaintIn], now: datetime) -> Iterator[FieldError]:
    for index, complaint in enumerate(complaints):
        if complaint.date is None:
            continue
        if complaint.date.year < EARLIEST:
            yield FieldError(f"complaints[{index}].date", f"before {EARLIEST}", f"a date from {EARLIEST} to now")
        elif complaint.date > now + CLOCK_SKEW:
            yield FieldError(f"complaints[{index}].date", "in the future", f"a date from {EARLIEST} to now")


def _complaint(sent: ComplaintIn, now: datetime) -> Complaint:
    return Complaint(
        id=sent.id,
        text=sent.text,
        title=sent.title,
        region=sent.region,
        date=sent.date or now,
        channel=sent.channel,
        visibility=sent.visibility,
    )
