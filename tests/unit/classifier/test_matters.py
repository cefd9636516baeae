"""Several matters: two main topics for two agencies."""

from dataclasses import replace

import pytest
import toy

from classifier.decision import SEVERAL_MATTERS
from classifier.records import Complaint, Prediction
from training.fit import fit

LAMPS_AND_WATER = "Lampu jalan di jembatan padam dan gelap. Selain itu air PDAM keruh dan tidak mengalir ke rumah."


def classify(text: str) -> Prediction:
    return toy.classifier().classify([Complaint("uji", text, region="Kota Contoh, Kec. Uji")])[0]


@pytest.mark.parametrize(
    "text",
    [
        LAMPS_AND_WATER,
        "1. Lampu jalan di jembatan padam dan gelap 2. Air PDAM keruh dan tidak mengalir",
        "Mohon perhatian. Lampu jalan di jembatan padam gelap, sekalian lapor air PDAM keruh dan tidak mengalir",
    ],
)
def test_two_matters_are_found_and_both_stand_among_the_answers(text: str) -> None:
    found = classify(text)
    assert SEVERAL_MATTERS in found.decision.reasons
    assert found.decision.action == found.decision.topic == "review"
    assert {toy.LAMPS, toy.WATER} <= {answer.label.name for answer in found.topic}


@pytest.mark.parametrize(
    "text",
    [
        "Lampu jalan di jembatan padam dan gelap. Selain itu lampu jalan di terminal padam total.",
        "Lampu jalan di jembatan padam dan gelap, mohon diganti.",
        "Air PDAM keruh. Selain itu bau.",
    ],
)
def test_one_matter_is_one(text: str) -> None:
    assert SEVERAL_MATTERS not in classify(text).decision.reasons


def test_a_model_without_topics_finds_none() -> None:
    rows = [replace(one, labels={"agency": one.labels["agency"]}) for one in toy.complaints()]
    known = fit(rows, toy.taxonomy(), {}, toy.config()).classifier
    assert SEVERAL_MATTERS not in known.classify([Complaint("uji", LAMPS_AND_WATER)])[0].decision.reasons
