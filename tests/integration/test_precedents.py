"""What was decided about a text is found again for the same text from the same place, on both databases."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select

from classifier.records import Complaint, Visibility
from data.store.database import Store
from data.store.keys import Keys
from data.store.precedents import Precedent, Precedents, likeness
from data.store.predictions import Asked, Predictions
from data.store.tables import corrections, predictions, reports, texts

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
TEXT = "Lampu taman di depan balai warga padam sejak Senin malam, mohon diganti."
PLACE = "357801"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with closing(Store.open(database_url)) as store:
        Keys(store).create("kota contoh", "router", NOW)
        yield store


def ask(store: Store, name: str, text: str = TEXT, place: str = PLACE, visibility: Visibility = "public") -> None:
    complaint = Complaint(name, text, visibility=visibility)
    Predictions(store).add(1, [Asked(complaint, {"place": {"code": place}})], "m", NOW)


def correct(store: Store, name: str, verdict: str = "corrected", **labels: object) -> int:
    asked = select(predictions.c.id, predictions.c.text_id, predictions.c.report_id).join(reports)
    with store.write() as connection:
        row = connection.execute(asked.where(reports.c.complaint_id == name)).one()
        facts = {"report_id": row.report_id, "prediction_id": row.id, "text_id": row.text_id, "key_id": 1}
        values = {**facts, "made": NOW, "source": "reviewer", "verdict": verdict, **labels}
        return int(
            connection.execute(store.insert(corrections).values(values).returning(corrections.c.id)).scalar_one()
        )


def find(store: Store, text: str = TEXT, place: str = PLACE) -> Precedent | None:
    alike = likeness("", text)
    assert alike
    return Precedents(store).find([(alike, place)]).get((alike, place))


def test_a_decided_text_is_found_whatever_its_case_and_punctuation(store: Store) -> None:
    ask(store, "a")
    assert find(store) is None
    correct(store, "a", topic="prasarana/lampu", agency="dinas-a")
    assert find(store, TEXT.upper().replace(",", " - ")) == Precedent("prasarana/lampu", 1, "dinas-a", 1)


def test_another_place_another_text_and_no_place_have_none(store: Store) -> None:
    ask(store, "a")
    ask(store, "b", place="")
    for name in ("a", "b"):
        correct(store, name, topic="prasarana/lampu")
    assert find(store, place="357802") is None
    assert find(store, place="") is None
    assert find(store, TEXT + " Terima kasih.") is None


def test_the_corrected_place_counts_not_the_one_that_was_read(store: Store) -> None:
    ask(store, "a")
    correct(store, "a", topic="prasarana/lampu", place="357802")
    assert find(store) is None
    assert find(store, place="357802") == Precedent("prasarana/lampu", 1)


def test_reports_decided_in_two_ways_give_no_precedent_and_say_so(store: Store) -> None:
    for name, topic in (("a", "prasarana/lampu"), ("b", "air/air-minum")):
        ask(store, name)
        correct(store, name, topic=topic, agency="dinas-a")
    assert find(store) == Precedent(None, 0, "dinas-a", 2, contradicted=True)


def test_the_newest_decision_of_a_report_is_the_one_that_counts(store: Store) -> None:
    ask(store, "a")
    for topic in ("air/air-minum", "prasarana/lampu"):
        correct(store, "a", topic=topic)
    assert find(store) == Precedent("prasarana/lampu", 1)


def test_what_was_withdrawn_or_left_open_or_is_secret_is_none(store: Store) -> None:
    for name in ("a", "b"):
        ask(store, name)
    ask(store, "c", visibility="rahasia")
    first = correct(store, "a", topic="prasarana/lampu")
    correct(store, "a", verdict="withdrawn", withdraws=first)
    correct(store, "b", verdict="unsure")
    correct(store, "c", topic="prasarana/lampu")
    assert find(store) is None


def test_an_agency_that_sent_the_report_back_is_none(store: Store) -> None:
    ask(store, "a")
    correct(store, "a", topic="prasarana/lampu", agency="dinas-a")
    correct(store, "a", verdict="returned")
    assert find(store) == Precedent("prasarana/lampu", 1)


def test_an_erased_text_is_no_precedent(store: Store) -> None:
    ask(store, "a")
    correct(store, "a", topic="prasarana/lampu")
    with store.write() as connection:
        connection.execute(delete(texts))
    assert find(store) is None


def test_a_short_text_has_no_likeness() -> None:
    assert likeness("", "Lampu mati, tolong segera diperbaiki pak") is None
    assert likeness("Lampu mati", "tolong segera diperbaiki pak lurah yang baik") is not None


def test_words_do_not_move_between_title_and_text() -> None:
    assert likeness("Lampu mati di taman", "sejak Senin malam belum menyala") != likeness(
        "Lampu mati di", "taman sejak Senin malam belum menyala"
    )
