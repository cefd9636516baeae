"""Corrections, the reports that wait for a person, erasures and sign-ins."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTC = sa.DateTime(timezone=True)
SOURCES = "source IN ('reviewer', 'agency-return', 'final-disposition')"
VERDICTS = "verdict IN ('confirmed', 'corrected', 'returned', 'unsure', 'skipped', 'withdrawn')"


def upgrade() -> None:
    """Make the new tables, and the new columns of the old ones."""
    _widen()
    _corrections()
    _waiting()
    op.create_table(
        "erasures",
        sa.Column("report_id", ID, nullable=False, autoincrement=False),
        sa.Column("key_id", ID),
        sa.Column("made", UTC, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_erasures")),
        *_references("erasures", report_id="reports.id", key_id="keys.id"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("key_id", ID, nullable=False),
        sa.Column("csrf", sa.String(), nullable=False),
        sa.Column("expires", UTC, nullable=False),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_sessions")),
        *_references("sessions", key_id="keys.id"),
    )


def _widen() -> None:
    for name in ("agency", "place"):
        op.add_column("keys", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.add_column("keys", sa.Column("confidential", sa.Boolean(), nullable=False, server_default=sa.false()))
    for name in ("topic", "agency", "place", "action"):
        op.add_column("predictions", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.create_index("ix_predictions_made", "predictions", ["made"])
    op.add_column("texts", sa.Column("likeness", sa.LargeBinary(length=32)))
    op.create_index(op.f("ix_texts_likeness"), "texts", ["likeness"])


def _corrections() -> None:
    op.create_table(
        "corrections",
        sa.Column("id", ID, nullable=False),
        sa.Column("report_id", ID, nullable=False),
        sa.Column("key_id", ID),
        sa.Column("prediction_id", ID),
        sa.Column("text_id", ID),
        sa.Column("made", UTC, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        *(sa.Column(label, sa.String()) for label in ("topic", "agency", "place", "kind")),
        sa.Column("withdraws", ID),
        sa.Column("request", sa.String()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
        *_references("corrections", report_id="reports.id", key_id="keys.id"),
        *_references("corrections", prediction_id="predictions.id", withdraws="corrections.id"),
        sa.ForeignKeyConstraint(["text_id"], ["texts.id"], name=op.f("fk_corrections_text_id"), ondelete="SET NULL"),
        sa.UniqueConstraint("key_id", "request", name=op.f("uq_corrections_key_id_request")),
        sa.UniqueConstraint("withdraws", name=op.f("uq_corrections_withdraws")),
        sa.CheckConstraint(SOURCES, name=op.f("ck_corrections_source")),
        sa.CheckConstraint(VERDICTS, name=op.f("ck_corrections_verdict")),
    )
    for column in ("report_id", "text_id", "made"):
        op.create_index(op.f(f"ix_corrections_{column}"), "corrections", [column])
    op.create_table(
        "notes",
        sa.Column("correction_id", ID, nullable=False, autoincrement=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("correction_id", name=op.f("pk_notes")),
        *_references("notes", correction_id="corrections.id"),
    )


def _waiting() -> None:
    op.create_table(
        "waiting",
        sa.Column("report_id", ID, nullable=False, autoincrement=False),
        sa.Column("prediction_id", ID, nullable=False),
        sa.Column("since", UTC, nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("doubt", sa.Float(), nullable=False),
        sa.Column("gain", sa.Float(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("leased_by", ID),
        sa.Column("leased_until", UTC),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_waiting")),
        *_references("waiting", report_id="reports.id", prediction_id="predictions.id", leased_by="keys.id"),
    )
    op.create_index("ix_waiting_urgent_since", "waiting", ["urgent", "since"])
    for column in ("doubt", "gain", "agency", "place"):
        op.create_index(f"ix_waiting_{column}", "waiting", [column])


def _references(table: str, **targets: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))
        for column, target in targets.items()
    ]
