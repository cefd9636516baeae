"""Corrections are facts that are appended; what holds follows from them, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reports_of_store import LAMP, LIGHTS, NOW, ROAD, WATER, WORKS, ask
from sqlalchemy import delete, select

from classifier.errors import ConflictError, InputError
from data.store.corrections import Corrections, Said
from data.store.database import Store
from data.store.keys import Key
from data.store.reach import EVERYTHING, Reach
from data.store.tables import notes, texts, waiting

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def store(each_store: Store) -> Store:
    return each_store


def waits(store: Store, report: int) -> bool:
    with store.read() as connection:
        return connection.scalar(select(waiting.c.report_id).where(waiting.c.report_id == report)) is not None


def test_a_correction_says_who_what_when_and_of_which_model(store: Store, router: int, ani: Key) -> None:
    report = ask(store, router, "L-1")
    said = Said(report, topic=WATER, note="Hubungi 0812-0000-1111, ini soal air", request="r-1")
    made = Corrections(store).add(ani.id, said, LATER)
    assert (made.report, made.complaint_id, made.key, made.made) == (report, "L-1", "Ani", LATER)
    assert (made.source, made.verdict, made.topic, made.agency) == ("reviewer", "corrected", WATER, None)
    assert (made.model, made.note, made.withdrawn) == ("m-1", "Hubungi <TELEPON>, ini soal air", False)
    assert Corrections(store).of(report) == [made]
    assert not waits(store, report)


@pytest.mark.parametrize(
    ("labels", "verdict"),
    [
        ({"topic": LAMP, "agency": LIGHTS}, "confirmed"),
        ({"kind": "aspirasi"}, "confirmed"),
        ({"topic": LAMP, "agency": WORKS}, "corrected"),
        ({"place": "3579"}, "corrected"),
    ],
)
def test_the_verdict_follows_from_the_labels(
    store: Store, router: int, ani: Key, labels: dict[str, str], verdict: str
) -> None:
    report = ask(store, router, "L-1")
    assert Corrections(store).add(ani.id, Said(report, **labels), LATER).verdict == verdict  # type: ignore[arg-type]


def test_confirming_states_what_was_predicted(store: Store, router: int, ani: Key) -> None:
    report = ask(store, router, "L-1")
    made = Corrections(store).add(ani.id, Said(report, verdict="confirmed"), LATER)
    assert (made.verdict, made.topic, made.agency, made.kind) == ("confirmed", LAMP, LIGHTS, None)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, "topic: nothing is said"),
    "corrected without labels": ({"verdict": "corrected"}, "topic: nothing is said"),
    "unsure with a label": ({"verdict": "unsure", "agency": LIGHTS}, "agency: given with the verdict unsure"),
    "skipped with a label": ({"verdict": "skipped", "topic": LAMP}, "topic: given with the verdict skipped"),
    "returned with a label": ({"verdict": "returned", "agency": LIGHTS}, "agency: given with the verdict returned"),
    "withdrawn without an id": ({"verdict": "withdrawn"}, "withdraws: missing"),
    "withdraws and corrects": ({"withdraws": 1, "topic": LAMP}, "topic: given with the verdict withdrawn"),
    "withdraws but unsure": ({"withdraws": 1, "verdict": "unsure"}, "withdraws: given with the verdict unsure"),
    "an unknown prediction": ({"prediction": 99, "topic": LAMP}, "prediction: unknown"),
    "withdraws an unknown one": ({"withdraws": 99}, "withdraws: no correction of this report"),
}


@pytest.mark.parametrize(("said", "problem"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_said_is_refused(
    store: Store, router: int, ani: Key, said: dict[str, Any], problem: str
) -> None:
    report = ask(store, router, "L-1")
    with pytest.raises(InputError, match=problem):
        Corrections(store).add(ani.id, Said(report, **said), LATER)
    assert Corrections(store).of(report) == []
    assert waits(store, report)


def test_an_unknown_report_is_refused_and_the_whole_group_with_it(store: Store, router: int, ani: Key) -> None:
    report = ask(store, router, "L-1")
    with pytest.raises(InputError, match="report: no report has the number 99"):
        Corrections(store).add_many(ani.id, [Said(report, topic=LAMP), Said(99, topic=LAMP)], LATER)
    assert Corrections(store).of(report) == []


def test_a_group_is_decided_at_once(store: Store, router: int, ani: Key) -> None:
    numbers = [ask(store, router, f"L-{number}") for number in range(5)]
    made = Corrections(store).add_many(ani.id, [Said(number, topic=ROAD) for number in reversed(numbers)], LATER)
    assert [one.report for one in made] == numbers[::-1]
    assert not any(waits(store, number) for number in numbers)


def test_the_same_request_again_makes_nothing_new(store: Store, router: int, ani: Key, budi: Key) -> None:
    report = ask(store, router, "L-1")
    said = Said(report, topic=WATER, note="ini soal air", seen=0, request="r-1")
    made = Corrections(store).add(ani.id, said, LATER)
    assert Corrections(store).add(ani.id, said, LATER + timedelta(days=1)) == made
    with pytest.raises(ConflictError, match="used for another correction"):
        Corrections(store).add(ani.id, Said(report, topic=ROAD, request="r-1"), LATER)
    with pytest.raises(ConflictError, match="used for another correction"):
        Corrections(store).add(ani.id, Said(ask(store, router, "L-2"), topic=WATER, request="r-1"), LATER)
    assert Corrections(store).of(report) == [made]
    assert Corrections(store).add(budi.id, Said(report, topic=ROAD, request="r-1"), LATER).key == "Budi"


def test_a_confirmation_repeated_after_another_model_answered_is_the_same(store: Store, router: int, ani: Key) -> None:
    report = ask(store, router, "L-1")
    for said in (Said(report, verdict="confirmed", request="r-1"), Said(report, topic=LAMP, request="r-2")):
        made = Corrections(store).add(ani.id, said, LATER)
        ask(store, router, "L-1", topic=WATER, model="m-2")
        assert Corrections(store).add(ani.id, said, LATER) == made
        ask(store, router, "L-1", topic=LAMP, model="m-3")


def test_the_second_of_two_is_told_who_decided_what_and_when(store: Store, router: int, ani: Key, budi: Key) -> None:
    report = ask(store, router, "L-1")
    first = Corrections(store).add(ani.id, Said(report, agency=WORKS, seen=0), LATER)
    with pytest.raises(ConflictError, match=rf"corrected by Ani on 2025-03-01 17:30 WIB, agency {WORKS}") as told:
        Corrections(store).add(budi.id, Said(report, agency=LIGHTS, seen=0), LATER)
    assert told.value.correction == {
        "id": first.id,
        "report": report,
        "by": "Ani",
        "made": "2025-03-01T17:30:00+07:00",
        "verdict": "corrected",
        "agency": WORKS,
    }
    assert Corrections(store).add(budi.id, Said(report, agency=LIGHTS, seen=first.id), LATER).verdict == "confirmed"


def test_who_merely_passed_on_a_report_makes_no_view_stale(store: Store, router: int, ani: Key, budi: Key) -> None:
    report = ask(store, router, "L-1")
    Corrections(store).add(ani.id, Said(report, verdict="unsure"), LATER)
    assert Corrections(store).add(budi.id, Said(report, topic=LAMP, seen=0), LATER).topic == LAMP


def test_two_at_once_one_wins_and_the_other_is_told(store: Store, router: int, ani: Key, budi: Key) -> None:
    numbers = [ask(store, router, f"L-{number}") for number in range(10)]
    start = Barrier(2)

    def decide(key: Key, topic: str) -> list[bool]:
        start.wait()
        return [wins(key, number, topic) for number in numbers]

    def wins(key: Key, number: int, topic: str) -> bool:
        try:
            Corrections(store).add(key.id, Said(number, topic=topic, seen=0), LATER)
        except ConflictError as told:
            return told.correction["by"] == key.name
        return True

    with ThreadPoolExecutor(2) as pool:
        ours, theirs = pool.map(decide, [ani, budi], [WATER, ROAD])
    assert all(mine != yours for mine, yours in zip(ours, theirs, strict=True))
    assert all(len(Corrections(store).of(number)) == 1 for number in numbers)


def test_one_request_sent_by_many_threads_is_one_correction(store: Store, router: int, ani: Key) -> None:
    report = ask(store, router, "L-1")
    said = Said(report, topic=WATER, seen=0, request="r-1")
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: Corrections(store).add(ani.id, said, LATER), range(16)))
    assert len(made) == 1


def test_one_request_for_two_reports_at_once_is_refused_for_one(store: Store, router: int, ani: Key) -> None:
    numbers = [ask(store, router, "L-1"), ask(store, router, "L-2")]
    start = Barrier(2)

    def decide(report: int) -> bool:
        start.wait()
        try:
            return bool(Corrections(store).add(ani.id, Said(report, topic=WATER, request="r-1"), LATER))
        except ConflictError:
            return False

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(decide, numbers)) == [False, True]


def test_a_text_that_changed_under_a_reviewer_is_told(store: Store, router: int, ani: Key) -> None:
    report = ask(store, router, "L-1")
    Corrections(store).add(ani.id, Said(report, topic=LAMP, prediction=1), LATER)
    ask(store, router, "L-1", "Air keruh, bukan lampu")
    with pytest.raises(ConflictError, match="text of report 1 has changed"):
        Corrections(store).add(ani.id, Said(report, topic=LAMP, prediction=1), LATER)
    assert Corrections(store).add(ani.id, Said(report, topic=WATER, prediction=2), LATER).prediction == 2


def test_only_ones_own_word_is_taken_back_and_only_once(store: Store, router: int, ani: Key, budi: Key) -> None:
    report = ask(store, router, "L-1")
    made = Corrections(store).add(ani.id, Said(report, topic=WATER), LATER)
    assert not waits(store, report)
    with pytest.raises(InputError, match="no correction of this report by this key"):
        Corrections(store).add(budi.id, Said(report, withdraws=made.id), LATER)
    back = Corrections(store).add(ani.id, Said(report, withdraws=made.id), LATER)
    assert (back.verdict, back.withdraws) == ("withdrawn", made.id)
    assert [one.withdrawn for one in Corrections(store).of(report)] == [True, False]
    assert waits(store, report)
    assert Corrections(store).standing(report) is None
    with pytest.raises(ConflictError, match="taken back already"):
        Corrections(store).add(ani.id, Said(report, withdraws=made.id), LATER)
    with pytest.raises(InputError):
        Corrections(store).add(ani.id, Said(report, withdraws=back.id), LATER)


def test_a_return_takes_the_agency_away_and_puts_the_report_back(store: Store, router: int, ani: Key) -> None:
    report = ask(store, router, "L-1", action="route")
    assert not waits(store, report)
    Corrections(store).add(ani.id, Said(report, verdict="confirmed"), LATER)
    Corrections(store).add(router, Said(report, "agency-return", "returned"), LATER)
    held = Corrections(store).standing(report)
    assert held is not None
    assert (held.topic, held.agency) == (LAMP, None)
    assert waits(store, report)
    ask(store, router, "L-1", action="route")
    assert waits(store, report), "the same text answered again is no decision"
    Corrections(store).add(ani.id, Said(report, agency=WORKS), LATER)
    assert not waits(store, report)


def test_a_decided_report_waits_again_only_for_another_text(store: Store, router: int, ani: Key) -> None:
    report = ask(store, router, "L-1", "Lampu padam")
    Corrections(store).add(ani.id, Said(report, topic=WATER), LATER)
    ask(store, router, "L-1", "Lampu padam", model="m-2")
    assert not waits(store, report)
    ask(store, router, "L-1", "Lampu padam dan jalan berlubang")
    assert waits(store, report)
    assert Corrections(store).standing(report) is None
    ask(store, router, "L-1", "Lampu padam")
    assert not waits(store, report)


def test_those_who_agree_are_counted_once_each(store: Store, router: int, ani: Key, budi: Key) -> None:
    report = ask(store, router, "L-1")
    calls = [(ani.id, Said(report, topic=ROAD)), (budi.id, Said(report, topic=WATER, agency=WORKS))]
    calls += [(ani.id, Said(report, topic=WATER)), (ani.id, Said(report, topic=WATER, agency=WORKS))]
    calls += [(None, Said(report, "final-disposition", agency=WORKS))]
    for key_id, said in calls:
        Corrections(store).add(key_id, said, LATER)
    held = Corrections(store).standing(report)
    assert held is not None
    assert (held.topic, held.agency, held.agreed) == (WATER, WORKS, 3)
    assert held.sources == {"reviewer", "final-disposition"}


SPOKEN = ("confirmed", "topic", "agency", "returned", "unsure", "withdraw", "again")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(SPOKEN), st.booleans(), st.sampled_from([LAMP, WATER, ROAD])), max_size=9))
def test_what_holds_is_what_a_naive_replay_leaves(
    store: Store, router: int, ani: Key, budi: Key, spoken: list[tuple[str, bool, str]]
) -> None:
    with store.read() as connection:
        name = f"L-{connection.exec_driver_sql('SELECT count(*) FROM reports').scalar()}"
    report = ask(store, router, name)
    kept: list[tuple[int, int, str, str]] = []  # correction, key, what, code
    for what, first, code in spoken:
        key = ani if first else budi
        own = [one for one in kept if one[1] == key.id]
        if what == "withdraw" and own:
            Corrections(store).add(key.id, Said(report, withdraws=own[-1][0]), LATER)
            kept.remove(own[-1])
        elif what == "again":
            ask(store, router, name, model="m-2")
        elif what != "withdraw":
            labels: Any = {"topic": {"topic": code}, "agency": {"agency": code}}.get(what, {"verdict": what})
            kept.append((Corrections(store).add(key.id, Said(report, **labels), LATER).id, key.id, what, code))
    topic = agency = None
    open_ = True
    for _, _, what, code in kept:
        if what == "confirmed":
            topic, agency = LAMP, LIGHTS
        topic = code if what == "topic" else topic
        agency = code if what == "agency" else None if what == "returned" else agency
        open_ = open_ if what == "unsure" else what == "returned"
    held = Corrections(store).standing(report)
    assert (held and held.topic, held and held.agency) == (topic, agency)
    assert waits(store, report) == open_


def test_since_misses_nothing_and_shows_only_what_is_within_reach(store: Store, router: int, ani: Key) -> None:
    here = ask(store, router, "L-1")
    there = ask(store, router, "L-2", agency="dinas-perhubungan@3273", place="3273")
    hidden = ask(store, router, "L-3", visibility="rahasia")
    for report in (here, there, hidden):
        Corrections(store).add(ani.id, Said(report, topic=WATER), LATER)
    said = Corrections(store).since(0, 10, EVERYTHING)
    assert [one.report for one in said] == [here, there, hidden]
    assert Corrections(store).since(said[0].id, 1, EVERYTHING) == said[1:2]
    assert [one.report for one in Corrections(store).since(0, 10, Reach())] == [here, there]
    surabaya = Reach(place="3578")
    assert [one.report for one in Corrections(store).since(0, 10, surabaya)] == [here]
    Corrections(store).add(ani.id, Said(there, agency=WORKS), LATER)
    works = Reach(agencies=frozenset({WORKS}))
    assert [one.report for one in Corrections(store).since(0, 10, works)] == [there, there]
    assert [Corrections(store).within(report, works) for report in (here, there, 99)] == [False, True, False]


def test_corrections_made_at_once_become_visible_in_order(store: Store, router: int, ani: Key) -> None:
    numbers = [ask(store, router, f"L-{number}") for number in range(40)]
    seen: list[int] = []
    with ThreadPoolExecutor(4) as pool:
        said = [pool.submit(Corrections(store).add, ani.id, Said(number, topic=LAMP), LATER) for number in numbers]
        while len(seen) < len(numbers):
            seen += [one.id for one in Corrections(store).since(max(seen, default=0), 100, EVERYTHING)]
    assert sorted(one.result().id for one in said) == seen


def test_learnt_are_the_decided_reports_that_have_a_text(store: Store, router: int, ani: Key, budi: Key) -> None:
    numbers = [ask(store, router, f"L-{number}", f"Lampu taman nomor urut {number}") for number in range(4)]
    Corrections(store).add(ani.id, Said(numbers[0], topic=WATER, place="3579"), LATER)
    Corrections(store).add(budi.id, Said(numbers[0], topic=WATER), LATER)
    Corrections(store).add(ani.id, Said(numbers[1], verdict="unsure"), LATER)
    Corrections(store).add(ani.id, Said(numbers[2], agency=WORKS, note="sudah jelas"), LATER)
    (first, second) = Corrections(store).learnt()
    assert (first.complaint.id, first.complaint.text) == ("L-0", "Lampu taman nomor urut 0")
    assert dict(first.complaint.labels) == {"topic": WATER, "place": "3579"}
    assert (first.agreed, first.sources, first.made) == (2, {"reviewer"}, LATER)
    assert second.report == numbers[2]
    with store.write() as connection:
        connection.execute(delete(notes))
        connection.execute(delete(texts).where(texts.c.report_id == numbers[2]))
    assert [one.report for one in Corrections(store).learnt()] == [numbers[0]]
    assert [one.agency for one in Corrections(store).of(numbers[2])] == [WORKS]


def test_numbers_are_those_of_the_key_alone(store: Store, router: int, ani: Key) -> None:
    numbers = [ask(store, router, name) for name in ("L-1", "L-2")]
    assert Corrections(store).numbers(router, ["L-2", "L-1", "L-3"]) == {"L-1": numbers[0], "L-2": numbers[1]}
    assert Corrections(store).numbers(ani.id, ["L-1"]) == {}
