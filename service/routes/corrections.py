"""POST and GET /v1/corrections."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, FastAPI, Header, Request
from fastapi import Query as QueryParameter

from data.complaints import JAKARTA
from data.store.corrections import Corrections
from data.store.keys import Key
from service.auth import Allow, Auth
from service.correcting import Correcting
from service.correction_schemas import MAX_NUMBER, CorrectionIn, CorrectionOut, CorrectionsOut
from service.errors import FieldError, InvalidRequestError
from service.intake import parse_body, read_json
from service.openapi import problems, request_body
from service.scope import Scopes
from service.store_thread import StoreThread

MAX_BODY = 64 * 1024  # bytes
LONGEST_REQUEST = 200  # characters of an Idempotency-Key

_Request = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Your own key of this correction, at most 200 printable characters: sent again with it, the same "
        "correction is stored once; another one gets 409.",
    ),
]
_Since = Annotated[int, QueryParameter(ge=0, le=MAX_NUMBER, description="Those with a larger id, in their order.")]
_Limit = Annotated[int, QueryParameter(ge=1, le=1_000, description="At most so many.")]


def mount(
    app: FastAPI, auth: Auth, calls: StoreThread, corrections: Corrections, correcting: Correcting, scopes: Scopes
) -> None:
    """Add the routes."""
    speaking = Depends(Allow(auth, "reviewer", "router", "admin"))
    reading = Depends(Allow(auth, "scientist", "reviewer", "admin"))

    @app.post(
        "/v1/corrections",
        tags=["corrections"],
        summary="Say what is right of a report",
        response_model=CorrectionOut,
        responses=problems(400, 401, 403, 408, 409, 413, 415, 422, 503, 507),
        openapi_extra=request_body(CorrectionIn, "correction"),
    )
    async def correct(request: Request, key: Annotated[Key, speaking], idempotency: _Request = None) -> CorrectionOut:
        """Store what a reviewer, an agency or the end of a case says of a report; it counts at once.

        Nothing is overwritten: the newest word on each label holds. Who was not the first is told by 409 who decided
        what and when. Roles: reviewer and admin for what their scope takes in, router for its own reports.
        """
        sent = parse_body(CorrectionIn, await read_json(request, MAX_BODY))
        made = await correcting.correct(key, sent, _checked(idempotency), datetime.now(JAKARTA))
        return CorrectionOut.of(made)

    @app.get(
        "/v1/corrections",
        tags=["corrections"],
        summary="List corrections",
        responses=problems(401, 403, 422, 503),
    )
    async def list_corrections(key: Annotated[Key, reading], since: _Since = 0, limit: _Limit = 100) -> CorrectionsOut:
        """List the corrections that the key's scope takes in, oldest first. Roles: scientist, reviewer, admin."""
        found = await calls.read(corrections.since, since, limit, scopes.reach(key.scope))
        return CorrectionsOut(
            corrections=[CorrectionOut.of(one) for one in found], next=found[-1].id if found else since
        )


def _checked(request: str | None) -> str | None:
    if request is None or (0 < len(request) <= LONGEST_REQUEST and request.isascii() and request.isprintable()):
        return request
    expected = f"1 to {LONGEST_REQUEST} printable ASCII characters"
    raise InvalidRequestError(FieldError("Idempotency-Key header", "can't be used", expected))
