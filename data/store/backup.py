"""A whole store in one file, to be restored into an empty database of either kind.

The file is a zip archive: a part TABLE.jsonl for each table, one row a line, and manifest.json with the schema that
the rows follow and how many of them each part has, and its SHA-256. Sign-ins are left out, and the search index, which
is made anew.
"""

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, LargeBinary, Table, exists, func, insert, select, text
from sqlalchemy.types import TypeEngine

from classifier.errors import DataError, InputError
from data import migrations
from data.complaints import draft_of
from data.store import text_words
from data.store.database import BATCH, Store
from data.store.erasure import replay
from data.store.tables import Utc, metadata, pings, sessions
from data.store.track import Track, untracked

FORMAT = 1
MANIFEST = "manifest.json"
PRIVATE = 0o600  # citizens' texts: for their owner's eyes alone
TABLES = tuple(table for table in metadata.sorted_tables if table not in (pings, sessions))
PIECE = 2**20  # bytes read at once


def backup(store: Store, path: Path, now: datetime, track: Track = untracked) -> dict[str, int]:
    """Write all that the store holds at one moment, while others write; returns the rows of each table.

    The file appears whole or not at all; raises DataError if the disk refuses.
    """
    with draft_of(path) as draft, open(draft, "xb", opener=_private) as file, store.snapshot() as connection:
        parts = {}
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for table in TABLES:
                with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as part:
                    parts[table.name] = _write(connection, table, part, track)
            made = {"format": FORMAT, "schema": migrations.version(connection), "made": now.isoformat()}
            archive.writestr(MANIFEST, json.dumps(made | {"parts": parts}, indent=2))
    return {name: part["rows"] for name, part in parts.items()}


def restore(store: Store, path: Path, erasures: Path | None = None, track: Track = untracked) -> dict[str, int]:
    """Fill an empty database from a backup, in one transaction; returns the rows of each table.

    `erasures` is a list as `Erasure.tombstones` gives it: what was erased after the backup is erased again. Raises
    DataError for an archive that is damaged, of another format or newer than this pilah; InputError if the database
    holds something.
    """
    again = _read_list(erasures) if erasures else []
    with _opened(path) as archive:
        parts = _checked(path, archive, track)
        with store.write() as connection:
            _refuse_full(store, connection)
            for table in TABLES:
                if part := parts.get(table.name):
                    with archive.open(f"{table.name}.jsonl") as lines:
                        _read(connection, table, track(_rows(path, table, lines), part["rows"], table.name))
            if not store.is_sqlite:
                _continue_numbers(connection)
            replay(store, connection, again)
            text_words.index_all(connection, track)
    return {name: part["rows"] for name, part in parts.items()}


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, PRIVATE)


def _write(connection: Connection, table: Table, part: IO[bytes], track: Track) -> dict[str, Any]:
    digest, count = hashlib.sha256(), connection.scalar(select(func.count()).select_from(table)) or 0
    columns = [(column.name, column.type) for column in table.columns]
    query = select(table).order_by(*table.primary_key.columns)
    with connection.execute(query, execution_options={"yield_per": BATCH}) as rows:
        for row in track(rows, count, table.name):
            values = {name: _plain(type_, value) for (name, type_), value in zip(columns, row, strict=True)}
            line = f"{json.dumps(values, ensure_ascii=False)}\n".encode()
            digest.update(line)
            part.write(line)
    return {"rows": count, "sha256": digest.hexdigest()}


def _plain(type_: TypeEngine[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(type_, Utc):
        return value.isoformat()
    return value.hex() if isinstance(type_, LargeBinary) else value


def _typed(type_: TypeEngine[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(type_, Utc):
        return datetime.fromisoformat(value)
    return bytes.fromhex(value) if isinstance(type_, LargeBinary) else value


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        raise _damaged(path, "it is no whole zip archive") from None
    except OSError as error:
        raise DataError(
            str(path), f"can't be read ({error.strerror})", "a file that `pilah store backup` made"
        ) from error


def _checked(path: Path, archive: zipfile.ZipFile, track: Track) -> dict[str, dict[str, Any]]:
    """Return the parts after reading all of them once."""
    parts: dict[str, dict[str, Any]]
    try:
        manifest = json.loads(archive.read(MANIFEST))
        made_by, schema, parts = manifest["format"], manifest["schema"], manifest["parts"]
        sums = {name: (int(part["rows"]), str(part["sha256"])) for name, part in parts.items()}
    except (KeyError, ValueError, TypeError, AttributeError):
        raise _damaged(path, f"it has no sound {MANIFEST}") from None
    if made_by != FORMAT or schema not in migrations.known() or not sums.keys() <= {table.name for table in TABLES}:
        raise DataError(
            str(path), f"it is of format {made_by}, schema {schema}", "a backup of this pilah or an older one"
        )
    for name, (_, expected) in sums.items():
        if _digest(archive, f"{name}.jsonl", track) != expected:
            raise _damaged(path, f"{name}.jsonl has changed")
    return parts


def _digest(archive: zipfile.ZipFile, name: str, track: Track) -> str:
    digest = hashlib.sha256()
    try:
        size = archive.getinfo(name).file_size
    except KeyError:
        return ""
    with archive.open(name) as part:
        for piece in track(iter(lambda: part.read(PIECE), b""), 1 + size // PIECE, f"check {name}"):
            digest.update(piece)
    return digest.hexdigest()


def _damaged(path: Path, problem: str) -> DataError:
    return DataError(str(path), problem, "an undamaged file that `pilah store backup` made")


def _refuse_full(store: Store, connection: Connection) -> None:
    for table in TABLES:
        if connection.scalar(select(exists().select_from(table))):
            raise InputError("database", f"{store.name} holds {table.name} already", "an empty one")


def _rows(path: Path, table: Table, lines: IO[bytes]) -> Iterator[dict[str, Any]]:
    types = {column.name: column.type for column in table.columns}
    for number, line in enumerate(lines, 1):
        try:
            yield {name: _typed(types[name], value) for name, value in json.loads(line).items()}
        except (KeyError, ValueError, TypeError, AttributeError):
            raise DataError(f"{path}: {table.name}.jsonl", "is no row of this table", "a row", row=number) from None


def _read(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        connection.execute(insert(table), batch)


def _continue_numbers(connection: Connection) -> None:
    """Let PostgreSQL give out ids above those that came with the rows."""
    for table in TABLES:
        if (column := table.autoincrement_column) is not None:
            last = f"SELECT coalesce(max({column.name}), 0) + 1 FROM {table.name}"  # noqa: S608 - names of our own
            connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), ({last}), false)")
            )
    connection.execute(text("ANALYZE"))


def _read_list(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a list of erasures."""
    expected = "a list that `pilah store erasures` made"
    rows = []
    try:
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            try:
                row = json.loads(line)
                rows.append(
                    {
                        "key": int(row["key"]),
                        "id": str(row["id"]),
                        "reason": str(row["reason"]),
                        "made": datetime.fromisoformat(row["made"]),
                    }
                )
            except (KeyError, ValueError, TypeError):
                raise DataError(str(path), "is no erasure", expected, row=number) from None
    except OSError as error:
        raise DataError(str(path), f"can't be read ({error.strerror})", expected) from error
    return rows
