import asyncio
import threading
from collections.abc import Sequence

import pytest

from classifier.pipeline import LINEAR_ALONE
from classifier.records import Complaint, Decision, Prediction
from service.turns import TOGETHER, Turns

SOON = 0.01  # seconds in which a task begins
DECISION = Decision("review", "review", "review", ())


class SlowClassifier:
    """Answers with the ids of the complaints, but not before the gate is open unless time is short."""

    def __init__(self, deadline: float = 30.0) -> None:
        self.deadline, self.gate, self.sizes = deadline, threading.Event(), list[int]()

    def classify(
        self, complaints: Sequence[Complaint], *, evidence: bool = True, quick: bool = False
    ) -> list[Prediction]:
        if not quick:
            assert self.gate.wait(10)
            self.sizes.append(len(complaints))
        if any(one.text == "rusak" for one in complaints):
            raise ValueError("cannot")
        notes = (LINEAR_ALONE,) if quick else ()
        return [Prediction(one.id, "model-a", (), (), None, DECISION, notes=notes) for one in complaints]


def complaints(*names: str, text: str = "uji") -> list[Complaint]:
    return [Complaint(name, text) for name in names]


async def ids(turns: Turns, classifier: SlowClassifier, asked: Sequence[Complaint]) -> list[str]:
    return [one.id for one in await turns.answer(classifier, asked, evidence=True)]  # type: ignore[arg-type]


@pytest.fixture
def turns() -> Turns:
    return Turns()


def test_calls_that_come_together_are_answered_together_each_with_its_own(turns: Turns) -> None:
    classifier = SlowClassifier()

    async def calls() -> list[list[str]]:
        first = asyncio.create_task(ids(turns, classifier, complaints("a", "a-2")))
        await asyncio.sleep(SOON)
        others = [asyncio.create_task(ids(turns, classifier, complaints(name, f"{name}-2"))) for name in "bcd"]
        await asyncio.sleep(SOON)
        classifier.gate.set()
        return await asyncio.gather(first, *others)

    assert asyncio.run(calls()) == [[name, f"{name}-2"] for name in "abcd"]
    assert classifier.sizes == [2, 6]
    turns.close()


def test_a_long_call_comes_in_several_batches_in_its_order(turns: Turns) -> None:
    classifier = SlowClassifier()
    classifier.gate.set()
    names = [str(number) for number in range(2 * TOGETHER + 3)]
    assert asyncio.run(ids(turns, classifier, complaints(*names))) == names
    assert classifier.sizes == [TOGETHER, TOGETHER, 3]


def test_the_linear_model_answers_what_waited_too_long_for_its_turn(turns: Turns) -> None:
    classifier = SlowClassifier(deadline=0.1)

    async def calls() -> tuple[list[Prediction], list[Prediction]]:
        first = asyncio.create_task(turns.answer(classifier, complaints("a"), evidence=True))  # type: ignore[arg-type]
        await asyncio.sleep(SOON)
        late = await turns.answer(classifier, complaints("b"), evidence=True)  # type: ignore[arg-type]
        classifier.gate.set()
        return await first, late

    begun, late = asyncio.run(calls())
    assert [one.notes for one in begun] == [()]  # its turn had come: it is worth waiting for
    assert [one.notes for one in late] == [(LINEAR_ALONE,)]
    assert classifier.sizes == [1]


def test_a_failure_reaches_its_callers_and_nobody_else(turns: Turns) -> None:
    classifier = SlowClassifier()
    classifier.gate.set()

    async def calls() -> list[object]:
        broken = asyncio.create_task(ids(turns, classifier, complaints("a", text="rusak")))
        await asyncio.sleep(SOON)
        return await asyncio.gather(broken, ids(turns, classifier, complaints("b")), return_exceptions=True)

    failed, answered = asyncio.run(calls())
    assert isinstance(failed, ValueError)
    assert answered == ["b"]


def test_a_caller_who_leaves_costs_the_others_nothing(turns: Turns) -> None:
    classifier = SlowClassifier()

    async def calls() -> list[str]:
        first = asyncio.create_task(ids(turns, classifier, complaints("a")))
        await asyncio.sleep(SOON)
        gone = asyncio.create_task(ids(turns, classifier, complaints("b")))
        stays = asyncio.create_task(ids(turns, classifier, complaints("c")))
        await asyncio.sleep(SOON)
        gone.cancel()
        await asyncio.sleep(SOON)
        classifier.gate.set()
        return await first + await stays

    assert asyncio.run(calls()) == ["a", "c"]
    assert classifier.sizes == [1, 1]
    turns.close()
