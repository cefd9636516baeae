"""Which body answers for an archetype at a place, by the national table and as a data set writes it."""

import json
from datetime import date
from typing import Any

import pytest
import toy
from hypothesis import given
from hypothesis import strategies as st

from classifier.agencies import AgencyTable
from classifier.agency_rows import AgencyRow
from classifier.bodies import Bodies, NationalBodies, WrittenBodies, bodies_from, kind_of
from classifier.errors import InputError
from classifier.gazetteer import Place
from classifier.records import Label

CODES = ("77", "7701", "770101", "7771", "777101", "777102")
ROWS = (
    AgencyRow("dinas-sosial", "Dinas Sosial", frozenset({"provinsi", "kabkota"}), aliases=("Dinsos",)),
    AgencyRow("kecamatan", "Kecamatan", frozenset({"kecamatan"}), kind="kecamatan"),
    AgencyRow("bank-uji", "Bank Uji", frozenset({"national", "kabkota"}), offices={"kabkota": "Bank Uji KC {short}"}),
    AgencyRow("pasar-uji", "Pasar Uji", frozenset({"kabkota"}), place="7771"),
    AgencyRow("pemerintah-daerah", "Pemerintah", frozenset({"provinsi", "kabkota"})),
    *toy.MINISTRIES,
)
PATTERNS = {
    "Kelurahan": {"Kecamatan": "KEC. {} (kelurahan)"},
    "Dinas Sosial": {"Kota": "Dinsos Kota {}", "Kabupaten": "Dinsos Kab. {}"},
}


def place(code: str) -> Place:
    found = toy.places().get(code)
    assert found
    return found


def national() -> NationalBodies:
    return NationalBodies(AgencyTable(ROWS, toy.places()))


def written() -> WrittenBodies:
    return WrittenBodies(PATTERNS, {"777102": "Mi Sal"}, toy.places())


def code_of(bodies: Bodies, archetype: str, code: str) -> str | None:
    seat = bodies.seat(archetype, place(code))
    return seat.code if seat else None


@pytest.mark.parametrize(
    ("archetype", "code", "seat"),
    [
        ("dinas-sosial", "777101", "7771"),
        ("dinas-sosial", "77", "77"),
        ("kecamatan", "777101", "777101"),
        ("kecamatan", "7771", None),
        ("bank-uji", "77", None),
        ("kementerian-baru", "7771", None),
    ],
)
def test_a_national_body_sits_at_the_nearest_level_where_it_lives(archetype: str, code: str, seat: str | None) -> None:
    assert code_of(national(), archetype, code) == seat


@given(st.sampled_from(["dinas-sosial", "kecamatan", "bank-uji"]), st.sampled_from(CODES))
def test_a_seat_is_its_own_seat_and_composes_the_body_there(archetype: str, code: str) -> None:
    bodies = national()
    if seat := bodies.seat(archetype, place(code)):
        assert code.startswith(seat.code)
        assert bodies.seat(archetype, seat) == seat
        label, reasons = bodies.at(archetype, place(code), toy.SPLIT)
        assert (label, reasons) == bodies.at(archetype, seat, toy.SPLIT)
        assert (label.code, reasons) == (f"{archetype}@{seat.code}", ())
        assert bodies.known(label, toy.SPLIT) == (label, ())


@pytest.mark.parametrize(
    ("code", "on", "wanted"),
    [
        ("kementerian-baru", toy.SPLIT, ("kementerian-baru", ())),
        ("kementerian-baru", date(2024, 10, 20), ("kementerian-lama", ("agency-predecessor",))),
        ("kementerian-lama", date.max, ("kementerian-baru", ("agency-successor",))),
        ("pasar-uji", toy.SPLIT, ("pasar-uji", ())),
        ("dinas-sosial@7771", toy.SPLIT, ("dinas-sosial@7771", ())),
        ("kecamatan", toy.SPLIT, ("kecamatan", ("place-unknown",))),
    ],
)
def test_a_known_class_is_the_body_of_that_day(code: str, on: date, wanted: tuple[str, tuple[str, ...]]) -> None:
    label, reasons = national().known(Label(code, "apa pun"), on)
    assert (label.code, reasons) == wanted


@pytest.mark.parametrize(
    ("archetype", "code", "wanted"),
    [
        ("dinas-sosial", "777101", ("Dinas Sosial Kota Contoh", "Dinas Sosial", ())),
        ("kecamatan", "777102", ("Kecamatan Misal Kota Contoh", "Kecamatan", ())),
        ("kecamatan", "7771", ("Pemerintah Kota Contoh", "Pemerintah", ("local-government",))),
        ("kecamatan", None, ("Kecamatan", "Kecamatan", ("place-unknown",))),
        ("bank-uji", "777101", ("Bank Uji KC Contoh", "Bank Uji", ())),
        ("bank-uji", "77", ("Bank Uji", "Bank Uji", ())),
        ("bank-uji", None, ("Bank Uji", "Bank Uji", ())),
    ],
)
def test_a_national_body_is_composed(
    archetype: str, code: str | None, wanted: tuple[str, str, tuple[str, ...]]
) -> None:
    label, reasons = national().at(archetype, place(code) if code else None, toy.SPLIT)
    assert (label.name, label.group, reasons) == wanted


