"""Connections to the database that a URL names, set up for many short calls from many threads."""

import sqlite3
import time
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from classifier.errors import StoreError

POLL = 0.01  # seconds between tries where SQLite does not wait by itself
CONNECT_TIMEOUT = 5  # seconds a PostgreSQL server may take to accept a connection
_EXPECTED = "expected sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE"


def build_engines(url: str, busy_timeout: float) -> tuple[Engine, Engine]:
    """Return an engine for reading and one for writing, not connected yet; raises StoreError for an unusable URL.

    SQLite has one writer at a time, so its writing engine has one connection, which is handed from caller to caller;
    a second one would only poll for the first one's lock. For PostgreSQL both are the same engine.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "postgresql":
        wait = {"options": f"-c lock_timeout={int(busy_timeout * 1000)}", "connect_timeout": CONNECT_TIMEOUT}
        # READ COMMITTED, whatever the server's default: a call must see the reports that it waited for.
        engine = _create(parsed, busy_timeout, connect_args=wait, pool_pre_ping=True, isolation_level="READ COMMITTED")
        return engine, engine
    reader = _create(parsed, busy_timeout, connect_args={"timeout": busy_timeout})
    writer = _create(parsed, busy_timeout, connect_args={"timeout": busy_timeout}, pool_size=1, max_overflow=0)
    event.listen(reader, "connect", partial(_prepare_sqlite, busy_timeout))
    event.listen(writer, "connect", partial(_prepare_sqlite, busy_timeout))
    event.listen(writer, "begin", _begin_sqlite)
    return reader, writer


def database_url(home: Path, given: str = "") -> str:
    """Return the URL that was given, else that of the SQLite file of a home."""
    return given or f"sqlite:///{home / 'pilah.db'}"


def database_name(engine: Engine) -> str:
    """Return the file, or host and database, that tells a person which database is meant: never a user or password."""
    url = engine.url
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return f"{url.host or url.query.get('host', 'localhost')}/{url.database}"


def _create(url: URL, busy_timeout: float, **options: Any) -> Engine:
    return create_engine(url, pool_timeout=busy_timeout, hide_parameters=True, **options)


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # both quote the URL, and with it the password
        raise StoreError(f"The database URL can't be read; {_EXPECTED}.", retryable=False) from None
    if parsed.drivername == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise StoreError(f"The database URL names no file; {_EXPECTED}.", retryable=False)
    if parsed.drivername == "sqlite":
        return parsed
    if parsed.drivername in ("postgresql", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    raise StoreError(f"The database URL starts with {parsed.drivername!r}; {_EXPECTED}.", retryable=False)


def _prepare_sqlite(busy_timeout: float, connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver begins no transaction; _begin_sqlite does, for a writer
    try:
        _write_ahead(connection, time.monotonic() + busy_timeout)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
    except BaseException:
        connection.close()
        raise


def _write_ahead(connection: Any, deadline: float) -> None:
    """Switch to write-ahead logging; of several that open a new file at once, SQLite refuses all but one, unwaited."""
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(POLL)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    # The lock is taken, and waited for, at once; a transaction that began as a reader would fail instead.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
