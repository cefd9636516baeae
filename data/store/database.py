"""The database behind the store: opened and migrated once, then read and written in short transactions."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Self

from sqlalchemy import Connection, Engine
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from classifier.errors import StoreError
from data.migrations import migrate
from data.store.engine import build_engines, database_name
from data.store.errors import store_error
from data.store.tables import pings

BATCH = 1000  # rows looked up in one statement; SQLite takes 32,766 values


class Store:
    """A database; `Keys`, `Predictions` and the like, each built on one, are what is asked and told.

    Each of their calls is one transaction, may come from any thread, and raises StoreError when the database refuses;
    then nothing of the call is stored.
    """

    def __init__(self, reader: Engine, writer: Engine) -> None:
        self._reader, self._writer = reader, writer
        self.insert = sqlite.insert if self.is_sqlite else postgresql.insert

    @classmethod
    def open(cls, url: str, *, busy_timeout: float = 2.0) -> Self:
        """Connect to `sqlite:///FILE` or `postgresql://...`, bring its tables up to date and check as `ping` does.

        `busy_timeout` is how many seconds a call waits for a lock, or for a free connection, before it fails.
        """
        store = cls(*build_engines(url, busy_timeout))
        try:
            with store.write(where=store.name) as connection:
                migrate(connection)
                store._beat(connection)
        except StoreError:
            store.close()
            raise
        return store

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a SQLite file; else it is PostgreSQL."""
        return self._writer.dialect.name == "sqlite"

    @property
    def name(self) -> str:
        """The file, or host and database, as a person would name it."""
        return database_name(self._writer)

    def close(self) -> None:
        """Close all connections."""
        self._reader.dispose()
        self._writer.dispose()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that only reads."""
        with _storing(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Open a transaction that reads one moment's state, however long it takes and whoever writes meanwhile."""
        with _storing(), self._reader.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")  # the driver begins none by itself
                yield connection
            else:
                yield connection.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def write(self, where: str = "") -> Iterator[Connection]:
        """Open a transaction that is committed at the end; `where` names the database to whoever runs the service."""
        with _storing(where), self._writer.begin() as connection:
            yield connection

    def ping(self) -> None:
        """Write one row to the disk, so that a database that is gone, locked, read-only or without room shows.

        Room for one row is not room for a large batch: a full disk may show here only a few calls later.
        """
        with self.write() as connection:
            self._beat(connection)

    def checkpoint(self) -> bool:
        """Bring all of a SQLite log into its file and empty the log, which else holds on to what was deleted.

        False while somebody reads or writes: nobody is kept waiting for it.
        """
        with _storing(), self._reader.connect() as connection:
            (patience,) = connection.exec_driver_sql("PRAGMA busy_timeout").one()
            connection.exec_driver_sql("PRAGMA busy_timeout = 0")
            try:
                return not connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout = {patience}")

    def _beat(self, connection: Connection) -> None:
        # A transaction alone proves nothing: SQLite begins one to write on a read-only file without a word.
        beat = self.insert(pings).values(id=1, made=datetime.now(UTC))
        connection.execute(beat.on_conflict_do_update(index_elements=["id"], set_={"made": beat.excluded.made}))


@contextmanager
def _storing(where: str = "") -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, UnicodeError) as error:
        raise store_error(error, where) from None  # the cause quotes what was to be stored
