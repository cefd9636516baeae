"""Agency labels taken apart: archetypes, places in them, and which bodies are classes of their own."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
import toy
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.agencies import AgencyTable
from classifier.agency_rows import AgencyLevel, AgencyRow
from classifier.records import Complaint, Label
from classifier.taxonomy import Taxonomy, national
from training.agency_labels import BODY_ROWS, AgencyLabels, agency_golds, agency_labels

CITY, COUNTY = "Kota Contoh", "Kabupaten Teladan"
LOCAL: frozenset[AgencyLevel] = frozenset({"kabkota"})
ROWS = (
    AgencyRow("dinas-perhubungan", toy.DISHUB, LOCAL, aliases=("Dishub",)),
    AgencyRow("kecamatan", "Kecamatan", frozenset({"kecamatan"})),
    AgencyRow("pasar-uji", "Pasar Uji", LOCAL, place="7771"),
    AgencyRow("kementerian-uji", "Kementerian Uji", frozenset({"national"})),
    AgencyRow("kementerian-lama", "Kementerian Lama", frozenset({"national"}), successors=("kementerian-uji",)),
    AgencyRow("pemerintah-daerah", "Pemerintah Daerah", LOCAL),
)
NATIONAL = national([], AgencyTable(ROWS, toy.places()), [], "uji")
SPELLINGS = (
    "",
    "   ",
    "Dinas Perhubungan Kota Contoh",
    "Dishub Kabupaten Teladan",
    "Dinas Perhubungan",
    "Kecamatan Uji",
    "Kecamatan Misal",
    "Kecamatan",
    "Kementerian Uji",
    "Pasar Uji",
    "Klub Burung",
)
REGIONS = ("", CITY, COUNTY, f"{CITY}, Kec. Uji", "entah")
TAXONOMIES = [NATIONAL, toy.taxonomy()]

reports = st.lists(st.tuples(st.sampled_from(SPELLINGS), st.sampled_from(REGIONS)), max_size=30)


def rows_of(*reports: tuple[str, str]) -> list[Complaint]:
    return [
        Complaint(str(at), "x", region=region, labels={"agency": agency} if agency else {})
        for at, (agency, region) in enumerate(reports)
    ]


def factored(*reports: tuple[str, str], taxonomy: Taxonomy = NATIONAL) -> AgencyLabels:
    return agency_labels(rows_of(*reports), taxonomy)


def codes(labels: AgencyLabels, columns: Sequence[int] | None = None) -> list[str]:
    return [labels.labels[column].code for column in (range(len(labels.labels)) if columns is None else columns)]


def own(labels: AgencyLabels, row: int) -> tuple[str, str, str]:
    """Return a row's archetype, seat and body, "" for none."""
    archetype, body = labels.archetypes[row], labels.bodies[row]
    return (
        labels.labels[archetype].code if archetype >= 0 else "",
        labels.seats[row],
        labels.labels[body].code if body >= 0 else "",
    )


@pytest.mark.parametrize(
    ("label", "region", "wanted"),
    [
        ("Dinas Perhubungan Kota Contoh", "", ("dinas-perhubungan", "7771")),
        ("DISHUB  kab. teladan", "", ("dinas-perhubungan", "7701")),
        ("Dinas Perhubungan", CITY, ("dinas-perhubungan", "7771")),
        ("Dinas Perhubungan", "", ("dinas-perhubungan", "")),
        ("Dinas Perhubungan Kabupaten Teladan", CITY, ("dinas-perhubungan", "7701")),
        ("Kecamatan Uji", CITY, ("kecamatan", "777101")),
        ("Kecamatan Uji Kota Contoh", "", ("kecamatan", "777101")),
        ("Kecamatan", CITY, ("kecamatan", "")),
        ("Kementerian Uji", CITY, ("kementerian-uji", "")),
        ("Pasar Uji", COUNTY, ("pasar-uji", "")),
    ],
)
def test_a_label_is_an_archetype_and_its_place(label: str, region: str, wanted: tuple[str, str]) -> None:
    assert own(factored((label, region)), 0)[:2] == wanted


