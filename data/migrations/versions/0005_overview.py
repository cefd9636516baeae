"""The index that the overview counts by."""

from alembic import op

revision = "0005"
down_revision = "0004"

NAME, TABLE = "ix_predictions_made", "predictions"


def upgrade() -> None:
    """Let the index on the time hold all that is counted."""
    op.drop_index(NAME, TABLE)
    op.create_index(NAME, TABLE, ["made", "action", "topic", "agency", "place", "visibility", "report_id"])
