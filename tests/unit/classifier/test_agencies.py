import csv
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.agencies import AgencyTable
from classifier.agency_rows import AgencyRow, Lineage, check_date
from classifier.errors import InputError
from classifier.gazetteer import Place
from classifier.places import PlaceResolver
from data.gazetteer import read_aliases, read_gazetteer
from data.tables import read_agencies, read_tables

JUDGED = Path(__file__).with_name("agency_names_2017.csv")
NOW = date(2025, 11, 1)
IDS = [row.code for row in read_tables().agencies]
CODES = ("31", "34", "3174", "3273", "3204", "3578", "357808", "3578081001", "3204052001", "910601")


@pytest.fixture(scope="module")
def places() -> PlaceResolver:
    gazetteer = read_gazetteer()
    return PlaceResolver(gazetteer, read_aliases(gazetteer))


@pytest.fixture(scope="module")
def table(places: PlaceResolver) -> AgencyTable:
    return read_agencies(places)


def names_in(shared: Path, source: str) -> list[str]:
    lines = (shared / "complaints" / source / "train.jsonl").read_text("utf-8").splitlines()
    return sorted({json.loads(line).get("agency", "") for line in lines} - {""})


def judged() -> list[dict[str, str]]:
    with JUDGED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def factored(table: AgencyTable, written: str, home: Place | None = None) -> tuple[str, str]:
    found = table.factor(written, home)
    return (found.body_id, found.place or "") if found else ("", "")


def test_the_judged_names_of_a_national_sample_are_taken_apart_rightly(table: AgencyTable) -> None:
    names = judged()
    wrong = [name["written"] for name in names if factored(table, name["written"]) != (name["agency"], name["place"])]
    assert len(names) == 402
    assert len(wrong) <= 0.05 * len(names), wrong


def test_the_judged_names_are_those_of_the_sample(shared: Path) -> None:
    assert sorted(name["written"] for name in judged()) == names_in(shared, "lapor2017-nasional")


@pytest.mark.parametrize(("source", "home"), [("surabaya-mediacenter", "3578"), ("kabbandung-sp4n", "3204")])
def test_every_name_of_a_citys_own_list_is_a_body_of_that_city(
    table: AgencyTable, places: PlaceResolver, shared: Path, source: str, home: str
) -> None:
    names = names_in(shared, source)
    bodies = [(name, table.factor(name, places.get(home))) for name in names]
    away = [name for name, body in bodies if body is None or not (body.place or home).startswith(home)]
    villages = [(name, body) for name, body in bodies if body and body.body_id in ("kelurahan", "kecamatan")]
    unsettled = [name for name, body in villages if body and len(body.place or "") < 6]
    assert not away
    assert len(unsettled) <= 0.01 * len(names), unsettled


