"""Agency = archetype x place: takes written names apart, and puts together the body that must answer."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import chain

from classifier.agency_place import certain, region_of
from classifier.agency_rows import AgencyLevel, AgencyRow, Lineage, check_old_enough
from classifier.agency_search import AgencySearch, Typed, seats_of
from classifier.agency_seats import LEVEL_OF, VILLAGE_OFFICES, name_at, seat_of
from classifier.errors import InputError
from classifier.gazetteer import LEVELS, Place
from classifier.names import AgencyNames, Match
from classifier.places import PlaceResolver
from classifier.records import Label

GOVERNMENT = "pemerintah-daerah"
_PLACE_IN_NAME = frozenset({"perguruan-tinggi"})  # "Universitas Negeri Padang" answers for itself, not for Padang
_PLACES_SEARCHED = 100


@dataclass(frozen=True, slots=True)
class Factored:
    """A written agency name taken apart.

    `archetype_id`: the living body or archetype that answers for it now; `body_id`: the row that was named, a retired
    one perhaps. `place`: the code of the place in the name, None if it has none or names several. `level`: where the
    named body works, None if that can't be told.
    """

    archetype_id: str
    body_id: str
    place: str | None
    level: AgencyLevel | None


@dataclass(frozen=True, slots=True)
class Body:
    """A body that answers complaints on a day.

    `id` is `archetype_id`, with `@` and the place's code behind it where the body is one of many. `reasons` says why it
    is not simply what was asked for: see `Lineage.body_on`; "local-government" (the unit can't exist at that place, so
    the government that must pass the complaint on), "place-unknown" (the archetype alone).
    """

    id: str
    name: str
    archetype: str
    archetype_id: str
    place: Place | None
    reasons: tuple[str, ...] = ()


class AgencyTable:
    """The bodies of the reference, composed with the places of the gazetteer."""

    def __init__(self, rows: Iterable[AgencyRow], places: PlaceResolver) -> None:
        self._rows = {row.id: row for row in rows}
        self.places = places
        self._names = AgencyNames([row.entry() for row in self._rows.values()])
        self._lineage = Lineage(self._rows.values())
        self._typed = AgencySearch(self._rows.values())

    @property
    def rows(self) -> tuple[AgencyRow, ...]:
        """The rows in the order of the table."""
        return tuple(self._rows.values())

    def factor(self, written: str, home: Place | None = None) -> Factored | None:
        """Take a written agency name apart, None if it names no agency.

        `home`: the place whose own list the name comes from, for names without one ("Dinas Sosial").
        """
        match = self._names.match(written)
        if match is None:
            return None
        row = self._rows[match.label.code]
        place = self._place_in(match, row, home)
        return Factored(self._lineage.heir(row).id, row.id, None if place is None else place.code, _level(row, place))

    def living(self, written: str) -> Label | None:
        """Return the living archetype or body that a written name means, None if it names none or has no heir."""
        match = self._names.match(written)
        row = match and self._lineage.heir(self.row(match.label.code))
        return Label(row.id, row.name, row.name) if row and row.valid_to is None else None

    def compose(self, archetype_id: str, place: Place | None, on: date) -> Body:
        """Return the body of that archetype, for that place, on that day.

        The body sits at the place or, of the places that it lies in, at the nearest of a level where the archetype
        lives. Without a place, a body with a national level is the national one. Raises InputError for an unknown
        archetype or place and for a day before 1945-08-17.
        """
        row, reasons = self._lineage.body_on(self.row(archetype_id), check_old_enough(on))
        if row.place:
            return _body(row, row.id, row.name, self.places.get(row.place), reasons)
        chain = self._chain(place)
        seat = seat_of(row, chain)
        if seat is None and chain and "national" not in row.levels:
            row = self._stand_in(row, chain[0])
            seat, reasons = seat_of(row, chain), (*reasons, "local-government")
        if seat is None:
            unknown = () if "national" in row.levels else ("place-unknown",)
            return _body(row, row.id, row.name, None, (*reasons, *unknown))
        return _body(row, f"{row.id}@{seat.code}", name_at(row, self._chain(seat)), seat, reasons)

    def body(self, code: str, on: date) -> Body:
        """Return the body of an id as `compose` writes it ("dinas-perhubungan@3273"); raises InputError as it does."""
        archetype_id, at, place_code = code.partition("@")
        place = self.places.get(place_code) if at else None
        if at and place is None:
            raise InputError("place", f"unknown code {place_code!r}", "a Kemendagri code of 2, 4, 6 or 10 digits")
        return self.compose(archetype_id, place, on)

    def seat(self, archetype_id: str, place: Place) -> Place | None:
        """Return where the archetype's body sits for a place, None where it can't exist."""
        return seat_of(self.row(archetype_id), self._chain(place))

    def search(self, q: str, place: Place | None, on: date, limit: int = 10) -> list[Body]:
        """Return bodies that people may mean while they type: every word of `q` starts a word of one of their names.

        Words that no name has are taken for a place ("dishub bandung"), which lies in `place` or else in its province.
        Best first: a name that starts as `q` does, the shorter name; bodies at the place itself before those above it.
        Without `q` all bodies that answer for `place`. Raises InputError as `compose` does.
        """
        found: dict[str, Body] = {}
        for body in self._asked(q, place, check_old_enough(on)):
            found.setdefault(body.id, body)
            if len(found) >= limit:
                break
        return list(found.values())

    def _asked(self, q: str, place: Place | None, on: date) -> Iterator[Body]:
        for typed in self._typed.read(q):
            if not typed.place:
                yield from self._at(typed.ids, place, on)
                continue
            for inside in dict.fromkeys((place.code, place.code[:2])) if place else ("",):
                yield from self._elsewhere(typed, inside, on)

    def _elsewhere(self, typed: Typed, inside: str, on: date) -> Iterator[Body]:
        """Yield the bodies at the places of a typed name; if none sits there, those above them."""
        places = cache(lambda q, levels: self.places.search(q, _PLACES_SEARCHED, levels=levels, inside=inside))
        bodies = (
            self._at([archetype_id], place, on, above=False)
            for archetype_id in typed.ids
            for place in places(*seats_of(self.row(archetype_id), typed.place))
        )
        first = next(there := chain.from_iterable(bodies), None)
        if first:
            yield first
            yield from there
        else:
            for place in places(typed.place, LEVELS):
                yield from self._at(typed.ids, place, on)

    def _at(self, ids: Iterable[str], place: Place | None, on: date, *, above: bool = True) -> Iterator[Body]:
        """Yield the bodies of archetypes that exist on a day: at the place, then `above` it, the nation's last."""
        higher = []
        for body in (self.compose(archetype_id, place, on) for archetype_id in ids):
            if "agency-not-on-date" in body.reasons or "local-government" in body.reasons:
                continue
            if body.place == place:
                yield body
            else:
                higher.append(body)
        if above:
            yield from sorted(higher, key=lambda body: body.place is None)

    def row(self, archetype_id: str) -> AgencyRow:
        """Return the row of an id; raises InputError for an unknown one."""
        if archetype_id not in self._rows:
            raise InputError("agency", f"unknown id {archetype_id!r}", "an id of the agency table")
        return self._rows[archetype_id]

    def _stand_in(self, row: AgencyRow, place: Place) -> AgencyRow:
        """Return the government that answers at a place for a unit that can't exist there."""
        if row.id in VILLAGE_OFFICES and place.level == "village":
            return self.row("kelurahan" if row.id == "desa" else "desa")
        return self.row(GOVERNMENT)

    def _chain(self, place: Place | None) -> tuple[Place, ...]:
        """Return the place and those it lies in, the nearest first."""
        if place is None:
            return ()
        known = self.places.get(place.code)
        if known is None:
            raise InputError("place", f"unknown code {place.code!r}", "a Kemendagri code of 2, 4, 6 or 10 digits")
        return known, *self.places.ancestors(known.code)

    def _place_in(self, match: Match, row: AgencyRow, home: Place | None) -> Place | None:
        """Return the place that the words around an agency's name stand for, raised to a level where it works."""
        if row.place or row.kind in _PLACE_IN_NAME:
            return self.places.get(row.place)
        region, local = region_of(match), "national" not in row.levels
        if not local or home is None:
            place = certain(self.places.parse_region(region), towns=not local) if region else None
        else:
            place = self._near(region, home) if region else home
        return place and (seat_of(row, self._chain(place)) or place)

    def _near(self, region: str, home: Place) -> Place:
        """Return what a region field means in a list of `home`: a place there if it can, else another, else `home`."""
        there = certain(self.places.parse_region(f"{region}, {home.name}"), towns=False)
        if there and there.code.startswith(home.code):
            return there
        return certain(self.places.parse_region(region), towns=False) or home


def _level(row: AgencyRow, place: Place | None) -> AgencyLevel | None:
    if place is not None:
        return LEVEL_OF[place.level]
    if "national" in row.levels:
        return "national"
    return next(iter(row.levels)) if len(row.levels) == 1 else None


def _body(row: AgencyRow, code: str, name: str, place: Place | None, reasons: tuple[str, ...]) -> Body:
    return Body(code, name, row.name, row.id, place, reasons)
