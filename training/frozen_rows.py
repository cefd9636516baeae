"""The frozen test rows of the gate: read, masked, counted, and moved forward."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from classifier.errors import DataError, InputError, RegistryError
from classifier.records import Complaint
from data.complaints import complaint_row, parse_complaint, read_complaints
from models.history import FrozenRows
from models.registry import Registry
from models.row_hashes import normalised
from training.fit import masked


@dataclass(frozen=True, slots=True)
class Window:
    """Test rows as they are compared on; `content` is the file to freeze, None where it stands frozen already.

    `unlabelled`: how many rows were left out for want of a label.
    """

    rows: tuple[Complaint, ...]
    record: FrozenRows
    content: bytes | None = None
    unlabelled: int = 0


def frozen_rows(registry: Registry) -> Window | None:
    """Return the frozen rows for one more use, None if there are none; RegistryError if their file was changed."""
    frozen = registry.frozen()
    if frozen is None:
        return None
    rows = _parsed(registry.test_rows(frozen))
    return Window(rows, FrozenRows(frozen.fingerprint, len(rows), frozen.uses + 1))


def new_rows(path: Path, columns: Sequence[str], registry: Registry) -> Window:
    """Return the rows of a file, to be frozen instead of the older ones.

    Rows that stood frozen before keep their uses. DataError for a file that can't be read or has no label in any of
    `columns`, InputError for one that ends before the frozen rows do: the window only moves forward.
    """
    read = list(read_complaints(path, now=datetime.now(UTC)))
    rows = tuple(masked(one) for one in read if any(one.labels.get(column) for column in columns))
    if not rows:
        expected = f"test rows with labels: {', '.join(columns)}"
        raise DataError(str(path), "holds no complaint with a label that the bundle answers", expected)
    return replace(window(rows, registry), unlabelled=len(read) - len(rows))


def window(rows: Sequence[Complaint], registry: Registry) -> Window:
    """Return masked rows with labels, to be frozen instead of the older ones; InputError as `new_rows`."""
    content = _written(rows)
    record = FrozenRows(hashlib.sha256(content).hexdigest(), len(rows), 1 + _uses_before(rows, registry))
    return Window(tuple(rows), record, content)


def _uses_before(rows: Sequence[Complaint], registry: Registry) -> float:
    """Return in how many comparisons the rows took part so far, on average."""
    frozen = registry.frozen()
    if frozen is None:
        return 0.0
    try:
        older = _parsed(registry.test_rows(frozen))
    except RegistryError:  # which of them are the same can't be told any more: count all as used
        return frozen.uses
    _check_forward(rows, older)
    known = {normalised(one.text) for one in older}
    return frozen.uses * sum(normalised(one.text) in known for one in rows) / len(rows)


def _check_forward(rows: Sequence[Complaint], older: Sequence[Complaint]) -> None:
    newest, before = (max((one.date for one in each if one.date), default=None) for each in (rows, older))
    if newest and before and newest < before:
        problem = f"its newest row is of {newest:%Y-%m-%d}, that of the frozen test rows of {before:%Y-%m-%d}"
        raise InputError("--test", problem, "rows as new or newer: the test window only moves forward")


def _written(rows: Sequence[Complaint]) -> bytes:
    lines = (json.dumps(complaint_row(one), ensure_ascii=False, sort_keys=True) for one in rows)
    return "".join(f"{line}\n" for line in lines).encode()


def _parsed(content: bytes) -> tuple[Complaint, ...]:
    return tuple(parse_complaint(json.loads(line)) for line in content.decode().split("\n") if line)
