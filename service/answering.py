"""Answers complaints: classify, store the masked text with the answer, and only then let the answer out."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from classifier.pipeline import Classifier
from classifier.records import Complaint, Field, Prediction
from classifier.redact import Redacted, redact
from data.store.predictions import Asked
from service.errors import UnavailableError
from service.live_model import LiveModel
from service.settled import Settled
from service.store_thread import StoreThread
from service.turns import Turns

AT_ONCE = 4_000  # code points classified on the event loop: about 2 ms, less than handing them over may cost
PIECE = 50_000  # code points that go to the thread together, so that it gives way to other calls in between

S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Draft:
    """A complaint as it is stored, masked, and the model's answer, whose evidence has offsets in it as it was sent."""

    masked: Complaint
    fields: Mapping[Field, Redacted]
    prediction: Prediction


class Answering:
    """Answers calls for predictions; one for the life of the service. `watch` is told what the model said."""

    def __init__(
        self,
        live: LiveModel,
        store: StoreThread,
        settle: Settled,
        *,
        max_waiting: int,
        watch: Callable[[Iterable[Prediction]], object] = list,
    ) -> None:
        self._live, self._store, self._settle, self._watch = live, store, settle, watch
        self._thread, self._turns = ThreadPoolExecutor(1, "classify"), Turns()
        self._free = max_waiting

    @contextmanager
    def place(self) -> Iterator[None]:
        """Take one of the places for calls under way; raises UnavailableError if none is free."""
        if not self._free:
            raise UnavailableError("Too many calls wait for an answer; send fewer at once.")
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1

    async def answer(
        self, complaints: Sequence[Complaint], *, evidence: bool, key_id: int, now: datetime
    ) -> list[dict[str, Any]]:
        """Return an answer a complaint, in order, all by one model, all stored; else StoreError, UnavailableError."""
        classifier = self._live.current.classifier
        if classifier.deadline is None:
            drafts = await self._each(complaints, complaints, lambda some: _drafts(classifier, some, evidence))
        else:
            predictions = await self._turns.answer(classifier, complaints, evidence=evidence)
            drafts = list(map(_draft, complaints, predictions))
        said = [one.prediction for one in drafts]
        settled = await self._settle(classifier, [(one.masked, one.prediction) for one in drafts], now.date())
        drafts = [replace(one, prediction=prediction) for one, prediction in zip(drafts, settled, strict=True)]
        finished = await self._each(complaints, drafts, lambda some: list(map(_finished, some)))
        await self._store.add_predictions(key_id, [kept for _, kept in finished], classifier.id, now)
        self._watch(said)
        return [answer for answer, _ in finished]

    def close(self) -> None:
        """Finish what is under way."""
        self._thread.shutdown()
        self._turns.close()

    async def _each(
        self, complaints: Sequence[Complaint], items: Sequence[S], work: Callable[[Sequence[S]], list[T]]
    ) -> list[T]:
        """Work on the items, one a complaint: here and now if the texts are short, else in pieces on the thread."""
        if sum(map(_length, complaints)) <= AT_ONCE:
            return work(items)
        done: list[T] = []
        for piece in _pieces(complaints):
            done += await asyncio.get_running_loop().run_in_executor(self._thread, work, items[piece])
        return done


def _length(complaint: Complaint) -> int:
    return len(complaint.title) + len(complaint.text)


def _pieces(complaints: Sequence[Complaint]) -> Iterator[slice]:
    start = size = 0
    for at, complaint in enumerate(complaints, 1):
        size += _length(complaint)
        if size >= PIECE or at == len(complaints):
            yield slice(start, at)
            start, size = at, 0


def _drafts(classifier: Classifier, complaints: Sequence[Complaint], evidence: bool) -> list[Draft]:
    predictions = classifier.classify(complaints, evidence=evidence)
    return [_draft(complaint, prediction) for complaint, prediction in zip(complaints, predictions, strict=True)]


def _draft(complaint: Complaint, prediction: Prediction) -> Draft:
    title, text = redact(complaint.title), redact(complaint.text)
    region, channel = redact(complaint.region).text, redact(complaint.channel).text
    masked = replace(complaint, title=title.text, text=text.text, region=region, channel=channel)
    return Draft(masked, {"title": title, "text": text}, prediction)


def _finished(draft: Draft) -> tuple[dict[str, Any], Asked]:
    """Return the answer for the client and what is stored of it, whose evidence has offsets in the masked text."""
    answer = draft.prediction.as_dict()
    evidence = [
        span | {end: draft.fields[span["field"]].to_masked(span[end]) for end in ("start", "end")}
        for span in answer["evidence"]
    ]
    return answer, Asked(draft.masked, answer | {"evidence": evidence})
