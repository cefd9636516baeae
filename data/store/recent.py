"""What came in lately, and what reviewers said of the answers: what a model that serves is watched by."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from classifier.records import Complaint
from data.store.database import BATCH, Store
from data.store.standing import DECIDING, taken_back
from data.store.tables import corrections, predictions, reports, texts


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The prediction that a reviewer looked at, and the labels that they gave by target."""

    answer: Mapping[str, Any]
    labels: Mapping[str, str]


class Recent:
    """The reports and reviews of a store between two moments, the first included."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def complaints(self, since: datetime, until: datetime) -> Iterator[Complaint]:
        """Yield each report that was answered then, as it was asked last; without those whose text was erased."""
        newest = (
            select(func.max(predictions.c.id))
            .where(predictions.c.made >= since, predictions.c.made < until, predictions.c.text_id.is_not(None))
            .group_by(predictions.c.report_id)
        )
        asked = (
            select(predictions, reports.c.complaint_id, texts.c.title, texts.c.text)
            .join_from(predictions, texts, texts.c.id == predictions.c.text_id)
            .join(reports, reports.c.id == predictions.c.report_id)
            .where(predictions.c.id.in_(newest))
            .order_by(predictions.c.id)
        )
        after = 0
        while True:
            with self._store.read() as connection:
                rows = connection.execute(asked.where(predictions.c.id > after).limit(BATCH)).all()
            if not rows:
                return
            for row in rows:
                yield Complaint(
                    id=row.complaint_id,
                    text=row.text,
                    title=row.title,
                    region=row.region,
                    date=row.date,
                    channel=row.channel,
                    visibility=row.visibility,
                )
            after = rows[-1].id

    def reviews(self, since: datetime, until: datetime) -> Iterator[Reviewed]:
        """Yield what reviewers decided then and did not take back, in order."""
        said = (
            select(corrections.c.topic, corrections.c.agency, corrections.c.kind, predictions.c.answer)
            .join_from(corrections, predictions, predictions.c.id == corrections.c.prediction_id)
            .where(corrections.c.made >= since, corrections.c.made < until)
            .where(corrections.c.source == "reviewer", corrections.c.verdict.in_(DECIDING), ~taken_back())
            .order_by(corrections.c.id)
        )
        with self._store.read() as connection:
            for row in connection.execute(said):
                stated = {"topic": row.topic, "agency": row.agency, "kind": row.kind}
                yield Reviewed(row.answer, {target: code for target, code in stated.items() if code})
