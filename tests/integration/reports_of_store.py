"""Reports as a store gets them, small enough to read at a glance."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from classifier.records import Complaint
from data.store.database import Store
from data.store.predictions import Asked, Predictions
from data.store.tables import reports

NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
LAMP, WATER, ROAD = "prasarana/lampu-jalan", "air/air-minum", "prasarana/jalan-rusak"
LIGHTS, WORKS = "dinas-perhubungan@3578", "dinas-pekerjaan-umum@3578"


def answer(
    topic: str = LAMP,
    agency: str = LIGHTS,
    *,
    sure: float = 0.6,
    second: float = 0.2,
    action: str = "review",
    reasons: tuple[str, ...] = ("doubtful-topic",),
    place: str = "3578",
) -> dict[str, Any]:
    """Return a prediction JSON with what the store reads of it."""
    others = [{"code": WATER, "name": "Air Minum", "main": "Air", "probability": second}]
    return {
        "topic": {"code": topic, "name": "x", "main": "x", "probability": sure, "alternatives": others},
        "agency": {"code": agency, "name": "x", "archetype": "x", "probability": 0.9, "alternatives": []},
        "kind": {"code": "aspirasi", "name": "Aspirasi", "probability": 0.9},
        "place": {"code": place, "name": "x", "probability": 0.9, "alternatives": []},
        "decision": {"action": action, "topic": action, "agency": "route", "reasons": list(reasons)},
        "evidence": [],
        "notes": [],
    }


def ask(
    store: Store,
    key_id: int,
    complaint_id: str,
    text: str = "Lampu taman padam sejak Senin malam",
    *,
    now: datetime = NOW,
    model: str = "m-1",
    visibility: Any = "public",
    **answered: Any,
) -> int:
    """Store a prediction and return the number of its report."""
    asked = Asked(Complaint(complaint_id, text, visibility=visibility), answer(**answered))
    Predictions(store).add(key_id, [asked], model, now)
    with store.read() as connection:
        query = select(reports.c.id).where(reports.c.key_id == key_id, reports.c.complaint_id == complaint_id)
        number: int = connection.execute(query).scalar_one()
    return number
