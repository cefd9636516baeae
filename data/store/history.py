"""All that was answered for one report."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from data.store.answered import unknown_report
from data.store.database import Store
from data.store.tables import predictions, reports, texts


@dataclass(frozen=True, slots=True)
class Asked:
    """One answer for a report; `title` and `text` are None once erased. Evidence carries offsets, no words."""

    report: int
    complaint_id: str
    prediction: int
    model: str
    made: datetime
    answer: dict[str, Any]
    title: str | None
    text: str | None
    region: str
    date: datetime | None
    channel: str
    visibility: str


def asked_of(store: Store, report: int) -> list[Asked]:
    """Return every answer given for a report, oldest first; raises InputError for an unknown one."""
    columns = [predictions.c[name] for name in ("model", "made", "answer", "region", "date", "channel", "visibility")]
    query = (
        select(reports.c.id.label("report"), reports.c.complaint_id, predictions.c.id.label("prediction"), *columns)
        .add_columns(texts.c.title, texts.c.text)
        .join_from(predictions, reports)
        .outerjoin(texts, texts.c.id == predictions.c.text_id)
        .where(reports.c.id == report)
        .order_by(predictions.c.id)
    )
    with store.read() as connection:
        found = [Asked(**row) for row in connection.execute(query).mappings()]
    if not found:
        raise unknown_report(report)
    return found
