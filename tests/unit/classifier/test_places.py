import csv
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.gazetteer import Gazetteer
from classifier.places import PlaceResolver, Resolution
from data.gazetteer import read_aliases, read_gazetteer

DIGITS = {"province": 2, "regency": 4, "district": 6, "village": 10}


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return read_gazetteer()


@pytest.fixture(scope="module")
def places(gazetteer: Gazetteer) -> PlaceResolver:
    return PlaceResolver(gazetteer, read_aliases(gazetteer))


def _code(resolution: Resolution) -> str:
    return resolution.best.place.code if resolution.best else ""


@pytest.mark.parametrize(
    ("region", "code"),
    [
        ("3273", "3273"),
        ("32.73", "3273"),
        ("32.04.29.2005", "3204292005"),
        ("32 04 29", "320429"),
        ("3273 - Kota Bandung", "3273"),
        ("Kota Surabaya, Kec. Gubeng, Kel. Airlangga", "3578081003"),
        ("Kota Surabaya Kec Gubeng Kel Airlangga", "3578081003"),
        ("Airlangga, Gubeng, Surabaya", "3578081003"),
        ("RT 03 RW 05 Kel. Airlangga Kec. Gubeng Surabaya", "3578081003"),
        ("gubeng surabaya", "357808"),
        ("Provinsi Jawa Barat, Bandung, Kec. CIPARAY, Kel. Ciheulang", "3204292005"),
        ("CIPARAY, Bandung, Jawa Barat", "320429"),
        ("Jawa Barat, Kota Bandung, CIPARAY, Ciheulang", "3204292005"),
        ("Jawa Barat, Bandung", "3204"),
        ("Kota Bandung", "3273"),
        ("Bandung City, West Java, Indonesia", "3273"),
        ("Kab Bdg", "3204"),
        ("Kodya Solo", "3372"),
        ("Tebet, Jaksel", "317401"),
        ("Kota Administrasi Jakarta Timur", "3175"),
        ("DIY - Sleman - Depok", "340407"),
        ("D.I. Yogyakarta", "34"),
        ("Jambi, Kota Jambi", "1571"),
        ("Provinsi Jambi", "15"),
        ("Kab. Banyuwangy", "3510"),
        ("Kota Surabaya, Kec. Sambikerep, Kel. Bringin", "3578311003"),
        ("Kota Kudus", "3319"),
        ("Papua, Kab. Merauke", "9301"),
        ("Bandung", "32"),
        ("Indonesia", ""),
        ("", ""),
        ("-", ""),
    ],
)
def test_region_field_in_usual_orders_and_spellings(places: PlaceResolver, region: str, code: str) -> None:
    assert _code(places.parse_region(region)) == code


@pytest.mark.parametrize(
    ("region", "code", "note"),
    [
        ("91.01", "9301", "place-successor"),
        ("91.01.01.1002", "9301011002", "place-successor"),
        ("9271", "9671", "place-successor"),
        ("64.06.02", "650202", "place-successor"),  # Kalimantan Utara was split off
        ("3578121004", "3578121006", "place-successor"),
        ("Kota Surabaya, Kec. Pabean Cantikan, Kel. Perak Timur", "3578121006", "place-successor"),
        ("Ujung Pandang", "7371", "place-successor"),
        ("Kab. Mamuju Utara", "7601", "place-successor"),
        ("3273.99", "3273", "unknown-place-code"),
        ("3273010001", "3273", "unknown-place-code"),  # as BPS counts
        ("1101010001", "11", "unknown-place-code"),
        ("6406010", "64", "unknown-place-code"),  # as BPS counts, not the old code of Malinau
        ("9101010", "", "unknown-place-code"),
        ("9432", "", "unknown-place-code"),
        ("99", "", "unknown-place-code"),
    ],
)
def test_old_and_unknown_places_are_noted(places: PlaceResolver, region: str, code: str, note: str) -> None:
    resolution = places.parse_region(region)

    assert (_code(resolution), resolution.notes) == (code, (note,))


