"""Which reports a key may see, as a condition on any table that has an agency and a place."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, not_, or_, true

_DIGITS = "0123456789"


@dataclass(frozen=True, slots=True)
class Reach:
    """The agencies, the place and whether `rahasia` reports are seen too; the default sees all but those.

    `agencies`: codes as they stand, None for all. `archetypes`: those whose bodies at `seat`, the beginning of a
    Kemendagri code, are seen as well: "dinas-sosial" and "35" take in "dinas-sosial@3578". `place`: the beginning of
    a code too, "" for all; a report lies there if its own place or that of its agency does.
    """

    agencies: frozenset[str] | None = None
    archetypes: frozenset[str] = frozenset()
    seat: str = ""
    place: str = ""
    confidential: bool = False

    def covers(
        self, agency: ColumnElement[str], place: ColumnElement[str], hidden: ColumnElement[bool]
    ) -> ColumnElement[bool]:
        """Return the condition on columns with an agency's code, a place's code and whether it is `rahasia`."""
        return and_(
            true() if self.confidential else not_(hidden),
            true() if self.agencies is None else or_(agency.in_(self.agencies), self._seated(agency)),
            at_place(agency, place, self.place) if self.place else true(),
        )

    def holds(self, agency: str, place: str, *, confidential: bool) -> bool:
        """Tell of one report what `covers` asks of the database."""
        archetype, at, seat = agency.rpartition("@")
        seated = bool(at) and seat.isdecimal() and seat.startswith(self.seat) and archetype in self.archetypes
        return (
            (self.confidential or not confidential)
            and (self.agencies is None or agency in self.agencies or seated)
            and (not self.place or place.startswith(self.place) or f"@{self.place}" in agency)
        )

    def _seated(self, agency: ColumnElement[str]) -> ColumnElement[bool]:
        # An agency's code ends in "@" and digits where it is one of many; one look-up is faster than many LIKEs.
        archetype = func.rtrim(func.rtrim(agency, _DIGITS), "@")
        return and_(agency.contains(f"@{self.seat}", autoescape=True), archetype.in_(self.archetypes))


EVERYTHING = Reach(confidential=True)


def at_place(agency: ColumnElement[str], place: ColumnElement[str], code: str) -> ColumnElement[bool]:
    """Return the condition that the place, or that of the agency, begins with `code`."""
    return or_(place.startswith(code, autoescape=True), agency.contains(f"@{code}", autoescape=True))