@pytest.mark.parametrize(
    ("written", "home", "body", "place", "level"),
    [
        ("Dinas Perhubungan Kota Bandung", None, "dinas-perhubungan", "3273", "kabkota"),
        ("dishub kab. bandung", None, "dinas-perhubungan", "3204", "kabkota"),
        ("Dinas Perhubungan Provinsi Jawa Barat", None, "dinas-perhubungan", "32", "provinsi"),
        ("Dinas Perhubungan", None, "dinas-perhubungan", None, None),
        ("Dinas Perhubungan", "3578", "dinas-perhubungan", "3578", "kabkota"),
        ("Dinas Perhubungan Kota Malang", "3578", "dinas-perhubungan", "3573", "kabkota"),
        ("Dinas Pendidikan Bandung", None, "dinas-pendidikan", None, None),
        ("Dinas Pendidikan Bandung", "3204", "dinas-pendidikan", "3204", "kabkota"),
        ("Dinas Pemberdayaan Masyarakat dan Desa Garut", None, "dinas-pmd", "3205", "kabkota"),
        ("Kecamatan Wonokromo", "3578", "kecamatan", "357804", "kecamatan"),
        ("Kecamatan Paseh", "3204", "kecamatan", "320435", "kecamatan"),
        ("Wali Kota Bandung", None, "pemerintah-daerah", "3273", "kabkota"),
        ("Bupati Bandung", None, "pemerintah-daerah", "3204", "kabkota"),
        ("Gubernur Jawa Timur", None, "pemerintah-daerah", "35", "provinsi"),
        ("BPJS Kesehatan KC Padang", None, "bpjs-kesehatan", "1371", "kabkota"),
        ("BPJS Kesehatan KCU Tangerang", None, "bpjs-kesehatan", "3671", "kabkota"),
        ("BPJS Kesehatan", "3578", "bpjs-kesehatan", None, "national"),
        ("Kementerian Sosial", "3578", "kementerian-sosial", None, "national"),
        ("Badan Pengusahaan Batam", None, "bp-batam", "2171", "kabkota"),
        ("Universitas Negeri Padang", None, "perguruan-tinggi", None, "national"),
        ("Suku Dinas Kesehatan Jakarta Timur", None, "dinas-kesehatan", "3175", "kabkota"),
    ],
)
def test_a_written_name_is_archetype_place_and_level(
    table: AgencyTable,
    places: PlaceResolver,
    written: str,
    home: str | None,
    body: str,
    place: str | None,
    level: str | None,
) -> None:
    found = table.factor(written, places.get(home) if home else None)
    assert found is not None
    assert (found.body_id, found.place, found.level) == (body, place, level)


@pytest.mark.parametrize("written", ["", "Admin", "Warung Bu Contoh", "Biro"])
def test_what_names_no_agency_is_not_taken_apart(table: AgencyTable, written: str) -> None:
    assert table.factor(written) is None


def test_a_retired_name_has_a_living_archetype(table: AgencyTable) -> None:
    for written, body, archetype in (
        ("Kominfo", "kementerian-kominfo", "kementerian-komdigi"),
        ("Kementerian Riset, Teknologi, dan Pendidikan Tinggi", "kemenristekdikti", "kementerian-pendidikan-tinggi"),
        ("BP3TKI", "bnp2tki", "kementerian-pelindungan-pekerja-migran"),
    ):
        found = table.factor(written)
        assert found is not None
        assert (found.body_id, found.archetype_id) == (body, archetype)


@pytest.mark.parametrize(
    ("archetype", "place", "body", "name", "reasons"),
    [
        ("dinas-perhubungan", "3273", "dinas-perhubungan@3273", "Dinas Perhubungan Kota Bandung", ()),
        ("dinas-perhubungan", "3578081001", "dinas-perhubungan@3578", "Dinas Perhubungan Kota Surabaya", ()),
        ("dinas-perhubungan", "34", "dinas-perhubungan@34", "Dinas Perhubungan Daerah Istimewa Yogyakarta", ()),
        ("dinas-kehutanan", "3273", "dinas-kehutanan@32", "Dinas Kehutanan Provinsi Jawa Barat", ()),
        (
            "sekolah-menengah",
            "3578",
            "sekolah-menengah@35",
            "Sekolah Menengah Atas dan Kejuruan Provinsi Jawa Timur",
            (),
        ),
        ("dinas-sosial", "3174", "dinas-sosial@3174", "Suku Dinas Sosial Kota Administrasi Jakarta Selatan", ()),
        ("dprd", "3174", "dprd@31", "Dewan Perwakilan Rakyat Daerah Provinsi DKI Jakarta", ()),
        ("kecamatan", "3578081001", "kecamatan@357808", "Kecamatan Gubeng Kota Surabaya", ()),
        ("kecamatan", "910601", "kecamatan@910601", "Distrik Biak Kota Kabupaten Biak Numfor", ()),
        ("kecamatan", "3578", "pemerintah-daerah@3578", "Pemerintah Kota Surabaya", ("local-government",)),
        ("puskesmas", "32", "pemerintah-daerah@32", "Pemerintah Provinsi Jawa Barat", ("local-government",)),
        ("pemerintah-daerah", "3205", "pemerintah-daerah@3205", "Pemerintah Kabupaten Garut", ()),
        ("bpjs-kesehatan", "1371", "bpjs-kesehatan@1371", "BPJS Kesehatan Kantor Cabang Padang", ()),
        ("bpjs-kesehatan", "3204", "bpjs-kesehatan@3204", "BPJS Kesehatan Kantor Cabang Kabupaten Bandung", ()),
        ("bpjs-kesehatan", None, "bpjs-kesehatan", "BPJS Kesehatan", ()),
        ("kementerian-atr-bpn", "3273", "kementerian-atr-bpn@3273", "Kantor Pertanahan Kota Bandung", ()),
        ("kementerian-sosial", "3273", "kementerian-sosial", "Kementerian Sosial", ()),
        ("bp-batam", "3273", "bp-batam", "Badan Pengusahaan Batam", ()),
        ("dinas-sosial", None, "dinas-sosial", "Dinas Sosial", ("place-unknown",)),
    ],
)
def test_an_archetype_and_a_place_make_a_body(
    table: AgencyTable,
    places: PlaceResolver,
    archetype: str,
    place: str | None,
    body: str,
    name: str,
    reasons: tuple[str, ...],
) -> None:
    made = table.compose(archetype, places.get(place) if place else None, NOW)
    assert (made.id, made.name, made.reasons) == (body, name, reasons)
    assert made.id.split("@")[0] == made.archetype_id


