"""What a database says when it refuses, in words a person can act on and without the data it was given."""

import sqlite3
from typing import NamedTuple

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from classifier.errors import StoreError


class _Cause(NamedTuple):
    message: str
    retryable: bool


_LOCKED = _Cause("The database is locked by another process; try again in a moment", True)
_BUSY = _Cause("The database has too much to do at once; try again in a moment", True)
_LOST = _Cause("The database can't be reached; check that it runs, then try again", True)
_FULL = _Cause("The database's disk or size limit is full; nothing of this call was stored, make room first", False)
_READ_ONLY = _Cause("The database can't be written; give this user the right to write it and its folder", False)
_CLOSED = _Cause("The database file can't be opened; check that its folder exists and may be written", False)
_DAMAGED = _Cause("The database is damaged or is no database; restore it from a backup", False)
_DISK = _Cause("The disk refused to read or write the database; it may be full, over a size limit or failing", False)
_BROKEN_LINK = _Cause("The database lacks what this call refers to, or one of its rules forbids it", False)

_SQLITE = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: _CLOSED,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_IOERR: _DISK,
    sqlite3.SQLITE_CONSTRAINT: _BROKEN_LINK,
}

# A whole SQLSTATE comes before its class, the first two characters:
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL = {
    "55P03": _LOCKED,
    "53100": _FULL,
    "25006": _READ_ONLY,
    "42501": _READ_ONLY,
    "08": _LOST,
    "23": _BROKEN_LINK,
    "40": _BUSY,
    "53": _BUSY,
    "57": _LOST,
    "58": _DISK,
    "XX": _DAMAGED,
}


def store_error(error: Exception, where: str = "") -> StoreError:
    """Return the StoreError that says why the database refused; `where` names it to whoever runs the service."""
    cause = _cause(error)
    named = f" ({where}{_reason(error)})" if where else ""
    return StoreError(f"{cause.message}{named}.", retryable=cause.retryable)


def _reason(error: Exception) -> str:
    """Return the driver's first line when it could not connect ("Connection refused"), which quotes no data."""
    driver = getattr(error, "orig", None)
    unconnected = isinstance(error, OperationalError) and getattr(driver, "sqlstate", "") is None
    return f": {str(driver).splitlines()[0]}" if unconnected and str(driver) else ""


def _cause(error: Exception) -> _Cause:
    if isinstance(error, PoolTimeout):
        return _BUSY
    refusal = getattr(error, "orig", None) or error
    refused = _Cause(f"The database doesn't take what it was given ({type(refusal).__name__})", False)
    if isinstance(refusal, sqlite3.Error):
        # The extended code's low byte is the plain code: https://www.sqlite.org/rescode.html
        return _SQLITE.get(getattr(refusal, "sqlite_errorcode", 0) & 0xFF, refused)
    if state := getattr(refusal, "sqlstate", None):
        return _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2], refused)
    # The driver, not the server, gave up: there was no server to name a state.
    return _LOST if isinstance(error, OperationalError | InterfaceError) else refused
