"""Learnt from invented reports of two cities, a model names the bodies of places that it has never seen, on any day."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest

from classifier.pipeline import Classifier
from classifier.records import Complaint, Prediction
from data.lexicon import read_lexicon
from data.tables import read_taxonomy
from training.config import read_config
from training.fit import fit

SURABAYA, BANDUNG = "Kota Surabaya", "Kabupaten Bandung"

_TEXTS = {
    "Dinas Perhubungan": """
Lampu lalu lintas di perempatan besar mati sejak kemarin, kendaraan saling serobot
Parkir liar memakan separuh jalan, mobil derek tidak pernah lewat
Rambu dilarang putar balik roboh, pengendara bingung
Angkot ngetem di tikungan sehingga lalu lintas macet panjang
Marka penyeberangan pudar, kendaraan tidak mau berhenti
Terminal kumuh dan bus berangkat tidak sesuai jadwal
""",
    "Dinas Sosial": """
Nenek sebatang kara tidak pernah menerima bantuan sosial sembako
Nama ibu saya hilang dari daftar penerima bantuan tunai
Pengemis dan anak telantar tidur di emperan toko, mohon dibawa ke panti
Kartu bantuan pangan keluarga miskin tidak bisa dipakai
Penyandang disabilitas tetangga kami belum didata untuk bantuan
Bantuan sosial malah diterima keluarga yang sudah kaya
""",
    "Dinas Lingkungan Hidup": """
Sampah menumpuk di tempat pembuangan sementara, truk sampah tidak datang
Sungai berbusa dan ikan mati karena limbah pabrik
Bau sampah busuk masuk ke rumah warga tiap malam
Asap pembakaran sampah membuat anak batuk
Limbah cair pabrik tahu dibuang ke selokan
Tong sampah di taman penuh dan tidak diangkut
""",
    "Satpol PP": """
Pedagang kaki lima berjualan di trotoar, mohon ditertibkan
Reklame liar menutupi pohon, tolong dibongkar
Warung minuman keras buka sampai subuh, minta razia
Karaoke tanpa izin bising tiap malam, tolong ditertibkan
Bangunan liar di bantaran berdiri lagi setelah penertiban
Spanduk liar dipaku di pohon, mohon ditertibkan petugas
""",
}
_DISTRICT = """
Antrean surat pengantar di kantor camat lama sekali
Pegawai kantor kecamatan pulang sebelum jam layanan selesai
Surat keterangan pindah ditahan petugas loket kecamatan
Pak camat tidak pernah hadir saat pelayanan surat
"""
_VILLAGE = """
Pak lurah menolak tanda tangan surat domisili warga baru
Loket kelurahan tutup terus, surat domisili saya tertunda
Staf kelurahan minta uang untuk surat domisili
Lurah tidak menanggapi permintaan surat domisili
"""
_NATIONAL = {
    "Kominfo": """
Internet pita lebar rumah sering putus dan lambat, operator tidak peduli
Situs judi daring masih bisa dibuka, mohon diblokir
Sinyal seluler dan internet tidak ada di kampung kami
Pesan penipuan lewat nomor seluler tiap hari, mohon diblokir
Kuota internet hangus padahal baru dibeli
""",
    "Kementerian PUPR": """
