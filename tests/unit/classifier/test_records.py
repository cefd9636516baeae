"""Records: a prediction as the JSON object that files and the API carry."""

import json
from dataclasses import FrozenInstanceError

import pytest

from classifier.records import Answer, Complaint, Decision, Evidence, Label, Prediction

LAMP = Label("prasarana/lampu", "Lampu", "Prasarana")
WATER = Label("air/air-minum", "Air Minum", "Air")
AGENCY = Label("dinas-contoh", "Dinas Contoh", "Dinas")
DECISION = Decision("route", "route", "route", ("confident",))


def prediction(**changes: object) -> Prediction:
    fields: dict[str, object] = {
        "topic": (Answer(LAMP, 0.87654), Answer(WATER, 0.1)),
        "agency": (Answer(AGENCY, 1.0),),
        "kind": Answer(Label("aspirasi", "Aspirasi"), 0.6),
        "place": (Answer(Label("3273", "Kota Bandung"), 0.58), Answer(Label("3204", "Kabupaten Bandung"), 0.36)),
        "evidence": (Evidence("topic", "title", 0, 5, "Lampu", 0.4),),
        "notes": ("catatan",),
    }
    return Prediction(id="uji-1", model="m", decision=DECISION, **(fields | changes))  # type: ignore[arg-type]


def test_a_prediction_becomes_the_agreed_json() -> None:
    assert json.loads(json.dumps(prediction().as_dict())) == {
        "id": "uji-1",
        "model": "m",
        "topic": {
            "code": "prasarana/lampu",
            "name": "Lampu",
            "main": "Prasarana",
            "probability": 0.8765,
            "alternatives": [{"code": "air/air-minum", "name": "Air Minum", "main": "Air", "probability": 0.1}],
        },
        "agency": {
            "code": "dinas-contoh",
            "name": "Dinas Contoh",
            "archetype": "Dinas",
            "probability": 1.0,
            "alternatives": [],
        },
        "kind": {"code": "aspirasi", "name": "Aspirasi", "probability": 0.6},
        "place": {
            "code": "3273",
            "name": "Kota Bandung",
            "probability": 0.58,
            "alternatives": [{"code": "3204", "name": "Kabupaten Bandung", "probability": 0.36}],
        },
        "decision": {"action": "route", "topic": "route", "agency": "route", "reasons": ["confident"]},
        "evidence": [{"for": "topic", "field": "title", "start": 0, "end": 5, "text": "Lampu", "weight": 0.4}],
        "notes": ["catatan"],
    }


def test_targets_that_the_model_does_not_know_are_null() -> None:
    found = prediction(topic=(), agency=(), kind=None, place=(), evidence=(), notes=()).as_dict()
    assert (found["topic"], found["agency"], found["kind"], found["place"]) == (None, None, None, None)
    assert (found["evidence"], found["notes"]) == ([], [])


def test_records_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Complaint("uji-1", "Lampu padam").text = "lain"  # type: ignore[misc]