def test_split_place_keeps_all_successors(places: PlaceResolver) -> None:
    resolution = places.parse_region("Irian Jaya")

    assert {c.place.code for c in resolution.candidates} == {"91", "92", "93", "94", "95", "96"}
    assert resolution.best is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Bupati Garut tolong perhatikan jalan kami", "3205"),
        ("Polres Garut lambat sekali", "3205"),
        ("lampu merah di disurabaya mati", "3578"),
        ("sampah menumpuk di Kec. Paseh, Bandung", "320435"),
        ("sampah menumpuk di Kec. Paseh, Sumedang", "321108"),
        ("banjir di desa Sukamaju kec. Cilodong Depok", "3276081001"),
        ("Saya tinggal di Wonosobo, Tanggamus", "180603"),
        ("Pemkab Bandung mohon tindak lanjut", "3204"),
        ("Wali Kota Bandung mohon tindak lanjut", "3273"),
        ("di Jalan Surabaya, Kota Malang", "3573"),
        ("saya asli Garut, tinggal di Kota Cimahi", "3277"),
        ("bukan yang di Jawa Tengah, ini di Lampung", "18"),
        ("pabrik gula Sidoarjo membuang limbah", "3515"),
        ("jkt macet, jaksel banjir", "3174"),
        ("jalan gelap di kelurahan Bringin Surabaya", "3578311003"),
        ("banjir di Perak Utara", "3578121006"),
    ],
)
def test_mentions_tell_the_place(places: PlaceResolver, text: str, code: str) -> None:
    assert _code(places.resolve("", text)) == code


@pytest.mark.parametrize(
    "text",
    [
        "Bapak Sukarno menolak",
        "trotoar di Jl. Surabaya rusak",
        "Jalan Medan Merdeka banjir",
        "martabak Bandung di depan kos",
        "nasi Padang basi",
        "warung padang itu kotor",
        "soto Lamongan di trotoar",
        "beli batik tulis Solo di lokapasar",
        "ATM Bank Jabar rusak",
        "bus Bandung-Jakarta mogok",
        "tiket kereta ke Surabaya batal",
        "anak saya melempar batu",
        "dari Sabang sampai Merauke",
        "desa baru kami gelap",
        "penertiban oleh Polda Metro Jaya",
        "cincin perak timur saya hilang",
    ],
)
def test_traps_tell_no_place(places: PlaceResolver, text: str) -> None:
    assert places.resolve("", text).best is None


def test_ambiguous_name_keeps_its_readings(places: PlaceResolver) -> None:
    resolution = places.resolve("", "banjir di Bandung")

    assert {c.place.code for c in resolution.candidates} == {"3273", "3204"}
    assert _code(resolution) == "32"


def test_field_wins_over_the_text_and_says_so(places: PlaceResolver) -> None:
    resolution = places.resolve("Kota Surabaya", "Bupati Sidoarjo, jalan di Sidoarjo rusak")

    assert (_code(resolution), resolution.notes) == ("3578", ("region-contradicts-text",))


@pytest.mark.parametrize(
    ("region", "text", "code"),
    [
        ("Kota Surabaya", "jalan rusak di Gubeng", "357808"),
        ("Jawa Barat, Bandung", "lampu di Kec. Coblong mati", "327302"),
        ("Semarang", "rob di Kec. Tugu Kota Semarang", "337416"),
        ("Jawa Timur", "macet di Sidoarjo", "3515"),
        ("Kota Surabaya", "lampu mati di Kel. Bringin", "3578311003"),
    ],
)
def test_text_makes_the_field_more_precise(places: PlaceResolver, region: str, text: str, code: str) -> None:
    resolution = places.resolve(region, text)

    assert (_code(resolution), resolution.notes) == (code, ())


def test_title_counts_as_text(places: PlaceResolver) -> None:
    assert _code(places.resolve("", "rusak sejak lama", "Jalan di Kabupaten Garut")) == "3205"


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("bandung", ["3204", "3273", "3217"]),
        ("kota band", ["1171", "1871", "3273"]),
        ("kab bandung", ["3204", "3217"]),
        ("jogja", ["34", "3471"]),
        ("kec. gub", ["331517", "357808"]),
        ("kel airl", ["3578081003"]),
        ("gubeng, surabaya", ["357808"]),
        ("35.78", ["3578", "357801", "357802"]),
        ("357", ["3571", "3572", "3573"]),
        ("91.01", ["9301"]),
        ("50 kota", ["1307"]),
        ("Tebing-Tinggi", ["1276"]),
        ("tanjung perak", ["3578121006"]),
        (" ! ", []),
        ("zzzz", []),
    ],
)
def test_search_for_type_ahead(places: PlaceResolver, typed: str, codes: list[str]) -> None:
    assert [place.code for place in places.search(typed, 100)][: len(codes)] == codes
    assert codes or not places.search(typed)


def test_search_keeps_to_levels_and_to_a_place(places: PlaceResolver) -> None:
    assert {place.level for place in places.search("bandung", 50, levels={"district"})} == {"district"}
    assert [place.name for place in places.search("air", levels={"village"}, inside="3578")] == ["Kelurahan Airlangga"]
    assert [place.code for place in places.search("gubeng", inside="357808")] == ["357808", "3578081001"]
    assert places.search("gubeng", inside="9999") == []


