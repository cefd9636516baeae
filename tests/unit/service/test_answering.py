import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from classifier.records import Complaint, Decision, Evidence, Prediction
from data.store.predictions import Asked
from service.answering import PIECE, Answering
from service.errors import UnavailableError

NOW = datetime(2026, 11, 25, tzinfo=UTC)


class FakeClassifier:
    """Finds the word "air" in title and text; remembers how many complaints came at once."""

    id, deadline = "model-a", None

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def classify(self, complaints: Sequence[Complaint], *, evidence: bool = True) -> list[Prediction]:
        self.sizes.append(len(complaints))
        decision = Decision("review", "review", "review", ())
        return [Prediction(one.id, self.id, (), (), None, decision, evidence=tuple(_spans(one))) for one in complaints]


def _spans(complaint: Complaint) -> list[Evidence]:
    title = Evidence("topic", "title", complaint.title.find("air"), complaint.title.find("air") + 3, "air", 1.0)
    text = Evidence("agency", "text", complaint.text.find("air"), complaint.text.find("air") + 3, "air", 1.0)
    return [title, text]


class FakeStore:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.kept: list[Asked] = []

    async def add_predictions(self, key_id: int, asked: Sequence[Asked], model: str, now: datetime) -> None:
        self.kept += asked


async def unsettled(
    _classifier: object, asked: Sequence[tuple[Complaint, Prediction]], _today: object
) -> list[Prediction]:
    return [prediction for _, prediction in asked]


def make(classifier: FakeClassifier, store: FakeStore) -> Answering:
    live = SimpleNamespace(current=SimpleNamespace(classifier=classifier))
    return Answering(live, store, unsettled, max_waiting=1)  # type: ignore[arg-type]


def ask(answering: Answering, *complaints: Complaint) -> list[dict[str, Any]]:
    return asyncio.run(answering.answer(complaints, evidence=True, key_id=1, now=NOW))


def test_what_is_stored_is_masked_and_its_evidence_moved_along() -> None:
    store = FakeStore()
    sent = Complaint(
        "a",
        "Hubungi warga@contoh.example karena air keruh",
        "0812-0000-1111 soal air",
        "Contoh, 081200001111",
        channel="WA 081200001111",
    )
    (answer,) = ask(make(FakeClassifier(), store), sent)
    assert [sent.title[e["start"] : e["end"]] for e in answer["evidence"][:1]] == ["air"]
    assert [sent.text[e["start"] : e["end"]] for e in answer["evidence"][1:]] == ["air"]
    (kept,) = store.kept
    assert (kept.complaint.title, kept.complaint.text) == ("<TELEPON> soal air", "Hubungi <EMAIL> karena air keruh")
    assert (kept.complaint.region, kept.complaint.channel) == ("Contoh, <TELEPON>", "WA <TELEPON>")
    title, text = kept.answer["evidence"]
    assert kept.complaint.title[title["start"] : title["end"]] == "air"
    assert kept.complaint.text[text["start"] : text["end"]] == "air"


def test_a_large_call_is_worked_on_in_pieces_and_keeps_its_order() -> None:
    classifier, store = FakeClassifier(), FakeStore()
    long = "air " * (PIECE // 10)
    answers = ask(make(classifier, store), *(Complaint(str(number), long) for number in range(10)))
    assert [answer["id"] for answer in answers] == [kept.complaint.id for kept in store.kept]
    assert [answer["id"] for answer in answers] == [str(number) for number in range(10)]
    assert len(classifier.sizes) > 1
    assert sum(classifier.sizes) == 10


def test_a_place_is_given_back() -> None:
    answering = make(FakeClassifier(), FakeStore())
    with answering.place(), pytest.raises(UnavailableError), answering.place():
        pass
    with answering.place():
        pass
