"""Keys, reports with their texts, and predictions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTC = sa.DateTime(timezone=True)
ROLES = "role IN ('router', 'scientist', 'reviewer', 'admin')"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "keys",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("secret_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created", UTC, nullable=False),
        sa.Column("revoked", UTC),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keys")),
        sa.UniqueConstraint("secret_sha256", name=op.f("uq_keys_secret_sha256")),
        sa.CheckConstraint(ROLES, name=op.f("ck_keys_role")),
    )
    op.create_table(
        "reports",
        sa.Column("id", ID, nullable=False),
        sa.Column("key_id", ID, nullable=False),
        sa.Column("complaint_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name=op.f("fk_reports_key_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("key_id", "complaint_id", name=op.f("uq_reports_key_id_complaint_id")),
    )
    op.create_table(
        "texts",
        sa.Column("id", ID, nullable=False),
        sa.Column("report_id", ID, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_texts_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_texts")),
        sa.UniqueConstraint("report_id", "digest", name=op.f("uq_texts_report_id_digest")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "predictions",
        sa.Column("id", ID, nullable=False),
        sa.Column("report_id", ID, nullable=False),
        sa.Column("text_id", ID),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("made", UTC, nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("date", UTC),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_predictions_report_id")),
        sa.ForeignKeyConstraint(["text_id"], ["texts.id"], name=op.f("fk_predictions_text_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_predictions")),
    )
    op.create_index(op.f("ix_predictions_report_id"), "predictions", ["report_id"])
    op.create_index(op.f("ix_predictions_text_id"), "predictions", ["text_id"])
    op.create_table(
        "pings",
        sa.Column("id", ID, nullable=False),
        sa.Column("made", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pings")),
    )
