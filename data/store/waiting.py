"""Which reports wait for a person: a row follows from the newest answer for a report and what was said of its text."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, delete, select

from data.store.answered import Answered
from data.store.database import Store
from data.store.standing import DECIDING, taken_back
from data.store.tables import corrections, waiting

URGENT = "urgent"  # the reason of a decision that wants a person at once


# Made once: this runs with every answer.
_DECISIVE = (
    select(corrections.c.report_id, corrections.c.text_id, corrections.c.verdict, corrections.c.made)
    .where(corrections.c.report_id.in_(bindparam("ids", expanding=True)))
    .where(corrections.c.verdict.in_((*DECIDING, "returned")), ~taken_back())
    .order_by(corrections.c.id)
)
_RENEWED = ("prediction_id", "urgent", "doubt", "gain", "agency", "place", "confidential")
_GONE = delete(waiting).where(waiting.c.report_id.in_(bindparam("ids", expanding=True)))


def settle(store: Store, connection: Connection, answered: Sequence[Answered]) -> None:
    """Let each report wait or no longer wait, inside the caller's transaction; at most `BATCH` at once.

    A report waits if its newest answer asks for a person, until somebody decides on that text; one that was returned
    waits until somebody decides again. One whose text is erased never waits. A lease stays as it is.
    """
    decisive = _decisive(connection, answered)
    rows = [row for one in answered if (row := _row(one, decisive.get((one.report, one.text))))]
    gone = {one.report for one in answered} - {row["report_id"] for row in rows}
    if gone:
        connection.execute(_GONE, {"ids": sorted(gone)})
    if rows:
        connection.execute(_upsert(store.insert), rows)


@cache
def _upsert(insert: Callable[..., Any]) -> Executable:
    upsert = insert(waiting)
    renewed = {name: upsert.excluded[name] for name in _RENEWED}
    statement: Executable = upsert.on_conflict_do_update(index_elements=["report_id"], set_=renewed)
    return statement


def _decisive(
    connection: Connection, answered: Sequence[Answered]
) -> Mapping[tuple[int, int | None], tuple[str, datetime]]:
    """Return the newest word that decided or returned each text that has one, and when it was said."""
    said = connection.execute(_DECISIVE, {"ids": [one.report for one in answered]})
    return {(row.report_id, row.text_id): (row.verdict, row.made) for row in said}


def _row(one: Answered, decisive: tuple[str, datetime] | None) -> dict[str, Any] | None:
    verdict, said = decisive or ("", one.made)
    decision = one.answer.get("decision") or {}
    urgent = URGENT in decision.get("reasons", ())
    if one.text is None or verdict in DECIDING:
        return None
    if verdict != "returned" and decision.get("action") != "review" and not urgent:
        return None
    topic, agency, place = (one.answer.get(target) or {} for target in ("topic", "agency", "place"))
    return {
        "report_id": one.report,
        "prediction_id": one.prediction,
        "since": said,
        "urgent": urgent,
        "doubt": round(1 - min(topic.get("probability", 1.0), agency.get("probability", 1.0)), 4),
        "gain": round(1 - _lead(topic), 4),
        "agency": agency.get("code", ""),
        "place": place.get("code", ""),
        "confidential": one.visibility == "rahasia",
    }


def _lead(topic: Mapping[str, Any]) -> float:
    """Return how far the best topic is ahead of the second: where that is little, an answer teaches most."""
    others = topic.get("alternatives") or ({"probability": 0.0},)
    return float(topic.get("probability", 1.0) - others[0]["probability"])
