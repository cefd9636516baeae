"""What the page counts and lists, on both kinds of database."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta

import pytest
from reports_of_store import LAMP, LIGHTS, NOW, ROAD, WATER, WORKS, ask

from data.store.alike import neighbours
from data.store.corrections import Corrections, Said
from data.store.database import Store
from data.store.decisions import Decisions
from data.store.keys import Keys
from data.store.overview import Pair, Volume, Week, overview, topic_counts
from data.store.reach import EVERYTHING, Reach

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with closing(Store.open(database_url)) as opened:
        Keys(opened).create("kanal", "router", NOW)
        Keys(opened).create("Rina", "reviewer", NOW)
        yield opened


def test_volumes_count_answers_and_those_routed(store: Store) -> None:
    ask(store, 1, "a")
    ask(store, 1, "a")  # again
    ask(store, 1, "b", "Pipa bocor di gang Misal", topic=WATER, action="route", reasons=("confident",))
    ask(store, 1, "old", now=NOW - timedelta(days=91))
    ask(store, 1, "hidden", visibility="rahasia")
    found = overview(store, Reach(), LATER)
    assert (found.answers, found.routed) == (3, 1)
    assert found.topics == [Volume(LAMP, 2, 0), Volume(WATER, 1, 1)]
    assert found.places == [Volume("3578", 3, 1)]
    assert overview(store, EVERYTHING, LATER).answers == 4
    assert overview(store, Reach(frozenset(), (WORKS,)), LATER).answers == 0
    assert topic_counts(store, LATER) == {LAMP: 3, WATER: 1}


def test_agreement_counts_what_stands_by_week_and_pair(store: Store) -> None:
    said = Corrections(store)
    reports = [ask(store, 1, name, f"Lampu {name} padam") for name in "abcd"]
    said.add(2, Said(reports[0], verdict="confirmed"), NOW)
    said.add(2, Said(reports[1], topic=ROAD, agency=LIGHTS), NOW)
    said.add(2, Said(reports[2], topic=ROAD, agency=WORKS), NOW + timedelta(days=7))
    undone = said.add(2, Said(reports[3], topic=WATER, agency=WORKS), NOW)
    said.add(2, Said(reports[3], withdraws=undone.id), NOW)
    found = overview(store, Reach(), NOW + timedelta(days=8))
    assert found.weeks == [Week(date(2025, 2, 24), 2, 1, 2, 1), Week(date(2025, 3, 3), 1, 0, 0, 0)]
    assert found.topic_pairs == [Pair(LAMP, ROAD, 2)]
    assert found.agency_pairs == [Pair(LIGHTS, WORKS, 1)]


def test_the_newest_decisions_come_first_and_in_pages(store: Store) -> None:
    said, decisions = Corrections(store), Decisions(store)
    reports = [ask(store, 1, name, f"Lampu {name} padam") for name in "abc"]
    made = [said.add(2, Said(report, verdict="confirmed"), NOW) for report in reports]
    said.add(2, Said(reports[2], withdraws=made[2].id), NOW)
    found = decisions.latest(Reach(), limit=2)
    assert [(one.complaint_id, one.withdrawn, one.key) for one in found] == [("c", True, "Rina"), ("b", False, "Rina")]
    assert [one.complaint_id for one in decisions.latest(Reach(), before=found[-1].id)] == ["a"]
    assert decisions.latest(Reach(), key_id=1) == []
    assert decisions.latest(Reach(frozenset(), (WORKS,))) == []
    assert decisions.count_since(NOW, 2, Reach()) == (2, 2)
    assert decisions.count_since(NOW, 1, Reach()) == (0, 2)
    assert decisions.count_since(NOW + timedelta(seconds=1), 2, Reach()) == (0, 0)


def test_near_identical_reports_that_wait_at_the_same_place_go_together(store: Store) -> None:
    text = "Lampu di depan balai warga Contoh padam sejak tiga malam, anak mengaji dalam gelap"
    first = ask(store, 1, "a", text)
    same = ask(store, 1, "b", text + " sekali")
    ask(store, 1, "c", text, place="3273")
    decided = ask(store, 1, "d", text)
    Corrections(store).add(2, Said(decided, verdict="confirmed"), NOW)
    ask(store, 1, "e", text, visibility="rahasia")
    ask(store, 1, "f", "Obat habis di puskesmas Misal")
    found = neighbours(store, first, "", text, key_id=2, reach=EVERYTHING, now=NOW)
    assert [(one.report, one.seen) for one in found.alike] == [(same, 0)]
    assert {one.complaint_id for one in found.similar} == {"c", "d"}
