"""Reads and checks the reviewed tables in reference/."""

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from classifier.errors import DataError
from classifier.records import Label
from classifier.taxonomy import Entry, Taxonomy, meant_by, name_key, national

REFERENCE = Path(__file__).parent / "reference"
LEVELS = ("national", "provinsi", "kabkota", "kecamatan", "desa")  # a kelurahan counts as desa

_COLUMNS = {
    "topics.csv": ("code", "name", "main", "sp4n_id", "aliases"),
    "agencies.csv": ("id", "name", "level", "aliases"),
    "kinds.csv": ("code", "name", "aliases"),
}
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table; `number` counts from 1 with the header, as an editor shows it."""

    number: int
    cells: dict[str, str]

    @property
    def code(self) -> str:
        """The first column, whatever it is called."""
        return next(iter(self.cells.values()))

    @property
    def aliases(self) -> tuple[str, ...]:
        """The other names, written between bars."""
        return tuple(self.cells["aliases"].split("|")) if self.cells["aliases"] else ()

    def entry(self, group: str) -> Entry:
        """Return the row as the taxonomy takes it."""
        return Entry(Label(self.code, self.cells["name"], group), self.aliases)


@dataclass(frozen=True, slots=True)
class Tables:
    """The three tables as read, and everything that is wrong with them."""

    topics: tuple[Row, ...]
    agencies: tuple[Row, ...]
    kinds: tuple[Row, ...]
    version: str
    problems: tuple[DataError, ...]


def read_taxonomy(folder: Path = REFERENCE) -> Taxonomy:
    """Return the national taxonomy, its version the first eight hex digits of the tables' SHA-256.

    Raises DataError for the first thing that is wrong with a table.
    """
    tables = read_tables(folder)
    if tables.problems:
        raise tables.problems[0]
    return national(
        [row.entry(row.cells["main"]) for row in tables.topics],
        [row.entry(row.cells["name"]) for row in tables.agencies],
        [row.entry("") for row in tables.kinds],
        tables.version,
    )


def read_tables(folder: Path = REFERENCE) -> Tables:
    """Read and check the tables; raises DataError only for a file that can't be read as a table."""
    topics, agencies, kinds = (tuple(_rows(folder / name)) for name in _COLUMNS)
    problems = [
        *_row_problems("topics.csv", topics),
        *_topic_problems(topics),
        *_clashes("topics.csv", topics),
        *_row_problems("agencies.csv", agencies),
        *_level_problems(agencies),
        *_clashes("agencies.csv", agencies),
        *_row_problems("kinds.csv", kinds),
        *_clashes("kinds.csv", kinds),
    ]
    content = b"".join((folder / name).read_bytes() for name in _COLUMNS)
    return Tables(topics, agencies, kinds, hashlib.sha256(content).hexdigest()[:8], tuple(problems))


def _rows(path: Path) -> Iterator[Row]:
    columns = _COLUMNS[path.name]
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(path.name, f"can't be read ({error})", "a UTF-8 CSV file") from error
    if not lines or tuple(lines[0]) != columns:
        raise DataError(path.name, "the header is another one", ",".join(columns), row=1)
    for number, cells in enumerate(lines[1:], start=2):
        if len(cells) != len(columns):
            raise DataError(path.name, f"{len(cells)} cells", f"{len(columns)} cells", row=number)
        yield Row(number, dict(zip(columns, cells, strict=True)))


def _row_problems(file: str, rows: Iterable[Row]) -> Iterator[DataError]:
    """Find codes and names that break a rule of every table."""
    first_seen: dict[str, int] = {}
    depth = 2 if file == "topics.csv" else 1
    for row in rows:
        slugs = row.code.split("/")
        if len(slugs) > depth or not all(_SLUG.fullmatch(slug) for slug in slugs):
            expected = "lower-case words joined by hyphens" + (", main/leaf" if depth == 2 else "")
            yield DataError(file, f"bad code {row.code!r}", expected, row=row.number)
        if (first := first_seen.setdefault(row.code, row.number)) != row.number:
            yield DataError(file, f"code {row.code!r} stands in row {first} too", "a code of its own", row=row.number)
        for column, cell in row.cells.items():
            if any(part != " ".join(part.split()) for part in cell.split("|")):
                yield DataError(file, "stray white space", "single spaces only", row=row.number, column=column)
        for column, names in (("name", (row.cells["name"],)), ("aliases", row.aliases)):
            if not all(name_key(name) for name in names):
                yield DataError(file, "empty name", "a name with letters", row=row.number, column=column)


def _topic_problems(rows: tuple[Row, ...]) -> Iterator[DataError]:
    """Find unknown main topics and bad or repeated SP4N ids."""
    mains = {row.code: row.cells["name"] for row in rows if "/" not in row.code}
    with_id: dict[str, int] = {}
    for row in rows:
        main, sp4n_id = mains.get(row.code.split("/")[0]), row.cells["sp4n_id"]
        if row.cells["main"] != main:
            expected = f"{main!r}, the name of its row" if main else "a row for the main topic"
            yield DataError("topics.csv", "unknown main topic", expected, row=row.number, column="main")
        if sp4n_id and not (sp4n_id.isascii() and sp4n_id.isdigit()):
            yield DataError("topics.csv", "bad id", "digits or nothing", row=row.number, column="sp4n_id")
        if sp4n_id and (first := with_id.setdefault(sp4n_id, row.number)) != row.number:
            problem = f"id {sp4n_id} stands in row {first} too"
            yield DataError("topics.csv", problem, "one topic an id", row=row.number, column="sp4n_id")


def _level_problems(rows: Iterable[Row]) -> Iterator[DataError]:
    for row in rows:
        levels = row.cells["level"].split("|")
        if not set(levels) <= set(LEVELS) or len(set(levels)) != len(levels):
            expected = "one or more of " + "|".join(LEVELS)
            yield DataError("agencies.csv", "unknown level", expected, row=row.number, column="level")


def _clashes(file: str, rows: Sequence[Row]) -> Iterator[DataError]:
    """Find names that mean two rows, told at the later one; main topics may share a leaf's official name."""
    numbers = {row.code: row.number for row in rows}
    entries = [row.entry(row.cells.get("main", "")) for row in rows]
    for key, labels in meant_by((entry.label, entry.names()) for entry in entries).items():
        if len(labels) > 1 and not _shared_by_mains(key, labels):
            codes = sorted((label.code for label in labels), key=numbers.__getitem__)
            problem = f"the name {key!r} means {' and '.join(codes)}"
            yield DataError(file, problem, "one meaning a name", row=numbers[codes[-1]])


def _shared_by_mains(key: str, labels: Sequence[Label]) -> bool:
    return all(name_key(label.name) == key for label in labels) and len({x.group for x in labels}) == len(labels)
