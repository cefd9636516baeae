"""Agency = archetype x place: the laws of the composed scores, the bodies that columns stand for, and the state."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest
import toy
from hypothesis import given
from hypothesis import strategies as st

from classifier.agency_rows import LIVING
from classifier.bodies import Bodies, NationalBodies, WrittenBodies
from classifier.composition import Composer, Plan, Slot, seats_of
from classifier.features import Floats
from classifier.gazetteer import Place
from classifier.places import Candidate
from classifier.records import Label

DISHUB, DISTRICT, OWN, CITY_DISHUB, UJI, UJI_TOO = range(6)
LABELS = (
    Label("dinas-perhubungan", "Dinas Perhubungan", "Dinas Perhubungan"),
    Label("kecamatan", "Kecamatan", "Kecamatan"),
    Label("pemerintah-daerah", "Pemerintah Daerah", "Pemerintah Daerah"),
    Label("dinas-perhubungan@7771", "Dinas Perhubungan", "Dinas Perhubungan"),
    Label("kecamatan@777101", "Kecamatan", "Kecamatan"),
    Label("kecamatan@777101", "Camat Uji", "Kecamatan"),
)
PATTERNS = {"Dinas Perhubungan": {"Kota": "Dishub Kota {}"}, "Kecamatan": {"Kecamatan": "Kecamatan {}"}}
CODES = ("77", "7701", "770101", "7771", "777101", "777102")
TOLERANCE = 1e-5

scores = st.lists(st.lists(st.floats(-1, 2, width=32), min_size=6, max_size=6), min_size=1, max_size=4)
chances = st.floats(0, 1)


def place(code: str) -> Place:
    found = toy.places().get(code)
    assert found
    return found


def at(*chances: tuple[str, float]) -> tuple[Candidate, ...]:
    return tuple(Candidate(place(code), chance) for code, chance in chances)


def national() -> Bodies:
    return NationalBodies(toy.taxonomy().agencies)


def written() -> Bodies:
    return WrittenBodies(PATTERNS, {}, toy.places())


def composer(bodies: Bodies, trust: float = 0.8, exact: float = 1.0) -> Composer:
    """Return two slots: one body at one seat, and one seat with two classes, the first of three reports in four."""
    dishub, district = ("dinas-perhubungan", "kecamatan") if bodies.open_ended else ("Dinas Perhubungan", "Kecamatan")
    slots = [
        Slot(dishub, DISHUB, trust, exact, {"7771": {CITY_DISHUB: 1.0}}),
        Slot(district, DISTRICT, trust, exact, {"777101": {UJI: 0.75, UJI_TOO: 0.25}}),
    ]
    return Composer(LABELS, slots, bodies)


def composed(known: Composer, rows: Sequence[Sequence[float]], candidates: Sequence[Candidate] = ()) -> Floats:
    return known(np.array(rows, np.float32), [known.plan(candidates)] * len(rows))


@st.composite
def somewhere(draw: st.DrawFn) -> tuple[Candidate, ...]:
    """Return different places whose probabilities add up to at most 1."""
    codes = draw(st.lists(st.sampled_from(CODES), unique=True, max_size=4))
    shares = [draw(st.floats(0.01, 1)) for _ in codes]
    total = max(1.0, sum(shares))
    return at(*((code, share / total) for code, share in zip(codes, shares, strict=True)))


@given(scores, chances)
@pytest.mark.parametrize("bodies", [national, written])
def test_without_a_place_known_classes_score_as_in_a_flat_list(
    bodies: Any, rows: list[list[float]], trust: float
) -> None:
    flat = [OWN, CITY_DISHUB, UJI, UJI_TOO]
    assert composed(composer(bodies(), trust), rows)[:, flat].tolist() == np.array(rows, np.float32)[:, flat].tolist()


@given(scores, chances, somewhere())
def test_a_class_that_is_no_body_of_a_slot_keeps_its_score(
    rows: list[list[float]], trust: float, candidates: tuple[Candidate, ...]
) -> None:
    found = composed(composer(national(), trust), rows, candidates)
    assert found[:, OWN].tolist() == np.array(rows, np.float32)[:, OWN].tolist()


@given(scores, chances)
def test_without_a_place_a_slot_shares_out_the_score_of_its_archetype(rows: list[list[float]], trust: float) -> None:
    found = composed(composer(national(), trust), rows)
    for column, bodies in ((DISHUB, [CITY_DISHUB]), (DISTRICT, [UJI, UJI_TOO])):
        total = found[:, [column, *bodies]].sum(axis=1)
        assert total == pytest.approx(np.array(rows)[:, column], abs=TOLERANCE)


@given(chances, somewhere())
def test_a_place_gives_no_more_of_an_archetypes_score_than_it_takes(
    trust: float, candidates: tuple[Candidate, ...]
) -> None:
    plan = composer(national(), trust).plan(candidates)
    for columns in ([DISHUB, CITY_DISHUB], [DISTRICT, UJI, UJI_TOO]):
        assert plan.gain[columns].sum() <= plan.taken[columns[0]] + TOLERANCE
        assert np.all(plan.taken[columns] <= trust + TOLERANCE)
        assert np.all(plan.gain >= 0)


@given(scores, st.sampled_from(["7771", "777101", "777102"]))
def test_with_full_trust_in_a_certain_place_only_its_bodies_keep_the_archetypes_score(
    rows: list[list[float]], code: str
) -> None:
    found = composed(composer(national(), trust=1), rows, at((code, 1.0)))
    wanted = np.array(rows, np.float32)
    assert found[:, CITY_DISHUB].tolist() == wanted[:, DISHUB].tolist()
    assert not found[:, DISHUB].any()
    if code == "777101":
        assert found[:, [UJI, UJI_TOO]] == pytest.approx(wanted[:, [DISTRICT]] * [[0.75, 0.25]], abs=TOLERANCE)
        assert not found[:, DISTRICT].any()
    if code == "777102":
        assert found[:, DISTRICT] == pytest.approx(wanted[:, DISTRICT])
        assert not found[:, [UJI, UJI_TOO]].any()


@given(somewhere(), st.randoms())
def test_the_order_of_the_places_does_not_matter_where_the_archetype_has_seats(
    candidates: tuple[Candidate, ...], random: Any
) -> None:
    shuffled = random.sample(candidates, len(candidates))
    first, second = (composer(written()).plan(each) for each in (candidates, shuffled))
    assert first.gain == pytest.approx(second.gain)
    assert first.taken == pytest.approx(second.taken)


@given(scores, scores)
def test_each_row_is_composed_with_its_own_place(first: list[list[float]], second: list[list[float]]) -> None:
    known = composer(national())
    plans = [known.plan(at(("777101", 0.9)))] * len(first) + [known.plan(())] * len(second)
    together = known(np.array(first + second, np.float32), plans)
    apart = np.concatenate([composed(known, first, at(("777101", 0.9))), composed(known, second)])
    assert np.array_equal(together, apart)


def test_the_same_places_share_a_plan() -> None:
    known = composer(national())
    assert known.plan(list(at(("7771", 0.9)))) is known.plan(at(("7771", 0.9)))


def test_scores_are_left_as_they_were() -> None:
    rows = np.ones((1, 6), np.float32)
    known = composer(national())
    known(rows, [known.plan(at(("7771", 0.9)))])
    assert (rows == 1).all()


def test_a_body_is_explained_by_its_archetype() -> None:
    assert composer(national()).column_of.tolist() == [DISHUB, DISTRICT, OWN, DISHUB, DISTRICT, DISTRICT]


def test_a_likelier_seat_comes_first() -> None:
    found = seats_of(national(), "dinas-perhubungan", at(("7701", 0.3), ("777101", 0.2), ("777102", 0.2), ("77", 0.3)))
    assert [(seat.code, round(chance, 6)) for seat, chance in found.items()] == [("7771", 0.4), ("7701", 0.3)]


def test_seats_that_the_data_never_named_are_as_sure_as_composed_names_are() -> None:
    plan = composer(written(), trust=0.8, exact=0.5).plan(at(("777102", 0.9)))
    assert plan.open == {DISTRICT: [(place("777102"), 1.0)]}
    assert plan.gain[DISTRICT] == pytest.approx(0.8 * 0.5 * 0.9)
    assert plan.taken[DISTRICT] == 1


def named(known: Composer, column: int, plan: Plan, on: date = LIVING) -> tuple[str, str, tuple[str, ...]]:
    label, share, reasons = known.options(column, plan, on)[0]
    assert share == 1
    return label.code, label.name, reasons


@pytest.mark.parametrize(
    ("code", "column", "wanted"),
    [
        ("7701", DISHUB, ("dinas-perhubungan@7701", "Dinas Perhubungan Kabupaten Teladan", ())),
        ("770101", DISTRICT, ("kecamatan@770101", "Kecamatan Teladan Utara Kabupaten Teladan", ())),
        ("7701", DISTRICT, ("pemerintah-daerah@7701", "Pemerintah Daerah Kabupaten Teladan", ("local-government",))),
        ("7701", CITY_DISHUB, ("dinas-perhubungan@7771", "Dinas Perhubungan Kota Contoh", ())),
    ],
)
def test_a_national_column_stands_for_the_body_at_the_place(
    code: str, column: int, wanted: tuple[str, str, tuple[str, ...]]
) -> None:
    known = composer(national())
    assert named(known, column, known.plan(at((code, 0.9)))) == wanted


def test_a_national_column_without_a_place_is_the_archetype_alone() -> None:
    known = composer(national())
    assert named(known, DISTRICT, known.plan(())) == ("kecamatan", "Kecamatan", ("place-unknown",))


def test_written_bodies_are_named_as_the_data_do() -> None:
    known = composer(written())
    name = "Kecamatan Misal"
    assert named(known, DISTRICT, known.plan(at(("777102", 0.9)))) == (name, name, ())
    assert named(known, UJI_TOO, known.plan(())) == ("kecamatan@777101", "Camat Uji", ())


@pytest.mark.parametrize("candidates", [(), at(("777101", 0.9))])
def test_a_written_column_without_an_unknown_seat_stands_for_nobody(candidates: tuple[Candidate, ...]) -> None:
    known = composer(written())
    assert known.options(DISTRICT, known.plan(candidates), LIVING) == []


def test_nobody_scores_below_all_without_a_place() -> None:
    rows = [[1.0, 1.0, -1.0, -1.0, -1.0, -1.0]]
    found = composed(composer(written()), rows)[0]
    assert found[[DISHUB, DISTRICT]].max() < found[[OWN, CITY_DISHUB, UJI, UJI_TOO]].min()


def test_nobody_scores_below_all_at_a_known_seat() -> None:
    rows = [[0.9, 0.1, -0.5, 0.9, 0.1, 0.1]]
    found = composed(composer(written(), trust=0.98), rows, at(("777101", 0.99)))[0]
    assert found[[DISHUB, DISTRICT]].max() < found[[OWN, CITY_DISHUB, UJI, UJI_TOO]].min()


def test_an_unlikely_seat_does_not_speak_for_likely_places_without_one() -> None:
    known = composer(national())
    plan = known.plan(at(("7701", 0.9), ("777102", 0.01)))
    assert named(known, DISTRICT, plan)[0] == "pemerintah-daerah@7701"


def test_several_possible_seats_share_the_probability() -> None:
    known = composer(national())
    options = known.options(DISTRICT, known.plan(at(("777102", 0.5), ("770101", 0.25))), LIVING)
    assert [(one.label.code, round(one.share, 3)) for one in options] == [
        ("kecamatan@777102", 0.667),
        ("kecamatan@770101", 0.333),
    ]
    assert options[0].reasons == ("place-ambiguous",)


def test_a_body_among_several_is_unsure_without_a_place() -> None:
    """Only where the archetype has bodies at other seats too: the one city of a list needs no place."""
    city, county = Label("dinas-perhubungan@7771", "", ""), Label("dinas-perhubungan@7701", "", "")
    slot = Slot("dinas-perhubungan", 0, 0.8, 1.0, {"7771": {1: 1.0}, "7701": {2: 1.0}})
    known = Composer((LABELS[DISHUB], city, county), [slot], national())
    assert named(known, 1, known.plan(()))[2] == ("place-unknown",)
    assert named(known, 1, known.plan(at(("7771", 0.9))))[2] == ()
    alone = composer(national())
    assert named(alone, CITY_DISHUB, alone.plan(()))[2] == ()


@pytest.mark.parametrize("bodies", [national, written])
def test_a_stored_composer_composes_as_before(bodies: Any) -> None:
    known = composer(bodies(), trust=0.7, exact=0.4)
    again = Composer.from_state(json.loads(json.dumps(known.state())), LABELS, toy.places())
    rows = [[0.9, 0.8, 0.1, 0.5, 0.4, 0.2]]
    for candidates in ((), at(("777101", 0.9)), at(("777102", 0.6), ("770101", 0.2)), at(("77", 1.0))):
        assert np.array_equal(composed(again, rows, candidates), composed(known, rows, candidates))
        for column in range(len(LABELS)):
            plans = again.plan(candidates), known.plan(candidates)
            assert again.options(column, plans[0], LIVING) == known.options(column, plans[1], LIVING)
    assert again.state() == known.state()


def slot_state(**change: Any) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(json.dumps(composer(national()).state()))
    state["slots"][0] |= change
    return state


@pytest.mark.parametrize(
    "state",
    [
        slot_state(column=6),
        slot_state(column=-1),
        slot_state(column=None),
        slot_state(bodies={"7771": [[6, 1.0]]}),
        slot_state(bodies={"7771": [[1]]}),
        slot_state(bodies=None),
        slot_state(bodies=[]),
        slot_state(extra=1),
        {"slots": []},
        {"slots": None, "bodies": {"rows": []}},
        {"slots": [], "bodies": {}},
        {"slots": [], "bodies": {"rows": [{"id": "a"}]}},
        slot_state(archetype="tak-ada"),
        slot_state(column=DISTRICT),
    ],
)
def test_parts_that_do_not_fit_are_refused(state: dict[str, Any]) -> None:
    with pytest.raises((ValueError, LookupError, TypeError, AttributeError)):
        Composer.from_state(state, LABELS, toy.places())
