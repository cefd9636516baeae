"""The bodies of the agency table, and which of them exists on a day."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from classifier.errors import InputError
from classifier.names import Entry
from classifier.records import Label

AgencyLevel = Literal["national", "provinsi", "kabkota", "kecamatan", "desa"]
FIRST_DAY = date(1945, 8, 17)  # no body of the republic is older
LIVING = date.max  # the day of a complaint without a date: the bodies that exist now


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """A body, or the archetype of the bodies of one kind, as the table has it.

    `place` is the code of the one place of a body that exists once, "" for any other. `valid_from` and `valid_to` are
    the first and last day, None where open. `successors`: the one first that took most of its complaints; several may
    stand for different times. `offices`: level -> the name of its office there, with {place} ("Kota Bandung") or
    {short} ("Bandung", "Kabupaten Bandung") inside.
    """

    id: str
    name: str
    levels: frozenset[AgencyLevel]
    aliases: tuple[str, ...] = ()
    kind: str = ""
    parent: str = ""
    place: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()
    offices: Mapping[str, str] = field(default_factory=dict)

    def exists(self, on: date) -> bool:
        """Tell whether the body exists on that day."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)

    def entry(self) -> Entry:
        """Return the row as the taxonomy takes it."""
        return Entry(Label(self.id, self.name, self.name), self.aliases, self.successors, self.valid_to is not None)


class Lineage:
    """Who came after whom."""

    def __init__(self, rows: Iterable[AgencyRow]) -> None:
        self._rows = {row.id: row for row in rows}
        self._before: defaultdict[str, list[str]] = defaultdict(list)
        for row in self._rows.values():
            for successor in row.successors:
                self._before[successor].append(row.id)

    def body_on(self, row: AgencyRow, on: date) -> tuple[AgencyRow, tuple[str, ...]]:
        """Return the body that has the work of `row` on a day, and why it is another one.

        Reasons: "agency-successor", "agency-predecessor", "agency-not-on-date" (nobody is known, so `row` itself). The
        nearest relatives come first, then theirs; among equals the first in the table.
        """
        if row.exists(on):
            return row, ()
        later = row.valid_to is not None and on > row.valid_to
        relatives = [row.id]
        while relatives:
            relatives = [other for one in relatives for other in (self._after(one) if later else self._before[one])]
            if found := next((self._rows[other] for other in relatives if self._rows[other].exists(on)), None):
                return found, ("agency-successor" if later else "agency-predecessor",)
        return row, ("agency-not-on-date",)

    def heir(self, row: AgencyRow) -> AgencyRow:
        """Return the living body that took most of the complaints of `row`, which is `row` while it lives."""
        while row.valid_to is not None and row.successors:
            row = self._rows[row.successors[0]]
        return row

    def _after(self, code: str) -> Sequence[str]:
        return self._rows[code].successors


def check_date(on: date, today: date) -> date:
    """Return a day on which bodies are asked for; raises InputError if it is before 1945-08-17 or after `today`."""
    if on > today:
        raise InputError("date", f"{on.isoformat()} lies in the future", f"a day up to {today.isoformat()}")
    return check_old_enough(on)


def check_old_enough(on: date) -> date:
    """Return the day; raises InputError if it is before 1945-08-17."""
    if on < FIRST_DAY:
        raise InputError("date", f"{on.isoformat()} is before the republic", f"a day from {FIRST_DAY.isoformat()} on")
    return on
