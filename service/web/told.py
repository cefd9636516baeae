"""What the page tells on top: what the last act did, and how to undo it, or who was faster."""

from collections.abc import Sequence
from dataclasses import dataclass

from data.store.decisions import Decided
from service.web import words
from service.web.site import Site, Visitor

MOST = 60  # decisions of one group
_DONE = {"unsure": "dibiarkan untuk rekan", "skipped": "dilewati", "withdrawn": "menunggu lagi: keputusan diurungkan"}


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence; `undo` the corrections that a key press takes back; `report` where it can be read."""

    says: str
    alert: bool = False
    report: int | None = None
    undo: Sequence[tuple[int, int]] = ()


def told(site: Site, visitor: Visitor, after: str, stale: str = "", busy: str = "") -> Told | None:
    """Return what is to be told after the corrections `after`, or because of the one that was faster, `stale`.

    The numbers come from the address: only own corrections are spoken of as done, and only what is within reach at all.
    """
    if busy == "1":
        return Told(
            "Laporan itu sedang dikerjakan rekan atau isinya berubah. Keputusan Anda tidak disimpan.", alert=True
        )
    if faster := site.decisions.of(visitor.reach, _numbers(stale)):
        return _stale(site, faster[-1])
    done = [one for one in site.decisions.of(visitor.reach, _numbers(after)) if one.key_id == visitor.key.id]
    return _done(done) if done else None


def _done(done: Sequence[Decided]) -> Told:
    first = done[0]
    what = _DONE.get(first.verdict) or words.VERDICTS[first.verdict]
    whose = f"Laporan {first.complaint_id}" if len(done) == 1 else f"{len(done)} laporan"
    undo = [(one.report, one.id) for one in done if not one.withdrawn and one.verdict != "withdrawn"]
    return Told(f"{whose} {what}.", report=first.report, undo=undo)


def _stale(site: Site, one: Decided) -> Told:
    labels = " · ".join(filter(None, (site.names.topic(one.topic), site.names.agency(one.agency))))
    who = one.key or words.SOURCES.get(one.source, one.source)
    says = f"Laporan {one.complaint_id} sudah {words.VERDICTS[one.verdict]} oleh {who} pada {words.when(one.made)}"
    tail = f": {labels}" if labels else ""
    return Told(f"{says}{tail}. Keputusan Anda tidak disimpan.", alert=True, report=one.report)


def _numbers(written: str) -> list[int]:
    parts = written.split(",")[:MOST]
    return [int(part) for part in parts if part.isascii() and part.isdecimal() and len(part) < 19]
