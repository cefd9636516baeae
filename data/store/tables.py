"""The tables of the store: facts are appended, citizens' text sits apart so that it can be erased."""

from datetime import UTC, datetime
from typing import Any, Literal, get_args

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)

from data.complaints import JAKARTA

Role = Literal["router", "scientist", "reviewer", "admin"]
Source = Literal["reviewer", "agency-return", "final-disposition"]
Verdict = Literal["confirmed", "corrected", "returned", "unsure", "skipped", "withdrawn"]


class Utc(TypeDecorator[datetime]):
    """An instant, kept in UTC and read back as UTC; one without a zone counts as Jakarta time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn the instant into UTC: SQLite stores no offset, so all rows must share one."""
        if value is None:
            return None
        return (value if value.tzinfo else value.replace(tzinfo=JAKARTA)).astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the UTC back that SQLite dropped and that PostgreSQL shows in the session's zone."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


# SQLite numbers rows by itself only in a column declared INTEGER, which there holds 64 bits anyway.
_Id = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Column[int]:
    return Column("id", _Id, primary_key=True)


def _reference(name: str, target: str, *, on_delete: str | None = None, **options: Any) -> Column[int]:
    return Column(name, _Id, ForeignKey(target, ondelete=on_delete), **options)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

keys = Table(
    "keys",
    metadata,
    _id(),
    Column("name", String, nullable=False),
    Column("role", String, CheckConstraint(f"role IN {get_args(Role)}", name="role"), nullable=False),
    Column("secret_sha256", LargeBinary(32), nullable=False, unique=True),
    Column("created", Utc, nullable=False),
    Column("revoked", Utc),
    Column("agency", String, nullable=False, server_default=""),
    Column("place", String, nullable=False, server_default=""),
    Column("confidential", Boolean, nullable=False, server_default=false()),
)

reports = Table(
    "reports",
    metadata,
    _id(),
    _reference("key_id", "keys.id", nullable=False),
    Column("complaint_id", String, nullable=False),
    UniqueConstraint("key_id", "complaint_id"),
)

# The digest (SHA-256 of title and text) tells a changed text from one sent again. The likeness is the SHA-256 of the
# normalised words of both, NULL for fewer than eight words: what precedents are found by. Both go when the text goes.
# AUTOINCREMENT: the id of an erased text is never given to another text.
texts = Table(
    "texts",
    metadata,
    _id(),
    _reference("report_id", "reports.id", nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("likeness", LargeBinary(32), index=True),
    UniqueConstraint("report_id", "digest"),
    sqlite_autoincrement=True,
)

predictions = Table(
    "predictions",
    metadata,
    _id(),
    _reference("report_id", "reports.id", nullable=False, index=True),
    _reference("text_id", "texts.id", on_delete="SET NULL", index=True),
    Column("model", String, nullable=False),
    Column("made", Utc, nullable=False),
    Column("answer", JSON, nullable=False),
    Column("region", String, nullable=False),
    Column("date", Utc),
    Column("channel", String, nullable=False),
    Column("visibility", String, nullable=False),
    Column("topic", String, nullable=False, server_default=""),
    Column("agency", String, nullable=False, server_default=""),
    Column("place", String, nullable=False, server_default=""),
    Column("action", String, nullable=False, server_default=""),
    # All that the overview counts by, so that the wide rows themselves are not read.
    Index("ix_predictions_made", "made", "action", "topic", "agency", "place", "visibility", "report_id"),
)

# What people, and other systems, said of a report: appended, never changed. A NULL label says nothing of it.
# `withdraws` takes back an earlier one; `request` is the client's key that makes sending it twice harmless.
corrections = Table(
    "corrections",
    metadata,
    _id(),
    _reference("report_id", "reports.id", nullable=False, index=True),
    _reference("key_id", "keys.id"),
    _reference("prediction_id", "predictions.id"),
    _reference("text_id", "texts.id", on_delete="SET NULL", index=True),
    Column("made", Utc, nullable=False, index=True),
    Column("source", String, CheckConstraint(f"source IN {get_args(Source)}", name="source"), nullable=False),
    Column("verdict", String, CheckConstraint(f"verdict IN {get_args(Verdict)}", name="verdict"), nullable=False),
    Column("topic", String),
    Column("agency", String),
    Column("place", String),
    Column("kind", String),
    _reference("withdraws", "corrections.id", unique=True),
    Column("request", String),
    UniqueConstraint("key_id", "request"),
)

# The reviewer's words, masked, apart from the facts: they may speak of the citizen, and go when the text goes.
notes = Table(
    "notes",
    metadata,
    _reference("correction_id", "corrections.id", primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
)

# The reports that a person must look at, one row each, until somebody decides. Nothing here is a fact: it follows from
# predictions and corrections. A lease keeps a report for one reviewer until `leased_until`.
waiting = Table(
    "waiting",
    metadata,
    _reference("report_id", "reports.id", primary_key=True, autoincrement=False),
    _reference("prediction_id", "predictions.id", nullable=False),
    Column("since", Utc, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("doubt", Float, nullable=False),
    Column("gain", Float, nullable=False),
    Column("agency", String, nullable=False),
    Column("place", String, nullable=False),
    Column("confidential", Boolean, nullable=False),
    _reference("leased_by", "keys.id"),
    Column("leased_until", Utc),
    Index("ix_waiting_urgent_since", "urgent", "since"),
    Index("ix_waiting_urgent_doubt", "urgent", "doubt"),
    Index("ix_waiting_urgent_gain", "urgent", "gain"),
)

# What is left of a report whose text was erased: that it was, when, why and by which key (NULL: by age or command).
erasures = Table(
    "erasures",
    metadata,
    _reference("report_id", "reports.id", primary_key=True, autoincrement=False),
    _reference("key_id", "keys.id"),
    Column("made", Utc, nullable=False),
    Column("reason", String, nullable=False),
)

# Reviewers signed in to the page, by the digest of their cookie.
sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", LargeBinary(32), primary_key=True),
    _reference("key_id", "keys.id", nullable=False),
    Column("csrf", String, nullable=False),
    Column("expires", Utc, nullable=False),
)

# One row, rewritten by each check that the database can still be written.
pings = Table("pings", metadata, _id(), Column("made", Utc, nullable=False))
