"""Exports into complaints: what is kept is masked, what is not is counted and written beside."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from classifier.errors import DataError, InputError
from classifier.records import Complaint
from classifier.redact import NIK, redact
from data.complaints import FIELDS, LABELS, complaint_row, parse_complaint, replace_when_done
from data.laporan_ringkas import LAPORAN_RINGKAS, REQUIRED, is_laporan_ringkas
from data.layout import Layout, mapped_layout, own_layout
from data.sheets import Row, Table, column_key, open_table

MAX_EXPORT_TEXT = 100_000  # code points; a longer cell is a broken export, not a complaint
Track = Callable[[Iterable[Row], int | None], Iterable[Row]]


@dataclass(slots=True)
class Summary:
    """What became of an export: rows = kept + dropped + duplicates; `dropped` and `duplicates` count by reason."""

    file: str
    layout: str
    encoding: str
    absent_columns: tuple[str, ...] = ()
    made_ids: bool = False
    rows: int = 0
    kept: int = 0
    unrouted: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    duplicates: Counter[str] = field(default_factory=Counter)
    labelled: Counter[str] = field(default_factory=Counter)
    masked: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, Any]:
        """Return the summary as a JSON object."""
        counts = ("dropped", "duplicates", "labelled", "masked")
        return {
            f.name: dict(getattr(self, f.name)) if f.name in counts else getattr(self, f.name) for f in fields(self)
        }


def rejected_path(out: Path) -> Path:
    """Return where the rows that were not kept are written: `F.rejected.jsonl` beside `F.jsonl`."""
    return out.with_suffix(".rejected.jsonl")


def ingest(
    export: Path,
    out: Path,
    *,
    now: datetime,
    columns: Sequence[str] = (),
    sheet: str | None = None,
    encoding: str | None = None,
    track: Track = lambda rows, _size: rows,
) -> Summary:
    """Read an export and write its complaints to `out`, masked, and the other rows beside it, masked too.

    `columns` are `column=field` pairs; without them the header must be one that pilah knows. `track` may wrap the rows
    to show progress. Files appear whole or not at all. Raises InputError for an option and DataError for a file that
    can't be used, also if no row could be kept.
    """
    _check_out(export, out)
    layout = mapped_layout(columns) if columns else None
    with open_table(export, _known_columns(layout), sheet=sheet, encoding=encoding) as table:
        intake = _Intake(export, _match_layout(export, table, layout), table, now)
        with replace_when_done(out) as kept:
            with replace_when_done(rejected_path(out)) as rejected:
                for row in track(table.rows, table.size):
                    intake.take(row, kept, rejected)
            if intake.summary.kept == intake.summary.rows:
                rejected_path(out).unlink()
            intake.check_kept(rejected_path(out))
    return intake.summary


class _Intake:
    """Takes the rows of one export, and remembers what it has seen and counted."""

    def __init__(self, export: Path, layout: Layout, table: Table, now: datetime) -> None:
        present = {column_key(column) for column in table.columns}
        absent = [name for names in layout.columns.values() for name in names if column_key(name) not in present]
        self.summary = Summary(str(export), layout.name, table.encoding, tuple(absent), "id" not in layout.columns)
        self._stem, self._layout, self._now = export.stem, layout, now
        self._ids: dict[str, int] = {}
        self._contents: dict[bytes, int] = {}

    def take(self, row: Row, kept: IO[str], rejected: IO[str]) -> None:
        """Write a row to one of the two files."""
        self.summary.rows += 1
        try:
            complaint = self._parse(row)
        except InputError as error:
            column = self._layout.column_of(error.field)
            self.summary.dropped[f"{column or error.field}: {error.problem}"] += 1
            self._reject(row, rejected, column, error.problem, error.expected)
            return
        if repeated := self._repeats(complaint, row.number):
            what, first = repeated
            self.summary.duplicates[what] += 1
            self._reject(row, rejected, None, f"has {what} as row {first}", "each report once")
            return
        self._keep(complaint, kept)

    def check_kept(self, rejected: Path) -> None:
        """Raise DataError if nothing was kept."""
        if not self.summary.rows:
            raise DataError(self.summary.file, "has no rows under its header", "at least one row")
        if not self.summary.kept:
            (reason, count), *_ = self.summary.dropped.most_common(1)
            problem = f"has no row that could be kept ({count} times: {reason})"
            raise DataError(self.summary.file, problem, f"at least one; {rejected} lists them all")

    def _parse(self, row: Row) -> Complaint:
        if row.problem:
            raise InputError("row", row.problem, row.expected)
        content = self._layout.row(row.cells)
        if self.summary.made_ids:
            content["id"] = f"{self._stem}-{row.number}"
        if len(content.get("text", "")) > MAX_EXPORT_TEXT:
            limit = f"{MAX_EXPORT_TEXT:,} characters"
            raise InputError("text", f"is longer than {limit}", f"at most {limit}")
        complaint = parse_complaint(content, now=self._now)
        if any(span.mask == NIK for span in redact(complaint.id).spans):
            raise InputError("id", "is a citizen's NIK", "the number of the report")
        return complaint

    def _repeats(self, complaint: Complaint, number: int) -> tuple[str, int] | None:
        """Return what an earlier row has in common with this one, and its number."""
        first = self._ids.setdefault(complaint.id, number)
        if first != number:
            return "the same id", first
        words = " ".join(f"{complaint.title}\0{complaint.text}".casefold().split())
        day = complaint.date.date().isoformat() if complaint.date else ""
        digest = hashlib.blake2b(f"{day}\0{words}".encode(), digest_size=16).digest()
        first = self._contents.setdefault(digest, number)
        return ("the same title, text and day", first) if first != number else None

    def _keep(self, complaint: Complaint, kept: IO[str]) -> None:
        self.summary.kept += 1
        self.summary.unrouted += not self._layout.is_routed(complaint.labels)
        self.summary.labelled.update(complaint.labels.keys())
        row = complaint_row(self._mask(complaint))
        kept.write(json.dumps(row, ensure_ascii=False) + "\n")

    def _mask(self, complaint: Complaint) -> Complaint:
        """Mask all that a citizen may have typed; topic, agency and kind are words of the administration."""
        return replace(
            complaint,
            text=self._masked(complaint.text),
            title=self._masked(complaint.title),
            region=self._masked(complaint.region),
            channel=self._masked(complaint.channel),
            labels={name: value if name in LABELS else self._masked(value) for name, value in complaint.labels.items()},
        )

    def _masked(self, text: str) -> str:
        result = redact(text)
        self.summary.masked.update(span.mask for span in result.spans)
        return result.text

    def _reject(self, row: Row, rejected: IO[str], column: str | None, problem: str, expected: str) -> None:
        where = {"file": self.summary.file, "row": row.number, "column": column}
        shown = {name: self._shown(name, row) for name in ("id", "title", "text") if name in self._layout.columns}
        line = where | {"problem": problem, "expected": expected} | {k: v for k, v in shown.items() if v}
        rejected.write(json.dumps(line, ensure_ascii=False) + "\n")

    def _shown(self, name: str, row: Row) -> str:
        """Return a field of a rejected row masked, or "" if it can't be read or is too long to be shown."""
        try:
            value = str(self._layout.value(name, row.cells))
        except InputError:
            return ""
        value = value.encode(errors="replace").decode()
        return redact(value).text if len(value) <= MAX_EXPORT_TEXT else ""


