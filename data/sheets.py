"""Rows of a spreadsheet or table file, one at a time: .xlsx, .csv, .tsv, .jsonl, .parquet."""

import itertools
import json
import warnings
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError  # the type only; openpyxl does the reading

from classifier.errors import DataError, InputError
from data.csv_records import EXPECTED, PROBLEM, read_records
from data.encoding import detect_encoding

HEADER_ROWS = 20  # the header is looked for this far down, under title rows
PEEKED_ROWS = 1000  # a JSONL file has the columns of its first so many rows
_SUFFIXES = (".xlsx", ".csv", ".tsv", ".jsonl", ".parquet")
_DELIMITERS = ",;\t|"
_MAGIC_ENCRYPTED = b"\xd0\xcf\x11\xe0"  # an OLE container: a workbook with a password, or an old .xls

Numbered = Iterator[tuple[int, Sequence[Any] | None]]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells by column key, or the problem why it can't be read and what was expected.

    `number` is the spreadsheet's row, or the line of a text file on which the row starts.
    """

    number: int
    cells: Mapping[str, Any]
    problem: str = ""
    expected: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """An open table: the columns as the file writes them, its rows, and at most how many rows are to come."""

    columns: tuple[str, ...]
    rows: Iterator[Row]
    size: int | None
    encoding: str = ""


def column_key(name: Any) -> str:
    """Return how a column is looked up: letter case and runs of space don't count."""
    return " ".join(str(name).split()).casefold()


def open_table(
    path: Path, known: Collection[str], *, sheet: str | None = None, encoding: str | None = None
) -> AbstractContextManager[Table]:
    """Open a file by its suffix; its header is the early row that holds most of the `known` column keys.

    Rows without any value are passed over. Raises InputError for an unknown suffix or a misplaced option, and
    DataError for a file that is missing, empty or broken, on opening or while the rows are read.
    """
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        raise InputError("EXPORT", f"has the suffix {suffix!r}", " ".join(_SUFFIXES))
    if sheet is not None and suffix != ".xlsx":
        raise InputError("--sheet", "is given for a file without sheets", "an .xlsx file")
    if encoding is not None and suffix in (".xlsx", ".parquet"):
        raise InputError("--encoding", "is given for a file that fixes its own", "a .csv, .tsv or .jsonl file")
    _check_head(path, suffix)
    if suffix == ".xlsx":
        return _open_workbook(path, known, sheet)
    if suffix == ".parquet":
        return _open_parquet(path)
    return _open_jsonl(path, encoding) if suffix == ".jsonl" else _open_csv(path, known, encoding)


def _check_head(path: Path, suffix: str) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except OSError as error:
        raise DataError(str(path), f"can't be read ({error.strerror})", "a file that is there and readable") from error
    if not head:
        raise DataError(str(path), "is empty", "a header and at least one row")
    if suffix == ".xlsx" and head == _MAGIC_ENCRYPTED:
        raise DataError(str(path), "has a password or is an old .xls", "an .xlsx file saved without a password")


@contextmanager
def _open_workbook(path: Path, known: Collection[str], sheet: str | None) -> Iterator[Table]:
    import openpyxl  # here, because most files are not workbooks

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="openpyxl")  # about styles and validations, which we don't read
        with _broken_workbook(path):
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            page = _sheet(path, book, sheet)
            size = page.max_row
            page.reset_dimensions()  # some exporters write a wrong one, which hides columns
            yield _with_header(path, _sheet_rows(path, page), known, size)
        finally:
            book.close()


def _sheet(path: Path, book: Any, name: str | None) -> Any:
    pages = {page.title: page for page in book.worksheets}
    if name is not None and name not in pages:
        raise DataError(str(path), f"has no sheet {name!r}", "one of " + ", ".join(pages))
    return pages[name] if name else book.worksheets[0]


def _sheet_rows(path: Path, page: Any) -> Numbered:
    with _broken_workbook(path):
        yield from enumerate(page.iter_rows(values_only=True), 1)


@contextmanager
def _broken_workbook(path: Path) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, ParseError, OSError, EOFError, KeyError, ValueError, TypeError) as error:
        expected = "an .xlsx workbook that a spreadsheet program opens"
        raise DataError(str(path), f"is damaged or no workbook ({type(error).__name__})", expected) from error


@contextmanager
def _open_csv(path: Path, known: Collection[str], encoding: str | None) -> Iterator[Table]:
    found, lines = detect_encoding(path, encoding)
    with _decoding(path), path.open(encoding=found, errors="surrogateescape", newline="") as file:
        delimiter = _delimiter(list(itertools.islice(file, HEADER_ROWS)), known)
        file.seek(0)
        number, header = _header(itertools.islice(read_records(file, delimiter), HEADER_ROWS), known)
        file.seek(0)
        rows = read_records(itertools.islice(file, number - 1, None), delimiter, len(header), number)
        yield _with_header(path, rows, known, lines, found)


