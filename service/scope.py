"""What the scope of a key takes in, by the agency table: an agency with all that stand below it, and a place."""

import re
from functools import lru_cache

from classifier.agencies import GOVERNMENT, AgencyTable
from classifier.agency_rows import AgencyRow
from classifier.errors import InputError
from data.store.keys import Scope
from data.store.reach import Reach

_CODE = re.compile(r"[a-z0-9-]+(@[0-9]*)?")  # of the reference; any other string is a label as the data write it
_EXPECTED = 'an id of the agency table, as "dinas-perhubungan" or "dinas-perhubungan@3578", or a label of your data'


class Scopes:
    """Turns the scope of a key into its reach; one for the life of the service."""

    def __init__(self, table: AgencyTable) -> None:
        self._table = table
        self._rows = {row.id: row for row in table.rows}
        self.reach = lru_cache(1024)(self._reach)

    def checked(self, scope: Scope) -> Scope:
        """Return a scope with its place as a plain code; raises InputError for a place or agency that is not known."""
        archetype, at, place = scope.agency.partition("@")
        if _CODE.fullmatch(scope.agency):
            if archetype not in self._rows:
                raise InputError("--agency", f"unknown id {archetype!r}", _EXPECTED)
            if at and self._table.places.get(place) is None:
                raise InputError("--agency", f"unknown place {place!r}", _EXPECTED)
        code = scope.place.replace(".", "")
        if code and self._table.places.get(code) is None:
            raise InputError("--place", f"unknown code {scope.place!r}", "a Kemendagri code of 2, 4, 6 or 10 digits")
        return Scope(scope.agency, code, scope.confidential)

    def _reach(self, scope: Scope) -> Reach:
        archetype, at, seat = scope.agency.partition("@")
        if not scope.agency:
            return Reach(place=scope.place, confidential=scope.confidential)
        if archetype not in self._rows:
            return Reach(frozenset({scope.agency}), place=scope.place, confidential=scope.confidential)
        below = [row for row in self._rows.values() if self._belongs(row, archetype)]
        single = {row.id for row in below if not at or (row.place and row.place.startswith(seat))}
        seated = {row.id for row in below if row.levels != {"national"}}
        return Reach(frozenset(single), frozenset(seated), seat, scope.place, scope.confidential)

    def _belongs(self, row: AgencyRow, archetype: str) -> bool:
        """Tell whether a body is the archetype's own or stands below it; below a government is every local body."""
        if archetype == GOVERNMENT and "national" not in row.levels:
            return True
        above = row.id
        while above and above != archetype:
            above = self._rows[above].parent
        return above == archetype
