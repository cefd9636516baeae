"""Every error that pilah raises on purpose.

PilahError
├── InputError      a complaint, request or option is wrong; names field, problem and what was expected
├── DataError       a file is wrong; names file, row, column, problem and what was expected
├── BundleError     a bundle can't be trusted or read; names the folder or file, problem and what was expected
├── RegistryError   the registry can't do what was asked (unknown id, nothing to roll back to)
├── ConflictError   somebody else was first; says who decided what and when
├── SettingsError   a configuration key is unknown or has a bad value
└── StoreError      the database refused: full, locked, read-only or gone

`service/errors.py` adds those that only an HTTP request can meet. Each message is one or two sentences that a person
can act on, and never quotes a citizen's text.
"""

from collections.abc import Mapping
from typing import Any


class PilahError(Exception):
    """Root of the tree: catch it at an edge to turn any deliberate failure into a message."""


class InputError(PilahError):
    """A complaint, request or option is wrong."""

    def __init__(self, field: str, problem: str, expected: str) -> None:
        super().__init__(f"{field}: {problem}; expected {expected}")
        self.field, self.problem, self.expected = field, problem, expected


class DataError(PilahError):
    """A file is wrong; `row` counts from 1 as a spreadsheet or editor shows it, None for the whole file."""

    def __init__(
        self, file: str, problem: str, expected: str, *, row: int | None = None, column: str | None = None
    ) -> None:
        where = file + (f", row {row}" if row is not None else "") + (f", column {column!r}" if column else "")
        super().__init__(f"{where}: {problem}; expected {expected}")
        self.file, self.problem, self.expected, self.row, self.column = file, problem, expected, row, column


class BundleError(PilahError):
    """A bundle can't be trusted or read."""

    def __init__(self, where: str, problem: str, expected: str) -> None:
        super().__init__(f"{where}: {problem}; expected {expected}")
        self.where, self.problem, self.expected = where, problem, expected


class RegistryError(PilahError):
    """The registry can't do what was asked."""


class ConflictError(PilahError):
    """Somebody else was first; `correction` says who decided what and when, and is empty if nothing was decided."""

    def __init__(self, message: str, correction: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.correction = dict(correction or {})


class SettingsError(PilahError):
    """A configuration key is unknown or has a bad value."""

    def __init__(self, key: str, problem: str, expected: str) -> None:
        super().__init__(f"{key}: {problem}; expected {expected}")
        self.key, self.problem, self.expected = key, problem, expected


class StoreError(PilahError):
    """The database refused; `retryable` says whether trying again soon may help."""

    def __init__(self, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.retryable = retryable
