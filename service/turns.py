"""Lets an encoder answer the complaints of concurrent calls together, and the linear model those that it keeps waiting.

While one batch is under way, the next one fills; so a busy service works in full batches and an idle one waits for
nothing.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from classifier.pipeline import Classifier
from classifier.records import Complaint, Prediction

TOGETHER = 32  # complaints of a batch; a call with more comes in several

Predictions = list[Prediction]


@dataclass(eq=False, slots=True)
class _Call:
    classifier: Classifier
    complaints: Sequence[Complaint]
    evidence: bool
    answered: "asyncio.Future[Predictions]"


class Turns:
    """Answers calls in turn on a thread of its own."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(1, "encoder-turns"), ThreadPoolExecutor(1, "linear")
        self._waiting: list[_Call] = []
        self._work: asyncio.Task[None] | None = None

    async def answer(self, classifier: Classifier, complaints: Sequence[Complaint], *, evidence: bool) -> Predictions:
        """Return an answer a complaint; what has waited for its turn for the deadline, the linear model answers."""
        answers: Predictions = []
        for start in range(0, len(complaints), TOGETHER):
            answers += await self._in_turn(classifier, complaints[start : start + TOGETHER], evidence)
        return answers

    async def _in_turn(self, classifier: Classifier, complaints: Sequence[Complaint], evidence: bool) -> Predictions:
        loop = asyncio.get_running_loop()
        call = _Call(classifier, complaints, evidence, loop.create_future())
        self._waiting.append(call)
        if self._work is None or self._work.done():
            self._work = loop.create_task(self._drain())
        try:
            await asyncio.wait([call.answered], timeout=classifier.deadline)
        finally:
            late = call in self._waiting
            if late:  # or its caller has gone
                self._waiting.remove(call)
        if late:
            work = partial(classifier.classify, complaints, evidence=evidence, quick=True)
            return await loop.run_in_executor(self._threads[1], work)
        return await call.answered

    async def _drain(self) -> None:
        while self._waiting:
            calls = self._next()
            together = [one for call in calls for one in call.complaints]
            work = partial(calls[0].classifier.classify, together, evidence=calls[0].evidence)
            try:
                answers = iter(await asyncio.get_running_loop().run_in_executor(self._threads[0], work))
            except Exception as error:  # each call must hear of it
                for call in calls:
                    if not call.answered.done():
                        call.answered.set_exception(error)
                continue
            for call in calls:
                own = [next(answers) for _ in call.complaints]
                if not call.answered.done():
                    call.answered.set_result(own)

    def _next(self) -> list[_Call]:
        """Take the calls that one batch has room for, in their order, as far as they ask the same."""
        calls = [self._waiting.pop(0)]
        room = TOGETHER - len(calls[0].complaints)
        while self._waiting and len(self._waiting[0].complaints) <= room and _alike(self._waiting[0], calls[0]):
            calls.append(self._waiting.pop(0))
            room -= len(calls[-1].complaints)
        return calls

    def close(self) -> None:
        """Finish what is under way."""
        for thread in self._threads:
            thread.shutdown()


def _alike(one: _Call, other: _Call) -> bool:
    return one.classifier is other.classifier and one.evidence == other.evidence
