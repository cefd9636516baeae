"""Invented complaints over four topics and five agencies, and a classifier fitted to them."""

from datetime import UTC, date, datetime, timedelta
from functools import cache

from classifier.agencies import AgencyTable
from classifier.agency_rows import AgencyLevel, AgencyRow
from classifier.gazetteer import Gazetteer
from classifier.pipeline import Classifier
from classifier.places import PlaceResolver
from classifier.records import Complaint
from classifier.taxonomy import Taxonomy, from_data
from training.config import LinearConfig, read_config
from training.fit import Fitted, fit

LEXICON = {"yg": "yang", "jln": "jalan", "tdk": "tidak", "blm": "belum", "dishub": "dinas perhubungan"}
ROADS, LAMPS, WASTE, WATER = "Jalan Rusak", "Lampu Jalan", "Sampah", "Air Bersih"
BINA_MARGA, DISHUB, DLH, PERUMDA = (
    "Dinas Bina Marga",
    "Dinas Perhubungan",
    "Dinas Lingkungan Hidup",
    "Perumda Air Minum",
)
DISTRICT = "Kecamatan Contoh"
WISH, COMPLAINT = "Aspirasi", "Pengaduan Tidak Berkadar Pengawasan"
START = datetime(2025, 1, 6, 9, 30, tzinfo=UTC)

SPLIT = date(2024, 10, 21)
MINISTRIES = (
    AgencyRow("kementerian-baru", "Kementerian Baru", frozenset({"national"}), valid_from=SPLIT),
    AgencyRow(
        "kementerian-lama",
        "Kementerian Lama",
        frozenset({"national"}),
        valid_to=SPLIT - timedelta(days=1),
        successors=("kementerian-baru",),
    ),
)

_TEXTS = {
    (ROADS, BINA_MARGA): """
Jalan Melati Contoh berlubang besar, dua motor tergelincir pekan ini
Lubang menganga di jalan utama Kampung Uji, tambal aspalnya segera
Aspal jalan depan Pasar Misal terkelupas, mobil harus zigzag
Tolong aspal ulang jln menuju SD Contoh yg penuh lubang
Jalan poros Desa Misal ambles separuh badan setelah hujan tiga hari
Permukaan jalan bergelombang dan berlubang sepanjang Ruas Uji Barat
Usul supaya jalan lingkar Misal dilebarkan dan diaspal tahun depan
Lubang di tikungan jalan Anggrek Uji sudah sedalam lutut anak
Perbaikan jalan Kenanga Misal berhenti, aspal baru separuh jadi
""",
    (ROADS, DISTRICT): """
Jalan gang RT 3 Kampung Uji hancur, camat belum pernah menengok
Mohon kecamatan bantu cor jalan kampung yg berlubang dekat musala
Usul ke kecamatan agar paving jalan gang Misal diganti
Jalan setapak kampung becek dan berlubang, warga lapor kecamatan
""",
    (LAMPS, DISHUB): """
Lampu jalan di Bundaran Contoh padam sudah sembilan malam
Penerangan jalan umum depan Terminal Uji mati total, gelap sekali
Dishub tolong ganti lampu jalan yg berkedip di Simpang Misal
Tiang lampu nomor 14 Ruas Uji miring dan lampunya padam
Gelap gulita karena lampu penerangan tdk menyala di Jembatan Misal
Usul tambah lampu jalan di tanjakan Uji yang gelap
Lampu penerangan taman Misal padam sejak diganti bulan lalu
Semua lampu sepanjang jalan Dahlia Contoh padam tiap malam
Kabel lampu jalan menjuntai di Halte Uji, lampunya ikut mati
Mohon lampu jalan dekat jembatan gantung Misal dinyalakan lagi
""",
    (LAMPS, DISTRICT): """
Lampu gang RT 3 padam, kecamatan bilang tunggu giliran
Penerangan kampung gelap, mohon kecamatan pasang lampu baru
Usul lampu tenaga surya untuk gang kampung lewat kecamatan
""",
    (WASTE, DLH): """
Sampah menumpuk di TPS Contoh, truk sampah tak kunjung datang
Bau sampah dari tempat pembuangan Misal masuk ke ruang kelas
Sungai Uji penuh sampah plastik, tolong diangkut sebelum banjir
Truk pengangkut sampah mogok sepekan, tumpukan setinggi pagar
Orang buang sampah sembarangan di lahan kosong sebelah Pasar Misal
Usul tempat sampah terpilah di Taman Uji
Petugas sampah blm mengangkut dari perumahan Contoh Asri
Pembakaran sampah tiap sore bikin sesak, asapnya bau plastik
Tumpukan sampah pasar Misal meluber hingga menutup trotoar
Selokan mampet oleh sampah rumah makan di Ruas Uji
""",
    (WATER, PERUMDA): """
Air PDAM keruh dan bau karat di perumahan Contoh Asri
Sudah empat hari air bersih tdk mengalir di Blok Uji
Pipa air bocor di depan warung Misal, airnya terbuang ke jalan
Tagihan air melonjak padahal keran jarang dipakai
Air bersih hanya mengalir tengah malam, kami begadang menampung
Meteran air rusak dan petugas PDAM blm datang
Usul sambungan air bersih murah untuk rusun Contoh
Tekanan air PDAM lemah sekali tiap pagi di Bukit Uji
Pipa PDAM pecah kena galian, air keruh sampai tiga kampung
Mohon jadwal giliran air bersih diumumkan lebih awal
Air keran berwarna cokelat dan bau, anak gatal setelah mandi
""",
}


