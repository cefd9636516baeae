"""CSV records: whatever was written comes back, and one bad quote costs at most the record that it stands in."""

import csv
import io
import string
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.csv_records import MAX_RECORD, read_records

DELIMITERS = st.sampled_from(",;\t|")
ANY = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('",;\n\r'))
# A cell that starts with a letter: where one starts with a delimiter or a line end, what a stray quote opens before it
# may end as a proper cell does, and nobody can tell.
WORDED = st.builds(str.__add__, st.sampled_from(string.ascii_letters), ANY)


def tables(cell: st.SearchStrategy[str], columns: int = 1) -> st.SearchStrategy[list[list[str]]]:
    """Return tables of at least so many columns; the first row is the header."""
    widths = st.integers(columns, 4)
    return widths.flatmap(lambda width: st.lists(st.lists(cell, min_size=width, max_size=width), min_size=2))


def written(rows: Sequence[Sequence[str]], delimiter: str = ",") -> list[str]:
    """Return each row as text."""
    texts = []
    for row in rows:
        file = io.StringIO(newline="")
        csv.writer(file, delimiter=delimiter).writerow(row)
        texts.append(file.getvalue())
    return texts


def read(text: str, delimiter: str = ",", width: int = 0) -> list[tuple[int, Sequence[str] | None]]:
    return list(read_records(io.StringIO(text, newline=""), delimiter, width))


@given(tables(ANY), DELIMITERS, st.booleans())
def test_what_was_written_comes_back(rows: list[list[str]], delimiter: str, told: bool) -> None:
    found = read("".join(written(rows, delimiter)), delimiter, len(rows[0]) if told else 0)
    assert [cells for _, cells in found] == rows


@given(tables(WORDED, columns=2), DELIMITERS, st.data())
def test_a_stray_quote_costs_at_most_its_own_record(rows: list[list[str]], delimiter: str, draw: st.DataObject) -> None:
    texts = written(rows, delimiter)
    struck = draw.draw(st.integers(1, len(rows) - 1))
    at = draw.draw(st.integers(0, len(texts[struck]) - 1))
    texts[struck] = texts[struck][:at] + '"' + texts[struck][at:]
    found = [cells for _, cells in read("".join(texts), delimiter, len(rows[0]))]
    after = len(rows) - struck - 1
    assert found[:struck] == rows[:struck]
    assert found[len(found) - after :] == rows[struck + 1 :]
    assert len(found) >= len(rows)


HEADER = "nomor,isi,desa\r\n1,lampu,Lor\r\n"


@pytest.mark.parametrize(
    "broken",
    [
        '2,"air mati,Kecik\r\n',
        '2,"air" mati,Kecik\r\n',
        '2,"air ""mati" total\r\nsejak, kata warga\r\n\r\npagi",Kecik\r\n',
        '2,"air\r\nmati" sejak\r\npagi, ""tadi""\r\nbenar",Kecik\r\n',
    ],
)
@pytest.mark.parametrize(
    "following", ["3,pompa rusak,Kidul", '3,"pompa, rusak\r\nlagi",Kidul', '3,"\r\nrusak",Kidul', '3,", rusak",Kidul']
)
def test_all_lines_of_a_broken_record_are_one(broken: str, following: str) -> None:
    found = read(f"{HEADER}{broken}{following}\r\n4,jalan,Wetan\r\n", width=3)
    sound = next(csv.reader(io.StringIO(following, newline="")))
    assert [cells for _, cells in found][2:] == [None, sound, ["4", "jalan", "Wetan"]]
    assert [number for number, _ in found[2:4]] == [3, 3 + broken.count("\n")]


def test_the_end_of_a_record_that_seemed_whole_is_broken() -> None:
    text = HEADER + '2,"air mati", kata warga\r\nsejak pagi",Kecik\r\n3,pompa rusak,Kidul\r\n'
    assert read(text, width=3)[3:] == [(4, None), (5, ["3", "pompa rusak", "Kidul"])]


def test_a_program_may_leave_out_empty_cells_at_the_end() -> None:
    text = 'nomor,isi,desa,catatan\n1,"lampu\nmati"\n2,"air, keruh",Kecik,Kidul\n3,"halte\n\nroboh"\n4,pipa 5" bocor\n'
    assert read(text, width=4)[1:] == [
        (2, ["1", "lampu\nmati"]),
        (4, ["2", "air, keruh", "Kecik", "Kidul"]),
        (5, ["3", "halte\n\nroboh"]),
        (8, ["4", 'pipa 5" bocor']),
    ]


def test_a_quote_inside_an_unquoted_cell_is_a_character() -> None:
    text = 'nomor,isi\n1,pipa 5" bocor\n2,air "keruh"\n'
    assert read(text, width=2)[1:] == [(2, ["1", 'pipa 5" bocor']), (3, ["2", 'air "keruh"'])]


def test_a_record_over_the_limit_is_refused_and_those_after_it_are_read() -> None:
    last = MAX_RECORD // 7 + 1
    text = HEADER + '2,"' + "lumpur\n" * last + 'kering",Lor\n3,air mati,Kidul\n'
    found = read(text, width=3)
    assert found[2] == (3, None)
    assert found[-1] == (last + 4, ["3", "air mati", "Kidul"])


def test_many_open_quotes_are_read_in_one_pass() -> None:
    text = "nomor,isi\n" + '1,"air mati\n' * 50_000
    assert [cells for _, cells in read(text, width=2)][1:] == [None] * 50_000
