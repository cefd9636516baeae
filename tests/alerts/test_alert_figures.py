"""What the reasons find in invented texts; `pytest tests/alerts -n 0 --log-cli-level INFO` shows the figures."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from default_model import default_classifier

from classifier.decision import FOUND, NOT_A_COMPLAINT, SENSITIVE, SEVERAL_MATTERS, URGENT
from classifier.records import Complaint, Prediction

LOG = logging.getLogger(__name__)
HERE = Path(__file__).parent
FLOORS = {URGENT: (0.85, 0.9), SENSITIVE: (0.85, 0.9), SEVERAL_MATTERS: (0.9, 0.4), NOT_A_COMPLAINT: (0.85, 0.75)}


class Figures(NamedTuple):
    """How many texts have a reason, how many were given it, and how many rightly."""

    wanted: int
    given: int
    right: int

    @property
    def precision(self) -> float:
        return self.right / self.given

    @property
    def recall(self) -> float:
        return self.right / self.wanted


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / f"{name}.jsonl").read_text("utf-8").splitlines()]


def answers(name: str) -> list[Prediction]:
    return default_classifier().classify([Complaint(row["id"], row["text"]) for row in rows(name)], evidence=False)


def figures(reason: str, written: Sequence[dict[str, Any]], predictions: Sequence[Prediction]) -> Figures:
    wanted = [reason in row["reasons"] for row in written]
    given = [reason in one.decision.reasons for one in predictions]
    return Figures(sum(wanted), sum(given), sum(a and b for a, b in zip(wanted, given, strict=True)))


@pytest.mark.parametrize("name", ["dev", "final"])
def test_each_reason_has_enough_texts_with_and_without_it(name: str) -> None:
    written = rows(name)
    assert len({row["text"] for row in written}) == len(written)
    for reason in FOUND:
        having = sum(reason in row["reasons"] for row in written)
        assert having >= 60
        assert len(written) - having >= 120


def test_no_text_stands_in_both_sets() -> None:
    assert not {row["text"] for row in rows("dev")} & {row["text"] for row in rows("final")}


@pytest.mark.parametrize("name", ["dev", "final"])
def test_precision_and_recall_on_invented_texts(name: str) -> None:
    written, predictions = rows(name), answers(name)
    for reason, (precision, recall) in FLOORS.items():
        found = figures(reason, written, predictions)
        LOG.info("%s %s: precision %.3f recall %.3f", name, reason, found.precision, found.recall)
        assert found.precision >= precision, reason
        assert found.recall >= recall, reason


def test_the_main_topics_of_several_matters_stand_among_the_answers() -> None:
    written, predictions = rows("final"), answers("final")
    several = [
        {topic.split("/")[0] for topic in row["topics"]} <= {answer.label.code.split("/")[0] for answer in one.topic}
        for row, one in zip(written, predictions, strict=True)
        if SEVERAL_MATTERS in row["reasons"] and SEVERAL_MATTERS in one.decision.reasons
    ]
    LOG.info("all main topics among the answers: %d of %d", sum(several), len(several))
    assert sum(several) >= 0.7 * len(several)
