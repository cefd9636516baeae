"""What a reviewer does with a report: decide, undo, keep it for a while, give it back."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse, RedirectResponse

from classifier.errors import ConflictError
from data.store.corrections import Said
from data.store.standing import Correction
from service.correcting import day_of, offered_codes
from service.web.forms import Form, whole
from service.web.route import MISSING, PageError
from service.web.site import Sent, Site, Visitor, now
from service.web.told import MOST

VERDICTS = ("decide", "unsure", "skipped")


def mount(router: APIRouter, site: Site) -> None:
    """Add the routes."""
    sent = Depends(site.sent())

    @router.post("/keputusan")
    def decide(sent: Annotated[Sent, sent]) -> Response:
        said = _said(sent.form)
        return _add(site, sent.visitor, said, then={})

    @router.post("/urungkan")
    def undo(sent: Annotated[Sent, sent]) -> Response:
        pairs = _pairs(sent.form, "correction")
        if not pairs:
            raise PageError(422, "Tidak ada yang diurungkan.")
        said = [Said(report, withdraws=correction, verdict="withdrawn") for report, correction in pairs]
        return _add(site, sent.visitor, said, then={"laporan": said[0].report})

    @router.post("/pegang")
    def keep(sent: Annotated[Sent, sent]) -> Response:
        report = _report(sent.form)
        _check_reach(site, sent.visitor, [report])
        try:
            site.queue.take(sent.visitor.key, report, now())
        except ConflictError as error:
            who = error.correction.get("by") or "rekan"
            says = f"Laporan ini sudah dipegang atau diputuskan oleh {who}. Muat laporan berikutnya."
            return JSONResponse({"says": says}, 409)
        return Response(status_code=204)

    @router.post("/lepas")
    def release(sent: Annotated[Sent, sent]) -> Response:
        site.queue.release(sent.visitor.key, _report(sent.form))
        return Response(status_code=204)


def _add(site: Site, visitor: Visitor, said: Sequence[Said], then: dict[str, Any]) -> Response:
    """Store what was said, all or nothing, and go on to the next report; whoever was faster is told of there."""
    _check_reach(site, visitor, [one.report for one in said])
    for one in said:
        _check_labels(site, one)
    try:
        made = site.corrections.add_many(visitor.key.id, said, now())
    except ConflictError as error:
        return _go({"basi": error.correction["id"]} if "verdict" in error.correction else {"sibuk": 1})
    if made[0].verdict in ("unsure", "skipped"):
        site.queue.release(visitor.key, made[0].report)
    return _go(then | {"setelah": _joined(made)})


def _said(form: Form) -> list[Said]:
    """Return what the form says of its report, and of those that are decided together with it."""
    verdict = form.text("verdict")
    report, seen, prediction = _report(form), form.number("seen"), form.number("prediction")
    if verdict not in VERDICTS:
        raise PageError(422, "Putusannya tidak dikenal.")
    note, request = form.text("note"), form.text("request", 100) or None
    own = Said(report, note=note, seen=seen, request=request, prediction=prediction)
    if verdict != "decide":
        return [replace(own, verdict="unsure" if verdict == "unsure" else "skipped")]
    topic, agency = form.text("topic") or None, form.text("agency") or None
    own = replace(own, topic=topic, agency=agency, place=_changed(form, "place"), kind=_changed(form, "kind"))
    others = _pairs(form, "also")
    return [own, *(Said(other, topic=topic, agency=agency, note=note, seen=at) for other, at in others)]


def _changed(form: Form, target: str) -> str | None:
    """Return a label that was chosen; of one left as suggested nothing is said, for perhaps nobody looked at it."""
    chosen = form.text(target)
    return None if chosen in ("", form.text(f"was_{target}")) else chosen


def _pairs(form: Form, name: str) -> list[tuple[int, int]]:
    """Read fields such as "17:3": the number of a report and of a correction."""
    found = []
    for written in form.several(name)[:MOST]:
        report, _, correction = written.partition(":")
        found.append((whole(report), whole(correction)))
    if any(None in pair for pair in found):
        raise PageError(422, "Nomor yang dikirim bukan bilangan.")
    return found  # type: ignore[return-value]  # checked


def _report(form: Form) -> int:
    report = form.number("report")
    if report is None:
        raise PageError(422, "Laporannya tidak disebut.")
    return report


def _check_reach(site: Site, visitor: Visitor, reports: Sequence[int]) -> None:
    if not all(site.corrections.within(report, visitor.reach) for report in reports):
        raise PageError(404, MISSING)


def _check_labels(site: Site, said: Said) -> None:
    """Raise PageError for a label that can't be so: unknown, retired, or a body that the day of the report lacks."""
    if not said.labels:
        return
    newest = site.corrections.newest(said.report)
    offered = {target: offered_codes(newest, target) for target in said.labels}
    wrong = site.reference.check(site.live.current, said.labels, offered, day_of(newest), new=False)
    for error in wrong:
        name = site.names.of(error.field, said.labels[error.field])
        raise PageError(422, f"“{name}” tidak dapat dipakai untuk laporan ini. Yang dapat: {error.expected}.")


def _joined(made: Sequence[Correction]) -> str:
    return ",".join(str(one.id) for one in made)


def _go(query: dict[str, Any]) -> Response:
    return RedirectResponse(f"/review?{urlencode(query)}", 303)
