"""Indexes that the queue is read by, and none that only cost time with every answer."""

from alembic import op

revision = "0004"
down_revision = "0003"

OLD = ("doubt", "gain", "agency", "place")
NEW = ("doubt", "gain")


def upgrade() -> None:
    """Put the indexes in each other's place."""
    for column in OLD:
        op.drop_index(f"ix_waiting_{column}", "waiting")
    for column in NEW:
        op.create_index(f"ix_waiting_urgent_{column}", "waiting", ["urgent", column])
