"""How agencies compose with places is learnt: trust in the resolver, shares of bodies, names as the data write them."""

from collections.abc import Sequence

import numpy as np
import pytest
import toy
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.agency_rows import LIVING
from classifier.composition import Composer, Slot
from classifier.places import Candidate
from classifier.records import Complaint
from classifier.taxonomy import Taxonomy, national
from training.agency_labels import BODY_ROWS, AgencyLabels, agency_labels
from training.learn_slots import TRUST, TRUST_ROWS, learn_composer, right_columns

NATIONAL = national([], toy.taxonomy().agencies, [], "uji")
UJI, MISAL, NORTH = "Kota Contoh, Kec. Uji", "Kota Contoh, Kec. Misal", "Kab. Teladan, Kec. Teladan Utara"
Reports = Sequence[tuple[str, str]]


def rows_of(reports: Reports) -> list[Complaint]:
    return [
        Complaint(str(at), "x", region=region, labels={"agency": agency}) for at, (agency, region) in enumerate(reports)
    ]


def where_of(rows: Sequence[Complaint]) -> list[tuple[Candidate, ...]]:
    return [toy.places().resolve(row.region, row.text).candidates for row in rows]


def learnt(reports: Reports, taxonomy: Taxonomy) -> tuple[Composer, AgencyLabels]:
    rows = rows_of(reports)
    labels = agency_labels(rows, taxonomy)
    return learn_composer(labels, rows, where_of(rows), taxonomy), labels


def slot_of(composer: Composer, archetype: str) -> Slot:
    return next(slot for slot in composer.slots if slot.archetype == archetype)


def composed_name(composer: Composer, archetype: str, region: str) -> str | None:
    plan = composer.plan(toy.places().parse_region(region).candidates)
    options = composer.options(slot_of(composer, archetype).column, plan, LIVING)
    return options[0].label.name if options else None


def test_trust_is_how_often_the_resolver_named_the_place_of_the_label() -> None:
    right, wrong = [("Kecamatan Uji Kota Contoh", UJI)] * 7, [("Kecamatan Uji Kota Contoh", MISAL)] * 2
    composer, _ = learnt([*right, *wrong], NATIONAL)
    assert slot_of(composer, "kecamatan").trust == pytest.approx((7 + TRUST * TRUST_ROWS) / (9 + TRUST_ROWS))


@pytest.mark.parametrize("region", ["", "Kota Contoh", "entah"])
def test_a_place_that_nobody_told_says_nothing_about_trust(region: str) -> None:
    composer, _ = learnt([("Kecamatan Uji Kota Contoh", region)] * 9, NATIONAL)
    assert slot_of(composer, "kecamatan").trust == pytest.approx(TRUST)


def test_only_national_bodies_of_enough_reports_are_known() -> None:
    few, many = [("Kecamatan Misal", MISAL)], [("Kecamatan Uji", UJI)] * BODY_ROWS
    composer, labels = learnt([*few, *many], NATIONAL)
    slot = slot_of(composer, "kecamatan")
    assert {seat: list(at.values()) for seat, at in slot.bodies.items()} == {"777101": [1.0]}
    assert [labels.labels[column].code for column in slot.bodies["777101"]] == ["kecamatan@777101"]
    assert slot.exact == 1.0


def test_a_national_body_never_seen_is_composed() -> None:
    composer, _ = learnt([("Kecamatan Uji Kota Contoh", UJI)], NATIONAL)
    assert composed_name(composer, "kecamatan", NORTH) == "Kecamatan Teladan Utara Kabupaten Teladan"


def test_spellings_share_the_reports_of_their_seat() -> None:
    reports = [("Kecamatan Uji", UJI)] * 3 + [("KECAMATAN UJI", UJI), ("Kecamatan Misal", MISAL)]
    composer, labels = learnt(reports, toy.taxonomy())
    shares = slot_of(composer, "Kecamatan").bodies["777101"]
    assert {labels.labels[column].name: share for column, share in shares.items()} == {
        "Kecamatan Uji": 0.75,
        "KECAMATAN UJI": 0.25,
    }


