"""Complaints in files: one JSON object a line, or a parquet table with the same columns."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import date, datetime, time, timedelta, timezone
from itertools import chain
from pathlib import Path
from typing import IO, Any, cast, get_args

from classifier.errors import DataError, InputError
from classifier.records import Complaint, Visibility

FIELDS = ("id", "text", "title", "region", "date", "channel", "visibility")
LABELS = ("topic", "agency", "kind")
MAX_TEXT = 1_000_000  # code points
MAX_ID = 200
MAX_FIELD = 10_000  # title, region, channel and each label
MAX_LINE = 16 * 2**20  # bytes; a longer line is no complaint but a file of another kind
FIRST_YEAR = 1945
# Western Indonesia Time; a constant, because it has known no summer time and a time zone database may be missing.
JAKARTA = timezone(timedelta(hours=7), "WIB")

_OWN = frozenset(FIELDS)
_VISIBILITIES = frozenset(get_args(Visibility))
_JSON_TYPES = {bool: "true or false", int: "a number", float: "a number", list: "an array", dict: "an object"}


def parse_complaint(row: Mapping[str, Any], *, now: datetime | None = None) -> Complaint:
    """Check one JSON object and return it as a complaint; raises InputError, which names the field.

    `null` counts as absent. A date without an offset is in Jakarta's time; with `now` (aware) a date more than a day
    later is refused. A NUL becomes a space, so offsets stay. Unknown fields become labels if they hold a string and are
    ignored otherwise; `topic`, `agency` and `kind` must be strings.
    """
    if not isinstance(row, Mapping):
        raise InputError("complaint", f"is {_kind(row)}", "a JSON object")
    get = row.get
    return Complaint(
        id=_parse_id(get("id")),
        text=_parse_text(get("text")),
        title=_parse_string("title", get("title")),
        region=_parse_string("region", get("region")),
        date=_parse_date(get("date"), now),
        channel=_parse_string("channel", get("channel")),
        visibility=_parse_visibility(get("visibility")),
        labels=_parse_labels(row),
    )


def complaint_row(complaint: Complaint) -> dict[str, Any]:
    """Return the JSON object that `parse_complaint` reads back as the same complaint; empty fields are left out."""
    fields = {
        "id": complaint.id,
        "text": complaint.text,
        "title": complaint.title,
        "region": complaint.region,
        "date": complaint.date.isoformat() if complaint.date else "",
        "channel": complaint.channel,
        "visibility": "" if complaint.visibility == "public" else complaint.visibility,
    }
    return {name: value for name, value in fields.items() if value} | dict(complaint.labels)


def read_complaints(path: Path | str, *, now: datetime | None = None) -> Iterator[Complaint]:
    """Yield the complaints of a JSONL file, a `.parquet` file, or standard input (`"-"`, JSONL), one at a time.

    Raises DataError with the row (the line of a JSONL file; blank lines are passed over) and column of the first bad
    complaint.
    """
    rows = _parquet_rows(Path(path)) if str(path).lower().endswith(".parquet") else _json_rows(path)
    for number, row in rows:
        try:
            yield parse_complaint(row, now=now)
        except InputError as error:
            raise DataError(
                _name(path), error.problem, error.expected, row=number, column=error.field
            ) from None  # the cause would repeat it


def read_labels(path: Path | str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the id and the labels of each line of a JSONL file, which may lack the text; raises DataError likewise."""
    for number, row in _json_rows(path):
        try:
            known = row | {"text": row.get("text") or "-"} if isinstance(row, dict) else row
            complaint = parse_complaint(known)
        except InputError as error:
            raise DataError(_name(path), error.problem, error.expected, row=number, column=error.field) from None
        yield complaint.id, complaint.labels