Jembatan jalan nasional retak dan dilewati truk berat
Bendungan bocor, saluran irigasi induk kering
Jalan tol bergelombang padahal tarifnya naik
Proyek jalan nasional lintas provinsi mangkrak
Tanggul sungai besar jebol belum diperbaiki balai
""",
}

_DISTRICTS = {SURABAYA: ("Gubeng", "Wonokromo"), BANDUNG: ("Baleendah", "Soreang")}
_VILLAGES = {SURABAYA: ("Gubeng", "Airlangga"), BANDUNG: ("Baleendah", "Jelekong")}

NEVER_SEEN = (  # a city or kabupaten as somebody may write it, its code, and its name
    ("Kota Banda Aceh", "1171", "Banda Aceh"),
    ("kab. deli serdang, sumatera utara", "1207", "Deli Serdang"),
    ("Kota Padang", "1371", "Padang"),
    ("PEKANBARU, RIAU", "1471", "Pekanbaru"),
    ("Kota Palembang, Sumatera Selatan", "1671", "Palembang"),
    ("Kab. Lampung Tengah", "1802", "Lampung Tengah"),
    ("Batam", "2171", "Batam"),
    ("Jawa Barat, Kota Bekasi", "3275", "Bekasi"),
    ("Kabupaten Banyumas, Jawa Tengah", "3302", "Banyumas"),
    ("Solo", "3372", "Surakarta"),
    ("Kab. Sleman, DIY", "3404", "Sleman"),
    ("Kab. Jember", "3509", "Jember"),
    ("Tangerang Selatan, Banten", "3674", "Tangerang Selatan"),
    ("Kota Denpasar, Bali", "5171", "Denpasar"),
    ("Kab. Lombok Timur, NTB", "5203", "Lombok Timur"),
    ("Kabupaten Sikka", "5307", "Sikka"),
    ("Kota Pontianak", "6171", "Pontianak"),
    ("Kota Balikpapan, Kaltim", "6471", "Balikpapan"),
    ("Kota Manado, Sulut", "7171", "Manado"),
    ("Kota Makassar", "7371", "Makassar"),
    ("Kota Ambon, Maluku", "8171", "Ambon"),
    ("Kab. Merauke, Papua Selatan", "9301", "Merauke"),
)
MATTERS = {
    "dinas-perhubungan": "Lampu lalu lintas di simpang pasar mati dan parkir liar bikin macet",
    "dinas-sosial": "Bantuan sosial sembako untuk keluarga miskin belum diterima",
    "dinas-lingkungan-hidup": "Truk sampah tidak datang, tumpukan sampah berbau busuk",
    "satpol-pp": "Pedagang kaki lima memenuhi trotoar, mohon ditertibkan",
}
DISTRICT_MATTER = "Antrean surat pengantar di kantor camat lama, petugas loket pulang lebih awal"
WORDS = ("tolong segera ditindak", "sudah berminggu minggu", "terima kasih sebelumnya", "warga resah sekali")
BROADBAND = "Internet pita lebar di rumah sering putus dan sangat lambat"
BRIDGE = "Jembatan di jalan nasional retak, balai belum memperbaiki"


def reports() -> list[Complaint]:
    """Return the reports of both cities: every other one of an archetype is from the one, the rest from the other."""
    found = []
    for archetype, texts in _TEXTS.items():
        for at, text in enumerate(texts.strip().splitlines()):
            home = (SURABAYA, BANDUNG)[at % 2]
            found.append((text, home, f"{archetype} {home}"))
    for at, text in enumerate(_DISTRICT.strip().splitlines()):
        home = (SURABAYA, BANDUNG)[at % 2]
        district = _DISTRICTS[home][at // 2]
        found.append((text, f"{home}, Kec. {district}", f"Kecamatan {district} {home}"))
    for at, text in enumerate(_VILLAGE.strip().splitlines()):
        home = (SURABAYA, BANDUNG)[at % 2]
        district, village = _VILLAGES[home]
        found.append((text, f"{home}, Kec. {district}, Kel. {village}", f"Kelurahan {village} {home}"))
    for ministry, texts in _NATIONAL.items():
        found += [(text, (SURABAYA, BANDUNG)[at % 2], ministry) for at, text in enumerate(texts.strip().splitlines())]
    return [
        Complaint(f"uji-{at}", text, region=region, labels={"agency": agency})
        for at, (text, region, agency) in enumerate(found)
    ]


@cache
def learnt() -> Classifier:
    """Return what the reports teach, as a bundle would bring it back."""
    fitted = fit(reports(), read_taxonomy(), read_lexicon(), read_config("linear"))
    assert not fitted.unresolved["agency"]
    return Classifier.from_state(fitted.classifier.state(), "dua-kota")


def answer(text: str, region: str = "", day: datetime | None = None) -> Prediction:
    return learnt().classify([Complaint("tanya", text, region=region, date=day)])[0]


@pytest.mark.parametrize(("region", "code", "name"), NEVER_SEEN)
@pytest.mark.parametrize("archetype", MATTERS)
def test_a_city_never_seen_gets_its_own_body(archetype: str, region: str, code: str, name: str) -> None:
    found = answer(MATTERS[archetype], region)
    best = found.agency[0].label
    assert best.code == f"{archetype}@{code}"
    assert name in best.name
    assert found.place[0].label.code == code
    assert not found.notes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"{MATTERS['dinas-perhubungan']}. Ini di Kota Semarang, dekat alun-alun.", "dinas-perhubungan@3374"),
        (f"Kami warga Kabupaten Garut. {MATTERS['dinas-sosial']}", "dinas-sosial@3205"),
    ],
)
def test_a_place_in_the_text_alone_is_enough(text: str, code: str) -> None:
    assert answer(text).agency[0].label.code == code


@pytest.mark.parametrize(
    ("region", "code", "name"),
    [
        ("Kab. Banyumas, Kec. Baturraden", "330222", "Kecamatan Baturraden"),
        ("Kota Makassar, Kec. Panakkukang", "737109", "Kecamatan Panakkukang"),
        ("Kota Medan, Kecamatan Medan Baru", "127117", "Kecamatan Medan Baru"),
        ("Kota Malang, Kec. Klojen", "357302", "Kecamatan Klojen"),
        ("Kota Semarang, Kec. Tembalang, Kel. Bulusan", "337410", "Kecamatan Tembalang"),
        ("Kota Denpasar, Kec. Denpasar Barat", "517103", "Kecamatan Denpasar Barat"),
        ("Kota Jayapura, Distrik Abepura", "917103", "Distrik Abepura"),
        ("Kota Surabaya, Kec. Tegalsari", "357805", "Kecamatan Tegalsari"),
    ],
)
def test_a_matter_of_a_kecamatan_goes_to_the_one_named(region: str, code: str, name: str) -> None:
    found = answer(DISTRICT_MATTER, region)
    assert found.agency[0].label.code == f"kecamatan@{code}"
    assert found.agency[0].label.name.startswith(name)
    assert found.agency[0].label.group == "Kecamatan"


def test_the_two_cities_keep_their_own_bodies() -> None:
    for region, code in (("Surabaya", "3578"), ("Kab. Bandung", "3204"), ("Kota Bandung", "3273")):
        assert answer(MATTERS["satpol-pp"], region).agency[0].label.code == f"satpol-pp@{code}"


@pytest.mark.parametrize(
    ("region", "government"), [("Kota Malang", "Kota Malang"), ("Kab. Jember", "Kabupaten Jember")]
)
def test_without_its_kecamatan_the_local_government_passes_it_on(region: str, government: str) -> None:
    found = answer(DISTRICT_MATTER, region)
    assert found.agency[0].label.name == f"Pemerintah {government}"
    assert "local-government" in found.notes


@pytest.mark.parametrize("text", [*MATTERS.values(), DISTRICT_MATTER])
def test_a_missing_place_is_told_and_left_to_a_person(text: str) -> None:
    found = answer(text)
    assert "@" not in found.agency[0].label.code
    assert found.place == ()
    assert "place-unknown" in found.notes
    assert "place-unknown" in found.decision.reasons
    assert found.decision.agency == "review"


@pytest.mark.parametrize(
    ("text", "day", "code"),
    [
        (BROADBAND, datetime(2023, 6, 1, tzinfo=UTC), "kementerian-kominfo"),
        (BROADBAND, datetime(2025, 6, 1, tzinfo=UTC), "kementerian-komdigi"),
        (BROADBAND, None, "kementerian-komdigi"),
        (BRIDGE, datetime(2024, 10, 20, tzinfo=UTC), "kementerian-pupr"),
        (BRIDGE, datetime(2024, 10, 21, tzinfo=UTC), "kementerian-pekerjaan-umum"),
        (BRIDGE, None, "kementerian-pekerjaan-umum"),
    ],
)
@pytest.mark.parametrize("region", ["", "Kota Surabaya", "Kota Ambon"])
def test_the_date_decides_the_body(text: str, day: datetime | None, code: str, region: str) -> None:
    found = answer(text, region, day)
    assert found.agency[0].label.code == code
    assert ("agency-predecessor" in found.notes) == (code in ("kementerian-kominfo", "kementerian-pupr"))
    assert "place-unknown" not in found.decision.reasons


def test_a_day_before_the_republic_counts_as_its_first() -> None:
    assert (
        answer(MATTERS["dinas-sosial"], "Batam", datetime(1900, 1, 1, tzinfo=UTC))
        .agency[0]
        .label.code.endswith("@2171")
    )


def test_the_region_field_wins_over_a_text_that_contradicts_it() -> None:
    found = answer(f"{MATTERS['dinas-sosial']}, kami tinggal di Kota Makassar", "Kota Pontianak")
    assert found.agency[0].label.code == "dinas-sosial@6171"
    assert "region-contradicts-text" in found.notes


def test_a_town_and_kabupaten_of_one_name_are_no_kecamatan_elsewhere() -> None:
    assert not answer(DISTRICT_MATTER, "Bogor").agency[0].label.code.startswith("kecamatan@")


def test_an_agency_is_no_surer_than_its_place() -> None:
    found = answer(MATTERS["dinas-sosial"], "Bogor")
    chances = {one.label.code: one.probability for one in found.place}
    best = found.agency[0]
    assert best.probability <= chances[best.label.code.partition("@")[2]] + 0.05


def test_both_readings_of_an_ambiguous_place_are_offered() -> None:
    codes = {one.label.code for one in answer(MATTERS["dinas-sosial"], "Bogor").agency}
    assert {"dinas-sosial@3201", "dinas-sosial@3271"} <= codes


def test_a_city_of_many_reports_does_not_answer_for_a_missing_place() -> None:
    many = [
        replace(one, id=f"{one.id}-{n}", text=f"{one.text} {word}") for one in reports() for n, word in enumerate(WORDS)
    ]
    known = fit(many, read_taxonomy(), read_lexicon(), read_config("linear")).classifier
    assert "place-unknown" in known.classify([Complaint("tanya", MATTERS["dinas-sosial"])])[0].decision.reasons
