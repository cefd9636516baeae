"""POST /v1/predictions: what is answered, and what of it is stored, on both kinds of database."""

from datetime import UTC, datetime

import pytest
from service_fake import TEXT, complaint, post
from starlette.testclient import TestClient

from data.store.database import Store
from data.store.keys import Keys
from data.store.predictions import Predictions
from service.schemas import PredictionsOut


@pytest.fixture
def store(database_url: str) -> Store:
    return Store.open(database_url)


def test_answers_come_in_order_and_as_documented(client: TestClient) -> None:
    response = post(client, complaint(id="b"), complaint(id="a", text="Air keruh"), complaint(id="c", title="Lampu"))
    assert response.status_code == 200, response.text
    answers = PredictionsOut.model_validate_json(response.content).predictions
    assert [answer.id for answer in answers] == ["b", "a", "c"]
    assert [answer.decision.action for answer in answers] == ["route", "review", "route"]
    assert {answer.model for answer in answers} == {"model-a"}


def test_evidence_is_in_the_text_as_sent_and_stored_in_the_masked_text(client: TestClient, store: Store) -> None:
    (answer,) = post(client, complaint(id="x")).json()["predictions"]
    (span,) = answer["evidence"]
    assert TEXT[span["start"] : span["end"]] == span["text"] == "lampu"
    (kept,) = Predictions(store).of(1, "x")
    assert kept.text == "Nomor saya <TELEPON>, lampu di Jalan Contoh padam."
    (stored,) = kept.answer["evidence"]
    assert kept.text[stored["start"] : stored["end"]] == "lampu"


def test_evidence_can_be_left_out(client: TestClient) -> None:
    assert post(client, complaint(), evidence=False).json()["predictions"][0]["evidence"] == []


def test_a_missing_date_is_now_and_a_given_one_is_kept(client: TestClient, store: Store) -> None:
    before = datetime.now(UTC)
    assert post(client, complaint(id="now"), complaint(id="then", date="2026-01-31T08:15:00+07:00")).status_code == 200
    stamped, given = Predictions(store).of(1, "now")[0].date, Predictions(store).of(1, "then")[0].date
    assert stamped is not None
    assert before <= stamped <= datetime.now(UTC)
    assert given == datetime(2026, 1, 31, 1, 15, tzinfo=UTC)


def test_the_same_id_again_appends(client: TestClient, store: Store) -> None:
    assert post(client, complaint()).status_code == post(client, complaint(text="Air keruh")).status_code == 200
    assert [kept.text for kept in Predictions(store).of(1, "a")][1] == "Air keruh"


def test_a_thousand_complaints_are_answered(client: TestClient, store: Store) -> None:
    answers = post(client, *(complaint(id=str(number)) for number in range(1_000))).json()["predictions"]
    assert [answer["id"] for answer in answers] == [str(number) for number in range(1_000)]
    assert Predictions(store).of(1, "999")


def test_a_revoked_key_stops_working(client: TestClient, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert post(client, complaint()).status_code == 200
    Keys(store).revoke(1, datetime.now(UTC))
    monkeypatch.setattr("service.auth.time.monotonic", lambda: 1e12)  # long after the look-up was remembered
    assert post(client, complaint()).status_code == 401
