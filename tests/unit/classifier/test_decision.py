"""Decisions: a table from probabilities, length and unknown words to actions and reasons."""

from dataclasses import replace

import pytest

from classifier.decision import (
    CONFIDENT,
    DOUBTFUL_AGENCY,
    DOUBTFUL_BOTH,
    DOUBTFUL_TOPIC,
    MAX_UNKNOWN,
    MIN_WORDS,
    NEW_VOCABULARY,
    NOT_A_COMPLAINT,
    PLACE_AMBIGUOUS,
    PLACE_UNKNOWN,
    PRECEDENT,
    SENSITIVE,
    SEVERAL_MATTERS,
    TOO_SHORT,
    URGENT,
    Policy,
    settled,
)
from classifier.records import Decision

POLICY = Policy(topic=0.8, agency=0.7, both=0.55, error=0.05)
ENOUGH = MIN_WORDS


ALL_DOUBTS = (DOUBTFUL_TOPIC, DOUBTFUL_AGENCY, TOO_SHORT, NEW_VOCABULARY)


@pytest.mark.parametrize(
    ("topic", "agency", "words", "unknown", "action", "by_target", "reasons"),
    [
        (0.9, 0.9, ENOUGH, 0.0, "route", ("route", "route"), (CONFIDENT,)),
        (0.8, 0.7, ENOUGH, MAX_UNKNOWN, "route", ("route", "route"), (CONFIDENT,)),
        (0.79, 0.9, 9, 0.0, "review", ("review", "route"), (DOUBTFUL_TOPIC,)),
        (0.9, 0.69, 9, 0.0, "review", ("route", "review"), (DOUBTFUL_AGENCY,)),
        (0.1, 0.1, 9, 0.0, "review", ("review", "review"), (DOUBTFUL_TOPIC, DOUBTFUL_AGENCY)),
        (0.9, 0.9, ENOUGH - 1, 0.0, "review", ("review", "review"), (TOO_SHORT,)),
        (0.9, 0.9, 0, 0.0, "review", ("review", "review"), (TOO_SHORT,)),
        (0.9, 0.9, 9, 0.51, "review", ("review", "review"), (NEW_VOCABULARY,)),
        (0.1, 0.1, 1, 1.0, "review", ("review", "review"), ALL_DOUBTS),
    ],
)
def test_decides(
    topic: float,
    agency: float,
    words: int,
    unknown: float,
    action: str,
    by_target: tuple[str, str],
    reasons: tuple[str, ...],
) -> None:
    found = POLICY.decide(topic, agency, (), words, unknown)
    assert (found.action, (found.topic, found.agency), found.reasons) == (action, by_target, reasons)


@pytest.mark.parametrize(
    ("topic", "agency", "by_target", "reason"),
    [(0.9, None, ("route", "review"), DOUBTFUL_AGENCY), (None, 0.9, ("review", "route"), DOUBTFUL_TOPIC)],
)
def test_a_model_of_one_target_leaves_the_other_and_the_whole_to_a_person(
    topic: float | None, agency: float | None, by_target: tuple[str, str], reason: str
) -> None:
    policy = Policy(topic and 0.8, agency and 0.8, None, 0.05)
    found = policy.decide(topic, agency, (), 9, 0.0)
    assert (found.action, (found.topic, found.agency), found.reasons) == ("review", by_target, (reason,))


def test_a_threshold_above_1_never_routes() -> None:
    found = Policy(1.01, 1.01, 1.01, 0.05).decide(1.0, 1.0, (), 9, 0.0)
    assert found.action == found.topic == found.agency == "review"
    assert found.reasons == (DOUBTFUL_TOPIC, DOUBTFUL_AGENCY)


@pytest.mark.parametrize("note", [PLACE_UNKNOWN, PLACE_AMBIGUOUS])
def test_an_agency_without_its_place_is_not_routed_to(note: str) -> None:
    found = POLICY.decide(1.0, 1.0, (note,), 9, 0.0)
    assert (found.action, found.topic, found.agency) == ("review", "route", "review")
    assert found.reasons == (note,)


@pytest.mark.parametrize("reason", [SENSITIVE, SEVERAL_MATTERS, NOT_A_COMPLAINT])
def test_a_person_decides_however_sure_the_answers_are(reason: str) -> None:
    found = POLICY.decide(1.0, 1.0, (), 9, 0.0, {reason})
    assert (found.action, found.topic, found.agency) == ("review", "review", "review")
    assert found.reasons == (reason,)


def test_an_urgent_complaint_is_told_to_a_person_and_may_be_passed_on_meanwhile() -> None:
    found = POLICY.decide(1.0, 1.0, (), 9, 0.0, {URGENT})
    assert (found.action, found.topic, found.agency) == ("review", "route", "route")
    assert found.reasons == (URGENT,)


def test_the_most_pressing_reason_stands_first() -> None:
    found = POLICY.decide(0.1, 1.0, (), 9, 0.0, {NOT_A_COMPLAINT, SENSITIVE, URGENT})
    assert found.reasons == (URGENT, SENSITIVE, NOT_A_COMPLAINT, DOUBTFUL_TOPIC)


def test_other_notes_on_the_agency_block_nothing() -> None:
    assert POLICY.decide(1.0, 1.0, ("agency-successor",), 9, 0.0).action == "route"


def test_answers_that_may_each_be_acted_on_may_be_too_unsure_for_both_at_once() -> None:
    found = replace(POLICY, both=0.7).decide(0.85, 0.8, (), 9, 0.0)
    assert (found.action, found.topic, found.agency) == ("review", "route", "route")
    assert found.reasons == (DOUBTFUL_BOTH,)


@pytest.mark.parametrize(
    ("reasons", "topic", "agency", "expected"),
    [
        ((DOUBTFUL_TOPIC, DOUBTFUL_AGENCY), True, True, ("route", "route", "route", (PRECEDENT,))),
        ((DOUBTFUL_BOTH,), True, False, ("route", "route", "route", (PRECEDENT,))),
        ((DOUBTFUL_TOPIC, DOUBTFUL_AGENCY), True, False, ("review", "route", "review", (DOUBTFUL_AGENCY, PRECEDENT))),
        ((DOUBTFUL_AGENCY, PLACE_UNKNOWN), False, True, ("route", "route", "route", (PRECEDENT,))),
        (("sensitive", DOUBTFUL_TOPIC), True, True, ("review", "review", "review", ("sensitive", PRECEDENT))),
        ((CONFIDENT,), True, True, ("route", "route", "route", (PRECEDENT,))),
        ((CONFIDENT,), False, False, ("route", "route", "route", (CONFIDENT,))),
    ],
)
def test_what_people_decided_is_no_longer_in_doubt_and_what_else_holds_it_back_still_does(
    reasons: tuple[str, ...], topic: bool, agency: bool, expected: tuple[object, ...]
) -> None:
    doubts = {DOUBTFUL_TOPIC, DOUBTFUL_AGENCY, DOUBTFUL_BOTH, PLACE_UNKNOWN, CONFIDENT}
    whole = bool({*reasons} - doubts)
    before = Decision(
        "route" if reasons == (CONFIDENT,) else "review",
        "review" if DOUBTFUL_TOPIC in reasons or whole else "route",
        "review" if {DOUBTFUL_AGENCY, PLACE_UNKNOWN} & {*reasons} or whole else "route",
        reasons,
    )
    after = settled(before, topic=topic, agency=agency)
    assert (after.action, after.topic, after.agency, after.reasons) == expected
