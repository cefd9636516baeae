from datetime import date

import pytest
import toy
from hypothesis import given
from hypothesis import strategies as st

from classifier.agencies import AgencyTable
from classifier.agency_rows import AgencyRow
from classifier.names import Entry, name_key
from classifier.records import Label
from classifier.taxonomy import Taxonomy, from_data, national

CULTURE = Label("pendidikan/kebudayaan", "Kebudayaan", "Pendidikan")
TRADE_CULTURE = Label("ekonomi/kebudayaan", "Kebudayaan", "Ekonomi dan Keuangan")
HEALTH = Label("kesehatan", "Kesehatan", "Kesehatan")
ID_CARD = Label("kependudukan/ktp", "KTP (Kartu Tanda Penduduk)", "Kependudukan")
TOPICS = [
    Entry(Label("pendidikan", "Pendidikan", "Pendidikan")),
    Entry(CULTURE),
    Entry(Label("ekonomi", "Ekonomi dan Keuangan", "Ekonomi dan Keuangan")),
    Entry(TRADE_CULTURE),
    Entry(Label("ekonomi/kesehatan", "Kesehatan", "Ekonomi dan Keuangan")),
    Entry(HEALTH),
    Entry(ID_CARD, ("e-KTP",)),
]


def agency(code: str, name: str, *aliases: str) -> AgencyRow:
    return AgencyRow(code, name, frozenset({"kabkota"}), aliases)


def table(rows: list[AgencyRow]) -> AgencyTable:
    return AgencyTable(rows, toy.places())


AGENCIES = [
    agency("dinkes", "Dinas Kesehatan", "Dinkes"),
    agency("disnaker", "Dinas Tenaga Kerja", "Dinas Perindustrian dan Tenaga Kerja"),
    agency("disdag", "Dinas Perdagangan dan Perindustrian", "Dinas Perindustrian"),
    agency("dinsos", "Dinas Sosial"),
    agency("inspektorat", "Inspektorat Daerah", "Inspektorat"),
    agency("kecamatan", "Kecamatan"),
    agency("desa", "Pemerintah Desa", "Desa"),
    agency("rsud", "Rumah Sakit Umum Daerah", "RSUD"),
    agency("polri", "Kepolisian Negara Republik Indonesia", "Polres"),
    agency("bpjs-kesehatan", "BPJS Kesehatan"),
    agency("kemensos", "Kementerian Sosial"),
    agency("atr-bpn", "Kementerian Agraria dan Tata Ruang/Badan Pertanahan Nasional", "Kantor Pertanahan"),
    agency("pemerintah-daerah", "Pemerintah Daerah", "Pemerintah Kabupaten", "Pemerintah Kota"),
]
KINDS = [Entry(Label("permintaan-informasi", "Permintaan Informasi"), ("Permohonan Informasi",))]


@pytest.fixture
def taxonomy() -> Taxonomy:
    return national(TOPICS, table(AGENCIES), KINDS, "0a1b2c3d")


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("kependudukan/ktp", ID_CARD),
        ("KTP (Kartu Tanda Penduduk)", ID_CARD),
        ("ktp  kartu tanda\xa0penduduk", ID_CARD),
        ("E-KTP", ID_CARD),
        ("Kependudukan / e-KTP", ID_CARD),
        ("Kependudukan > KTP (Kartu Tanda Penduduk)", ID_CARD),
        ("EKONOMI & KEUANGAN - KEBUDAYAAN", TRADE_CULTURE),
        ("Pendidikan/Kebudayaan", CULTURE),
        ("KESEHATAN", HEALTH),
    ],
)
def test_topic_is_known_by_code_name_path_and_alias(taxonomy: Taxonomy, written: str, label: Label) -> None:
    assert taxonomy.resolve("topic", written) == label


@pytest.mark.parametrize("written", ["Kebudayaan", "Sesuatu yang Baru", "", "  ", "--"])
def test_ambiguous_unknown_and_empty_topics_do_not_resolve(taxonomy: Taxonomy, written: str) -> None:
    assert taxonomy.resolve("topic", written) is None


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("dinkes", "dinkes"),
        ("Dinas Kesehatan Kab. Antah Berantah", "dinkes"),
        ("DINAS SOSIAL KABUPATEN Antah", "dinsos"),
        ("Suku Dinas Kesehatan Antah Selatan", "dinkes"),
        ("Pemerintah Kota Antah, Dinas Sosial", "dinsos"),
        ("Dinas Perindustrian dan Tenaga Kerja Kota Antah", "disnaker"),
        ("Dinas Perindustrian serta Energi", "disdag"),
        ("Dinas Sosial, Tenaga Kerja, dan Transmigrasi", "dinsos"),
        ("Kecamatan Berantah", "kecamatan"),
        ("Kantor Kecamatan Berantah", "kecamatan"),
        ("Kota Antah Kecamatan Berantah", "kecamatan"),
        ("RSUD dr. Anu", "rsud"),
        ("Polres Antah", "polri"),
        ("BPJS Kesehatan KC Antah", "bpjs-kesehatan"),
        ("Kantor Pertanahan Kota Antah", "atr-bpn"),
        ("Kementrian Agraria dan Tata Ruang / Badan Pertanahan Nasional", "atr-bpn"),
        ("Pemerintah Kabupaten Antah", "pemerintah-daerah"),
        ("Desa Antah", "desa"),
        ("Inspektorat Kab. Antah", "inspektorat"),
        ("Inspektorat Jenderal Kementerian Sosial", "kemensos"),
    ],
)
def test_agency_is_known_by_the_name_inside_its_label(taxonomy: Taxonomy, written: str, code: str) -> None:
    label = taxonomy.resolve("agency", written)
    assert label is not None
    assert label.code == code
    assert label.group == label.name


