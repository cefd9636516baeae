"""The lines of the reviewed tables, as they stand in the files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from classifier.errors import DataError
from classifier.names import Entry
from classifier.records import Label
from data.csv_records import EXPECTED, PROBLEM, read_records

COLUMNS = {
    "topics.csv": ("code", "name", "main", "sp4n_id", "aliases", "valid_from", "valid_to", "successors"),
    "agencies.csv": (
        *("id", "name", "level", "aliases", "kind", "parent", "place"),
        *("valid_from", "valid_to", "successors", "source"),
    ),
    "offices.csv": ("agency", "level", "name"),
    "kinds.csv": ("code", "name", "aliases"),
}


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
        """The other names."""
        return self.listed("aliases")

    def listed(self, column: str) -> tuple[str, ...]:
        """Return what stands between bars in a cell; () for a column that the table has not."""
        cell = self.cells.get(column, "")
        return tuple(cell.split("|")) if cell else ()

    def day(self, column: str) -> date | None:
        """Return the day in a cell, None for an empty one; raises ValueError for any other text."""
        cell = self.cells.get(column, "")
        return date.fromisoformat(cell) if cell else None

    def entry(self, group: str) -> Entry:
        """Return the row as the taxonomy takes it."""
        label = Label(self.code, self.cells["name"], group)
        return Entry(label, self.aliases, self.listed("successors"), bool(self.cells.get("valid_to")))


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the lines of a table; raises DataError for a file that is no table of its columns."""
    columns = COLUMNS[path.name]
    for number, cells in read_lines(path, columns):
        yield Row(number, dict(zip(columns, cells, strict=True)))


def read_lines(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield number and cells of the lines under the header; raises DataError, with the row for one that is broken."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            records = list(read_records(file, ",", len(columns)))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(path.name, f"can't be read ({error})", "a UTF-8 CSV file") from error
    if not records or tuple(records[0][1] or ()) != tuple(columns):
        raise DataError(path.name, "the header is another one", ",".join(columns), row=1)
    for number, cells in records[1:]:
        if cells is None:
            raise DataError(path.name, PROBLEM, EXPECTED, row=number)
        if len(cells) != len(columns):
            raise DataError(path.name, f"{len(cells)} cells", f"{len(columns)} cells", row=number)
        yield number, cells