@contextmanager
def _decoding(path: Path) -> Iterator[None]:
    try:
        yield
    except UnicodeError as error:
        raise DataError(str(path), "can't be decoded", "another --encoding") from error


def _delimiter(sample: Sequence[str], known: Collection[str]) -> str:
    """Return the delimiter under which some row holds most known columns, or else most cells."""

    def score(delimiter: str) -> tuple[int, int]:
        rows = [cells for _, cells in read_records(sample, delimiter) if cells]
        return max((_known(row, known) for row in rows), default=0), len(rows[0]) if rows else 0

    return max(_DELIMITERS, key=score)


def _with_header(path: Path, rows: Numbered, known: Collection[str], size: int | None, encoding: str = "") -> Table:
    """Take the rows down to the header off `rows`."""
    early = list(itertools.islice(rows, HEADER_ROWS))
    number, header = _header(early, known)
    if not _filled(header):
        raise DataError(str(path), "has no row with values", "a header and at least one row")
    names = ["" if name is None else " ".join(str(name).split()) for name in header]
    if any("\udc80" <= letter <= "\udcff" for name in names for letter in name):
        raise DataError(str(path), "has a header that can't be decoded", "another --encoding", row=number)
    while names and not names[-1]:
        names.pop()
    _refuse_twins(path, number, names, known)
    following = itertools.chain((row for row in early if row[0] > number), rows)
    return Table(tuple(name for name in names if name), _rows(names, following), size and size - number, encoding)


def _header(early: Iterable[tuple[int, Sequence[Any] | None]], known: Collection[str]) -> tuple[int, Sequence[Any]]:
    """Return the row with most known names, or else the fullest; of equals the first."""
    rows = [(number, cells or ()) for number, cells in early]
    return max(rows, key=lambda row: (_known(row[1], known), _filled(row[1])), default=(1, ()))


def _rows(names: Sequence[str], numbered: Numbered) -> Iterator[Row]:
    keys = [column_key(name) for name in names]
    for number, cells in numbered:
        if cells is None:
            yield Row(number, {}, PROBLEM, EXPECTED)
        elif _filled(cells[len(keys) :]):
            expected = f"at most {len(keys)}; a cell that holds the delimiter stands in quotes"
            yield Row(number, {}, "has more cells than the header", expected)
        elif _filled(cells):
            yield Row(number, dict(zip(keys, cells, strict=False)))


def _filled(cells: Sequence[Any]) -> int:
    return sum(1 for cell in cells if cell is not None and not (isinstance(cell, str) and not cell.strip()))


def _known(cells: Sequence[Any], known: Collection[str]) -> int:
    return len({column_key(cell) for cell in cells if cell is not None} & set(known))


def _refuse_twins(path: Path, number: int, names: Sequence[str], known: Collection[str]) -> None:
    seen: set[str] = set()
    for name in names:
        key = column_key(name)
        if key in seen and key in known:
            raise DataError(str(path), "is there twice", "each column once", row=number, column=name)
        seen.add(key)


@contextmanager
def _open_jsonl(path: Path, encoding: str | None) -> Iterator[Table]:
    found, lines = detect_encoding(path, encoding)
    with _decoding(path), path.open(encoding=found, errors="surrogateescape", newline="\n") as file:
        rows = _json_rows(file)
        early = list(itertools.islice(rows, PEEKED_ROWS))
        columns = tuple(dict.fromkeys(name for _, row in early for name in row or ()))
        if not columns:
            raise DataError(str(path), "has no JSON object", "one JSON object a line")
        numbered = itertools.chain(early, rows)
        yield Table(columns, (_json_row(number, row) for number, row in numbered), lines, found)


def _json_rows(file: Iterator[str]) -> Iterator[tuple[int, dict[str, Any] | None]]:
    for number, line in enumerate(file, 1):
        if not line.isspace():
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            yield number, row if isinstance(row, dict) else None


def _json_row(number: int, row: dict[str, Any] | None) -> Row:
    if row is None:
        return Row(number, {}, "is not a JSON object", "one JSON object a line")
    return Row(number, {column_key(name): value for name, value in row.items()})


@contextmanager
def _open_parquet(path: Path) -> Iterator[Table]:
    import pyarrow as pa  # here, because it takes long to import and few files need it
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            names = tuple(file.schema_arrow.names)
            yield Table(names, _parquet_rows(file), file.metadata.num_rows)
    except (pa.ArrowException, OSError) as error:
        raise DataError(str(path), f"can't be read ({type(error).__name__})", "a parquet file") from error


def _parquet_rows(file: Any) -> Iterator[Row]:
    batches = file.iter_batches(batch_size=PEEKED_ROWS)
    rows = itertools.chain.from_iterable(batch.to_pylist() for batch in batches)
    yield from itertools.starmap(_json_row, enumerate(rows, 1))
