"""What the database says becomes a StoreError that a person can act on and that quotes no data."""

import sqlite3

import psycopg.errors
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from data.store.errors import store_error

SENT = {"text": "Rahasia warga"}


def from_sqlite(code: int) -> DBAPIError:
    refusal = sqlite3.OperationalError("Rahasia warga")
    refusal.sqlite_errorcode = code
    return OperationalError("INSERT", SENT, refusal)


def from_postgresql(state: str) -> DBAPIError:
    return OperationalError("INSERT", SENT, psycopg.errors.lookup(state)("DETAIL: Key (text)=(Rahasia warga)"))


@pytest.mark.parametrize(
    ("code", "says", "retryable"),
    [
        (sqlite3.SQLITE_BUSY, "locked by another process", True),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "locked by another process", True),
        (sqlite3.SQLITE_LOCKED, "locked by another process", True),
        (sqlite3.SQLITE_FULL, "make room", False),
        (sqlite3.SQLITE_READONLY_DIRECTORY, "can't be written", False),
        (sqlite3.SQLITE_CANTOPEN, "can't be opened", False),
        (sqlite3.SQLITE_CORRUPT, "damaged", False),
        (sqlite3.SQLITE_NOTADB, "damaged", False),
        (sqlite3.SQLITE_IOERR_WRITE, "size limit", False),
        (sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY, "lacks what this call refers to", False),
        (sqlite3.SQLITE_TOOBIG, "doesn't take what it was given", False),
    ],
)
def test_sqlite_codes(code: int, says: str, retryable: bool) -> None:
    error = store_error(from_sqlite(code))
    assert says in str(error)
    assert error.retryable is retryable


@pytest.mark.parametrize(
    ("state", "says", "retryable"),
    [
        ("55P03", "locked by another process", True),
        ("40P01", "too much to do", True),
        ("40001", "too much to do", True),
        ("53300", "too much to do", True),
        ("53100", "make room", False),
        ("25006", "can't be written", False),
        ("42501", "can't be written", False),
        ("08006", "can't be reached", True),
        ("57P01", "can't be reached", True),
        ("58030", "disk refused", False),
        ("XX001", "damaged", False),
        ("23503", "lacks what this call refers to", False),
        ("22021", "doesn't take what it was given (CharacterNotInRepertoire)", False),
    ],
)
def test_postgresql_states(state: str, says: str, retryable: bool) -> None:
    error = store_error(from_postgresql(state))
    assert says in str(error)
    assert error.retryable is retryable


def test_a_lost_connection_may_come_back() -> None:
    lost = OperationalError("INSERT", SENT, psycopg.OperationalError("server closed the connection\nsecond line"))
    error = store_error(lost, "db/pilah")
    assert str(error).endswith("(db/pilah: server closed the connection).")
    assert error.retryable
    assert store_error(InterfaceError("INSERT", SENT, psycopg.InterfaceError("closed"))).retryable


def test_no_free_connection_may_be_tried_again() -> None:
    assert store_error(PoolTimeout("QueuePool limit of size 5 reached")).retryable


def test_the_place_is_named_when_it_is_known() -> None:
    assert str(store_error(from_sqlite(sqlite3.SQLITE_NOTADB), "var/pilah.db")).endswith("(var/pilah.db).")


@given(
    code=st.integers(0, 10_000),
    state=st.sampled_from(["22021", "23505", "40001", "42P01", "53100", "57014", "XX002"]),
    where=st.sampled_from(["", "db/pilah"]),
)
def test_no_refusal_quotes_what_was_sent(code: int, state: str, where: str) -> None:
    refusals: list[Exception] = [
        from_sqlite(code),
        from_postgresql(state),
        IntegrityError("INSERT", SENT, sqlite3.IntegrityError("Rahasia warga")),
        StatementError("Rahasia warga", "INSERT", SENT, ValueError("Rahasia warga")),
        UnicodeEncodeError("utf-8", "Rahasia warga \ud800", 14, 15, "surrogates not allowed"),
    ]
    for refusal in refusals:
        message = str(store_error(refusal, where))
        assert "Rahasia" not in message
        assert "INSERT" not in message
        assert message.endswith(".")
