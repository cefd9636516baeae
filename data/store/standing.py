"""What holds of a report after all that was said of it: the newest word on each label that nobody took back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, FromClause, exists

from data.store.tables import Source, Verdict, corrections

DECIDING: tuple[Verdict, ...] = ("confirmed", "corrected")
PASSED: tuple[Verdict, ...] = ("unsure", "skipped")  # says nothing of the report, only that its speaker left it


def taken_back(said: FromClause = corrections) -> ColumnElement[bool]:
    """Return the condition on a row of `corrections`, or of an alias of it, that its speaker withdrew it."""
    later = corrections.alias()
    return exists().where(later.c.withdraws == said.c.id).correlate(said)


@dataclass(frozen=True, slots=True)
class Correction:
    """What was said of a report, once.

    `key` is the name of who said it, "" for an import. A label that is None was not spoken of. `note` is masked, and ""
    once the report is erased. `model` is that of the prediction it judged. `withdraws` is the id of the earlier one
    that this takes back, and `withdrawn` tells that a later one took this back.
    """

    id: int
    report: int
    complaint_id: str
    key_id: int | None
    key: str
    made: datetime
    source: Source
    verdict: Verdict
    topic: str | None
    agency: str | None
    place: str | None
    kind: str | None
    note: str
    withdraws: int | None
    model: str
    prediction: int | None
    text: int | None
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """The labels that hold of a report's text, None where nobody said one.

    `agreed` different speakers, of these `sources`, last said nothing else; an import of one source is one speaker.
    `made` is the time of the newest word.
    """

    topic: str | None
    agency: str | None
    place: str | None
    kind: str | None
    sources: frozenset[Source]
    agreed: int
    made: datetime


def standing_of(said: Iterable[Correction]) -> Standing | None:
    """Return what holds after corrections of one text, given oldest first; None if no label does.

    A return without a right answer takes the agency away that was said before it.
    """
    kept = [one for one in said if not one.withdrawn and one.verdict not in (*PASSED, "withdrawn")]
    held = Standing(None, None, None, None, frozenset(), 0, datetime.min)
    for one in kept:
        if one.verdict == "returned":
            held = replace(held, agency=None)
            continue
        stated = {target: code for target in ("topic", "agency", "place", "kind") if (code := getattr(one, target))}
        held = replace(held, **stated, made=one.made)
    if not any(_labels(held)):
        return None
    last = {(one.key_id, one.source if one.key_id is None else None): one for one in kept if one.verdict in DECIDING}
    alike = [one for one in last.values() if _agrees(one, held)]
    return replace(held, sources=frozenset(one.source for one in alike), agreed=len(alike))


def _agrees(one: Correction, held: Standing) -> bool:
    spoken = [(said, holds) for said, holds in zip(_labels(one), _labels(held), strict=True) if said and holds]
    return bool(spoken) and all(said == holds for said, holds in spoken)


def _labels(one: Correction | Standing) -> Sequence[str | None]:
    return one.topic, one.agency, one.place, one.kind