@pytest.mark.parametrize("written", ["Biro Umum", "Koperasi Desa Antah", "Dinas", "", "?"])
def test_label_without_an_agency_does_not_resolve(taxonomy: Taxonomy, written: str) -> None:
    assert taxonomy.resolve("agency", written) is None


def test_kind_is_known_by_code_name_and_alias(taxonomy: Taxonomy) -> None:
    for written in ("permintaan-informasi", "PERMINTAAN INFORMASI", "permohonan informasi"):
        assert taxonomy.resolve("kind", written) == KINDS[0].label
    assert taxonomy.resolve("kind", "Permintaan Informasi Kota Antah") is None


@given(st.sampled_from(AGENCIES), st.sampled_from(["Kab. Zz", "Kota Zz", "", "KC Zz Yy"]))
def test_every_name_resolves_to_its_row_with_any_place_behind_it(row: AgencyRow, place: str) -> None:
    taxonomy = national(TOPICS, table(AGENCIES), KINDS, "0")
    for name in (row.name, *row.aliases):
        assert taxonomy.resolve("agency", f"{name} {place}") == Label(row.id, row.name, row.name)


@given(st.text())
def test_name_key_of_a_key_is_itself(written: str) -> None:
    assert name_key(name_key(written)) == name_key(written)


@given(st.text())
def test_national_resolves_any_text_without_error(written: str) -> None:
    taxonomy = national(TOPICS, table(AGENCIES), KINDS, "0")
    for resolved in (taxonomy.resolve("topic", written), taxonomy.resolve("agency", written)):
        assert resolved is None or resolved.code


@given(st.text())
def test_from_data_takes_the_string_itself(written: str) -> None:
    name = " ".join(written.split())
    taxonomy = from_data(table([]))
    assert taxonomy.kind == "from-data"
    assert taxonomy.resolve("topic", written) == taxonomy.resolve("agency", written)
    assert taxonomy.resolve("topic", written) == (Label(name, name, name) if name else None)
    assert taxonomy.resolve("kind", written) == (Label(name, name) if name else None)


def test_a_retired_topic_means_its_successor_or_the_main_topic_of_several() -> None:
    topics = [
        *TOPICS,
        retired("wabah", "Wabah", "Wabah", "kesehatan"),
        retired("wabah/vaksin", "Vaksin", "Wabah", "kesehatan"),
        retired("wabah/kesehatan", "Kesehatan", "Wabah", "pendidikan"),
        retired("wabah/sekolah", "Sekolah", "Wabah", "pendidikan/kebudayaan", "pendidikan"),
        retired("wabah/lainnya", "Lainnya", "Wabah", "kesehatan", "pendidikan"),
        retired("wabah/lama", "Lama", "Wabah", "wabah/vaksin"),
        retired("wabah/hilang", "Hilang", "Wabah"),
    ]
    taxonomy = national(topics, table([]), [], "0")
    expected = {
        "Vaksin": "kesehatan",
        "Wabah / Kesehatan": "pendidikan",
        "Kesehatan": "kesehatan",
        "Sekolah": "pendidikan",
        "Lainnya": None,
        "Lama": "kesehatan",
        "Hilang": None,
    }
    found = {written: taxonomy.resolve("topic", written) for written in expected}
    assert {written: label and label.code for written, label in found.items()} == expected


def test_a_retired_agency_means_its_first_successor_and_gives_its_name_to_the_living() -> None:
    agencies = [
        *AGENCIES,
        former("depsos", "Departemen Sosial", "kemensos"),
        former("kemensos-2009", "Kementerian Sosial", "kemensos"),
        former("kemenkes-sos", "Kementerian Kesehatan dan Sosial", "dinkes", "kemensos"),
        former("kemenpen", "Kementerian Penerangan"),
    ]
    taxonomy = national([], table(agencies), [], "0")
    written = ("Departemen Sosial", "Kementerian Sosial", "Kementerian Kesehatan dan Sosial", "Kementerian Penerangan")
    labels = [taxonomy.resolve("agency", name) for name in written]
    assert [label and label.code for label in labels] == ["kemensos", "kemensos", "dinkes", None]


def retired(code: str, name: str, group: str, *successors: str) -> Entry:
    return Entry(Label(code, name, group or name), successors=successors, retired=True)


def former(code: str, name: str, *successors: str) -> AgencyRow:
    return AgencyRow(code, name, frozenset({"national"}), valid_to=date(2009, 10, 20), successors=successors)
