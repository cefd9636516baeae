"""Which reports a key may see, as a condition on any table that has an agency and a place."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, not_, or_, true


@dataclass(frozen=True, slots=True)
class Reach:
    """The agencies, the place and whether `rahasia` reports are seen too; the default sees all but those.

    `agencies`: codes of single bodies, None for all. `seated`: beginnings of the codes of bodies that are one of many,
    as "dinas-perhubungan@35", which take in every place below. `place`: the beginning of a Kemendagri code, "" for all;
    a report lies there if its own place or that of its agency does.
    """

    agencies: frozenset[str] | None = None
    seated: tuple[str, ...] = ()
    place: str = ""
    confidential: bool = False

    def covers(
        self, agency: ColumnElement[str], place: ColumnElement[str], hidden: ColumnElement[bool]
    ) -> ColumnElement[bool]:
        """Return the condition on columns with an agency's code, a place's code and whether it is `rahasia`."""
        return and_(
            true() if self.confidential else not_(hidden),
            self._of_agency(agency),
            at_place(agency, place, self.place) if self.place else true(),
        )

    def holds(self, agency: str, place: str, *, confidential: bool) -> bool:
        """Tell of one report what `covers` asks of the database."""
        return (
            (self.confidential or not confidential)
            and (self.agencies is None or agency in self.agencies or agency.startswith(self.seated))
            and (not self.place or place.startswith(self.place) or f"@{self.place}" in agency)
        )

    def _of_agency(self, agency: ColumnElement[str]) -> ColumnElement[bool]:
        if self.agencies is None:
            return true()
        below = _any(agency.startswith(beginning, autoescape=True) for beginning in self.seated)
        return or_(agency.in_(self.agencies), below)


EVERYTHING = Reach(confidential=True)


def at_place(agency: ColumnElement[str], place: ColumnElement[str], code: str) -> ColumnElement[bool]:
    """Return the condition that the place, or that of the agency, begins with `code`."""
    return or_(place.startswith(code, autoescape=True), agency.contains(f"@{code}", autoescape=True))


def _any(conditions: Iterable[ColumnElement[bool]]) -> ColumnElement[bool]:
    return or_(false(), *conditions)
