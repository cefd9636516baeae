"""What came in lately, and what reviewers said of it, on both databases."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from reports_of_store import LIGHTS, NOW, ROAD, WATER, ask
from sqlalchemy import delete

from data.store.corrections import Corrections, Said
from data.store.database import Store
from data.store.keys import Keys
from data.store.recent import Recent
from data.store.tables import texts

DAY = timedelta(days=1)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store.open(database_url)
    yield store
    store.close()


@pytest.fixture
def key(store: Store) -> int:
    return Keys(store).create("uji", "reviewer", NOW)[0].id


def test_each_report_of_the_days_comes_once_as_it_was_asked_last(store: Store, key: int) -> None:
    ask(store, key, "lama", "Selokan mampet", now=NOW - 8 * DAY)
    ask(store, key, "dua", "Lampu padam di gang satu", now=NOW - 2 * DAY)
    ask(store, key, "dua", "Lampu padam di gang dua", now=NOW - DAY)
    ask(store, key, "nanti", "Air keruh", now=NOW)
    found = list(Recent(store).complaints(NOW - 7 * DAY, NOW))
    assert [(one.id, one.text) for one in found] == [("dua", "Lampu padam di gang dua")]


def test_many_reports_are_read_in_parts(store: Store, key: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.store.recent.BATCH", 2)
    for at in range(5):
        ask(store, key, f"L-{at}", f"Lampu nomor {at} padam")
    assert [one.id for one in Recent(store).complaints(NOW, NOW + DAY)] == [f"L-{at}" for at in range(5)]


def test_erased_texts_are_left_out(store: Store, key: int) -> None:
    ask(store, key, "satu")
    with store.write() as connection:
        connection.execute(delete(texts))
    assert list(Recent(store).complaints(NOW, NOW + DAY)) == []


def test_reviews_are_those_of_reviewers_that_stand(store: Store, key: int) -> None:
    said, numbers = Corrections(store), [ask(store, key, f"L-{at}", f"Lampu nomor {at} padam") for at in range(5)]
    said.add(key, Said(numbers[0], verdict="confirmed"), NOW)
    said.add(key, Said(numbers[1], topic=WATER), NOW)
    said.add(key, Said(numbers[2], verdict="unsure"), NOW)
    said.add(None, Said(numbers[3], "final-disposition", topic=ROAD), NOW)
    taken = said.add(key, Said(numbers[4], topic=ROAD), NOW)
    said.add(key, Said(numbers[4], withdraws=taken.id), NOW)
    found = list(Recent(store).reviews(NOW, NOW + DAY))
    assert [one.labels for one in found] == [
        {"topic": one.answer["topic"]["code"], "agency": LIGHTS} for one in found[:1]
    ] + [{"topic": WATER}]
    assert not list(Recent(store).reviews(NOW - DAY, NOW))