def complaints() -> list[Complaint]:
    """Return the labelled complaints, a day apart, topics mixed; two thirds have a kind, a wish if it begins "Usul"."""
    rows = [(text, *labels) for labels, texts in _TEXTS.items() for text in texts.strip().splitlines()]
    mixed = sorted(rows, key=lambda row: row[0][::-1])
    return [_complaint(at, *row) for at, row in enumerate(mixed)]


@cache
def places() -> PlaceResolver:
    """Return a resolver for one province with one city, its two kecamatan, and one kabupaten."""
    names = {
        "77": "Nusa Uji",
        "7701": "Kabupaten Teladan",
        "770101": "Teladan Utara",
        "7771": "Kota Contoh",
        "777101": "Uji",
        "777102": "Misal",
    }
    return PlaceResolver(Gazetteer(list(names), list(names.values()), "uji"), [])


@cache
def taxonomy() -> Taxonomy:
    """Return the taxonomy of the labels as written, with a table of two archetypes."""
    local: frozenset[AgencyLevel] = frozenset({"kabkota"})
    rows = [
        AgencyRow("dinas-perhubungan", DISHUB, local),
        AgencyRow("kecamatan", "Kecamatan", frozenset({"kecamatan"})),
        AgencyRow("pemerintah-daerah", "Pemerintah Daerah", local),
    ]
    return from_data(AgencyTable(rows, places()))


def config() -> LinearConfig:
    """Return the settings that come with pilah."""
    return read_config("linear")


@cache
def fitted() -> Fitted:
    """Return the model fitted to all complaints with their labels as classes."""
    return fit(complaints(), taxonomy(), LEXICON, config())


@cache
def classifier() -> Classifier:
    """Return that model's classifier as a bundle would bring it back."""
    return Classifier.from_state(fitted().classifier.state(), "model-uji")


def _complaint(at: int, text: str, topic: str, agency: str) -> Complaint:
    labels = {"topic": topic, "agency": agency}
    if at % 3:
        labels["kind"] = WISH if text.startswith("Usul") else COMPLAINT
    region = "Kota Contoh, Kec. Uji" if at % 2 else "Kota Contoh, Kec. Misal"
    return Complaint(f"uji-{at:02}", text, region=region, date=START + timedelta(days=at), labels=labels)