def test_what_no_agency_is_called_is_counted_and_unknown() -> None:
    labels = factored(("Klub  Burung", ""), ("Klub Burung", CITY), ("", CITY), ("Dinas Perhubungan", CITY))
    assert labels.unresolved == {"Klub Burung": 2}
    assert labels.known.tolist() == [False, False, False, True]
    assert labels.wanted.known.tolist() == [False, False, False, True]


@pytest.mark.parametrize("rows", [BODY_ROWS - 1, BODY_ROWS])
def test_a_body_of_enough_reports_is_a_class_of_its_own(rows: int) -> None:
    labels = factored(*[("Dinas Perhubungan Kota Contoh", "")] * rows, ("Dinas Perhubungan Kabupaten Teladan", ""))
    frequent = ["dinas-perhubungan@7771"] if rows == BODY_ROWS else []
    assert codes(labels) == ["dinas-perhubungan", *frequent]
    assert own(labels, rows) == ("dinas-perhubungan", "7701", "")
    assert own(labels, 0) == ("dinas-perhubungan", "7771", "dinas-perhubungan@7771" if frequent else "")


def test_of_too_many_bodies_those_of_most_reports_are_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.agency_labels.MOST_BODIES", 1)
    city, county = ("Dinas Perhubungan Kota Contoh", ""), ("Dinas Perhubungan Kabupaten Teladan", "")
    labels = factored(*[city] * BODY_ROWS, *[county] * (BODY_ROWS + 1))
    assert codes(labels) == ["dinas-perhubungan", "dinas-perhubungan@7701"]


def test_archetypes_at_many_places_are_slots() -> None:
    labels = factored(("Kecamatan Uji", ""), ("Dinas Perhubungan", ""), ("Kementerian Uji", ""), ("Pasar Uji", ""))
    assert codes(labels, labels.slots) == ["dinas-perhubungan", "kecamatan"]


@pytest.mark.parametrize("region", ["", COUNTY, "entah"])
def test_most_reports_of_one_city_make_its_list_the_one_that_others_are_read_by(region: str) -> None:
    labels = factored(*[("Kementerian Uji", CITY)] * 30, ("Dinas Perhubungan", region))
    assert labels.seats[-1] == "7771"


def test_a_city_with_its_share_of_the_reports_has_a_list_of_its_own() -> None:
    labels = factored(*[("Kementerian Uji", CITY)] * 15, *[("Dinas Perhubungan", COUNTY)] * 2)
    assert labels.seats[-2:] == ("7701", "7701")


def test_written_labels_are_classes_and_those_with_several_places_share_an_archetype() -> None:
    labels = factored(
        ("Kecamatan Uji", CITY),
        ("Kecamatan Misal", CITY),
        ("Dinas Perhubungan", CITY),
        ("Klub Burung", CITY),
        taxonomy=toy.taxonomy(),
    )
    assert codes(labels) == ["Dinas Perhubungan", "Kecamatan {}", "Klub Burung", "Kecamatan Misal", "Kecamatan Uji"]
    assert codes(labels, labels.slots) == ["Kecamatan {}"]
    assert labels.labels[-1] == Label("Kecamatan Uji", "Kecamatan Uji", "Kecamatan")
    assert [own(labels, row) for row in range(4)] == [
        ("Kecamatan {}", "777101", "Kecamatan Uji"),
        ("Kecamatan {}", "777102", "Kecamatan Misal"),
        ("Dinas Perhubungan", "", ""),
        ("Klub Burung", "", ""),
    ]


def test_a_written_archetype_at_one_place_only_stays_a_label() -> None:
    labels = factored(("Kecamatan Uji", CITY), ("KECAMATAN UJI", CITY), taxonomy=toy.taxonomy())
    assert codes(labels) == ["KECAMATAN UJI", "Kecamatan Uji"]
    assert not labels.slots
    assert {label.group for label in labels.labels} == {"Kecamatan"}


def test_two_spellings_at_one_place_are_two_bodies_there() -> None:
    labels = factored(
        ("Kecamatan Uji", CITY), ("Kec. Uji", CITY), ("Kantor Kecamatan Misal", CITY), taxonomy=toy.taxonomy()
    )
    found = {own(labels, row)[2]: own(labels, row)[1] for row in range(3)}
    assert found["Kecamatan Uji"] == "777101"
    assert set(codes(labels)) >= {"Kecamatan Uji", "Kec. Uji", "Kantor Kecamatan Misal"}


