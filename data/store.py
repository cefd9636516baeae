"""The store: who may ask, what was asked (masked) and what was answered, in SQLite or PostgreSQL."""

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from classifier.errors import InputError, StoreError
from classifier.records import Complaint
from data.store_engine import build_engines, database_name
from data.store_errors import store_error
from data.store_tables import Role, Utc, keys, metadata, pings, predictions, reports, texts

__all__ = ["Asked", "Key", "Role", "Store", "StoredPrediction"]

BATCH = 1000  # reports looked up in one statement; SQLite takes 32,766 values
SCHEMA_LOCK = 0x70696C6168  # "pilah": several workers may start at once

_Report = tuple[int, bytes]  # the report's id and the digest of one text of it


@dataclass(frozen=True, slots=True)
class Key:
    """An API key without its secret; `revoked` is None while it may be used."""

    id: int
    name: str
    role: Role
    created: datetime
    revoked: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A complaint, already masked, and the prediction JSON given for it, with offsets into the masked text."""

    complaint: Complaint
    answer: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoredPrediction:
    """One answer as it was given; `title` and `text` are None once the text is erased.

    Evidence in `answer` carries offsets into `title` and `text`, never the words themselves.
    """

    id: int
    complaint_id: str
    model: str
    made: datetime
    answer: dict[str, Any]
    title: str | None
    text: str | None
    region: str
    date: datetime | None
    channel: str
    visibility: str


class Store:
    """Keys, reports, their texts and predictions; each call is one transaction and may come from any thread.

    Every call raises StoreError when the database refuses; then nothing of the call is stored.
    """

    def __init__(self, reader: Engine, writer: Engine) -> None:
        self._reader, self._writer = reader, writer
        self._insert = sqlite.insert if writer.dialect.name == "sqlite" else postgresql.insert

    @classmethod
    def open(cls, url: str, *, busy_timeout: float = 2.0) -> "Store":
        """Connect to `sqlite:///FILE` or `postgresql://...`, create what tables are missing and check as `ping` does.

        `busy_timeout` is how many seconds a call waits for a lock, or for a free connection, before it fails.
        """
        store = cls(*build_engines(url, busy_timeout))
        try:
            with store._write(where=database_name(store._writer)) as connection:
                if connection.dialect.name == "postgresql":
                    connection.execute(select(func.pg_advisory_xact_lock(SCHEMA_LOCK)))
                metadata.create_all(connection)
                store._beat(connection)
        except StoreError:
            store.close()
            raise
        return store

    def close(self) -> None:
        """Close all connections."""
        self._reader.dispose()
        self._writer.dispose()

    def create_key(self, name: str, role: Role, now: datetime) -> tuple[Key, str]:
        """Make a key; its secret is returned here and never again.

        Only the SHA-256 is kept. A slow password hash would add nothing: 256 random bits can't be guessed.
        """
        secret = "pilah_" + secrets.token_urlsafe(32)
        values = {"name": name, "role": role, "secret_sha256": _sha256(secret), "created": now}
        with self._write() as connection:
            row = connection.execute(self._insert(keys).values(values).returning(keys)).one()
        return _key(row), secret

    def revoke_key(self, key_id: int, now: datetime) -> Key:
        """Stop a key from being used; one revoked earlier keeps its date. Raises InputError for an unknown id."""
        revoked = func.coalesce(keys.c.revoked, literal(now, Utc))
        with self._write() as connection:
            row = connection.execute(
                update(keys).where(keys.c.id == key_id).values(revoked=revoked).returning(keys)
            ).one_or_none()
        if row is None:
            raise InputError("key", f"no key has the id {key_id}", "an id from `pilah keys list`")
        return _key(row)

    def list_keys(self) -> list[Key]:
        """Return all keys, revoked ones too, oldest first."""
        with self._read() as connection:
            return [_key(row) for row in connection.execute(select(keys).order_by(keys.c.id))]

    def find_key(self, secret: str) -> Key | None:
        """Return the usable key with this secret, else None: always one look-up by hash, so time tells nothing."""
        active = select(keys).where(keys.c.secret_sha256 == _sha256(secret), keys.c.revoked.is_(None))
        with self._read() as connection:
            row = connection.execute(active).one_or_none()
        return _key(row) if row else None

    def add_predictions(self, key_id: int, asked: Sequence[Asked], model: str, now: datetime) -> None:
        """Append a prediction for each complaint; a report seen for the first time and a changed text are added too."""
        # In one order everywhere, so that two calls never wait for each other's reports.
        ordered = sorted(asked, key=lambda item: item.complaint.id)
        with self._write() as connection:
            for start in range(0, len(ordered), BATCH):
                self._append(connection, key_id, ordered[start : start + BATCH], {"model": model, "made": now})

    def predictions(self, key_id: int, complaint_id: str) -> list[StoredPrediction]:
        """Return every answer given for a complaint of this key, oldest first."""
        columns = [c for c in predictions.c if c.name not in ("report_id", "text_id")]
        query = (
            select(*columns, reports.c.complaint_id, texts.c.title, texts.c.text)
            .join_from(predictions, reports)
            .outerjoin(texts, texts.c.id == predictions.c.text_id)
            .where(reports.c.key_id == key_id, reports.c.complaint_id == complaint_id)
            .order_by(predictions.c.id)
        )
        with self._read() as connection:
            return [StoredPrediction(**row) for row in connection.execute(query).mappings()]

    def ping(self) -> None:
        """Write one row to the disk, so that a database that is gone, locked, read-only or without room shows.

        Room for one row is not room for a large batch: a full disk may show here only a few calls later.
        """
        with self._write() as connection:
            self._beat(connection)

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with _storing(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def _write(self, where: str = "") -> Iterator[Connection]:
        with _storing(where), self._writer.begin() as connection:
            yield connection

    def _beat(self, connection: Connection) -> None:
        # A transaction alone proves nothing: SQLite begins one to write on a read-only file without a word.
        beat = self._insert(pings).values(id=1, made=datetime.now(UTC))
        connection.execute(beat.on_conflict_do_update(index_elements=["id"], set_={"made": beat.excluded.made}))

    def _append(self, connection: Connection, key_id: int, asked: Sequence[Asked], made: Mapping[str, Any]) -> None:
        report_ids = self._report_ids(connection, key_id, dict.fromkeys(item.complaint.id for item in asked))
        sent = [(report_ids[item.complaint.id], _digest(item.complaint)) for item in asked]
        text_ids = self._text_ids(connection, {at: item.complaint for at, item in zip(sent, asked, strict=True)})
        rows = [
            {"report_id": at[0], "text_id": text_ids.get(at), **_facts(item), **made}
            for at, item in zip(sent, asked, strict=True)
        ]
        connection.execute(self._insert(predictions), rows)

    def _report_ids(self, connection: Connection, key_id: int, ids: Iterable[str]) -> dict[str, int]:
        new = [{"key_id": key_id, "complaint_id": complaint_id} for complaint_id in ids]
        connection.execute(self._insert(reports).on_conflict_do_nothing(), new)
        known = select(reports.c.complaint_id, reports.c.id).where(
            reports.c.key_id == key_id, reports.c.complaint_id.in_(ids)
        )
        return {row.complaint_id: row.id for row in connection.execute(known)}

    def _text_ids(self, connection: Connection, sent: Mapping[_Report, Complaint]) -> dict[_Report, int]:
        new = [
            {"report_id": report_id, "digest": digest, "title": complaint.title, "text": complaint.text}
            for (report_id, digest), complaint in sent.items()
        ]
        connection.execute(self._insert(texts).on_conflict_do_nothing(), new)
        known = select(texts.c.report_id, texts.c.digest, texts.c.id).where(
            texts.c.report_id.in_({report_id for report_id, _ in sent})
        )
        return {(row.report_id, row.digest): row.id for row in connection.execute(known)}


@contextmanager
def _storing(where: str = "") -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, UnicodeError) as error:
        raise store_error(error, where) from None  # the cause quotes what was to be stored


def _sha256(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _digest(complaint: Complaint) -> bytes:
    return hashlib.sha256(f"{complaint.title}\0{complaint.text}".encode()).digest()


def _key(row: Row[Any]) -> Key:
    return Key(row.id, row.name, row.role, row.created, row.revoked)


def _facts(item: Asked) -> dict[str, Any]:
    complaint = item.complaint
    return {
        "answer": {name: _offsets(part) if name == "evidence" else part for name, part in item.answer.items()},
        "region": complaint.region,
        "date": complaint.date,
        "channel": complaint.channel,
        "visibility": complaint.visibility,
    }


def _offsets(evidence: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    # The words stay in the text alone, so that erasing it leaves none behind.
    return [{name: part for name, part in item.items() if name != "text"} for item in evidence]
