"""How a data set writes its agencies and places: patterns of names, forms of place names, and how alike they are."""

import pytest
import toy
from hypothesis import given
from hypothesis import strategies as st

from classifier.agency_seats import bare_name
from classifier.bodies import SLOT
from classifier.gazetteer import Gazetteer, Level, Place, name_key
from classifier.places import PlaceResolver
from classifier.records import Complaint
from training.agency_names import consistency, pattern_of, written_names

patterns = st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 9)), max_size=8)


def place(name: str, level: Level = "district") -> Place:
    return Place("777101", name, level)


@pytest.mark.parametrize(
    ("label", "name", "pattern"),
    [
        ("Kecamatan Gubeng", "Kecamatan Gubeng", "Kecamatan {}"),
        ("KECAMATAN GUBENG KOTA", "Kecamatan Gubeng", "KECAMATAN {} KOTA"),
        ("Kantor Camat Suka Maju", "Kecamatan Suka Maju", "Kantor Camat {}"),
        ("Kantor Camat SukaMaju", "Kecamatan Suka Maju", "Kantor Camat {}"),
        ("Camat Suka  Maju", "Kecamatan Suka Maju", "Camat {}"),
        ("Kecamatan Gubengan", "Kecamatan Gubeng", None),
        ("Dinas Sosial", "Kecamatan Gubeng", None),
        ("Uji (Barat) dst.", "Kecamatan Uji", "{} (Barat) dst."),
        ("Kecamatan Suka Maju", "Kecamatan Sukamaju", "Kecamatan {}"),
        ("Kecamatan Kota Anyar", "Kecamatan Kota Anyar", "Kecamatan {}"),
        ("Camat Desa", "Kecamatan Desa", "Camat {}"),
    ],
)
def test_a_pattern_has_a_slot_for_the_name_of_the_place(label: str, name: str, pattern: str | None) -> None:
    assert pattern_of(label, place(name)) == pattern


def test_the_kind_of_a_kota_stays_in_the_pattern() -> None:
    assert pattern_of("Dinas Sosial Kota Contoh", place("Kota Contoh", "regency")) == "Dinas Sosial Kota {}"
    assert pattern_of("Dinas Sosial Contoh", place("Kota Contoh", "regency")) == "Dinas Sosial {}"
    assert pattern_of("Sudin Sosial Contoh", place("Kota Administrasi Contoh", "regency")) == "Sudin Sosial {}"


@given(st.text("abAB .()-[]+*", max_size=12), st.sampled_from(["Uji", "Suka Maju"]), st.text("abAB .()", max_size=12))
def test_a_pattern_with_the_name_put_back_is_the_label(before: str, name: str, after: str) -> None:
    label = f"{before} {name} {after}"
    pattern = pattern_of(label, place(f"Kecamatan {name}"))
    assert pattern
    assert pattern.count(SLOT) == 1
    assert pattern.replace(SLOT, bare_name(place(f"Kecamatan {name}"))) == label


def written(*regions: str) -> dict[str, str]:
    names = {
        "77": "Nusa Uji",
        "7701": "Kabupaten Teladan",
        "7771": "Kota Contoh",
        "777101": "Sukamaju",
        "777102": "Misal",
        "777103": "Sukakota Maju",
    }
    places = PlaceResolver(Gazetteer(list(names), list(names.values()), "uji"), [])
    return written_names([Complaint(str(at), "x", region=region) for at, region in enumerate(regions)], places)


def test_names_that_fields_write_as_the_gazetteer_does_need_no_note() -> None:
    assert written("Kota Contoh, Kec. Misal", "Kabupaten Teladan", "", "entah") == {}


@pytest.mark.parametrize(
    "region", ["Kota Contoh, Kec. Suka Maju", "Kecamatan Suka  Maju, Kota Contoh", "Kota Contoh, KEC Suka Maju"]
)
def test_names_are_as_the_fields_write_them(region: str) -> None:
    assert written(region) == {"777101": "Suka Maju"}


def test_a_kind_inside_a_word_is_part_of_the_name() -> None:
    assert written("Kota Contoh, Kec. Sukakota  Maju") == {}
    assert written("Kota Contoh, Kec. Suka Kota Maju") == {"777103": "Suka Kota Maju"}


def test_the_usual_form_wins() -> None:
    two, one = "Kota Contoh, Kec. Suka Maju", "Kota Contoh, Kec. Sukamaju"
    assert written(two, two, one) == {"777101": "Suka Maju"}
    assert written(two, one, one) == {}


def test_the_places_that_a_place_lies_in_are_read_too() -> None:
    assert written("KOTA CONTOH, Kec. Misal") == {"7771": "CONTOH"}


@given(st.lists(st.sampled_from(["Kota Contoh", "KOTA CONTOH, Kec. Suka Maju", "Kec. Sukamaju, Kota Contoh", "x"])))
def test_written_names_differ_in_spelling_alone(regions: list[str]) -> None:
    official = {"7771": "Contoh", "777101": "Sukamaju"}
    for code, name in written(*regions).items():
        assert name != official[code]
        assert name_key(name) == name_key(official[code]).lower()


@pytest.mark.parametrize(
    ("patterns", "wanted"),
    [
        ([], (0, 0)),
        ([("a", 9)], (0, 1)),
        ([("a", 1), ("a", 1)], (2, 0)),
        ([("a", 1), ("a", 1), ("b", 1)], (2, 1)),
        ([("a", 1), ("b", 9)], (0, 2)),
        ([("a", 3), ("a", 3), ("b", 2)], (2, 1)),
        ([("a", 3), ("a", 3), ("b", 4)], (0, 3)),
        ([("a", 1), ("a", 9), ("b", 2)], (1, 2)),
    ],
)
def test_a_pattern_is_judged_by_the_reports_of_the_others(
    patterns: list[tuple[str, int]], wanted: tuple[int, int]
) -> None:
    assert consistency(patterns) == wanted


@given(patterns)
def test_every_body_is_counted_once(patterns: list[tuple[str, int]]) -> None:
    assert sum(consistency(patterns)) == len(patterns)


@given(st.integers(2, 6), st.integers(1, 9))
def test_one_pattern_for_all_is_consistent(bodies: int, rows: int) -> None:
    assert consistency([("a", rows)] * bodies) == (bodies, 0)


def test_the_toy_writes_its_places_as_the_gazetteer_does() -> None:
    assert written_names(toy.complaints(), toy.places()) == {}