@given(reports)
@settings(deadline=None)
@pytest.mark.parametrize("taxonomy", TAXONOMIES)
def test_each_row_wants_its_archetype_and_its_body(taxonomy: Taxonomy, reports: list[tuple[str, str]]) -> None:
    labels = factored(*reports, taxonomy=taxonomy)
    wanted = labels.wanted.classes.toarray()
    for row in range(len(reports)):
        columns = {int(column) for column in (labels.archetypes[row], labels.bodies[row]) if column >= 0}
        assert set(np.flatnonzero(wanted[row])) == columns
    assert wanted.max(initial=0) <= 1
    assert labels.sizes.tolist() == wanted.sum(axis=0).tolist()
    assert (labels.sizes > 0).all()
    assert len(set(labels.labels)) == len(labels.labels)


@given(reports)
@settings(deadline=None)
@pytest.mark.parametrize("taxonomy", TAXONOMIES)
def test_rows_with_a_body_have_its_place_and_its_archetype(taxonomy: Taxonomy, reports: list[tuple[str, str]]) -> None:
    labels = factored(*reports, taxonomy=taxonomy)
    slots = set(labels.slots)
    for row in np.flatnonzero(labels.bodies >= 0):
        assert labels.seats[row]
        assert int(labels.archetypes[row]) in slots
        assert labels.labels[labels.bodies[row]].group == labels.labels[labels.archetypes[row]].group
    assert sum(labels.reports.values()) == (labels.bodies >= 0).sum()


@given(reports)
@settings(deadline=None)
@pytest.mark.parametrize("taxonomy", TAXONOMIES)
def test_every_label_is_either_known_or_counted(taxonomy: Taxonomy, reports: list[tuple[str, str]]) -> None:
    labels = factored(*reports, taxonomy=taxonomy)
    written = sum(bool(label.strip()) for label, _ in reports)
    assert labels.known.sum() + sum(labels.unresolved.values()) == written
    if taxonomy.kind == "from-data":
        assert not labels.unresolved


@given(reports, st.data())
@settings(deadline=None)
def test_some_rows_keep_their_labels(reports: list[tuple[str, str]], data: st.DataObject) -> None:
    labels = factored(*reports)
    some = data.draw(st.lists(st.integers(0, len(reports) - 1), unique=True) if reports else st.just([]))
    taken = labels.take(np.array(some, np.intp))
    assert [own(taken, at) for at in range(len(some))] == [own(labels, row) for row in some]
    assert (taken.labels, taken.slots, taken.unresolved) == (labels.labels, labels.slots, labels.unresolved)


def test_reports_are_counted_by_body_and_seat() -> None:
    labels = factored(*[("Kecamatan Uji", CITY)] * 6, *[("Kecamatan Misal", CITY)] * 2)
    assert labels.reports == Counter({(1, "777101"): 6})


def test_golds_are_as_precise_as_the_labels() -> None:
    rows = rows_of(("Kecamatan Uji", CITY), ("Kecamatan", ""), ("Klub Burung", CITY), ("", ""), ("Kementerian Uji", ""))
    found = [gold and gold.code for gold in agency_golds(rows, NATIONAL)]
    assert found == ["kecamatan@777101", "kecamatan", None, None, "kementerian-uji"]
    assert agency_golds(rows[:1], NATIONAL) == [Label("kecamatan@777101", "Kecamatan", "Kecamatan")]


def test_golds_of_written_labels_are_the_labels() -> None:
    rows = rows_of(("Kecamatan  Uji", CITY), ("Kecamatan Misal", CITY), ("Klub Burung", ""), ("", ""))
    found = agency_golds(rows, toy.taxonomy())
    assert [gold and (gold.code, gold.group) for gold in found] == [
        ("Kecamatan Uji", "Kecamatan"),
        ("Kecamatan Misal", "Kecamatan"),
        ("Klub Burung", "Klub Burung"),
        None,
    ]


def test_no_rows_have_no_labels() -> None:
    labels = factored()
    assert (labels.labels, labels.slots, labels.seats) == ((), (), ())
    assert labels.wanted.classes.shape == (0, 0)
