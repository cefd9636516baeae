"""Complaints in files: what is read, what is refused, and that a file is whole or absent."""

import io
import json
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.errors import DataError, InputError
from classifier.records import Complaint
from data.complaints import (
    JAKARTA,
    MAX_FIELD,
    MAX_LINE,
    MAX_TEXT,
    complaint_row,
    parse_complaint,
    read_complaints,
    replace_when_done,
)

GOOD = {"id": "k-1", "text": "Got di Gang Melati mampet sejak Senin."}
NOW = datetime(2024, 5, 1, 9, 0, tzinfo=JAKARTA)

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40).filter(
    lambda text: not text.isspace()
)
labels = st.dictionaries(
    st.sampled_from(["topic", "agency", "kind", "status", "petugas"]), words.map(str.strip).filter(bool)
)
moments = st.datetimes(datetime(1945, 1, 1), datetime(2100, 1, 1)).map(lambda when: when.replace(tzinfo=JAKARTA))
complaints = st.builds(
    Complaint,
    id=words,
    text=words,
    title=st.just("") | words,
    region=st.just("") | words,
    date=st.none() | moments,
    channel=st.just("") | words,
    visibility=st.sampled_from(["public", "anonim", "rahasia"]),
    labels=labels,
)


def test_reads_every_field_and_takes_unknown_strings_as_labels() -> None:
    row = GOOD | {
        "title": "Got mampet",
        "region": "3273",
        "date": "2024-01-18 13:09:00",
        "channel": "Website",
        "visibility": "anonim",
        "topic": " Drainase ",
        "petugas": "Loket 2",
        "skor": 3,
        "cocok": True,
        "kind": None,
        "agency": "",
    }
    assert parse_complaint(row) == Complaint(
        id="k-1",
        text=GOOD["text"],
        title="Got mampet",
        region="3273",
        date=datetime(2024, 1, 18, 13, 9, tzinfo=JAKARTA),
        channel="Website",
        visibility="anonim",
        labels={"topic": "Drainase", "petugas": "Loket 2"},
    )


def test_an_integer_id_becomes_a_string() -> None:
    assert parse_complaint(GOOD | {"id": 7}).id == "7"


@pytest.mark.parametrize(
    ("change", "field", "problem"),
    [
        ({"id": None}, "id", "is missing"),
        ({"id": " "}, "id", "is empty"),
        ({"id": True}, "id", "true or false"),
        ({"id": 1.5}, "id", "a number"),
        ({"id": "x" * 201}, "id", "longer than 200"),
        ({"id": "a\0b"}, "id", "NUL"),
        ({"text": None}, "text", "is missing"),
        ({"text": ""}, "text", "is empty"),
        ({"text": " \n\t"}, "text", "is empty"),
        ({"text": "\0"}, "text", "is empty"),
        ({"text": ["a"]}, "text", "an array"),
        ({"text": "a" * (MAX_TEXT + 1)}, "text", "longer than 1,000,000"),
        ({"text": "rusak \ud800"}, "text", "not valid Unicode"),
        ({"title": 3}, "title", "a number"),
        ({"region": {"kode": "3273"}}, "region", "an object"),
        ({"channel": "x" * (MAX_FIELD + 1)}, "channel", "longer than"),
        ({"visibility": "umum"}, "visibility", "known values"),
        ({"visibility": 1}, "visibility", "known values"),
        ({"topic": 3}, "topic", "a number"),
        ({"agency": ["Dinas Sosial"]}, "agency", "an array"),
        ({"kind": False}, "kind", "true or false"),
        ({"petugas": "x" * (MAX_FIELD + 1)}, "petugas", "longer than"),
        ({"date": "18/01/2024"}, "date", "is not a date"),
        ({"date": "2024-02-30"}, "date", "is not a date"),
        ({"date": 20240118}, "date", "a number"),
        ({"date": "1944-12-31"}, "date", "before 1945"),
        ({"date": "2024-05-03"}, "date", "in the future"),
        ({"date": "9999-12-31T23:59:59-12:00"}, "date", "in the future"),
    ],
)
def test_a_bad_value_is_refused_by_name(change: dict[str, Any], field: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem) as caught:
        parse_complaint(GOOD | change, now=NOW)
    assert caught.value.field == field
    assert caught.value.expected


@pytest.mark.parametrize("row", [[], "teks", None, 3])
def test_only_an_object_is_a_complaint(row: Any) -> None:
    with pytest.raises(InputError, match="expected a JSON object"):
        parse_complaint(row)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("2024-01-18", datetime(2024, 1, 18, tzinfo=JAKARTA)),
        ("2024-01-18T13:09:00", datetime(2024, 1, 18, 13, 9, tzinfo=JAKARTA)),
        ("2024-01-18T13:09:00Z", datetime(2024, 1, 18, 13, 9, tzinfo=UTC)),
        ("2024-01-18T15:09:00+09:00", datetime(2024, 1, 18, 13, 9, tzinfo=JAKARTA)),
        (date(2024, 1, 18), datetime(2024, 1, 18, tzinfo=JAKARTA)),
        (datetime(2024, 1, 18, 13, 9), datetime(2024, 1, 18, 13, 9, tzinfo=JAKARTA)),
        ("", None),
    ],
)
def test_dates_without_an_offset_are_in_jakarta(given: Any, meant: datetime | None) -> None:
    assert parse_complaint(GOOD | {"date": given}, now=NOW).date == meant


