"""The newest answer for each report, which says whether it waits and who may see it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, exists, func, or_, select, true

from classifier.errors import InputError
from data.store.database import BATCH
from data.store.reach import EVERYTHING, Reach
from data.store.standing import taken_back
from data.store.tables import corrections, predictions, reports


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer for a report, of that `date`; `text` is the id of the text that it is for, None once that is erased."""

    report: int
    prediction: int
    text: int | None
    made: datetime
    answer: Mapping[str, Any]
    visibility: str
    date: datetime | None = None

    @property
    def codes(self) -> dict[str, str]:
        """The code of each target that was answered."""
        return {
            target: code
            for target in ("topic", "agency", "place", "kind")
            if (code := (self.answer.get(target) or {}).get("code"))
        }


def newest_of(
    connection: Connection, report_ids: Collection[int], *, prediction: int | None = None
) -> dict[int, Answered]:
    """Return the newest answer of each report, or the one with the id `prediction`; unknown reports are left out."""
    found: dict[int, Answered] = {}
    ids = sorted(report_ids)
    for start in range(0, len(ids), BATCH):
        of_reports = predictions.c.report_id.in_(ids[start : start + BATCH])
        newest = select(func.max(predictions.c.id)).where(of_reports).group_by(predictions.c.report_id)
        chosen = predictions.c.id.in_(newest) if prediction is None else predictions.c.id == prediction
        for row in connection.execute(select(predictions).where(of_reports, chosen)):
            found[row.report_id] = Answered(
                row.report_id, row.id, row.text_id, row.made, row.answer, row.visibility, row.date
            )
    return found


def lock_newest(connection: Connection, report_ids: Collection[int]) -> dict[int, Answered]:
    """Return the newest answers once no other call speaks of these reports; raises InputError for an unknown one.

    The locks are taken in order of the numbers, as everywhere, so that two calls never wait for each other.
    """
    ids = sorted(report_ids)
    for start in range(0, len(ids), BATCH):
        rows = select(reports.c.id).where(reports.c.id.in_(ids[start : start + BATCH])).order_by(reports.c.id)
        connection.execute(rows.with_for_update(key_share=True))
    found = newest_of(connection, ids)
    if unknown := [one for one in ids if one not in found]:
        raise unknown_report(unknown[0])
    return found


def unknown_report(report: int) -> InputError:
    """Return the error for a report that is not there, or that the caller may not see."""
    return InputError("report", f"no report has the number {report}", "the number of a report that this key may see")


def in_reach(report: Column[int], reach: Reach) -> ColumnElement[bool]:
    """Return the condition that the report of a column lies within reach: by its newest answer or what holds of it."""
    if reach == EVERYTHING:
        return true()
    answer, answers, words = predictions.alias(), predictions.alias(), corrections.alias()
    newest = select(func.max(answers.c.id)).where(answers.c.report_id == report).correlate(report.table)
    said = (
        select(words.c.agency)
        .where(words.c.report_id == report, words.c.agency.is_not(None), ~taken_back(words))
        .order_by(words.c.id.desc())
        .limit(1)
        .correlate(report.table)
    )
    hidden = answer.c.visibility == "rahasia"
    seen = or_(
        reach.covers(answer.c.agency, answer.c.place, hidden),
        reach.covers(func.coalesce(said.scalar_subquery(), ""), answer.c.place, hidden),
    )
    return exists().where(answer.c.id == newest.scalar_subquery(), seen).correlate(report.table)
