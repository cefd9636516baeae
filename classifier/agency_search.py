"""Agencies while somebody types: which rows of the table the words may mean, and which words are a place."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from classifier.agency_place import place_kind
from classifier.agency_rows import AgencyRow
from classifier.agency_seats import LEVEL_OF, VILLAGE_OFFICES
from classifier.gazetteer import Level
from classifier.names import name_key

_Rank = tuple[bool, bool, int]  # the best is the least: starts as the query does, the official name, a short one


@dataclass(frozen=True, slots=True)
class Typed:
    """One reading of a query: the ids that it may mean, the likeliest first, and the words of a place, "" if none."""

    ids: tuple[str, ...]
    place: str = ""


class AgencySearch:
    """Finds the rows with a name in which every word of a query starts a word."""

    def __init__(self, rows: Iterable[AgencyRow]) -> None:
        self._names = {row.id: _search_words(row) for row in rows}

    def read(self, q: str) -> Iterator[Typed]:
        """Yield the readings of a query, the likeliest first; one without words means every row.

        The words that an agency's name holds come first and are as many as can be, the rest is a place: "dishub garut".
        Names that start with the query's first word go before those that hold it elsewhere.
        """
        words, weak = name_key(q).split(), None
        if not words:
            yield Typed(tuple(self._names))
        for end in range(len(words), 0, -1):
            if ranked := self._ranked(words[:end]):
                typed = Typed(tuple(code for _, code in ranked), _place(words, end))
                starts_otherwise = ranked[0][0][0]
                if not starts_otherwise:
                    yield typed
                    break
                weak = weak or typed
        if weak:
            yield weak

    def _ranked(self, wanted: list[str]) -> list[tuple[_Rank, str]]:
        ranked = [(rank, code) for code, names in self._names.items() if (rank := _rank(wanted, names)) is not None]
        return sorted(ranked, key=lambda found: found[0])


def seats_of(row: AgencyRow, place: str) -> tuple[str, frozenset[Level]]:
    """Return how to search for the places, called `place`, where a row can have its body."""
    return f"{row.id} {place}" if row.id in VILLAGE_OFFICES else place, frozenset(
        level for level, agency_level in LEVEL_OF.items() if agency_level in row.levels
    )


def _place(words: list[str], end: int) -> str:
    """Write the words from `end` on as a region field, with the kind of place that the words before tell."""
    kind = place_kind(words[:end])
    return " ".join([kind, *words[end:]] if kind and words[end:] else words[end:])


def _search_words(row: AgencyRow) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(name_key(name).split()) for name in (row.name, *row.aliases))


def _rank(wanted: list[str], names: tuple[tuple[str, ...], ...]) -> _Rank | None:
    """Return how well the best of the names fits the words, None if none does."""
    ranks: Iterator[_Rank] = (
        (not name[0].startswith(wanted[0]), at > 0, len(name))
        for at, name in enumerate(names)
        if name and all(any(part.startswith(word) for part in name) for word in wanted)
    )
    return min(ranks, default=None)
