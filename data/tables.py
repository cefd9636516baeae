"""Reads and checks the reviewed tables in reference/."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from classifier.agencies import AgencyTable
from classifier.agency_rows import AgencyRow
from classifier.errors import DataError
from classifier.names import Entry
from classifier.places import PlaceResolver
from classifier.taxonomy import Taxonomy, from_data, national
from data.gazetteer import read_places
from data.table_checks import problems_of
from data.table_rows import COLUMNS, Row, read_rows

REFERENCE = Path(__file__).parent / "reference"


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables as read, their version (eight hex digits of their SHA-256) and everything that is wrong with them."""

    topics: tuple[Row, ...]
    agencies: tuple[Row, ...]
    offices: tuple[Row, ...]
    kinds: tuple[Row, ...]
    version: str
    problems: tuple[DataError, ...]


def read_taxonomy(folder: Path = REFERENCE) -> Taxonomy:
    """Return the national taxonomy; raises DataError for the first thing that is wrong with a table."""
    tables = _checked(folder)
    return national(
        [row.entry(row.cells["main"]) for row in tables.topics],
        _agency_table(tables, read_places()),
        [row.entry("") for row in tables.kinds],
        tables.version,
    )


def read_entries(folder: Path = REFERENCE) -> tuple[list[Entry], list[Entry]]:
    """Return the topics and the kinds, retired ones too; raises DataError for the first thing that is wrong."""
    tables = _checked(folder)
    return [row.entry(row.cells["main"]) for row in tables.topics], [row.entry("") for row in tables.kinds]


def read_written() -> Taxonomy:
    """Return the taxonomy of labels as written, which takes agencies apart by our tables."""
    return from_data(read_agencies(read_places()))


def read_agencies(places: PlaceResolver, folder: Path = REFERENCE) -> AgencyTable:
    """Return the agency table, composed with `places`; raises DataError for the first thing that is wrong."""
    return _agency_table(_checked(folder), places)


def _agency_table(tables: Tables, places: PlaceResolver) -> AgencyTable:
    return AgencyTable([_agency(row, tables.offices) for row in tables.agencies], places)


def read_tables(folder: Path = REFERENCE) -> Tables:
    """Read and check the tables; raises DataError only for a file that can't be read as a table."""
    tables = {name: tuple(read_rows(folder / name)) for name in COLUMNS}
    content = b"".join((folder / name).read_bytes() for name in COLUMNS)
    version = hashlib.sha256(content).hexdigest()[:8]
    topics, agencies, offices, kinds = tables.values()
    return Tables(topics, agencies, offices, kinds, version, tuple(problems_of(tables)))


def _checked(folder: Path) -> Tables:
    tables = read_tables(folder)
    if tables.problems:
        raise tables.problems[0]
    return tables


def _agency(row: Row, offices: tuple[Row, ...]) -> AgencyRow:
    cells = row.cells
    return AgencyRow(
        id=row.code,
        name=cells["name"],
        levels=frozenset(row.listed("level")),  # type: ignore[arg-type]  # checked by table_checks
        aliases=row.aliases,
        kind=cells["kind"],
        parent=cells["parent"],
        place=cells["place"],
        valid_from=row.day("valid_from"),
        valid_to=row.day("valid_to"),
        successors=row.listed("successors"),
        offices={office.cells["level"]: office.cells["name"] for office in offices if office.code == row.code},
    )
