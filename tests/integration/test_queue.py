"""The queue of both databases: who sees what, in which order, and that nothing starves."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reports_of_store import LAMP, LIGHTS, NOW, ROAD, WATER, WORKS, ask
from sqlalchemy import literal, select

from classifier.errors import ConflictError, InputError
from data.store.corrections import Corrections, Said
from data.store.database import Store
from data.store.keys import Key, Keys
from data.store.queue import MINUTES, PATIENCE, REST, Queue
from data.store.reach import EVERYTHING, Reach
from data.store.tables import waiting


@pytest.fixture
def store(each_store: Store) -> Store:
    return each_store


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def shown(store: Store, key: Key, now: datetime = NOW, limit: int = 100, **wanted: Any) -> list[str]:
    return [one.complaint_id for one in Queue(store).list(key, EVERYTHING, now, limit=limit, **wanted)]


def test_a_doubtful_report_waits_with_all_that_a_reviewer_needs(store: Store, router: int, ani: Key) -> None:
    report = ask(store, router, "L-1", sure=0.75, second=0.5)
    ask(store, router, "L-2", action="route")
    (one,) = Queue(store).list(ani, EVERYTHING, NOW, limit=10)
    assert (one.report, one.complaint_id, one.since, one.urgent) == (report, "L-1", NOW, False)
    assert (one.doubt, one.gain) == (0.25, 0.75)
    assert (one.text, one.model, one.seen, one.leased_until) == ("Lampu taman padam sejak Senin malam", "m-1", 0, None)
    assert one.answer["topic"]["code"] == LAMP
    assert Queue(store).count(ani, EVERYTHING, NOW) == {"waiting": 1, "urgent": 0, "oldest": NOW}


def test_a_report_answered_anew_without_doubt_waits_no_longer(store: Store, router: int, ani: Key) -> None:
    ask(store, router, "L-1")
    ask(store, router, "L-1", action="route", now=after(5))
    assert shown(store, ani) == []
    ask(store, router, "L-1", now=after(9))
    ask(store, router, "L-1", now=after(20), model="m-2")
    (one,) = Queue(store).list(ani, EVERYTHING, NOW, limit=10)
    assert (one.since, one.model) == (after(9), "m-2")


def test_urgent_reports_come_first_even_if_they_are_routed(store: Store, router: int, ani: Key) -> None:
    ask(store, router, "biasa")
    ask(store, router, "segera", action="route", reasons=("urgent",), now=after(1))
    ask(store, router, "lebih dulu", reasons=("urgent",), now=after(-1))
    assert shown(store, ani) == ["lebih dulu", "segera", "biasa"]
    assert shown(store, ani, urgent=True) == ["lebih dulu", "segera"]
    assert shown(store, ani, urgent=False) == ["biasa"]
    assert Queue(store).count(ani, EVERYTHING, NOW)["urgent"] == 2


def test_the_longest_waiting_the_least_sure_and_the_most_telling_take_turns(
    store: Store, router: int, ani: Key
) -> None:
    for number in range(4):
        ask(store, router, f"lama-{number}", now=after(number), sure=0.9, second=0.0)
        ask(store, router, f"ragu-{number}", now=after(50), sure=0.1 + number / 100, second=0.0)
        ask(store, router, f"ajar-{number}", now=after(60), sure=0.45, second=0.45 - number / 100)
    kinds = [name.split("-")[0] for name in shown(store, ani, limit=6)]
    # Nothing leads more than the least sure here, so they come for two reasons.
    assert kinds.count("lama") == 2
    assert {"lama", "ragu", "ajar"} == set(kinds)


def test_who_starts_changes_with_every_correction(store: Store, router: int, ani: Key) -> None:
    ask(store, router, "lama", now=after(-9), sure=0.9, second=0.0)
    ask(store, router, "ragu", sure=0.2, second=0.0)
    ask(store, router, "ajar", sure=0.5, second=0.5)
    other = ask(store, router, "lain", action="route")
    first = []
    for _ in range(3):
        first.append(shown(store, ani)[0])
        Corrections(store).add(ani.id, Said(other, topic=ROAD), NOW)
    assert first == ["lama", "ragu", "ajar"]


def test_filters(store: Store, router: int, ani: Key) -> None:
    ask(store, router, "lampu")
    ask(store, router, "jalan", topic=ROAD, agency=WORKS, now=after(1))
    ask(store, router, "bandung", agency="dinas-perhubungan@3273", place="3273", topic=WATER, now=after(2))
    assert shown(store, ani, topic=LAMP) == ["lampu"]
    assert sorted(shown(store, ani, topic="prasarana")) == ["jalan", "lampu"]
    assert shown(store, ani, agency=LIGHTS) == ["lampu"]
    assert sorted(shown(store, ani, agency="dinas-perhubungan")) == ["bandung", "lampu"]
    assert shown(store, ani, place="3273") == ["bandung"]
    assert sorted(shown(store, ani, place="35")) == ["jalan", "lampu"]
    assert Queue(store).count(ani, EVERYTHING, NOW, place="35")["waiting"] == 2


def test_nothing_outside_a_keys_reach_is_shown(store: Store, router: int, ani: Key) -> None:
    ask(store, router, "lampu")
    ask(store, router, "rahasia", visibility="rahasia")
    ask(store, router, "jauh", agency="dinas-perhubungan@3273", place="3273")
    for reach, names in [
        (EVERYTHING, ["jauh", "lampu", "rahasia"]),
        (Reach(), ["jauh", "lampu"]),
        (Reach(place="3578", confidential=True), ["lampu", "rahasia"]),
        (Reach(frozenset(), frozenset({"dinas-perhubungan"}), "32"), ["jauh"]),
    ]:
        assert sorted(one.complaint_id for one in Queue(store).list(ani, reach, NOW, limit=9)) == names
        assert Queue(store).count(ani, reach, NOW)["waiting"] == len(names)
        leased = Queue(store).lease_many(ani, reach, NOW, limit=9)
        assert sorted(one.complaint_id for one in leased) == names


def test_a_leased_report_is_hidden_from_others_until_the_lease_ends(
    store: Store, router: int, ani: Key, budi: Key
) -> None:
    report = ask(store, router, "L-1")
    leased = Queue(store).lease(ani, EVERYTHING, NOW)
    assert leased is not None
    assert leased.leased_until == after(MINUTES)
    assert shown(store, budi) == []
    assert Queue(store).lease(budi, EVERYTHING, after(1)) is None
    with pytest.raises(ConflictError, match="being looked at by Ani until 16:40 WIB"):
        Queue(store).take(budi, report, after(1))
    assert shown(store, ani) == ["L-1"]
    assert Queue(store).take(ani, report, after(5)).leased_until == after(5 + MINUTES)
    Queue(store).release(budi, report)
    assert shown(store, budi) == []
    assert shown(store, budi, after(5 + MINUTES)) == ["L-1"]
    Queue(store).release(ani, report)
    assert shown(store, budi) == ["L-1"]


def test_many_reviewers_at_once_never_get_the_same_report(store: Store, router: int) -> None:
    people = [Keys(store).create(f"orang {number}", "reviewer", NOW)[0] for number in range(6)]
    for number in range(30):
        ask(store, router, f"L-{number}", now=after(number))

    def work(key: Key) -> list[str]:
        leased = (Queue(store).lease_many(key, EVERYTHING, NOW, limit=5) for _ in range(2))
        return [one.complaint_id for found in leased for one in found]

    with ThreadPoolExecutor(6) as pool:
        got = [set(names) for names in pool.map(work, people)]
    assert all(got)
    assert sum(map(len, got)) == len(set().union(*got))


def test_a_decided_report_cannot_be_taken(store: Store, router: int, ani: Key, budi: Key) -> None:
    report = ask(store, router, "L-1")
    Corrections(store).add(ani.id, Said(report, topic=WATER), NOW)
    with pytest.raises(ConflictError, match="corrected by Ani"):
        Queue(store).take(budi, report, NOW)
    with pytest.raises(ConflictError, match="waits for nobody"):
        Queue(store).take(budi, ask(store, router, "L-2", action="route"), NOW)
    with pytest.raises(InputError, match="no report has the number 99"):
        Queue(store).take(budi, 99, NOW)


def test_what_somebody_left_is_left_to_others(store: Store, router: int, ani: Key, budi: Key) -> None:
    skipped, unsure = ask(store, router, "dilewati"), ask(store, router, "ragu-ragu")
    made = Corrections(store).add(ani.id, Said(skipped, verdict="skipped"), NOW)
    Corrections(store).add(ani.id, Said(unsure, verdict="unsure"), NOW)
    assert shown(store, ani) == []
    assert len(shown(store, budi)) == 2
    assert shown(store, ani, NOW + REST) == ["dilewati"]
    Corrections(store).add(ani.id, Said(skipped, withdraws=made.id), NOW)
    assert shown(store, ani) == ["dilewati"]
    ask(store, router, "ragu-ragu", "Teks yang sudah diperjelas oleh warga")
    assert len(shown(store, ani)) == 2


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arriving=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 0.5), st.booleans()), min_size=1, max_size=2))
def test_nothing_starves(store: Store, arriving: list[tuple[float, float, bool]]) -> None:
    """However sure, telling or urgent those are that keep coming, the oldest report is reached."""
    key, router = (Keys(store).create(name, "reviewer", NOW)[0] for name in ("Citra", "kanal lain"))
    with store.write() as connection:
        connection.execute(waiting.delete())
    old = ask(store, router.id, "tua", sure=1.0, second=0.0, now=after(-60))
    for turn in range(2 * PATIENCE):
        for number, (sure, second, urgent) in enumerate(arriving):
            reasons = ("urgent",) if urgent else ()
            ask(store, router.id, f"{turn}-{number}", sure=sure, second=second, reasons=reasons, now=after(turn))
        one = Queue(store).lease(key, EVERYTHING, after(turn))
        assert one is not None
        Corrections(store).add(key.id, Said(one.report, topic=ROAD, seen=one.seen), after(turn))
    with store.read() as connection:
        assert connection.scalar(select(waiting.c.report_id).where(waiting.c.report_id == old)) is None


PLAIN = ["", "dinas-a@3578", "dinas-a@357801", "dinas-ab@3578", "dinas_a@3578", "dinas-b", "dinas-a3", "dinas-a3@35"]
codes = st.sampled_from([*PLAIN, "Dinas A"])
places = st.sampled_from(["", "35", "3578", "357801", "3273"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    reach=st.builds(
        Reach,
        agencies=st.none() | st.frozensets(codes, max_size=2),
        archetypes=st.frozensets(st.sampled_from(["dinas-a", "dinas-a3", "dinas-b", "dinas-_"]), max_size=2),
        seat=places,
        place=places,
        confidential=st.booleans(),
    ),
    agency=codes,
    place=places,
    hidden=st.booleans(),
)
def test_the_database_and_the_reach_itself_agree(
    store: Store, reach: Reach, agency: str, place: str, hidden: bool
) -> None:
    query = select(reach.covers(literal(agency), literal(place), literal(hidden)))
    with store.read() as connection:
        assert bool(connection.scalar(query)) == reach.holds(agency, place, confidential=hidden)
