import asyncio
import json
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from classifier.errors import ConflictError, InputError, PilahError, RegistryError, StoreError
from service.errors import (
    MEDIA_TYPE,
    SHOWN,
    BodyTooLargeError,
    BrokenBodyError,
    FieldError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    SlowBodyError,
    UnauthenticatedError,
    UnavailableError,
    UnsupportedBodyError,
    describe,
    problem,
)

FIELD = FieldError("title", "too long", "at most 5 characters")


def answer(error: Exception) -> tuple[int, dict[str, Any], Any]:
    response = asyncio.run(problem(Request({"type": "http"}), error))
    assert response.media_type == MEDIA_TYPE
    return response.status_code, json.loads(response.body), response.headers


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BrokenBodyError(FIELD), 400),
        (UnauthenticatedError(FIELD), 401),
        (ForbiddenError(FIELD), 403),
        (NotFoundError(FIELD), 404),
        (ConflictError("too late", {"by": "Ani"}), 409),
        (HTTPException(404), 404),
        (SlowBodyError(FIELD), 408),
        (ClientDisconnect(), 400),
        (BodyTooLargeError(FIELD), 413),
        (UnsupportedBodyError(FIELD), 415),
        (InvalidRequestError(FIELD), 422),
        (InputError("title", "too long", "less"), 422),
        (PilahError("odd"), 500),
        (RegistryError("gone"), 503),
        (UnavailableError("none"), 503),
        (StoreError("locked", retryable=True), 503),
        (StoreError("full", retryable=False), 507),
    ],
)
def test_every_failure_is_a_problem_document(error: Exception, status: int) -> None:
    found, body, headers = answer(error)
    assert found == body["status"] == status
    assert body["type"].startswith("urn:pilah:problem:")
    assert body["title"]
    assert body["detail"]
    assert isinstance(body["errors"], list)
    assert ("Retry-After" in headers) == (isinstance(error, UnavailableError) or str(error) == "locked")


def test_the_first_problem_is_told_and_the_others_are_counted() -> None:
    _, body, _ = answer(InvalidRequestError(*[FIELD] * 300))
    assert body["detail"] == "title: too long; expected at most 5 characters (299 more problems)"
    assert len(body["errors"]) == SHOWN
    _, body, _ = answer(InvalidRequestError(FIELD, FIELD))
    assert body["detail"].endswith("(1 more problem)")


def test_an_error_that_has_no_words_is_told_without_what_was_sent() -> None:
    unknown = {"type": "new_in_pydantic", "loc": ("complaints", 2, "text"), "msg": "rahasia", "input": "rahasia"}
    assert describe(unknown) == ("complaints[2].text", "not valid", "what the API's description says")


def test_a_field_name_is_cut() -> None:
    assert len(describe({"type": "extra_forbidden", "loc": ("x" * 1_000,)}).field) == 64