def test_a_village_is_governed_by_what_it_is(table: AgencyTable, places: PlaceResolver) -> None:
    town, country = places.get("3578081001"), places.get("3204052001")
    assert table.compose("kelurahan", town, NOW).name == "Kelurahan Gubeng Kecamatan Gubeng Kota Surabaya"
    assert table.compose("desa", town, NOW).id == "kelurahan@3578081001"
    assert table.compose("kelurahan", country, NOW).name.startswith("Desa Cileunyi Kulon ")
    assert table.compose("kelurahan", country, NOW).reasons == ("local-government",)


@pytest.mark.parametrize(
    ("archetype", "on", "body", "reasons"),
    [
        ("kementerian-komdigi", date(2023, 5, 1), "kementerian-kominfo", ("agency-predecessor",)),
        ("kementerian-komdigi", date(2024, 10, 20), "kementerian-kominfo", ("agency-predecessor",)),
        ("kementerian-komdigi", date(2024, 10, 21), "kementerian-komdigi", ()),
        ("kementerian-kominfo", date(2025, 5, 1), "kementerian-komdigi", ("agency-successor",)),
        ("kementerian-kominfo", date(2023, 5, 1), "kementerian-kominfo", ()),
        ("kementerian-pendidikan-tinggi", date(2017, 1, 1), "kemenristekdikti", ("agency-predecessor",)),
        ("kementerian-pendidikan-tinggi", date(2020, 1, 1), "kemendikbud", ("agency-predecessor",)),
        ("kemenristekdikti", date(2022, 1, 1), "kemendikbudristek", ("agency-successor",)),
        ("kementerian-perumahan", date(2012, 1, 1), "kementerian-perumahan-rakyat", ("agency-predecessor",)),
        ("kementerian-kehutanan", date(2020, 1, 1), "kementerian-lhk", ("agency-predecessor",)),
        ("kementerian-haji-umrah", date(2025, 9, 7), "bp-haji", ("agency-predecessor",)),
        ("kementerian-haji-umrah", date(2025, 9, 8), "kementerian-haji-umrah", ()),
        ("bp-bumn", date(2025, 6, 1), "kementerian-bumn", ("agency-predecessor",)),
        ("bgn", date(2020, 1, 1), "bgn", ("agency-not-on-date",)),
        ("sekretariat-kabinet", date(2025, 1, 1), "kementerian-sekretariat-negara", ("agency-successor",)),
        ("kementerian-pelindungan-pekerja-migran", date(2019, 12, 31), "bp2mi", ("agency-predecessor",)),
        ("kementerian-investasi", date(2022, 1, 1), "kementerian-investasi-2021", ("agency-predecessor",)),
        ("kementerian-investasi", date(2020, 1, 1), "bkpm", ("agency-predecessor",)),
        ("kemenparekraf", date(2025, 1, 1), "kementerian-pariwisata", ("agency-successor",)),
    ],
)
def test_the_date_decides_the_body(
    table: AgencyTable, archetype: str, on: date, body: str, reasons: tuple[str, ...]
) -> None:
    made = table.compose(archetype, None, on)
    assert (made.id, made.reasons) == (body, reasons)


