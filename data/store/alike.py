"""Reports like one that waits: earlier ones, and near-identical ones that wait too and may be decided with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from data.store.database import Store
from data.store.reach import Reach
from data.store.similar import Found, Similar
from data.store.tables import corrections, waiting

SAME = 0.8  # the share of their words' weight that near-identical reports have in common
FOUND = 30  # similar reports that are looked at
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Alike:
    """A near-identical report that waits; `seen` is the newest correction of it, 0 for none."""

    report: int
    complaint_id: str
    title: str
    text: str
    date: datetime | None
    seen: int


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What is like a report: `alike` wait and may be decided with it, `similar` show where others went."""

    alike: Sequence[Alike]
    similar: Sequence[Found]


def neighbours(
    store: Store, report: int, title: str, text: str, *, key_id: int, reach: Reach, now: datetime
) -> Neighbours:
    """Return what is like a report, the most similar first; nothing that is `rahasia` or leased by another key."""
    found = Similar(store).find(title, text, limit=FOUND, without=report, reach=reach)
    near = {one.report: one for one in found if one.score >= SAME}
    seen = _waiting_at_same_place(store, report, list(near), key_id, now)
    alike = [
        Alike(one.report, one.complaint_id, one.title, one.text, one.date, seen[one.report])
        for one in near.values()
        if one.report in seen
    ]
    return Neighbours(alike, [one for one in found if one.report not in seen][:SHOWN])


def _waiting_at_same_place(
    store: Store, report: int, candidates: Sequence[int], key_id: int, now: datetime
) -> dict[int, int]:
    """Return, for those that wait and are about the place of `report`, the newest correction of each."""
    own = waiting.alias()
    newest = select(func.max(corrections.c.id)).where(corrections.c.report_id == waiting.c.report_id).scalar_subquery()
    free = or_(waiting.c.leased_by.is_(None), waiting.c.leased_by == key_id, waiting.c.leased_until <= now)
    query = (
        select(waiting.c.report_id, func.coalesce(newest, 0))
        .join_from(waiting, own, (own.c.report_id == report) & (own.c.place == waiting.c.place))
        .where(waiting.c.report_id.in_(candidates), free)
    )
    if not candidates:
        return {}
    with store.read() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}
