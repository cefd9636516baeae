"""How cases were closed in the end: labels of a later export, taken as corrections of the reports already seen."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from classifier.agencies import AgencyTable
from classifier.errors import InputError
from classifier.records import Complaint
from classifier.taxonomy import Taxonomy
from data.complaints import JAKARTA, LABELS, read_complaints, read_labels
from data.ingest import ingest
from data.store.answered import Answered
from data.store.corrections import Corrections, Said
from data.store.database import Store

TOGETHER = 500  # corrections stored in one transaction

Disposed = tuple[str, Mapping[str, str]]  # the complaint's own id, and its labels
Outcome = Literal["corrected", "unchanged", "unknown", "unresolved", "without labels"]


@dataclass(slots=True)
class Imported:
    """What became of the rows, and the labels that the taxonomy does not know, by how often they stand there."""

    rows: Counter[Outcome] = field(default_factory=Counter)
    unresolved: Counter[str] = field(default_factory=Counter)


def read_dispositions(path: Path, now: datetime, columns: Iterable[str] = ()) -> tuple[list[Disposed], int]:
    """Return the ids and labels of a file, and how many of its rows could not be read.

    A .jsonl needs `id` and a label in each line; any other file is read as `ingest` does. Raises DataError for a file
    that can't be used.
    """
    if path.suffix.lower() == ".jsonl" and not columns:
        return list(read_labels(path)), 0
    with TemporaryDirectory() as folder:
        out = Path(folder) / "export.jsonl"
        summary = ingest(path, out, now=now, columns=list(columns))
        return [_disposed(complaint) for complaint in read_complaints(out)], summary.rows - summary.kept


class Dispositions:
    """Takes final dispositions; `taxonomy` says what written labels mean."""

    def __init__(self, store: Store, taxonomy: Taxonomy) -> None:
        self._corrections, self._taxonomy = Corrections(store), taxonomy

    def take(self, key_id: int, disposed: Iterable[Disposed], now: datetime) -> Imported:
        """Correct the reports of a key by what became of them; what was taken before is left as it is."""
        done = Imported()
        rows = iter(disposed)
        while part := list(islice(rows, TOGETHER)):
            numbers = self._corrections.numbers(key_id, [complaint_id for complaint_id, _ in part])
            said = [one for row in part if (one := self._said(row, numbers, done))]
            if said:
                self._corrections.add_many(None, said, now)
        return done

    def _said(self, row: Disposed, numbers: Mapping[str, int], done: Imported) -> Said | None:
        complaint_id, written = row
        number = numbers.get(complaint_id)
        given = {target: written[target] for target in LABELS if target in written}
        if number is None or not given:
            done.rows["unknown" if number is None else "without labels"] += 1
            return None
        codes = dict(self._codes(given, self._corrections.newest(number), done))
        if not codes:
            done.rows["unresolved"] += 1
            return None
        said = Said(number, "final-disposition", **codes)  # type: ignore[arg-type]  # targets alone
        unchanged = self._known(said)
        done.rows["unchanged" if unchanged else "corrected"] += 1
        return None if unchanged else said

    def _known(self, said: Said) -> bool:
        """Tell whether the last import said the same of the report."""
        earlier = [one for one in self._corrections.of(said.report) if one.source == said.source and not one.withdrawn]
        return bool(earlier) and all(getattr(earlier[-1], target) == code for target, code in said.labels.items())

    def _codes(self, given: Mapping[str, str], newest: Answered, done: Imported) -> Iterator[tuple[str, str]]:
        for target, written in given.items():
            if code := self._code(target, written, newest):
                yield target, code
            else:
                done.unresolved[f"{target} {written}"] += 1

    def _code(self, target: str, written: str, newest: Answered) -> str | None:
        if target == "agency" and self._taxonomy.kind == "national":
            on = (newest.date or newest.made).astimezone(JAKARTA).date()
            return _agency(self._taxonomy.agencies, written, newest.codes.get("place", ""), on)
        label = self._taxonomy.resolve(target, written)  # type: ignore[arg-type]  # one of LABELS
        return label.code if label else None


def _agency(table: AgencyTable, written: str, place: str, on: date) -> str | None:
    """Return the code of the body that a written name, or a code, means on a day; `place` is the report's own."""
    try:
        return table.body(written, on).id
    except InputError:
        factored = table.factor(written)
    if factored is None:
        return None
    return table.compose(factored.archetype_id, table.places.get(factored.place or place), on).id


def _disposed(complaint: Complaint) -> Disposed:
    return complaint.id, complaint.labels