def test_the_cabinet_of_each_day_has_its_size(table: AgencyTable) -> None:
    rows = [row.cells for row in read_tables().agencies if row.cells["kind"].startswith("kementerian")]

    def ministries(on: str) -> int:
        return sum((row["valid_from"] or "0") <= on <= (row["valid_to"] or "9") for row in rows)

    assert [ministries(on) for on in ("2024-10-01", "2024-10-21", "2025-09-08")] == [34, 48, 49]


def test_the_present_bodies_are_as_many_as_there_are() -> None:
    rows = [row for row in read_tables().agencies if not row.cells["valid_to"]]
    kinds = [row.cells["kind"] for row in rows if "national" in row.cells["level"]]
    assert (kinds.count("kementerian"), kinds.count("kementerian-koordinator")) == (41, 7)
    assert sum(not kind.startswith(("kementerian", "unit-")) for kind in kinds) >= 100
    assert all(row.cells["successors"] for row in read_tables().agencies if row.cells["valid_to"])


@settings(max_examples=150, deadline=None)
@given(data=st.data(), on=st.dates(date(1950, 1, 1), NOW))
def test_a_composed_body_is_found_again_by_its_id(
    table: AgencyTable, places: PlaceResolver, data: st.DataObject, on: date
) -> None:
    archetype = data.draw(st.sampled_from(IDS))
    place = places.get(data.draw(st.sampled_from(CODES)))
    made = table.compose(archetype, place, on)
    again = table.body(made.id, on)
    assert (again.id, again.name, again.place) == (made.id, made.name, made.place)


@pytest.mark.parametrize("place", CODES)
@pytest.mark.parametrize(
    "archetype", ["dinas-kesehatan", "pemerintah-daerah", "kecamatan", "satpol-pp", "polri", "bpjs-kesehatan"]
)
def test_the_written_name_of_a_body_is_taken_apart_into_it(
    table: AgencyTable, places: PlaceResolver, archetype: str, place: str
) -> None:
    made = table.compose(archetype, places.get(place), NOW)
    found = table.factor(made.name)
    assert found is not None
    assert (found.body_id, found.place) == (made.archetype_id, made.place and made.place.code)


@pytest.mark.parametrize(
    ("archetype", "place", "on", "told"),
    [
        ("dinas-angkasa", None, NOW, "agency: unknown id 'dinas-angkasa'"),
        ("dinas-sosial", Place("9999", "Kota Contoh", "regency"), NOW, "place: unknown code '9999'"),
        ("dinas-sosial", None, date(1945, 8, 16), "date: 1945-08-16 is before the republic"),
    ],
)
def test_bad_input_is_refused_by_name(
    table: AgencyTable, archetype: str, place: Place | None, on: date, told: str
) -> None:
    with pytest.raises(InputError) as error:
        table.compose(archetype, place, on)
    assert str(error.value).startswith(told)


def test_an_id_at_an_unknown_place_is_refused(table: AgencyTable) -> None:
    with pytest.raises(InputError, match="place: unknown code '9999'"):
        table.body("dinas-sosial@9999", NOW)


def test_only_days_of_the_republic_up_to_today_are_taken() -> None:
    assert check_date(NOW, NOW) == NOW
    with pytest.raises(InputError, match="date: 2025-11-02 lies in the future"):
        check_date(NOW + timedelta(days=1), NOW)
    with pytest.raises(InputError, match="date: 1900-01-01 is before the republic"):
        check_date(date(1900, 1, 1), NOW)