def test_an_archetype_that_the_table_lacks_is_refused() -> None:
    with pytest.raises(InputError, match="tak-ada"):
        national().at("tak-ada", None, toy.SPLIT)


@pytest.mark.parametrize(
    ("archetype", "code", "seat"),
    [
        ("Dinas Sosial", "777101", "7771"),
        ("Dinas Sosial", "7701", "7701"),
        ("Dinas Sosial", "77", None),
        ("Kelurahan", "777102", "777102"),
        ("Kelurahan", "7771", None),
    ],
)
def test_a_written_body_sits_at_the_nearest_place_of_a_kind_in_its_names(
    archetype: str, code: str, seat: str | None
) -> None:
    assert code_of(written(), archetype, code) == seat


@pytest.mark.parametrize(
    ("archetype", "code", "name"),
    [
        ("Dinas Sosial", "7771", "Dinsos Kota Contoh"),
        ("Dinas Sosial", "7701", "Dinsos Kab. Teladan"),
        ("Kelurahan", "777101", "KEC. Uji (kelurahan)"),
        ("Kelurahan", "777102", "KEC. Mi Sal (kelurahan)"),
    ],
)
def test_a_written_body_is_named_as_the_data_name_it(archetype: str, code: str, name: str) -> None:
    assert written().at(archetype, place(code), toy.SPLIT) == (Label(name, name, archetype), ())


def test_a_written_body_needs_a_place() -> None:
    with pytest.raises(LookupError, match="without a place"):
        written().at("Kelurahan", None, toy.SPLIT)


def test_a_written_label_means_the_same_on_every_day() -> None:
    label = Label("Kementerian Lama", "Kementerian Lama", "Kementerian Baru")
    assert written().known(label, date(1990, 1, 1)) == written().known(label, date.max) == (label, ())


def test_only_national_archetypes_may_be_answered_without_a_place() -> None:
    assert national().open_ended
    assert not written().open_ended


@pytest.mark.parametrize(
    ("code", "kind"),
    [("7771", "Kota"), ("7701", "Kabupaten"), ("777101", "Kecamatan")],
)
def test_a_place_says_what_kind_it_is(code: str, kind: str) -> None:
    assert kind_of(place(code)) == kind


def test_provinces_are_of_one_kind() -> None:
    assert kind_of(Place("33", "Jawa Tengah", "province")) == kind_of(Place("51", "Bali", "province")) == "Provinsi"


def test_a_written_body_of_a_province_has_its_whole_name() -> None:
    bodies = WrittenBodies({"Dinas Sosial": {"Provinsi": "Dinsos Prov. {}"}}, {}, toy.places())
    assert code_of(bodies, "Dinas Sosial", "777101") == "77"
    assert bodies.at("Dinas Sosial", place("77"), toy.SPLIT)[0].name == f"Dinsos Prov. {place('77').name}"


@pytest.mark.parametrize("bodies", [national(), written()])
def test_stored_bodies_are_the_same(bodies: Bodies) -> None:
    again = bodies_from(json.loads(json.dumps(bodies.state())), toy.places())
    assert type(again) is type(bodies)
    assert again.state() == bodies.state()
    archetypes = PATTERNS if isinstance(bodies, WrittenBodies) else ("dinas-sosial", "kecamatan", "bank-uji")
    for archetype in archetypes:
        for code in CODES:
            seat = bodies.seat(archetype, place(code))
            assert again.seat(archetype, place(code)) == seat
            if seat:
                assert again.at(archetype, seat, toy.SPLIT) == bodies.at(archetype, seat, toy.SPLIT)


ROW = json.loads(json.dumps(national().state()))["rows"][0]


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"patterns": {}},
        {"rows": [{}]},
        {"rows": None},
        {"rows": [ROW | {"valid_from": "kemarin"}]},
        {"rows": [ROW | {"valid_to": 20241020}]},
        {"rows": [ROW | {"levels": None}]},
        {"rows": [ROW | {"warna": "biru"}]},
        {"rows": [{name: cell for name, cell in ROW.items() if name != "successors"}]},
    ],
)
def test_a_state_of_no_bodies_is_refused(state: dict[str, Any]) -> None:
    with pytest.raises((ValueError, LookupError, TypeError)):
        bodies_from(state, toy.places())


@given(
    st.sampled_from([row.id for row in ROWS]),
    st.sampled_from([None, *CODES]),
    st.dates(date(1945, 8, 17), date(2030, 1, 1)),
    st.dates(date(1945, 8, 17), date(2030, 1, 1)),
)
def test_a_national_body_is_the_tables_on_every_day(archetype: str, code: str | None, before: date, on: date) -> None:
    """Asked twice, because answers for days without a change are remembered together."""
    bodies, where = national(), place(code) if code else None
    bodies.at(archetype, where, before)
    found, reasons = bodies.at(archetype, where, on)
    body = AgencyTable(ROWS, toy.places()).compose(archetype, where, on)
    assert (found, reasons) == (Label(body.id, body.name, body.archetype), body.reasons)
