"""The default bundle answers as somebody approved; `pytest tests/golden --approve` approves what it answers now."""

import json
from pathlib import Path
from typing import Any

import pytest

from classifier.pipeline import Classifier
from data.complaints import read_complaints
from data.dataset import read_corpus
from data.lexicon import read_lexicon
from data.tables import read_taxonomy
from training.config import read_config
from training.fit import fit

HERE = Path(__file__).parent
APPROVED = HERE / "approved.jsonl"
TOLERANCE = 0.02  # other processors and libraries round differently


def answers() -> list[dict[str, Any]]:
    fitted = fit(read_corpus(), read_taxonomy(), read_lexicon(), read_config("linear"))
    classifier = Classifier.from_state(fitted.classifier.state(), "golden")
    complaints = list(read_complaints(HERE / "complaints.jsonl"))
    return [prediction.as_dict() for prediction in classifier.classify(complaints)]


def test_the_default_bundle_answers_as_approved(request: pytest.FixtureRequest) -> None:
    found = answers()
    if request.config.getoption("--approve"):
        APPROVED.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in found), "utf-8")
    approved = [json.loads(line) for line in APPROVED.read_text("utf-8").splitlines()]
    assert [best(one) for one in found] == [best(one) for one in approved]
    for now, before in zip(found, approved, strict=True):
        for target in ("topic", "agency", "kind"):
            assert now[target]["probability"] == pytest.approx(before[target]["probability"], abs=TOLERANCE)


def best(answer: dict[str, Any]) -> tuple[str, ...]:
    return (
        answer["id"],
        *(answer[target]["code"] for target in ("topic", "agency", "kind")),
        answer["decision"]["action"],
    )
