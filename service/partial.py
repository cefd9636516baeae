"""The answers of a batch run so far, on the disk, so that a run that was cut goes on where it stopped.

OUTPUT.partial       the answers, one line each
OUTPUT.partial.json  after each batch: who answers, and which rows are answered and safe on the disk
Both vanish when OUTPUT appears.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from glob import escape
from itertools import islice
from pathlib import Path
from typing import IO

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from classifier.errors import DataError, InputError
from classifier.records import Complaint, Prediction
from data.complaints import replace_when_done
from service.prediction_table import is_parquet, write_table

_NOTHING = hashlib.sha256().hexdigest()


@dataclass(frozen=True, config=ConfigDict(strict=True, extra="forbid"))
class Checkpoint:
    """Who answers, and what is answered: `rows` complaints, `routed` of them to route, in `size` bytes.

    `digest` is the SHA-256 over those complaints: one that was changed since must not keep its old answer.
    """

    model: str
    evidence: bool
    on: date
    rows: int = 0
    routed: int = 0
    size: int = 0
    digest: str = _NOTHING


class Partial:
    """An output under way; `done` is what is safe. Made by `open_partial`, which holds the lock."""

    def __init__(self, output: Path, file: IO[bytes], done: Checkpoint) -> None:
        self.done = done
        self._output, self._file, self._digest = output, file, hashlib.sha256()

    def unanswered(self, complaints: Iterable[Complaint]) -> Iterator[Complaint]:
        """Pass over the complaints that are answered; InputError if they are not the ones answered before."""
        rest = iter(complaints)
        for complaint in islice(rest, self.done.rows):
            self._digest.update(_bytes(complaint))
        if self._digest.hexdigest() != self.done.digest:
            problem = f"the {self.done.rows:,} rows answered before have changed"
            raise InputError("--input", problem, _begin_anew(self._output, "the same rows"))
        return rest

    def add(self, complaints: Sequence[Complaint], predictions: Sequence[Prediction]) -> None:
        """Write the predictions of the next complaints through to the disk."""
        lines = answer_lines(predictions)
        self._file.write(lines)
        self._file.flush()
        os.fsync(self._file.fileno())
        for complaint in complaints:
            self._digest.update(_bytes(complaint))
        self._save(
            replace(
                self.done,
                rows=self.done.rows + len(predictions),
                routed=self.done.routed + count_routed(predictions),
                size=self.done.size + len(lines),
                digest=self._digest.hexdigest(),
            )
        )

    def finish(self) -> None:
        """Let the output appear, as its suffix says, and clear up."""
        if is_parquet(self._output):
            write_table(partial_path(self._output), self._output)
        else:
            partial_path(self._output).replace(self._output)
        self.clear()

    def clear(self) -> None:
        """Remove what only a run under way needs."""
        partial_path(self._output).unlink(missing_ok=True)
        _checkpoint_path(self._output).unlink(missing_ok=True)
        for draft in self._output.parent.glob(f".{escape(self._output.name)}.*.part"):  # a killed run's
            draft.unlink(missing_ok=True)

    def _save(self, done: Checkpoint) -> None:
        with replace_when_done(_checkpoint_path(self._output)) as file:
            file.write(TypeAdapter(Checkpoint).dump_json(done).decode())
        self.done = done


@contextmanager
def open_partial(output: Path, *, model: str, evidence: bool, on: date | None, today: date) -> Iterator[Partial]:
    """Begin an output, or take up one that was cut.

    `on` left out is the day of the run that was cut, else `today`. InputError if what is there was begun with another
    model or other options or is just being written; DataError if the disk refuses.
    """
    try:
        with os.fdopen(os.open(partial_path(output), os.O_RDWR | os.O_CREAT, 0o666), "r+b") as file:
            _lock(file, output)
            found = _found(output, os.fstat(file.fileno()).st_size)
            done = Checkpoint(model, evidence, on or (found.on if found else today))
            if found:
                _check_same(found, done, output)
                done = found
            partial = Partial(output, file, done)
            partial._save(done)
            file.truncate(done.size)  # what was written after the checkpoint may be torn
            file.seek(done.size)
            try:
                yield partial
            finally:
                if not partial.done.rows:
                    partial.clear()
    except OSError as error:
        expected = "an existing, writable folder with enough room"
        raise DataError(str(output), f"can't be written ({error.strerror})", expected) from error


def partial_path(output: Path) -> Path:
    """Return where the answers are gathered until all are there."""
    return output.with_name(f"{output.name}.partial")


def answer_lines(predictions: Iterable[Prediction]) -> bytes:
    """Return the predictions as JSON, one a line."""
    return "".join([f"{_ENCODE(prediction.as_dict())}\n" for prediction in predictions]).encode()


def count_routed(predictions: Iterable[Prediction]) -> int:
    """Return how many predictions may be acted on."""
    return sum(prediction.decision.action == "route" for prediction in predictions)


_ENCODE = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


def _checkpoint_path(output: Path) -> Path:
    return output.with_name(f"{output.name}.partial.json")


def _lock(file: IO[bytes], output: Path) -> None:
    """Let no second run write here; the lock goes with the process."""
    path = partial_path(output)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        free = os.path.samestat(os.fstat(file.fileno()), path.stat())  # else it was finished, and is the output, by now
    except (BlockingIOError, FileNotFoundError):
        free = False
    if not free:
        raise InputError("--output", f"another run is just writing {path}", "one run at a time")


def _found(output: Path, size: int) -> Checkpoint | None:
    """Return where an earlier run stopped, None if there was none."""
    path = _checkpoint_path(output)
    if size == 0 and not path.exists():
        return None
    try:
        done = TypeAdapter(Checkpoint).validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        problem = f"{partial_path(output)} is there, but no sound {path.name} that says what it holds"
        raise InputError("--output", problem, _begin_anew(output, "both")) from None
    return done if 0 < done.size <= size else None


def _check_same(found: Checkpoint, asked: Checkpoint, output: Path) -> None:
    names = {"model": "model", "evidence": "--evidence", "on": "--on"}
    changed = [
        f"{name} {old} (now {new})"
        for field, name in names.items()
        if (old := getattr(found, field)) != (new := getattr(asked, field))
    ]
    if changed:
        problem = f"{partial_path(output)} was begun with {', '.join(changed)}"
        raise InputError("--output", problem, _begin_anew(output, "the same again"))


def _begin_anew(output: Path, wanted: str) -> str:
    return f"{wanted}, or that you delete {partial_path(output)} to begin anew"


def _bytes(complaint: Complaint) -> bytes:
    return repr(complaint).encode()
