"""The default bundle answers as somebody approved; `pytest tests/golden --approve` approves what it answers now."""

import json
from pathlib import Path
from typing import Any

import pytest
from default_model import default_classifier

from classifier.decision import FOUND
from classifier.records import Prediction
from data.complaints import read_complaints

HERE = Path(__file__).parent
APPROVED = HERE / "approved.jsonl"
TOLERANCE = 0.02  # other processors and libraries round differently


def answers() -> list[dict[str, Any]]:
    return [
        shown(prediction)
        for prediction in default_classifier().classify(list(read_complaints(HERE / "complaints.jsonl")))
    ]


def shown(prediction: Prediction) -> dict[str, Any]:
    """Return what is approved: the best answers, how sure they are, and what may be done."""
    assert prediction.kind
    best = {"topic": prediction.topic[0], "agency": prediction.agency[0], "kind": prediction.kind}
    return {
        "id": prediction.id,
        "codes": {target: answer.label.code for target, answer in best.items()},
        "probabilities": {target: round(answer.probability, 4) for target, answer in best.items()},
        "action": prediction.decision.action,
        "alerts": [reason for reason in prediction.decision.reasons if reason in FOUND],
    }


def test_the_default_bundle_answers_as_approved(request: pytest.FixtureRequest) -> None:
    found = answers()
    if request.config.getoption("--approve"):
        APPROVED.write_text("".join(json.dumps(one) + "\n" for one in found), "utf-8")
    approved = [json.loads(line) for line in APPROVED.read_text("utf-8").splitlines()]
    for now, before in zip(found, approved, strict=True):
        assert now == before | {"probabilities": pytest.approx(before["probabilities"], abs=TOLERANCE)}
