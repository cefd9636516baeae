"""A person's decision counts for the same text from the next call on."""

from datetime import UTC, datetime
from typing import Any

import pytest
from service_fake import LAMP, WATER, FakeClassifier, post
from sqlalchemy import select
from starlette.testclient import TestClient

from classifier.records import Answer, Complaint, Label, Prediction
from data.store.database import Store
from data.store.tables import corrections, predictions, reports

TEXT = "Air keran di gang kami keruh dan berbau karat sejak hari Minggu."
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_a_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the fake model find each complaint in Gubeng."""
    answer = FakeClassifier._answer

    def placed(self: FakeClassifier, complaint: Complaint, evidence: bool) -> Prediction:
        given = answer(self, complaint, evidence)
        object.__setattr__(given, "place", (Answer(Label("357808", "Kecamatan Gubeng"), 1.0),))
        return given

    monkeypatch.setattr(FakeClassifier, "_answer", placed)


def ask(client: TestClient, name: str, **fields: Any) -> Any:
    response = post(client, {"id": name, "text": TEXT} | fields)
    assert response.status_code == 200
    return response.json()["predictions"][0]


def decide(store: Store, name: str, **labels: str) -> None:
    asked = select(predictions.c.id, predictions.c.text_id, predictions.c.report_id).join(reports)
    with store.write() as connection:
        row = connection.execute(asked.where(reports.c.complaint_id == name)).first()
        assert row
        facts = {"report_id": row.report_id, "prediction_id": row.id, "text_id": row.text_id, "key_id": 1}
        values = facts | {"made": NOW, "source": "reviewer", "verdict": "corrected"} | labels
        connection.execute(store.insert(corrections).values(values))


def test_the_next_report_with_the_text_gets_what_was_decided(client: TestClient, store: Store) -> None:
    first = ask(client, "a")
    assert (first["topic"]["code"], first["decision"]["action"]) == (WATER.code, "review")
    decide(store, "a", topic=LAMP.code, agency="dinas-kesehatan@3578")
    second = ask(client, "b", text=TEXT.upper())
    assert (second["topic"]["code"], second["topic"]["probability"]) == (LAMP.code, 0.6667)
    assert second["topic"]["alternatives"][0]["code"] == WATER.code
    assert second["agency"]["name"] == "Dinas Kesehatan Kota Surabaya"
    assert "precedent" in second["decision"]["reasons"]
    assert second["evidence"] == []


def test_a_body_that_does_not_exist_on_the_day_is_not_taken(client: TestClient, store: Store) -> None:
    ask(client, "a")
    decide(store, "a", agency="kementerian-komdigi")
    assert ask(client, "b", date="2026-02-01T08:00:00+07:00")["agency"]["code"] == "kementerian-komdigi"
    earlier = ask(client, "c", date="2023-02-01T08:00:00+07:00")
    assert earlier["agency"]["code"] == "dinas-contoh"
    assert "precedent" not in earlier["decision"]["reasons"]


def test_a_topic_that_the_model_lacks_is_not_taken(client: TestClient, store: Store) -> None:
    ask(client, "a")
    decide(store, "a", topic="tiada/tiada")
    assert ask(client, "b")["topic"]["code"] == WATER.code


def test_decisions_that_contradict_each_other_are_told(client: TestClient, store: Store) -> None:
    for name, topic in (("a", LAMP.code), ("b", WATER.code)):
        ask(client, name)
        decide(store, name, topic=topic)
    third = ask(client, "c")
    assert "precedents-contradict" in third["notes"]
    assert "precedent" not in third["decision"]["reasons"]
