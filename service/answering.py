"""Answers complaints: classify, store the masked text with the answer, and only then let the answer out."""

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from classifier.pipeline import Classifier
from classifier.records import Complaint
from classifier.redact import redact
from data.store.predictions import Asked
from service.errors import UnavailableError
from service.live_model import LiveModel
from service.store_thread import StoreThread

AT_ONCE = 4_000  # code points classified on the event loop: about 2 ms, less than handing them over may cost
PIECE = 50_000  # code points that go to the thread together, so that it gives way to other calls in between


class Answering:
    """Answers calls for predictions; one for the life of the service."""

    def __init__(self, live: LiveModel, store: StoreThread, *, max_waiting: int) -> None:
        self._live, self._store = live, store
        self._thread = ThreadPoolExecutor(1, "classify")
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
        if sum(map(_length, complaints)) <= AT_ONCE:
            asked = _ask(classifier, complaints, evidence)
        else:
            asked = []
            loop = asyncio.get_running_loop()
            for piece in _pieces(complaints):
                asked += await loop.run_in_executor(self._thread, _ask, classifier, piece, evidence)
        answers = [answer for answer, _ in asked]
        await self._store.add_predictions(key_id, [kept for _, kept in asked], classifier.id, now)
        return answers

    def close(self) -> None:
        """Finish what is under way."""
        self._thread.shutdown()


def _length(complaint: Complaint) -> int:
    return len(complaint.title) + len(complaint.text)


def _pieces(complaints: Sequence[Complaint]) -> Iterator[list[Complaint]]:
    piece: list[Complaint] = []
    size = 0
    for complaint in complaints:
        piece.append(complaint)
        size += _length(complaint)
        if size >= PIECE:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece


def _ask(classifier: Classifier, complaints: Sequence[Complaint], evidence: bool) -> list[tuple[dict[str, Any], Asked]]:
    """Return, for each complaint, the answer for the client and what is stored of it."""
    predictions = classifier.classify(complaints, evidence=evidence)
    answers = [prediction.as_dict() for prediction in predictions]
    return [(answer, _masked(complaint, answer)) for complaint, answer in zip(complaints, answers, strict=True)]


def _masked(complaint: Complaint, answer: dict[str, Any]) -> Asked:
    fields = {"title": redact(complaint.title), "text": redact(complaint.text)}
    evidence = [
        span | {end: fields[span["field"]].to_masked(span[end]) for end in ("start", "end")}
        for span in answer["evidence"]
    ]
    masked = replace(
        complaint,
        title=fields["title"].text,
        text=fields["text"].text,
        region=redact(complaint.region).text,
        channel=redact(complaint.channel).text,
    )
    return Asked(masked, answer | {"evidence": evidence})
