"""Batch prediction: a stream of complaints in, their predictions out, same order, same count, in bounded memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Protocol

from classifier.errors import DataError
from classifier.records import Complaint, Prediction
from data.complaints import JAKARTA
from service.partial import answer_lines, count_routed, open_partial

ROWS = 1_000  # complaints classified together
CHARACTERS = 1_000_000  # code points of text that fill a batch too, so that long texts don't fill the memory

Track = Callable[[int], object]  # is told how many rows a batch added


class Classify(Protocol):
    """What answers: the classifier of a bundle, or a small stand-in."""

    id: str

    def classify(self, complaints: Sequence[Complaint], *, evidence: bool = True) -> list[Prediction]:
        """Return one prediction a complaint, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Summary:
    """How many rows the output holds, how many of them to route, and how many an earlier run had answered."""

    rows: int
    routed: int
    earlier: int = 0


def predict_stream(
    classifier: Classify, complaints: Iterable[Complaint], out: IO[bytes], *, evidence: bool, on: date, track: Track
) -> Summary:
    """Write one JSON object a line, each batch as soon as it is answered; `on` dates complaints without a date.

    A DataError from the input comes after the answers to all rows before it are out.
    """
    rows = routed = 0
    for batch in batches(dated(complaints, on)):
        predictions = classifier.classify(batch, evidence=evidence)
        out.write(answer_lines(predictions))
        out.flush()
        rows, routed = rows + len(batch), routed + count_routed(predictions)
        track(len(batch))
    return Summary(rows, routed)


def predict_file(
    classifier: Classify,
    complaints: Iterable[Complaint],
    output: Path,
    *,
    evidence: bool,
    on: date | None,
    today: date,
    track: Track,
) -> Summary:
    """Write a JSONL or parquet file that appears whole at the end; go on where an earlier run was cut.

    `on` dates complaints without a date; left out, it is the day on which the output was begun. A DataError from the
    input comes after the answers to all rows before it are safe. InputError as `open_partial` says.
    """
    with open_partial(output, model=classifier.id, evidence=evidence, on=on, today=today) as partial:
        earlier = partial.done.rows
        for batch in batches(partial.unanswered(dated(complaints, partial.done.on))):
            partial.add(batch, classifier.classify(batch, evidence=evidence))
            track(len(batch))
        partial.finish()
        return Summary(partial.done.rows, partial.done.routed, earlier)


def batches(complaints: Iterable[Complaint]) -> Iterator[list[Complaint]]:
    """Cut a stream into lists; a DataError comes after the complaints before it."""
    batch: list[Complaint] = []
    size, stopped = 0, None
    try:
        for complaint in complaints:
            batch.append(complaint)
            size += len(complaint.title) + len(complaint.text)
            if len(batch) == ROWS or size >= CHARACTERS:
                yield batch
                batch, size = [], 0
    except DataError as error:
        stopped = error
    if batch:
        yield batch
    if stopped:
        raise stopped


def dated(complaints: Iterable[Complaint], on: date) -> Iterator[Complaint]:
    """Give complaints without a date the beginning of the day `on` in Jakarta."""
    moment = datetime.combine(on, time(), JAKARTA)
    return (one if one.date else replace(one, date=moment) for one in complaints)
