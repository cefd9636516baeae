"""Layouts: which columns of a table feed which field of a complaint."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from classifier.errors import InputError
from data.cells import cell_line, cell_text
from data.complaints import FIELDS, LABELS
from data.dates import parse_export_date
from data.sheets import column_key

_FIELD = re.compile(r"[a-z][a-z0-9_]{0,60}")
_JOINTS = {"text": "\n", "region": ", ", "id": "-"}
_PLACES = {"provinsi": "Provinsi", "kecamatan": "Kec.", "kelurahan": "Kel.", "kelurahan/desa": "Kel.", "desa": "Desa"}
_PLACED = re.compile(r"(?:prov(?:insi)?|kec(?:amatan)?|kel(?:urahan)?|desa)\b", re.IGNORECASE)
_PUBLIC = frozenset({"", "public", "publik", "biasa", "normal", "terbuka"})


def _always(_row: Mapping[str, Any]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns behind each field, in the order in which they are joined.

    `is_routed` says of a row of fields whether its agency was really given the report; only then is it a label.
    """

    name: str
    columns: Mapping[str, tuple[str, ...]]
    is_routed: Callable[[Mapping[str, Any]], bool] = _always

    def column_of(self, field: str) -> str | None:
        """Return the columns behind a field as a message shows them, None if there are none."""
        return ", ".join(self.columns.get(field, ())) or None

    def value(self, field: str, cells: Mapping[str, Any]) -> Any:
        """Return the value of one field from cells by column key; raises InputError if a cell can't be that field."""
        columns = self.columns[field]
        values = [cells.get(column_key(column)) for column in columns]
        if field == "date":
            return _date(values)
        if field == "region":
            values = [_place(column, cell_line(field, value)) for column, value in zip(columns, values, strict=True)]
        read = cell_text if field == "text" else cell_line
        joined = _JOINTS.get(field, " ").join(part for value in values if (part := read(field, value)))
        return _visibility(joined) if field == "visibility" else joined

    def row(self, cells: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields of a row, as `parse_complaint` reads them; an unrouted one has no agency."""
        row = {field: value for field in self.columns if (value := self.value(field, cells))}
        if not self.is_routed(row):
            row.pop("agency", None)
        return row


def own_layout(columns: Sequence[str]) -> Layout:
    """Return the layout of a table that has pilah's own field names; its other columns are labels."""
    return Layout("complaints", {column_key(column): (column,) for column in columns})


def mapped_layout(options: Sequence[str]) -> Layout:
    """Return the layout that `--map column=field` options ask for; raises InputError for one that can't be meant."""
    columns: dict[str, tuple[str, ...]] = {}
    for option in options:
        column, equals, field = (part.strip() for part in option.rpartition("="))
        if not (equals and column and _FIELD.fullmatch(field)):
            raise InputError("--map", f"{option!r} is no column=field", "a field: " + _field_names())
        columns[field] = (*columns.get(field, ()), column)
    if "text" not in columns:
        raise InputError("--map", "no column is mapped to text", '--map "Isi Laporan=text"')
    if len(columns.get("date", ())) > 2:
        raise InputError(
            "--map", "more than two columns are mapped to date", "a day, and a time of day if there is one"
        )
    return Layout("mapped", columns)


def _field_names() -> str:
    return ", ".join((*FIELDS, *LABELS)) + " or a label in small letters, digits and _"


def _date(values: Sequence[Any]) -> Any:
    try:
        return parse_export_date(*values)
    except (ValueError, OverflowError):
        raise InputError("date", "is not a date", 'such as "18 Jan 2024", "2024-01-18 13:09" or a date cell') from None


def _place(column: str, name: str) -> str:
    """Put "Kec." and the like before a name from a column of that name, so that its level stays known."""
    level = _PLACES.get(column_key(column))
    return f"{level} {name}" if level and name and not _PLACED.match(name) else name


def _visibility(value: str) -> str:
    """Return the visibility that a cell means; of two, as in "Anonim|Rahasia", the one that hides the report."""
    folded = value.casefold()
    if folded in _PUBLIC:
        return ""
    return next((known for known in ("rahasia", "anonim") if known in folded), value)
