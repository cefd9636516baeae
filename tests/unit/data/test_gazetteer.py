import csv
import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from classifier.errors import DataError
from classifier.gazetteer import LEVELS, Gazetteer, name_key
from data.build_places import build, main
from data.gazetteer import PLACES, read_aliases, read_gazetteer


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return read_gazetteer()


def _package(folder: Path, villages: str = '11.01.01.2001,11.01.01,Keude "Satu\n') -> Path:
    (folder / "data").mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps({"version": "9.9.9"}))
    (folder / "data" / "provinces.csv").write_text("code,name\n11,ACEH\n")
    (folder / "data" / "regencies.csv").write_text("code,province_code,name\n11.01,11,KABUPATEN ACEH DAN SELATAN\n")
    (folder / "data" / "districts.csv").write_text("code,regency_code,name\n11.01.01,11.01,STM Hilir\n")
    (folder / "data" / "villages.csv").write_text("code,district_code,name\n" + villages)
    return folder


def test_table_has_every_place_of_its_package(gazetteer: Gazetteer) -> None:
    counts = Counter(gazetteer.place(row).level for row in range(len(gazetteer)))

    assert counts == {"province": 38, "regency": 514, "district": 7_277, "village": 83_763}
    assert gazetteer.version == "idn-area-data 3.1.2"
    assert PLACES.stat().st_size < 5_000_000


def test_table_agrees_with_another_one(gazetteer: Gazetteer, shared: Path) -> None:
    with gzip.open(shared / "reference" / "wilayah.csv.gz", "rt", encoding="utf-8", newline="") as file:
        others = {row["code"].replace(".", ""): row for row in csv.DictReader(file)}
    ours = {gazetteer.code(row): row for row in range(len(gazetteer))}
    both = [code for code in ours if code in others]

    upper = {code for code, row in others.items() if row["level"] in ("province", "regency")}
    assert {code for code in ours if len(code) < 5} == upper
    assert len(ours) - len(both) < 150  # the other table is some months younger
    assert len(others) - len(both) < 150
    assert all(gazetteer.place(ours[code]).level == others[code]["level"] for code in both)
    spelt = [code for code in both if name_key(gazetteer.written(ours[code])) == name_key(others[code]["name"])]
    assert len(spelt) > 0.99 * len(both)


def test_places_have_official_names_and_lie_in_each_other(gazetteer: Gazetteer) -> None:
    named = {code: gazetteer.place(row).name for code in ("31", "32", "3273", "357808", "930101", "3204292005")
             if (row := gazetteer.row(code)) is not None}  # fmt: skip

    assert named == {
        "31": "DKI Jakarta",
        "32": "Jawa Barat",
        "3273": "Kota Bandung",
        "357808": "Kecamatan Gubeng",
        "930101": "Distrik Merauke",
        "3204292005": "Desa Ciheulang",
    }
    row = gazetteer.row("3204292005")
    assert row is not None
    assert [gazetteer.code(up) for up in gazetteer.ancestors(row)] == ["320429", "3204", "32"]


def test_every_place_is_found_by_code_and_name_and_is_a_child_of_its_parent(gazetteer: Gazetteer) -> None:
    for row in range(0, len(gazetteer), 97):
        assert gazetteer.row(gazetteer.code(row)) == row
        assert row in gazetteer.named(gazetteer.key(row))
        if up := gazetteer.ancestors(row):
            assert row in set(gazetteer.children(up[0]))
            assert all(gazetteer.contains(outer, row) and not gazetteer.contains(row, outer) for outer in up)
        assert gazetteer.depth(row) == len(up) == LEVELS.index(gazetteer.place(row).level)


@pytest.mark.parametrize("code", ["", "3", "99", "32730", "3273999999", "0000000000"])
def test_unknown_codes_have_no_row(gazetteer: Gazetteer, code: str) -> None:
    assert gazetteer.row(code) is None


def test_building_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    package = _package(tmp_path / "package")

    assert build(package, tmp_path / "one.gz") == build(package, tmp_path / "two.gz") == 4

    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "two.gz").read_bytes()
    built = read_gazetteer.__wrapped__(tmp_path / "one.gz")
    names = [built.written(row) for row in range(len(built))]
    assert names == ["Aceh", "Kabupaten Aceh dan Selatan", "STM Hilir", "Keude 'Satu"]
    assert built.version == "idn-area-data 9.9.9"


def test_package_with_a_lost_parent_or_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    orphaned = _package(tmp_path / "orphaned", "11.01.02.2001,11.01.02,Alur Mas\n")
    with pytest.raises(DataError, match="1101022001 has no parent"):
        build(orphaned, tmp_path / "out.gz")

    assert main([str(tmp_path / "absent")]) == 1
    assert main([]) == 2
    assert "unpacked npm package" in capsys.readouterr().err
    assert not (tmp_path / "out.gz").exists()


@pytest.mark.parametrize(
    ("content", "row"),
    [
        ("# v 1\ncode,name\n32,Jawa Barat\n11,Aceh\n", 4),
        ("# v 1\ncode,name\n32 Jawa Barat\n", 3),
        ("# v 1\ncode,name\n123,Aceh\n", 3),
        ("# v 1\nname,code\n", 2),
    ],
)
def test_broken_table_is_told_by_line(tmp_path: Path, content: str, row: int) -> None:
    path = tmp_path / "places.csv.gz"
    path.write_bytes(gzip.compress(content.encode(), mtime=0))

    with pytest.raises(DataError) as caught:
        read_gazetteer(path)

    assert caught.value.row == row


@pytest.mark.parametrize("content", [b"plain", gzip.compress(b"# v\ncode,name\n11,Aceh\n", mtime=0)[:-12]])
def test_damaged_table_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "places.csv.gz"
    path.write_bytes(content)

    with pytest.raises(DataError, match="can't be read"):
        read_gazetteer(path)


def test_aliases_are_sound(gazetteer: Gazetteer) -> None:
    aliases = read_aliases(gazetteer)

    assert len(aliases) > 400
    assert all(gazetteer.row(alias.written) is None for alias in aliases if alias.kind == "code")


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("Jogja,nickname,34,x", "kind"),
        ("Jogja,name,00,x", "codes"),
        (" ,name,34,x", "written"),
        ("Solo,name,3372,x", "written"),
        ("9101a,code,9301,x", "written"),
        ("3372,code,9301,x", "written"),
        ("Jogja,name,34", None),
        ('Jogja,name,34,"x', None),
    ],
)
def test_bad_alias_is_told_by_row(gazetteer: Gazetteer, tmp_path: Path, line: str, column: str | None) -> None:
    path = tmp_path / "place_aliases.csv"
    path.write_text(f"written,kind,codes,source\nSolo,name,3372,x\n{line}\n")

    with pytest.raises(DataError) as caught:
        read_aliases(gazetteer, path)

    assert (caught.value.row, caught.value.column) == (3, column)


def test_only_digits_are_a_code(gazetteer: Gazetteer) -> None:
    assert [gazetteer.row(code) for code in ("ab", "+1", "1_", "12 4", "", "3", "\u0663\u0665")] == [None] * 7


def test_alias_file_with_another_header_is_refused(gazetteer: Gazetteer, tmp_path: Path) -> None:
    path = tmp_path / "place_aliases.csv"
    path.write_text("")

    with pytest.raises(DataError, match="header"):
        read_aliases(gazetteer, path)
