"""The tables of the store: facts are appended, citizens' text sits apart so that it can be erased."""

from datetime import UTC, datetime
from typing import Any, Literal, get_args

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from data.complaints import JAKARTA

Role = Literal["router", "scientist", "reviewer", "admin"]


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
)

reports = Table(
    "reports",
    metadata,
    _id(),
    _reference("key_id", "keys.id", nullable=False),
    Column("complaint_id", String, nullable=False),
    UniqueConstraint("key_id", "complaint_id"),
)

# The digest (SHA-256 of title and text) tells a changed text from one sent again, and goes when the text goes.
# AUTOINCREMENT: the id of an erased text is never given to another text.
texts = Table(
    "texts",
    metadata,
    _id(),
    _reference("report_id", "reports.id", nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
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
)

# One row, rewritten by each check that the database can still be written.
pings = Table("pings", metadata, _id(), Column("made", Utc, nullable=False))
