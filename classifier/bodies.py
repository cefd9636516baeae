"""Which body answers for an archetype at a place, and its name: by the national table, or as the data write it."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Protocol, Self

from classifier.agencies import AgencyTable, Body
from classifier.agency_rows import LIVING, AgencyRow
from classifier.agency_seats import bare_name
from classifier.gazetteer import Place
from classifier.places import PlaceResolver
from classifier.records import Label

SLOT = "{}"  # where a pattern has the place's name
_REMEMBERED = 65_536  # bodies on a day

Named = tuple[Label, tuple[str, ...]]  # a label, and why it is not simply what was asked for


class Bodies(Protocol):
    """The bodies of one taxonomy; `open_ended` if an archetype may be answered without its place."""

    open_ended: bool

    def __contains__(self, archetype: str) -> bool:
        """Tell whether the taxonomy has bodies of an archetype."""

    def seat(self, archetype: str, place: Place) -> Place | None:
        """Return where the body of an archetype sits for a place, None if there is none."""

    def known(self, label: Label, on: date) -> Named:
        """Return what a class of the model is called on a day."""

    def at(self, archetype: str, place: Place | None, on: date) -> Named:
        """Return the body of an archetype for a place."""

    def since(self, on: date) -> date:
        """Return a day from which on, until `on`, every name is the same."""

    def state(self) -> Mapping[str, Any]:
        """Return all that `from_state` needs, as JSON."""


class NationalBodies:
    """The bodies of the agency table, dated; the code of a label is "archetype" or "archetype@place"."""

    open_ended = True

    def __init__(self, table: AgencyTable) -> None:
        self._table = table
        self._named = lru_cache(_REMEMBERED)(lambda *asked: _named(table.compose(*asked)))
        self._part = lru_cache(_REMEMBERED)(self._parted)
        self._seat = lru_cache(_REMEMBERED)(table.seat)
        first = {row.valid_from for row in table.rows if row.valid_from}
        self._changes = sorted(first | {row.valid_to + timedelta(days=1) for row in table.rows if row.valid_to})

    def __contains__(self, archetype: str) -> bool:
        """Tell whether the table has a row of that id."""
        return any(row.id == archetype for row in self._table.rows)

    def seat(self, archetype: str, place: Place) -> Place | None:
        """Return the nearest of the place and those that it lies in where the archetype can have a body."""
        return self._seat(archetype, place)

    def known(self, label: Label, on: date) -> Named:
        """Return the body that has the work of the label's body on a day."""
        archetype, place = self._part(label.code)
        return self.at(archetype, place, on)

    def at(self, archetype: str, place: Place | None, on: date) -> Named:
        """Return the archetype's body, or the local government that must pass the complaint on."""
        row = self._table.row(archetype)
        unchanged = row.valid_to is None and row.exists(on)  # its body is the same on every day from then on
        return self._named(archetype, place, LIVING if unchanged else on)

    def since(self, on: date) -> date:
        """Return the last day up to `on` from which on another body existed, or one no longer did."""
        at = bisect_right(self._changes, on)
        return self._changes[at - 1] if at else on

    def _parted(self, code: str) -> tuple[str, Place | None]:
        archetype, _, place = code.partition("@")
        return archetype, self._table.places.get(place) if place else None

    def state(self) -> Mapping[str, Any]:
        """Return the rows of the table."""
        return {"rows": [_row_state(row) for row in self._table.rows]}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], places: PlaceResolver) -> Self:
        """Rebuild the bodies; ValueError, LookupError or TypeError for rows that are none."""
        return cls(AgencyTable([_row(cells) for cells in state["rows"]], places))


class WrittenBodies:
    """The bodies of a data set, named as it names them.

    `patterns`: archetype -> kind of place -> the body's name with `SLOT` for the place's bare name, as
    {"kelurahan": {"Kelurahan": "Kelurahan {}"}}. `names`: place code -> how the data write a name that the gazetteer
    writes otherwise.
    """

    open_ended = False

    def __init__(
        self, patterns: Mapping[str, Mapping[str, str]], names: Mapping[str, str], places: PlaceResolver
    ) -> None:
        self._patterns, self._names, self._places = patterns, names, places

    def __contains__(self, archetype: str) -> bool:
        """Tell whether an archetype has patterns."""
        return archetype in self._patterns

    def seat(self, archetype: str, place: Place) -> Place | None:
        """Return the nearest of the place and those that it lies in of a kind that the archetype is named by."""
        kinds = self._patterns[archetype]
        chain = (place, *self._places.ancestors(place.code))
        return next((one for one in chain if kind_of(one) in kinds), None)

    def known(self, label: Label, on: date) -> Named:  # noqa: ARG002  # a written label means the same on every day
        """Return the label as the data have it."""
        return label, ()

    def at(self, archetype: str, place: Place | None, on: date) -> Named:  # noqa: ARG002
        """Write the name of the archetype's body at its seat; LookupError for a place that is none."""
        if place is None:
            raise LookupError(f"{archetype!r} has no body without a place")
        name = self._patterns[archetype][kind_of(place)].replace(SLOT, self._names.get(place.code, bare_name(place)))
        return Label(name, name, archetype), ()

    def since(self, on: date) -> date:  # noqa: ARG002
        """Return the day from which on the names are the same, which is any."""
        return date.min

    def state(self) -> Mapping[str, Any]:
        """Return the patterns and names."""
        return {"patterns": {key: dict(kinds) for key, kinds in self._patterns.items()}, "names": dict(self._names)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], places: PlaceResolver) -> Self:
        """Rebuild the bodies."""
        return cls(state["patterns"], state["names"], places)


def bodies_from(state: Mapping[str, Any], places: PlaceResolver) -> Bodies:
    """Rebuild whichever bodies the state is of."""
    return NationalBodies.from_state(state, places) if "rows" in state else WrittenBodies.from_state(state, places)


def kind_of(place: Place) -> str:
    """Return what a place is: "Provinsi", or the first word of its name, as "Kota", "Kecamatan", "Desa"."""
    return "Provinsi" if place.level == "province" else place.name.split()[0]


def _named(body: Body) -> Named:
    return Label(body.id, body.name, body.archetype), body.reasons


def _row_state(row: AgencyRow) -> dict[str, Any]:
    days = {key: day and day.isoformat() for key, day in (("valid_from", row.valid_from), ("valid_to", row.valid_to))}
    lists = {"levels": sorted(row.levels), "aliases": list(row.aliases), "successors": list(row.successors)}
    return asdict(row) | lists | days | {"offices": dict(row.offices)}


def _row(cells: Mapping[str, Any]) -> AgencyRow:
    days = {key: date.fromisoformat(cells[key]) if cells[key] else None for key in ("valid_from", "valid_to")}
    lists = {"aliases": tuple(cells["aliases"]), "successors": tuple(cells["successors"])}
    return AgencyRow(**{**cells, **days, **lists, "levels": frozenset(cells["levels"])})