@contextmanager
def replace_when_done(path: Path) -> Iterator[IO[str]]:
    """Open a UTF-8 file beside `path` that takes its place only if the block ends well; raises DataError."""
    with draft_of(path) as draft, draft.open("w", encoding="utf-8", newline="\n") as file:
        yield file


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """Yield where to write the file that takes the place of `path` only if the block ends well; raises DataError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            yield draft
            with draft.open("rb") as file:
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        expected = "an existing, writable folder with enough room"
        raise DataError(str(path), f"can't be written ({error.strerror})", expected) from error


def _parse_id(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is None:
        raise InputError("id", "is missing", "a string or an integer")
    if not isinstance(value, str):
        raise InputError("id", f"is {_kind(value)}", "a string or an integer")
    if not value or value.isspace():
        raise InputError("id", "is empty", "a string or an integer")
    if "\0" in value:
        raise InputError("id", "holds a NUL character", "a string or an integer")
    return _check_string("id", value, MAX_ID)


def _parse_text(value: Any) -> str:
    if value is None:
        raise InputError("text", "is missing", "what the citizen wrote")
    if not isinstance(value, str):
        raise InputError("text", f"is {_kind(value)}", "a string")
    text = _check_string("text", value, MAX_TEXT)
    if not text or text.isspace():
        raise InputError("text", "is empty", "what the citizen wrote")
    return text


def _parse_string(field: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if not isinstance(value, str):
        raise InputError(field, f"is {_kind(value)}", "a string")
    value = _check_string(field, value, MAX_FIELD)
    return "" if value.isspace() else value


def _parse_visibility(value: Any) -> Visibility:
    if value is None or value == "":
        return "public"
    if not isinstance(value, str) or value not in _VISIBILITIES:
        raise InputError("visibility", "is not one of the known values", "public, anonim or rahasia")
    return cast(Visibility, value)


def _parse_labels(row: Mapping[str, Any]) -> dict[str, str]:
    labels = {}
    for name, value in row.items():
        if name in _OWN or value is None:
            continue
        if not isinstance(value, str):
            if name in LABELS:
                raise InputError(name, f"is {_kind(value)}", "a string")
            continue
        if value := _check_string(name, value, MAX_FIELD).strip():
            labels[_check_string("label name", name, MAX_ID)] = value
    return labels


def _parse_date(value: Any, now: datetime | None) -> datetime | None:
    if value is None or value == "":
        return None
    expected = 'an ISO 8601 date such as "2024-01-18" or "2024-01-18T13:09:00+07:00"'
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise InputError("date", "is not a date", expected) from None
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        raise InputError("date", f"is {_kind(value)}", expected)
    when = value if value.tzinfo else value.replace(tzinfo=JAKARTA)
    if when.year < FIRST_YEAR:
        raise InputError("date", f"is before {FIRST_YEAR}", expected)
    if now is not None and when - now > timedelta(days=1):
        raise InputError("date", "is in the future", "a day that has come")
    return when


def _check_string(field: str, value: str, limit: int) -> str:
    if len(value) > limit:
        raise InputError(field, f"is longer than {limit:,} characters", f"at most {limit:,}")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:  # half of a surrogate pair: a broken escape, or a byte that was not UTF-8
            raise InputError(field, "is not valid Unicode", "text in UTF-8") from None
    return value.replace("\0", " ")  # real exports hold NUL, and PostgreSQL can't


def _kind(value: Any) -> str:
    return "null" if value is None else _JSON_TYPES.get(type(value), f"of type {type(value).__name__}")


def _json_rows(path: Path | str) -> Iterator[tuple[int, Any]]:
    try:
        # standard input stays open: it is not ours to close
        with nullcontext(sys.stdin.buffer) if str(path) == "-" else Path(path).open("rb") as file:
            yield from _json_lines(_name(path), file)
    except OSError as error:
        raise DataError(_name(path), f"can't be read ({error.strerror})", "a JSONL or .parquet file") from error


def _name(path: Path | str) -> str:
    return "standard input" if str(path) == "-" else str(path)


def _json_lines(name: str, file: IO[bytes]) -> Iterator[tuple[int, Any]]:
    number = 0
    while line := file.readline(MAX_LINE):
        number += 1
        if len(line) == MAX_LINE:
            raise DataError(name, f"is longer than {MAX_LINE:,} bytes", "one JSON object a line", row=number)
        if line.isspace():
            continue
        try:
            yield number, json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
        except UnicodeDecodeError as error:
            problem = f"byte {error.start + 1} of the line is not valid UTF-8"
            raise DataError(name, problem, "a file saved as UTF-8", row=number) from None
        except (ValueError, RecursionError):
            expected = "one JSON object a line (pilah ingest reads csv and xlsx)"
            raise DataError(name, "is not JSON", expected, row=number) from None


def _parquet_rows(path: Path) -> Iterator[tuple[int, Any]]:
    import pyarrow as pa  # here, because it takes long to import and most files are JSONL
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as table:
            batches = table.iter_batches(batch_size=1000)
            yield from enumerate(chain.from_iterable(batch.to_pylist() for batch in batches), 1)
    except (pa.ArrowException, OSError) as error:
        raise DataError(str(path), f"can't be read ({type(error).__name__})", "a parquet file") from error
