"""The pages that look back: GET /review/riwayat and /review/ringkasan."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from data.store.decisions import Decided
from data.store.overview import Overview, overview
from data.store.reach import Reach
from service.web import words
from service.web.forms import whole
from service.web.remembered import Remembered
from service.web.site import Site, Visitor, now
from service.web.views import excerpt

ROWS = 30
REMEMBERED = 30.0  # seconds that the overview is not counted anew


@dataclass(frozen=True, slots=True)
class Row:
    """A decision as the history lists it; `changes` are names before and after."""

    id: int
    report: int
    made: datetime
    who: str
    own: bool
    verdict: str
    withdrawn: bool
    excerpt: str
    changes: Sequence[tuple[str, str]]


def mount(router: APIRouter, site: Site) -> None:
    """Add the routes."""
    signed = Depends(site.visitor)
    counted: Remembered[Reach, Overview] = Remembered(lambda reach: overview(site.store, reach, now()), REMEMBERED)

    @router.get("/riwayat")
    def history(visitor: Annotated[Visitor, signed], siapa: str = "", sebelum: str = "") -> Response:
        mine = siapa == "saya"
        own = visitor.key.id if mine else None
        found = site.decisions.latest(visitor.reach, key_id=own, before=whole(sebelum), limit=ROWS + 1)
        rows = [_row(site, visitor, one) for one in found[:ROWS]]
        older = rows[-1].id if len(found) > ROWS else None
        return site.render("history.html", visitor, "Riwayat", rows=rows, mine=mine, older=older, told=None)  # type: ignore[no-any-return]

    @router.get("/ringkasan")
    def figures(visitor: Annotated[Visitor, signed]) -> Response:
        found = counted(visitor.reach)
        return site.render("overview.html", visitor, "Ringkasan", found=_figures(site, found))  # type: ignore[no-any-return]


def _row(site: Site, visitor: Visitor, one: Decided) -> Row:
    named = (site.names.topic, one.predicted_topic, one.topic), (site.names.agency, one.predicted_agency, one.agency)
    return Row(
        one.id,
        one.report,
        one.made,
        one.key or words.SOURCES.get(one.source, one.source),
        one.key_id == visitor.key.id,
        one.verdict,
        one.withdrawn,
        excerpt(one.title, one.text),
        [(name(was), name(now)) for name, was, now in named if now],
    )


def _figures(site: Site, found: Overview) -> dict[str, Any]:
    decided = sum(week.decided for week in found.weeks)
    volumes = {
        "topics": _volumes(found.topics, site.names.topic),
        "agencies": _volumes(found.agencies, site.names.agency),
        "places": _volumes(found.places, site.names.place),
    }
    return {
        "since": found.since,
        "until": found.until,
        "answers": found.answers,
        "routed_share": found.routed / found.answers if found.answers else 0.0,
        "decided": decided,
        "agreement": sum(week.both for week in found.weeks) / decided if decided else 0.0,
        "weeks": found.weeks,
        "most": {name: max((one["answers"] for one in rows), default=1) for name, rows in volumes.items()},
        "topic_pairs": _pairs(found.topic_pairs, site.names.topic),
        "agency_pairs": _pairs(found.agency_pairs, site.names.agency),
        **volumes,
    }


def _volumes(rows: Sequence[Any], name: Callable[[str], str]) -> list[dict[str, Any]]:
    return [asdict(one) | {"name": name(one.code), "share": one.routed / one.answers} for one in rows]


def _pairs(rows: Sequence[Any], name: Callable[[str], str]) -> list[dict[str, Any]]:
    return [{"answered": name(one.answered), "corrected": name(one.corrected), "times": one.times} for one in rows]
