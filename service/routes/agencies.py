"""GET /v1/agencies."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi import Query as QueryParameter
from pydantic import WithJsonSchema

from classifier.agencies import AgencyTable, Body
from classifier.agency_rows import FIRST_DAY, check_date
from classifier.errors import InputError
from classifier.gazetteer import Place
from classifier.places import PlaceResolver
from data.complaints import JAKARTA
from service.auth import EVERYONE, Allow, Auth
from service.errors import FieldError, InvalidRequestError
from service.label_search import Limit, Query, search
from service.list_schemas import BodiesOut, BodyOut
from service.live_model import LiveModel
from service.openapi import problems
from service.schemas import AgenciesOut, AgencyOut, PlaceOut

MOST_BODIES = 100
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_CODE = "a Kemendagri code of 2, 4, 6 or 10 digits, with or without dots"
_PlaceCode = Annotated[
    str,
    QueryParameter(
        max_length=13,
        description=f"The place whose bodies are asked for: {_CODE}.",
        openapi_examples={"Kota Surabaya": {"value": "3578"}, "Kecamatan Gubeng": {"value": "35.78.08"}},
    ),
]
_Day = Annotated[
    str,
    QueryParameter(
        description=f"The day on which they exist, from {FIRST_DAY} on; today in Asia/Jakarta if absent.",
        openapi_examples={"sebelum kementerian dipecah": {"value": "2023-05-01"}},
    ),
    WithJsonSchema({"type": "string", "format": "date"}),
]


def mount(app: FastAPI, auth: Auth, live: LiveModel, table: AgencyTable) -> None:
    """Add the route."""
    allowed = Depends(Allow(auth, *EVERYONE))

    @app.get(
        "/v1/agencies",
        tags=["labels"],
        summary="List agencies",
        dependencies=[allowed],
        responses=problems(401, 422, 503),
    )
    async def agencies(
        q: Query = "", place: _PlaceCode = "", on: _Day = "", limit: Limit = 100
    ) -> AgenciesOut | BodiesOut:
        """List the agencies that the model answers, in order of their code. Any role.

        With `place` or `on` it lists, whatever the model knows, the bodies of the reference that exist there on that
        day, at most 100: every word of `q` starts a word of a name or alias, the last ones perhaps of a place inside
        ("kel airlangga"). Those at the place come first, then those above it. An old code of a place leads to the
        place that came after it.
        """
        if place or on:
            return _bodies(table, q, place, _day(on, datetime.now(JAKARTA).date()), min(limit, MOST_BODIES))
        classifier = live.current.classifier
        found = search(classifier.agencies, q)
        shown = [AgencyOut(code=label.code, name=label.name, archetype=label.group) for label in found[:limit]]
        return AgenciesOut(model=classifier.id, total=len(found), agencies=shown)


def _bodies(table: AgencyTable, q: str, code: str, on: date, limit: int) -> BodiesOut:
    place, notes = _place(code, table.places) if code else (None, ())
    found = [_body(body) for body in table.search(q, place, on, limit)]
    return BodiesOut(on=on, place=_place_out(place), agencies=found, notes=list(notes))


def _body(body: Body) -> BodyOut:
    place, reasons = _place_out(body.place), list(body.reasons)
    return BodyOut(code=body.id, name=body.name, archetype=body.archetype, place=place, reasons=reasons)


def _place_out(place: Place | None) -> PlaceOut | None:
    return None if place is None else PlaceOut(code=place.code, name=place.name)


def _place(code: str, places: PlaceResolver) -> tuple[Place, Sequence[str]]:
    """Return the place of a code, or the one that came after it with a note."""
    if place := places.get(code):
        return place, ()
    if not code.replace(".", "").isdecimal():
        raise InvalidRequestError(FieldError("place", "not a code", _CODE))
    meant = places.parse_region(code)
    if "place-successor" not in meant.notes:
        raise InvalidRequestError(FieldError("place", f"unknown code {code}", _CODE))  # digits say nothing of a person
    return meant.candidates[0].place, meant.notes


def _day(written: str, today: date) -> date:
    """Read `on`, `today` if it is empty."""
    try:
        return check_date(_iso_day(written) if written else today, today)
    except ValueError:
        raise InvalidRequestError(FieldError("on", "not a day", "an ISO 8601 day such as 2026-01-31")) from None
    except InputError as error:
        raise InvalidRequestError(FieldError("on", error.problem, error.expected)) from None


def _iso_day(written: str) -> date:
    if not _DAY.fullmatch(written):  # fromisoformat alone takes weeks too
        raise ValueError
    return date.fromisoformat(written)
