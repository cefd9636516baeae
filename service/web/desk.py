"""The desk: GET /review, the next report of the queue, and GET /review/laporan/{report}, one with its history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse

from classifier.errors import ConflictError, InputError
from data.complaints import JAKARTA
from data.store.alike import Neighbours, neighbours
from data.store.predictions import StoredPrediction
from data.store.queue import Waiting
from data.store.similar import Found
from data.store.standing import Correction
from service.web import words
from service.web.forms import whole
from service.web.route import MISSING, PageError
from service.web.site import Site, Visitor, now
from service.web.told import told
from service.web.views import Choice, Piece, Suggestion, excerpt, pieces, suggestion

LABELS = ("topic", "agency", "place", "kind")


@dataclass(frozen=True, slots=True)
class SaidView:
    """A correction as the page shows it."""

    id: int
    who: str
    made: datetime
    source: str
    verdict: str
    labels: Sequence[str]
    note: str
    own: bool
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class AnsweredView:
    """A prediction as the page shows it."""

    model: str
    made: datetime
    labels: Sequence[str]


@dataclass(frozen=True, slots=True)
class Held:
    """The labels that people's words leave standing, None where nobody spoke."""

    topic: Choice | None
    agency: Choice | None
    place: Choice | None


@dataclass(frozen=True, slots=True)
class ReportView:
    """One report as the page shows it; `text` is None once it is erased, `waits` "" where it does not wait."""

    report: int
    complaint_id: str
    title: Sequence[Piece]
    text: Sequence[Piece] | None
    region: str
    date: datetime | None
    day: str
    channel: str
    visibility: str
    shown: str
    waits: str
    suggestion: Suggestion
    seen: int
    prediction: int
    corrections: Sequence[SaidView]
    predictions: Sequence[AnsweredView]

    @property
    def marked(self) -> bool:
        """Whether anything is marked as evidence."""
        return any(piece.speaks not in ("", "mask") for piece in (*self.title, *(self.text or ())))


@dataclass(frozen=True, slots=True)
class SimilarView:
    """A similar report and where it went."""

    report: int
    complaint_id: str
    excerpt: str
    date: datetime | None
    topic: Choice
    agency: Choice
    decided: bool


@dataclass(frozen=True, slots=True)
class AlikeView:
    """A near-identical report that waits too."""

    report: int
    complaint_id: str
    excerpt: str
    date: datetime | None
    seen: int


def mount(router: APIRouter, site: Site) -> None:
    """Add the routes."""
    signed = Depends(site.visitor)

    @router.get("")
    def queue(
        visitor: Annotated[Visitor, signed], laporan: str = "", setelah: str = "", basi: str = "", sibuk: str = ""
    ) -> Response:
        wanted = whole(laporan)
        try:
            one = _next(site, visitor, wanted)
        except (ConflictError, InputError):
            return RedirectResponse(f"/review/laporan/{wanted}", 303)
        said = told(site, visitor, setelah, basi, sibuk)
        if one is None:
            return site.render("empty.html", visitor, "Antrean", told=said)  # type: ignore[no-any-return]
        return _report(site, visitor, one.report, waits=words.waited(one.since, now()), told=said)

    @router.get("/laporan/{report}")
    def report(visitor: Annotated[Visitor, signed], report: int, ubah: str = "") -> Response:
        return _report(site, visitor, report, waits="", told=None, change=bool(ubah))


def _next(site: Site, visitor: Visitor, wanted: int | None) -> Waiting | None:
    if wanted is None:
        return site.queue.lease(visitor.key, visitor.reach, now())
    if not site.corrections.within(wanted, visitor.reach):
        raise PageError(404, MISSING)
    return site.queue.take(visitor.key, wanted, now())


def _report(site: Site, visitor: Visitor, report: int, *, waits: str, told: Any, change: bool = False) -> Response:
    if report >= 2**63 or not site.corrections.within(report, visitor.reach):
        raise PageError(404, MISSING)
    asked, said = site.predictions.about(report), site.corrections.of(report)
    newest, held = asked[-1], _held(site, report)
    near = Neighbours((), ())
    if newest.text is not None:
        near = neighbours(
            site.store,
            report,
            newest.title or "",
            newest.text,
            key_id=visitor.key.id,
            reach=visitor.reach,
            now=now(),
        )
    return site.render(  # type: ignore[no-any-return]
        "report.html",
        visitor,
        "Antrean" if waits else "",
        one=_view(site, visitor, report, asked, said, waits),
        leased=bool(waits),
        held=held,
        deciding=waits or change or not (held.topic or held.agency),
        kinds=site.live.current.classifier.kinds if newest.answer.get("kind") else (),
        alike=[
            AlikeView(one.report, one.complaint_id, excerpt(one.title, one.text, 90), one.date, one.seen)
            for one in (near.alike if waits else ())
        ],
        similar=[_similar(site, one) for one in near.similar],
        request_id=str(uuid4()),
        told=told,
    )


def _held(site: Site, report: int) -> Held:
    holds = site.corrections.standing(report)
    named = {
        target: Choice(code, site.names.of(target, code)) if holds and (code := getattr(holds, target)) else None
        for target in ("topic", "agency", "place")
    }
    return Held(**named)


def _view(
    site: Site, visitor: Visitor, report: int, asked: Sequence[StoredPrediction], said: Sequence[Correction], waits: str
) -> ReportView:
    newest = asked[-1]
    evidence = newest.answer.get("evidence", ())
    by_field = {name: [span for span in evidence if span["field"] == name] for name in ("title", "text")}
    return ReportView(
        report=report,
        complaint_id=newest.complaint_id,
        title=pieces(newest.title or "", by_field["title"]),
        text=None if newest.text is None else pieces(newest.text, by_field["text"]),
        region=newest.region,
        date=newest.date,
        day=newest.date.astimezone(JAKARTA).date().isoformat() if newest.date else "",
        channel=newest.channel,
        visibility=newest.visibility,
        shown=words.VISIBILITIES.get(newest.visibility, newest.visibility),
        waits=waits,
        suggestion=suggestion(newest.answer),
        seen=max((one.id for one in said), default=0),
        prediction=newest.id,
        corrections=[_said(site, visitor, one) for one in said],
        predictions=[AnsweredView(one.model, one.made, _answered(one.answer)) for one in asked],
    )


def _said(site: Site, visitor: Visitor, one: Correction) -> SaidView:
    labels = [site.names.of(target, code) for target in LABELS if (code := getattr(one, target))]
    who = one.key or words.SOURCES.get(one.source, one.source)
    own = one.key_id == visitor.key.id
    return SaidView(one.id, who, one.made, one.source, one.verdict, labels, one.note, own, one.withdrawn)


def _answered(answer: Mapping[str, Any]) -> list[str]:
    return [
        f"{found['name']} {words.per_cent(found['probability'])}" for target in LABELS if (found := answer.get(target))
    ]


def _similar(site: Site, found: Found) -> SimilarView:
    return SimilarView(
        found.report,
        found.complaint_id,
        excerpt(found.title, found.text),
        found.date,
        Choice(found.topic, site.names.topic(found.topic)),
        Choice(found.agency, site.names.agency(found.agency)),
        found.decided,
    )