@given(st.text(max_size=20), st.integers(1, 30))
@settings(deadline=None, max_examples=50)
def test_a_search_finds_each_place_once_and_larger_ones_first(places: PlaceResolver, typed: str, limit: int) -> None:
    found = places.search(typed, limit, levels={"province", "regency"})
    assert len(set(found)) == len(found) <= limit
    assert {place.level for place in found} <= {"province", "regency"}


@pytest.mark.parametrize("step", [4801])
def test_every_place_is_found_by_its_name(gazetteer: Gazetteer, places: PlaceResolver, step: int) -> None:
    for row in range(0, len(gazetteer), step):
        place = gazetteer.place(row)
        assert place in places.search(place.name, 600), place.name
        assert places.search(place.code, 1) == [place]


def test_places_by_code(places: PlaceResolver) -> None:
    place = places.get("35.78")
    assert place is not None
    assert (place.name, place.level) == ("Kota Surabaya", "regency")
    assert places.get("9999") is None
    assert [up.code for up in places.ancestors("3578081003")] == ["357808", "3578", "35"]
    assert places.ancestors("x") == ()


def test_every_place_written_out_is_found(gazetteer: Gazetteer, places: PlaceResolver) -> None:
    rows = range(0, len(gazetteer), 61)
    missed = 0
    for row in rows:
        chain = [gazetteer.place(member).name for member in (row, *gazetteer.ancestors(row))]
        missed += _code(places.parse_region(", ".join(chain))) != gazetteer.code(row)
        missed += _code(places.parse_region(", ".join(reversed(chain)).upper())) != gazetteer.code(row)
    assert missed < 0.01 * 2 * len(rows)


@settings(deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_resolves_to_probabilities(region: str, text: str) -> None:
    gazetteer = read_gazetteer()
    resolution = PlaceResolver(gazetteer, ()).resolve(region, text)

    shares = [candidate.probability for candidate in resolution.candidates]
    assert shares == sorted(shares, reverse=True)
    assert all(0 <= share <= 1 for share in shares)
    assert sum(shares) <= 1.001


@given(st.permutations(["Kota Surabaya", "Kec. Gubeng", "Kel. Airlangga", "Jawa Timur"]))
@settings(deadline=None)
def test_order_of_a_region_field_does_not_matter(parts: list[str]) -> None:
    gazetteer = read_gazetteer()
    assert _code(PlaceResolver(gazetteer, ()).parse_region(", ".join(parts))) == "3578081003"


def test_real_region_fields(places: PlaceResolver, shared: Path) -> None:
    right: Counter[bool] = Counter()
    for source in ("surabaya-mediacenter", "kabbandung-sp4n"):
        with (shared / "complaints" / source / "train.jsonl").open(encoding="utf-8") as file:
            regions = Counter(json.loads(line)["region"] for line in file)
        for region, count in regions.items():
            depth = (bool(region)) + region.count("Kec.") + region.count("Kel.")
            right[len(_code(places.parse_region(region))) == (0, 4, 6, 10)[depth]] += count
    assert right[True] >= 0.985 * right.total()  # the rest are kelurahan that no longer exist


@pytest.mark.parametrize("name", ["dev", "final"])
def test_figures_of_the_labelled_sentences(places: PlaceResolver, root: Path, name: str) -> None:
    """`pytest -s` prints precision and recall a level: of texts alone, and of texts with their region field."""
    with (root / "tests" / "places" / f"{name}.jsonl").open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    alone = [row for row in rows if not row["region"]]
    for what, chosen in (("text alone", alone), ("region and text", rows)):
        found = [(row["code"], _code(places.resolve(row["region"], row["text"]))) for row in chosen]
        for level, digits in DIGITS.items():
            precision, recall = _figures(found, digits)
            print(f"{name:6} {what:16} {level:9} precision {precision:.3f} recall {recall:.3f}")  # noqa: T201
            if level == "regency":
                assert precision >= 0.95
                assert recall >= 0.85


def _figures(found: list[tuple[str, str]], digits: int) -> tuple[float, float]:
    """Return precision and recall at a level; a sentence without one certain place has gold "" at every level."""
    pairs = [(gold[:digits] * (len(gold) >= digits), said[:digits] * (len(said) >= digits)) for gold, said in found]
    right = sum(gold == said != "" for gold, said in pairs)
    said, gold = sum(said != "" for _, said in pairs), sum(gold != "" for gold, _ in pairs)
    return right / max(said, 1), right / max(gold, 1)


def test_alias_table_is_sorted(root: Path) -> None:
    with (root / "data" / "reference" / "place_aliases.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kinds = list(dict.fromkeys(row["kind"] for row in rows))
    assert kinds == ["name", "former", "code", "word", "noun", "field"]