def test_a_written_body_never_seen_is_named_as_the_others_are() -> None:
    composer, _ = learnt([("KEC. UJI - Pelayanan", UJI), ("KEC. MISAL - Pelayanan", MISAL)] * 3, toy.taxonomy())
    assert not composer.slots  # "KEC." is no name of the table
    composer, _ = learnt([("Kecamatan Uji - Layanan", UJI), ("Kecamatan Misal - Layanan", MISAL)] * 3, toy.taxonomy())
    assert composed_name(composer, "Kecamatan", NORTH) == "Kecamatan Teladan Utara - Layanan"
    assert composed_name(composer, "Kecamatan", UJI) is None  # a class of its own


def test_place_names_are_written_as_region_fields_do() -> None:
    reports = [("Kecamatan Uji", UJI), ("Kecamatan Misal", MISAL), ("Lain", "Kab. Teladan, Kec. TELADAN UTARA")]
    composer, _ = learnt(reports, toy.taxonomy())
    assert composed_name(composer, "Kecamatan", NORTH) == "Kecamatan TELADAN UTARA"


def test_names_that_are_alike_make_composed_ones_exact() -> None:
    alike, _ = learnt([("Kecamatan Uji", UJI), ("Kecamatan Misal", MISAL)], toy.taxonomy())
    apart, _ = learnt([("Kecamatan Uji", UJI), ("Kantor Kecamatan Misal", MISAL)], toy.taxonomy())
    assert slot_of(alike, "Kecamatan").exact == pytest.approx(1)
    assert slot_of(apart, "Kecamatan").exact == pytest.approx(0)


reports = st.lists(
    st.tuples(
        st.sampled_from(
            ["", "Kecamatan Uji", "Kecamatan Misal", "Camat Misal", "Dinas Perhubungan Kota Contoh", "Lain"]
        ),
        st.sampled_from(["", UJI, MISAL, NORTH, "Kota Contoh"]),
    ),
    max_size=20,
)


@given(reports)
@settings(deadline=None)
@pytest.mark.parametrize("taxonomy", [NATIONAL, toy.taxonomy()])
def test_any_labels_give_shares_that_add_up(taxonomy: Taxonomy, reports: Reports) -> None:
    composer, labels = learnt(reports, taxonomy)
    assert tuple(composer.labels) == labels.labels
    assert [slot.column for slot in composer.slots] == list(labels.slots)
    for slot in composer.slots:
        assert 0 < slot.trust < 1
        assert 0 <= slot.exact <= 1
        assert all(sum(at.values()) == pytest.approx(1) for at in slot.bodies.values())


@given(reports)
@settings(deadline=None)
@pytest.mark.parametrize("taxonomy", [NATIONAL, toy.taxonomy()])
def test_the_right_column_of_a_row_names_what_its_label_means(taxonomy: Taxonomy, reports: Reports) -> None:
    composer, labels = learnt(reports, taxonomy)
    plans = [composer.plan(candidates) for candidates in where_of(rows_of(reports))]
    right = right_columns(labels, plans)
    assert (right[~labels.known] == -1).all()
    for row in np.flatnonzero(right >= 0).tolist():
        option = composer.options(int(right[row]), plans[row], LIVING)[0]
        if taxonomy.kind == "from-data":
            assert option.label.code == reports[row][0]
        elif labels.seats[row]:
            assert option.label.code.endswith(f"@{labels.seats[row]}")


def test_a_row_whose_body_no_column_stands_for_has_no_right_answer() -> None:
    reports = [("Kecamatan Uji", UJI), ("Kecamatan Uji Kota Contoh", MISAL), ("Kecamatan Uji Kota Contoh", "")]
    composer, labels = learnt(reports, NATIONAL)
    plans = [composer.plan(candidates) for candidates in where_of(rows_of(reports))]
    assert right_columns(labels, plans).tolist() == [slot_of(composer, "kecamatan").column, -1, -1]


def test_a_label_without_its_place_is_answered_by_the_archetype() -> None:
    composer, labels = learnt([("Kecamatan", UJI), ("Kecamatan", "")], NATIONAL)
    plans = [composer.plan(candidates) for candidates in where_of(rows_of([("", UJI), ("", "")]))]
    column = slot_of(composer, "kecamatan").column
    assert right_columns(labels, plans).tolist() == [column, column]
