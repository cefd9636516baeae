"""Which failure becomes which HTTP answer: one table, and problem documents as in RFC 9457."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from classifier.errors import ConflictError, InputError, PilahError, RegistryError, StoreError

MEDIA_TYPE = "application/problem+json"
SHOWN = 100  # errors listed in one problem document


class FieldError(NamedTuple):
    """What is wrong with one field of a request; never holds its value, but `field` may be a name of the client's."""

    field: str
    problem: str
    expected: str


class RequestError(PilahError):
    """A request can't be answered as it is; `errors` names each field, `headers` go with the answer."""

    def __init__(self, *errors: FieldError, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(_detail(errors))
        self.errors, self.headers = errors, headers


class InvalidRequestError(RequestError):
    """The request can be read but a value in it is wrong."""


class BrokenBodyError(RequestError):
    """The body is not JSON in UTF-8."""


class BodyTooLargeError(RequestError):
    """The body is over the limit."""


class SlowBodyError(RequestError):
    """The body did not arrive in time."""


class UnsupportedBodyError(RequestError):
    """The body is of a type or encoding that is not read."""


class UnauthenticatedError(RequestError):
    """No key, or one that is not known or was revoked."""


class ForbiddenError(RequestError):
    """The key's role may not do this."""


class NotFoundError(RequestError):
    """What the path names is not there, or this key may not see it."""


class UnavailableError(PilahError):
    """The service can't answer now: no model is loaded or too much waits."""


class Kind(NamedTuple):
    """The status, the name in the problem's `type` and the title of one kind of failure."""

    status: int
    name: str
    title: str
    retry_after: int | None = None  # seconds


_STORE_BUSY = Kind(503, "store-unavailable", "The database can't answer now", retry_after=1)
INTERNAL = Kind(500, "internal", "The service failed")

KINDS: Mapping[type[Exception], Kind] = {
    BrokenBodyError: Kind(400, "broken-body", "The body can't be read"),
    UnauthenticatedError: Kind(401, "no-valid-key", "A valid API key is needed"),
    ForbiddenError: Kind(403, "role-not-allowed", "The key's role may not do this"),
    ClientDisconnect: Kind(400, "client-gone", "The client left before its request was read"),
    SlowBodyError: Kind(408, "slow-body", "The body did not arrive in time"),
    NotFoundError: Kind(404, "not-found", "There is no such thing"),
    ConflictError: Kind(409, "conflict", "Somebody else was first"),
    BodyTooLargeError: Kind(413, "body-too-large", "The body is too large"),
    UnsupportedBodyError: Kind(415, "unsupported-body", "The body is of a type that is not read"),
    InvalidRequestError: Kind(422, "invalid-request", "The request is not valid"),
    RequestValidationError: Kind(422, "invalid-request", "The request is not valid"),
    InputError: Kind(422, "invalid-request", "The request is not valid"),
    UnavailableError: Kind(503, "unavailable", "The service can't answer now", retry_after=1),
    RegistryError: Kind(503, "registry-unreadable", "The registry of models can't be read"),
    StoreError: Kind(507, "store-refused", "The database can't store anything"),
}


def kind_of(error: Exception) -> Kind:
    """Return the row of the table for this failure."""
    if isinstance(error, StoreError) and error.retryable:
        return _STORE_BUSY
    return next((KINDS[known] for known in type(error).__mro__ if known in KINDS), INTERNAL)


async def problem(_request: Request, error: Exception) -> Response:
    """Return the problem document for a failure."""
    if isinstance(error, HTTPException):  # raised by the framework: no such path or method
        kind = Kind(error.status_code, "http", str(error.detail))
        return document(kind, str(error.detail), headers=error.headers)
    if isinstance(error, RequestValidationError):
        errors = [describe(dict(one)) for one in error.errors()]
        return document(kind_of(error), _detail(errors), errors)
    if isinstance(error, RequestError):
        return document(kind_of(error), str(error), error.errors, error.headers)
    if isinstance(error, InputError):
        named = FieldError(error.field, error.problem, error.expected)
        return document(kind_of(error), str(error), [named])
    if isinstance(error, ConflictError):
        return document(kind_of(error), str(error), more={"correction": error.correction or None})
    detail = str(error) if isinstance(error, PilahError) else "The failure was logged under the X-Request-ID."
    return document(kind_of(error), detail)


def document(
    kind: Kind,
    detail: str,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, object] | None = None,
) -> Response:
    """Return an `application/problem+json` answer; `more` are fields that only this kind of problem has."""
    body = {
        "type": f"urn:pilah:problem:{kind.name}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "errors": [error._asdict() for error in errors[:SHOWN]],
        **(more or {}),
    }
    retry = {"Retry-After": str(kind.retry_after)} if kind.retry_after else {}
    return Response(to_json(body), kind.status, retry | dict(headers or {}), MEDIA_TYPE)


def _detail(errors: Sequence[FieldError]) -> str:
    first = errors[0]
    others = len(errors) - 1
    more = f" ({others} more problem{'s' if others > 1 else ''})" if others else ""
    return f"{first.field}: {first.problem}; expected {first.expected}{more}"


_OBJECT = ("not an object", "a JSON object")

# pydantic's name of an error -> problem, expected; {braces} are filled from the error's context.
_WORDS: Mapping[str, tuple[str, str]] = {
    "missing": ("missing", "this field"),
    "extra_forbidden": ("unknown field", "only the fields that are documented"),
    "string_type": ("not a string", "a string"),
    "string_unicode": ("holds half of a surrogate pair", "Unicode text"),
    "string_too_short": ("empty", "at least {min_length} character"),
    "string_too_long": ("too long", "at most {max_length} characters"),
    "blank": ("empty or only blanks", "text that can be read"),
    "nul": ("holds a NUL character", "text without U+0000"),
    "literal_error": ("not one of the allowed values", "{expected}"),
    "bool_parsing": ("not a boolean", "true or false"),
    "bool_type": ("not a boolean", "true or false"),
    "list_type": ("not a list", "a JSON list"),
    "too_short": ("empty", "at least {min_length} item"),
    "too_long": ("too many items", "at most {max_length} items"),
    "moment": ("not a moment in ISO 8601 with its offset", "a string such as 2026-01-31T08:15:00+07:00"),
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "int_type": ("not a whole number", "a whole number"),
    "int_parsing": ("not a whole number", "a whole number"),
    "greater_than_equal": ("too small", "at least {ge}"),
    "less_than_equal": ("too large", "at most {le}"),
}


def describe(error: Mapping[str, object]) -> FieldError:
    """Return one of pydantic's error details in our words, without what the client sent."""
    context = error.get("ctx")
    problem, expected = _WORDS.get(str(error["type"]), ("not valid", "what the API's description says"))
    location = error["loc"]
    path = _path(location if isinstance(location, tuple) else ())
    return FieldError(path, problem, expected.format(**context) if isinstance(context, dict) else expected)


def _path(location: Sequence[object]) -> str:
    steps = [f"[{step}]" if isinstance(step, int) else f".{str(step)[:64]}" for step in location if step != "query"]
    return "".join(steps).removeprefix(".") or "body"
