"""The lexicon: its file obeys the rules, bad files are refused by row, coverage counts what it says."""

import csv
import gzip
import json
from pathlib import Path

import pytest

from classifier.errors import DataError
from classifier.normalise import Normaliser, words
from classifier.stem import Stemmer
from data.lexicon import Coverage, coverage, read_kept, read_lexicon

# Colloquial, dialect or outdated spellings that PySastrawi's list of root words holds beside the standard ones.
COLLOQUIAL_ROOTS = frozenset(
    words(
        "abis aja ampe antri apotik arek ato balsam bentar capil cuman dikit doang emang enggak entar hektar jabar "
        "jaman kades kaedah kagak kalo kayak kedele kesana kesini kesitu koyok mawon min mintak monggo nasehat nekad "
        "ngapain omset praktek propinsi resiko sampean sampek sampeyan sing sumbar tau telefon telpon ustad wasalam"
    )
)


@pytest.fixture(scope="module")
def stem() -> Stemmer:
    return Stemmer()


def write(path: Path, *rows: str, header: str = "informal,standard,group") -> Path:
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return path


def test_holds_what_citizens_write() -> None:
    lexicon = read_lexicon()
    assert len(lexicon) >= 900
    assert {word: lexicon[word] for word in ["yg", "krn", "ijin", "dishub", "disdukcapil", "makasih", "ora"]} == {
        "yg": "yang",
        "krn": "karena",
        "ijin": "izin",
        "dishub": "dinas perhubungan",
        "disdukcapil": "dukcapil",
        "makasih": "terima kasih",
        "ora": "tidak",
    }


def test_every_key_is_a_word_that_the_other_steps_leave_as_it_is() -> None:
    normalise = Normaliser({})
    assert [word for word in read_lexicon() if normalise(word) != word] == []


def test_no_standard_word_is_mapped_away(stem: Stemmer) -> None:
    assert {word for word in read_lexicon() if stem.is_root(word)} == COLLOQUIAL_ROOTS


def test_every_expansion_is_standard(stem: Stemmer) -> None:
    kept = read_kept()
    expansions = {word for standard in read_lexicon().values() for word in words(standard)}
    assert sorted(word for word in expansions if word not in kept and not stem.knows(word)) == []


def test_kept_words_are_no_keys() -> None:
    assert read_kept().isdisjoint(read_lexicon())


@pytest.mark.parametrize(
    ("rows", "row", "problem"),
    [
        (["Yg,yang,singkatan"], 2, "no plain word"),
        (["yg,yang,singkatan", "yg,yaitu,singkatan"], 3, "has a row already"),
        (["yg,,singkatan"], 2, "no list of plain words"),
        (["mksh,terima  kasih,singkatan"], 2, "no list of plain words"),
        (["yg,yang"], 2, "2 cells"),
        (["yg,yang,lain"], 2, "is unknown"),
        (["yg,yg,singkatan"], 2, "left as it is"),
        (["yg,yang,tetap"], 2, "left as it is"),
        (["dishub,dinas hub,instansi", "hub,hubungi,singkatan"], 2, "is an informal word itself"),
    ],
)
def test_refuses_a_bad_row(tmp_path: Path, rows: list[str], row: int, problem: str) -> None:
    path = write(tmp_path / "lexicon.csv", *rows)
    with pytest.raises(DataError, match=problem) as caught:
        read_lexicon(path)
    assert (caught.value.file, caught.value.row) == (str(path), row)


def test_refuses_other_headers_missing_files_and_encodings(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="header"):
        read_lexicon(write(tmp_path / "header.csv", header="kata,baku,kelompok"))
    with pytest.raises(DataError, match="no such file"):
        read_lexicon(tmp_path / "none.csv")
    latin = tmp_path / "latin.csv"
    latin.write_bytes("informal,standard,group\ncaf\u00e9,kafe,ejaan\n".encode("latin-1"))
    with pytest.raises(DataError, match="UTF-8"):
        read_lexicon(latin)


def test_reads_rows_and_leaves_kept_words_out(tmp_path: Path) -> None:
    path = write(tmp_path / "lexicon.csv", "yg,yang,singkatan", "ktp,ktp,tetap")
    assert read_lexicon(path) == {"yg": "yang"}
    assert read_kept(path) == {"ktp"}


def test_coverage_counts_informal_tokens_that_become_standard() -> None:
    standard = frozenset({"jalan", "yang", "rusak", "tolong"}).__contains__
    texts = ["Jalan yg rusak, toloong tolooong! Mawar <NIK> rt05 https://contoh.id/yg", "brgkt yg"]
    found = coverage(texts, {"yg": "yang"}, standard, names={"mawar"})
    assert found == Coverage(tokens=8, informal=5, covered=3)
    assert found.share == pytest.approx(0.6)
    assert coverage([], {}, standard).share == 1.0


def test_covers_most_informal_tokens_of_the_real_reports(stem: Stemmer, shared: Path) -> None:
    kept = read_kept()
    found = coverage(
        _real_texts(shared), read_lexicon(), lambda word: word in kept or stem.knows(word), _place_words(shared)
    )
    assert found.share > 0.6


def _real_texts(shared: Path) -> list[str]:
    lines = [
        json.loads(line)
        for path in sorted((shared / "complaints").glob("*/*.jsonl"))
        if not path.parent.name.endswith("-stemmed")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return [f"{line.get('title', '')} {line['text']}" for line in lines]


def _place_words(shared: Path) -> frozenset[str]:
    normalise = Normaliser({})
    with gzip.open(shared / "reference" / "wilayah.csv.gz", "rt", encoding="utf-8") as file:
        return frozenset(word for row in csv.DictReader(file) for word in words(normalise(row["name"])))
