"""Type-ahead: GET /review/cari/topik, /instansi and /tempat, by the searches of the API, best first."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from classifier.agencies import Body
from classifier.agency_rows import FIRST_DAY
from classifier.names import Entry
from classifier.records import Label
from data.complaints import JAKARTA
from data.store.overview import topic_counts
from service.routes.places import place_path
from service.web.remembered import Remembered
from service.web.site import Site, now

SHOWN = 8
REMEMBERED = 300.0  # seconds
_BEGINNING, _WORD, _INSIDE = 1, 2, 3  # where the letters typed stand in a name
Typed = Annotated[str, Query(max_length=200)]


def mount(router: APIRouter, site: Site) -> None:
    """Add the routes."""
    signed = [Depends(site.visitor)]
    table = site.reference.table
    counts: Remembered[None, dict[str, int]] = Remembered(lambda _: topic_counts(site.store, now()), REMEMBERED)
    every = [entry for entry in site.reference.topics if not entry.retired]

    @router.get("/cari/topik", dependencies=signed)
    def topics(q: Typed = "") -> JSONResponse:
        entries = every if _national(site) else _entries(site.live.current.classifier.topics)
        return _found(_ranked(entries, q, counts(None)))

    @router.get("/cari/instansi", dependencies=signed)
    def agencies(q: Typed = "", tempat: Typed = "", hari: Typed = "") -> JSONResponse:
        if not _national(site):
            return _found(_ranked(_entries(site.live.current.classifier.agencies), q, {}))
        bodies = table.search(q, table.places.get(tempat), _day(hari), SHOWN)
        return _found([_body(body) for body in bodies])

    @router.get("/cari/tempat", dependencies=signed)
    def places(q: Typed = "") -> JSONResponse:
        found = table.places.search(q, SHOWN)
        return _found([_option(one.code, one.name, place_path(one, table.places)) for one in found])


def _national(site: Site) -> bool:
    return site.live.current.manifest.taxonomy.kind == "national"


def _entries(labels: Sequence[Label]) -> list[Entry]:
    return [Entry(label) for label in labels]


def _ranked(entries: Sequence[Entry], q: str, counts: Mapping[str, int]) -> list[dict[str, str]]:
    """Return the labels that hold every word: those with a word that begins as typed first, then the most used."""
    typed = q.casefold().split()

    def order(found: tuple[int, Entry]) -> tuple[bool, int, int, str]:
        kind, entry = found
        return kind == _INSIDE, -counts.get(entry.label.code, 0), kind, entry.label.name

    found = sorted(((kind, entry) for entry in entries if (kind := _match(entry, typed))), key=order)
    labels = [entry.label for _, entry in found[:SHOWN]]
    return [_option(one.code, one.name, one.group if one.group != one.name else "") for one in labels]


def _match(entry: Entry, typed: Sequence[str]) -> int:
    """Return the best kind of match of a label's names, 0 for none."""
    names = [name.casefold() for name in (entry.label.name, *entry.aliases)]
    if not all(word in " ".join((*names, entry.label.group.casefold())) for word in typed):
        return 0
    phrase = " ".join(typed)
    if any(name.startswith(phrase) for name in names):
        return _BEGINNING
    return _WORD if any(f" {phrase}" in name for name in names) else _INSIDE


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