def _check_out(export: Path, out: Path) -> None:
    if out.suffix.lower() != ".jsonl":
        raise InputError("--out", f"has the suffix {out.suffix!r}", "a .jsonl file")
    if out.resolve() == export.resolve():
        raise InputError("--out", "is the export itself", "another file")


def _known_columns(layout: Layout | None) -> frozenset[str]:
    if layout is not None:
        return frozenset(column_key(column) for columns in layout.columns.values() for column in columns)
    exported = (column for columns in LAPORAN_RINGKAS.columns.values() for column in columns)
    return frozenset((*FIELDS, *LABELS, *map(column_key, exported)))


def _match_layout(export: Path, table: Table, layout: Layout | None) -> Layout:
    """Return the layout of a table, sure that it has the columns that can't be missed."""
    present = {column_key(column) for column in table.columns}
    if layout is not None:
        needed = [column for columns in layout.columns.values() for column in columns]
    elif is_laporan_ringkas(table.columns):
        layout, needed = LAPORAN_RINGKAS, list(REQUIRED)
    elif {"id", "text"} <= present:
        layout, needed = own_layout(table.columns), []
    else:
        expected = f'columns to be named, e.g. --map "Nomor=id" --map "Isi=text"; found: {_listed(table.columns)}'
        raise DataError(str(export), "has a header that pilah does not know", expected)
    for column in needed:
        if column_key(column) not in present:
            raise DataError(str(export), "is missing", f"one of: {_listed(table.columns)}", column=column)
    return layout


def _listed(columns: Sequence[str]) -> str:
    """List column names; where a header is missing they are a citizen's words, so long ones are left out."""
    return ", ".join(redact(name).text if len(name) <= 40 else "(a long text)" for name in columns)
