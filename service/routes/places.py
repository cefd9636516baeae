"""GET /v1/places."""

from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi import Query as QueryParameter

from classifier.gazetteer import Place
from classifier.places import PlaceResolver
from service.auth import EVERYONE, Allow, Auth
from service.list_schemas import FoundPlace, PlacesOut
from service.openapi import problems

_SHORT = {"Kabupaten": "Kab.", "Kecamatan": "Kec.", "Kelurahan": "Kel."}
_Beginning = Annotated[
    str,
    QueryParameter(
        max_length=200,
        description="The beginning of a name, of a word in it or of a Kemendagri code, or a whole region field.",
        openapi_examples={
            "awal nama": {"value": "gub"},
            "dengan tingkatnya": {"value": "kel. air"},
            "awal kode": {"value": "35.78"},
            "nama lengkap": {"value": "Kec. Gubeng, Kota Surabaya"},
        },
    ),
]
_Limit = Annotated[int, QueryParameter(ge=1, le=100, description="At most so many.")]


def mount(app: FastAPI, auth: Auth, places: PlaceResolver) -> None:
    """Add the route."""
    allowed = Depends(Allow(auth, *EVERYONE))
    places.search("a")  # makes the index of names before the first request

    @app.get(
        "/v1/places", tags=["places"], summary="Find places", dependencies=[allowed], responses=problems(401, 422, 503)
    )
    async def find(q: _Beginning = "", limit: _Limit = 10) -> PlacesOut:
        """Find places of Indonesia while somebody types: provinces first, then kabupaten and kota, kecamatan, desa.

        On a level whole names come first. An old code or name leads to the place that came after. Any role.
        """
        found = [_found(place, places) for place in places.search(q, limit)]
        notes = [note for note in places.parse_region(q).notes if note == "place-successor"]
        return PlacesOut(places=found, notes=notes)


def _found(place: Place, places: PlaceResolver) -> FoundPlace:
    return FoundPlace(code=place.code, name=place.name, level=place.level, path=place_path(place, places))


def place_path(place: Place, places: PlaceResolver) -> str:
    """Return a place's name up to the province, as a region field has it."""
    return ", ".join(_short(one.name) for one in (place, *places.ancestors(place.code)))


def _short(name: str) -> str:
    kind, space, rest = name.partition(" ")
    return f"{_SHORT.get(kind, kind)}{space}{rest}"
