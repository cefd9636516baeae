"""Watching: what chance does is no change, what matters is, and one sentence says which."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
import toy
from hypothesis import given
from hypothesis import strategies as st

from classifier.records import Answer, Decision, Label, Prediction
from data.store.recent import Reviewed
from training.monitor import Watch, chance_stability, stability, watch

LAMP, ROAD, WATER = (Label(f"{main}/x", main, main) for main in ("lampu", "jalan", "air"))
AGENCY = Label("dinas-uji", "Dinas Uji", "Dinas Uji")
SURE = (0.0,) * 7 + (0.2, 0.6, 0.2)
EXPECTED: dict[str, Any] = {
    "unknown_words": 0.05,
    "auto_share": 0.5,
    "groups": {"topic": {"lampu": 0.5, "jalan": 0.3, "air": 0.2}, "agency": {"Dinas Uji": 1.0}},
    "confidence": {"topic": list(SURE), "agency": list(SURE)},
}


def answer(topic: Label = LAMP, sure: float = 0.85, unknown: float = 0.05, *, routed: bool = True) -> Prediction:
    reasons = ("confident",) if routed else ("doubtful-topic",)
    decision = Decision("route", "route", "route", reasons)
    return Prediction("x", "m", (Answer(topic, sure),), (Answer(AGENCY, sure),), None, decision, unknown=unknown)


def week(reports: int = 400, **fields: Any) -> list[Prediction]:
    """Return reports that are as expected, but for `fields`."""
    topics = [LAMP] * (reports // 2) + [ROAD] * (reports * 3 // 10)
    topics += [WATER] * (reports - len(topics))
    return [answer(**({"topic": topic, "routed": at % 2 == 0} | fields)) for at, topic in enumerate(topics)]


def changed(found: Watch) -> list[str]:
    return [one.name for one in found.figures if one.changed]


def test_a_week_like_the_training_data_needs_no_retraining() -> None:
    found = watch(EXPECTED, week(), [])
    assert (found.retrain, changed(found)) == (False, [])
    assert found.sentence == "No need to retrain: the 400 reports are like those that the model learnt from."
    assert {one.name for one in found.figures} >= {"unknown words", "topics", "agencies", "routed"}


@pytest.mark.parametrize(
    ("fields", "name", "told"),
    [
        ({"unknown": 0.15}, "unknown words", "people use words that the model has not learnt"),
        ({"topic": WATER}, "topics", "other topics come in than it learnt from"),
        ({"sure": 0.6}, "sureness of the topic", "it is less sure of topics"),
        ({"routed": False}, "routed", "fewer reports can be routed"),
    ],
)
def test_what_changed_is_named_in_the_sentence(fields: Mapping[str, Any], name: str, told: str) -> None:
    found = watch(EXPECTED, week(**fields), [])
    assert found.retrain
    assert name in changed(found)
    assert found.sentence.startswith("Retrain: ")
    assert told in found.sentence


def test_a_topic_that_was_never_learnt_counts_as_changed() -> None:
    new = Label("banjir/x", "Banjir", "banjir")
    found = watch(EXPECTED, [*week(300), *(answer(new) for _ in range(200))], [])
    assert "topics" in changed(found)
    assert ("banjir", 0.0, 0.4) in found.groups["topic"]


def test_better_than_expected_is_no_reason() -> None:
    assert not changed(watch(EXPECTED, week(sure=0.99, unknown=0.0, routed=True), []))


def test_reviewers_who_correct_more_than_the_probabilities_say_are_a_reason() -> None:
    said = {"topic": {"code": "lampu/x", "probability": 0.8}, "agency": None}
    kept, corrected = Reviewed(said, {"topic": "lampu/x"}), Reviewed(said, {"topic": "air/x"})
    assert not changed(watch(EXPECTED, week(), [kept] * 30 + [corrected] * 10))
    found = watch(EXPECTED, week(), [kept] * 20 + [corrected] * 30)
    assert changed(found) == ["agreement on the topic"]
    assert found.reviews == 50
    assert "reviewers correct more topics than its probabilities say" in found.sentence


def test_too_few_reports_tell_nothing() -> None:
    found = watch(EXPECTED, week(30, unknown=0.9), [])
    assert (found.retrain, found.figures) == (None, ())
    assert found.sentence == "It can't be told: 30 reports are too few; 50 or more are needed."


def test_an_older_bundle_that_expects_nothing_is_said_to() -> None:
    found = watch(None, week(), [])
    assert found.retrain is None
    assert "does not say what it learnt from" in found.sentence


def test_the_figures_are_json() -> None:
    found = json.loads(json.dumps(watch(EXPECTED, week(), []).as_dict()))
    assert found["groups"]["topic"][0].keys() == {"group", "expected", "found"}
    assert found["figures"][0].keys() == {"name", "expected", "found", "chance", "changed"}


def test_a_model_expects_what_it_finds_on_its_own_reports() -> None:
    expected = asdict(toy.fitted().expected)
    assert expected["groups"].keys() == expected["confidence"].keys() == {"topic", "agency", "kind"}
    assert sum(expected["groups"]["topic"].values()) == pytest.approx(1, abs=1e-3)
    assert sum(expected["confidence"]["agency"]) == pytest.approx(1, abs=1e-3)
    again = [replace(one, id=f"{one.id}-{at}") for at in range(2) for one in toy.complaints()]
    found = watch(expected, toy.classifier().classify(again), [])
    assert not {"unknown words", "topics"} & set(changed(found))


@given(st.lists(st.integers(0, 200), min_size=2, max_size=8).filter(any))
def test_the_index_is_0_for_the_expected_shares_and_never_below(counts: list[int]) -> None:
    shares = [count / sum(counts) for count in counts]
    assert stability(shares, counts) == pytest.approx(0, abs=1e-9)
    assert stability([1 / len(counts)] * len(counts), counts) >= 0


def test_chance_alone_rarely_passes_the_level_of_chance() -> None:
    shares = [0.4, 0.3, 0.2, 0.1]
    draws, level = np.random.default_rng(1).multinomial(200, shares, 1000), chance_stability(shares, 200)
    assert sum(stability(shares, draw.tolist()) > level for draw in draws) <= 30
