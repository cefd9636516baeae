"""Type-ahead: GET /review/cari/topik, /instansi and /tempat, by the searches of the API, best first."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from classifier.agencies import Body
from classifier.agency_rows import FIRST_DAY
from classifier.records import Label
from data.complaints import JAKARTA
from service.label_search import search
from service.routes.places import place_path
from service.web.site import Site

SHOWN = 8
Typed = Annotated[str, Query(max_length=200)]


def mount(router: APIRouter, site: Site) -> None:
    """Add the routes."""
    signed = [Depends(site.visitor)]
    rows = {row.id for row in site.table.rows}

    @router.get("/cari/topik", dependencies=signed)
    def topics(q: Typed = "") -> JSONResponse:
        return _found(_ranked(site.live.current.classifier.topics, q))

    @router.get("/cari/instansi", dependencies=signed)
    def agencies(q: Typed = "", tempat: Typed = "", hari: Typed = "") -> JSONResponse:
        known = site.live.current.classifier.agencies
        if any(label.code.partition("@")[0] not in rows for label in known):  # labels as the data write them
            return _found(_ranked(known, q))
        bodies = site.table.search(q, site.table.places.get(tempat), _day(hari), SHOWN)
        return _found([_body(body) for body in bodies])

    @router.get("/cari/tempat", dependencies=signed)
    def places(q: Typed = "") -> JSONResponse:
        found = site.table.places.search(q, SHOWN)
        return _found([_option(one.code, one.name, place_path(one, site.table.places)) for one in found])


def _ranked(labels: Sequence[Label], q: str) -> list[dict[str, str]]:
    """Return the labels that hold every word: names that begin as typed first, then those with a word that does."""
    typed = q.casefold().strip()

    def rank(label: Label) -> tuple[bool, bool, str]:
        name = label.name.casefold()
        return not name.startswith(typed), f" {typed}" not in f" {name}", name

    best = sorted(search(labels, q), key=rank)[:SHOWN]
    return [_option(label.code, label.name, label.group if label.group != label.name else "") for label in best]


def _body(body: Body) -> dict[str, str]:
    return _option(body.id, body.name, body.archetype if body.archetype != body.name else "")


def _option(code: str, name: str, detail: str) -> dict[str, str]:
    return {"code": code, "name": name, "detail": detail}


def _found(options: list[dict[str, str]]) -> JSONResponse:
    return JSONResponse({"found": options})


def _day(written: str) -> date:
    """Return the day of the report, today where it is absent or makes no sense."""
    today = datetime.now(JAKARTA).date()
    try:
        return min(max(date.fromisoformat(written), FIRST_DAY), today)
    except ValueError:
        return today