def test_the_clock_is_not_read() -> None:
    assert parse_complaint(GOOD | {"date": "2999-01-01"}).date is not None


def test_a_day_ahead_is_another_time_zone_not_the_future() -> None:
    ahead = NOW + timedelta(hours=20)
    assert parse_complaint(GOOD | {"date": ahead.isoformat()}, now=NOW).date == ahead


def test_nul_becomes_a_space_and_offsets_stay() -> None:
    assert parse_complaint(GOOD | {"text": "a\0b"}).text == "a b"


@given(complaints)
def test_a_row_is_read_back_as_the_same_complaint(complaint: Complaint) -> None:
    row = json.loads(json.dumps(complaint_row(complaint)))
    assert parse_complaint(row) == complaint
    assert "" not in row.values()


@given(st.dictionaries(st.sampled_from(["id", "text", "date", "visibility", "topic", "lain"]), st.from_type(object)))
def test_whatever_comes_is_read_or_refused(row: dict[str, Any]) -> None:
    with suppress(InputError):
        assert parse_complaint(row, now=NOW).text.strip()


def test_writes_and_reads_a_file(tmp_path: Path) -> None:
    path = tmp_path / "keluhan.jsonl"
    rows = [parse_complaint(GOOD | {"id": str(number), "title": "Lampu “mati” ✔"}) for number in range(3)]
    with replace_when_done(path) as file:
        file.writelines(json.dumps(complaint_row(row), ensure_ascii=False) + "\n" for row in rows)
    assert list(read_complaints(path)) == rows
    assert list(tmp_path.iterdir()) == [path]


def test_reads_parquet(tmp_path: Path) -> None:
    path = tmp_path / "keluhan.parquet"
    when = datetime(2024, 1, 18, 13, 9)
    pq.write_table(pa.Table.from_pylist([GOOD | {"date": when}, GOOD | {"id": "k-2", "date": None}]), path)
    first, second = read_complaints(path)
    assert first.date == when.replace(tzinfo=JAKARTA)
    assert second.id == "k-2"


def test_reads_standard_input_and_leaves_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO(json.dumps(GOOD).encode() + b"\n")
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=stream))
    assert [complaint.id for complaint in read_complaints("-")] == ["k-1"]
    assert not stream.closed


def test_passes_over_a_byte_order_mark_and_blank_lines(tmp_path: Path) -> None:
    path = tmp_path / "keluhan.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(GOOD).encode() + b"\n\n  \r\n")
    assert len(list(read_complaints(path))) == 1


@pytest.mark.parametrize(
    ("line", "problem", "column"),
    [
        (b'{"id": "k-2", "text": "rusak \xe9"}', "not valid UTF-8", None),
        (b'{"id": "k-2", "text":', "not JSON", None),
        (b"[" * 100_000, "not JSON", None),
        (b'["k-2"]', "an array", "complaint"),
        (b'{"id": "k-2"}', "is missing", "text"),
        (b'{"text": "Lampu mati"}', "is missing", "id"),
    ],
)
def test_a_bad_line_is_named_by_row_and_column(tmp_path: Path, line: bytes, problem: str, column: str | None) -> None:
    path = tmp_path / "keluhan.jsonl"
    path.write_bytes(json.dumps(GOOD).encode() + b"\n" + line + b"\n")
    rows = read_complaints(path)
    assert next(rows).id == "k-1"
    with pytest.raises(DataError, match=problem) as caught:
        next(rows)
    assert (caught.value.file, caught.value.row, caught.value.column) == (str(path), 2, column)


def test_an_endless_line_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "keluhan.jsonl"
    path.write_bytes(b"x" * (MAX_LINE + 1))
    with pytest.raises(DataError, match="row 1: is longer than"):
        list(read_complaints(path))


@pytest.mark.parametrize("name", ["tiada.jsonl", "tiada.parquet"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match=name):
        list(read_complaints(tmp_path / name))


def test_a_broken_parquet_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rusak.parquet"
    path.write_bytes(b"bukan parquet")
    with pytest.raises(DataError, match="expected a parquet file"):
        list(read_complaints(path))


@pytest.mark.parametrize("failure", [KeyboardInterrupt, ValueError])
def test_an_interrupted_file_leaves_the_old_one(tmp_path: Path, failure: type[BaseException]) -> None:
    path = tmp_path / "keluhan.jsonl"
    path.write_text("lama")

    def interrupt() -> None:
        with replace_when_done(path) as file:
            file.write("baru")
            raise failure

    with pytest.raises(failure):
        interrupt()
    assert path.read_text() == "lama"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("folder", ["tiada", "berkas"])
def test_a_folder_that_is_not_there_is_named(tmp_path: Path, folder: str) -> None:
    (tmp_path / "berkas").touch()
    with pytest.raises(DataError, match="can't be written"), replace_when_done(tmp_path / folder / "keluhan.jsonl"):
        pass