@pytest.mark.parametrize(
    ("typed", "place", "first"),
    [
        ("dinas perhu", None, "Dinas Perhubungan"),
        ("dinas perhu", "3273", "Dinas Perhubungan Kota Bandung"),
        ("dishub garut", None, "Dinas Perhubungan Kabupaten Garut"),
        ("kec gubeng", None, "Kecamatan Gubeng Kota Surabaya"),
        ("pemkab garut", None, "Pemerintah Kabupaten Garut"),
        ("pemkot malang", None, "Pemerintah Kota Malang"),
        ("pemkab malang", None, "Pemerintah Kabupaten Malang"),
        ("pemerintah kota su", None, "Pemerintah Kota Subulussalam"),
        ("gubernur jawa", None, "Pemerintah Provinsi Jawa Barat"),
        ("desa s", "3204", "Desa Sindanglaya Kecamatan Cimenyan Kabupaten Bandung"),
        ("lurah airl", None, "Kelurahan Airlangga Kecamatan Gubeng Kota Surabaya"),
        ("kel air", "3578", "Kelurahan Airlangga Kecamatan Gubeng Kota Surabaya"),
        ("dishub jatim", "3578", "Dinas Perhubungan Provinsi Jawa Timur"),
        ("puskesmas gubeng", None, "Puskesmas Kota Surabaya"),
        ("rsud", "357808", "Rumah Sakit Umum Daerah Kota Surabaya"),
        ("", "357808", "Kecamatan Gubeng Kota Surabaya"),
        ("kominfo", None, "Kementerian Komunikasi dan Digital"),
        ("bpjs kes", None, "BPJS Kesehatan"),
    ],
)
def test_bodies_are_found_while_typing(
    table: AgencyTable, places: PlaceResolver, typed: str, place: str | None, first: str
) -> None:
    found = table.search(typed, places.get(place) if place else None, NOW)
    assert found[0].name == first
    assert len({body.id for body in found}) == len(found) <= 10


def test_a_search_takes_the_bodies_of_its_day_and_no_more_than_asked(table: AgencyTable) -> None:
    assert table.search("komdigi", None, date(2023, 1, 1))[0].id == "kementerian-kominfo"
    assert table.search("badan gizi", None, date(2020, 1, 1)) == []
    assert len(table.search("dinas", None, NOW, limit=3)) == 3
    assert table.search("zzz", None, NOW) == table.search("dinas zzz", None, NOW) == []
    with pytest.raises(InputError, match="date: 1945-08-16 is before the republic"):
        table.search("", None, date(1945, 8, 16))


def test_bodies_above_a_place_come_after_its_own(table: AgencyTable, places: PlaceResolver) -> None:
    where = [body.place and len(body.place.code) for body in table.search("", places.get("357808"), NOW, 500)]
    depths = [(0 if size == 6 else 1 if size else 2) for size in where]
    assert depths == sorted(depths)
    assert set(depths) == {0, 1, 2}


def test_relatives_are_asked_in_the_order_of_the_table() -> None:
    old = AgencyRow("a", "A", frozenset({"national"}), valid_to=date(2000, 1, 1), successors=("b", "c"))
    gone = AgencyRow("b", "B", frozenset({"national"}), valid_to=date(2010, 1, 1), successors=("d",))
    heirs = [AgencyRow(code, code.upper(), frozenset({"national"}), valid_from=date(2005, 1, 1)) for code in "cd"]
    lineage = Lineage([old, gone, *heirs])
    assert lineage.body_on(old, date(2003, 1, 1)) == (gone, ("agency-successor",))
    assert lineage.body_on(old, date(2020, 1, 1)) == (heirs[0], ("agency-successor",))
    assert lineage.body_on(heirs[1], date(2004, 1, 1)) == (gone, ("agency-predecessor",))
    assert lineage.heir(old) == heirs[1]
