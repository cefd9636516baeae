"""Where a complaint is about: its region field and the places its text mentions, weighed against each other."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

from classifier.gazetteer import LEVELS, Alias, Gazetteer, Level, Place
from classifier.place_evidence import Settled, settle
from classifier.place_mentions import ADDRESSED, BARE, LOCATED, Mention, find_mentions, nested
from classifier.place_names import PlaceNames
from classifier.place_region import Region, read_region
from classifier.place_search import PlaceSearch
from classifier.place_words import tokens

CANDIDATES = 10
_FIELD = 30.0  # the weight of the region field; the heaviest mention weighs 3
_RIGHT = ((_FIELD, 0.99), (ADDRESSED, 0.97), (LOCATED, 0.95), (BARE, 0.88), (0.0, 0.7))  # by the heaviest mention
_FIELD_LENGTH = 300  # characters of a region field that are read
_REMEMBERED = 4096  # region fields repeat


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place with the probability, 0 to 1, that the matter is there."""

    place: Place
    probability: float


@dataclass(frozen=True, slots=True)
class Resolution:
    """The most specific place that is certain, the readings that exclude each other (best first), and notes.

    Notes: "place-successor" (an old code or name), "unknown-place-code", "region-contradicts-text" (the field won).
    """

    best: Candidate | None
    candidates: tuple[Candidate, ...]
    notes: tuple[str, ...] = ()


class PlaceResolver:
    """Resolves region fields and texts to places of the gazetteer."""

    def __init__(self, gazetteer: Gazetteer, aliases: Iterable[Alias]) -> None:
        self._gazetteer, self._aliases = gazetteer, tuple(aliases)
        self._names = PlaceNames(gazetteer, self._aliases)
        self._search = PlaceSearch(self._names, gazetteer)
        self._region = lru_cache(_REMEMBERED)(self._read_region)

    def resolve(self, region: str, text: str, title: str = "") -> Resolution:
        """Return where the matter is; the field wins over the text, which may make it more precise."""
        field = self._region(region[:_FIELD_LENGTH])
        words = tokens(f"{title} {text}" if title else text)
        mentions = find_mentions(words, self._names, self._gazetteer)
        if not mentions and not field.readings:
            return Resolution(None, (), field.notes)
        if not field.readings:
            told = settle(mentions, words, self._gazetteer)
            return self._resolution(told, (*field.notes, *_notes(mentions, told, self._gazetteer)))
        settled = settle([Mention(-1, -1, field.readings, _FIELD), *mentions], words, self._gazetteer)
        contradicted = ("region-contradicts-text",) if self._contradict(mentions, words, field) else ()
        return self._resolution(settled, (*field.notes, *contradicted))

    def parse_region(self, region: str) -> Resolution:
        """Return what a region field alone means."""
        return self.resolve(region, "")

    def search(self, q: str, limit: int = 10, *, levels: Collection[Level] = LEVELS, inside: str = "") -> list[Place]:
        """Return places with a name, or a word in it, or a code that starts with `q`, larger ones first.

        If there are none, those that `q` means as a region field. `inside`: the code of the place that they are or lie
        in; none is found in an unknown one.
        """
        outer = self._gazetteer.row(inside)
        if inside and outer is None:
            return []
        within = range(len(self._gazetteer)) if outer is None else self._gazetteer.span(outer)
        rows = _first(self._search.beginning(q[:_FIELD_LENGTH], levels, within), limit)
        return [self._gazetteer.place(row) for row in rows or self._meant(q, levels, within)[:limit]]

    def get(self, code: str) -> Place | None:
        """Return the place of a code with or without dots, None if there is none."""
        row = self._gazetteer.row(code.replace(".", ""))
        return None if row is None else self._gazetteer.place(row)

    def ancestors(self, code: str) -> tuple[Place, ...]:
        """Return the places that the place of a code lies in, the nearest first; () for an unknown code."""
        row = self._gazetteer.row(code.replace(".", ""))
        return () if row is None else tuple(map(self._gazetteer.place, self._gazetteer.ancestors(row)))

    def state(self) -> dict[str, Any]:
        """Return all that `from_state` needs, as JSON."""
        rows = range(len(self._gazetteer))
        return {
            "version": self._gazetteer.version,
            "codes": [self._gazetteer.code(row) for row in rows],
            "names": [self._gazetteer.written(row) for row in rows],
            "aliases": [[alias.written, alias.kind, list(alias.codes)] for alias in self._aliases],
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Rebuild a resolver; ValueError, LookupError or TypeError if the state is of none."""
        gazetteer = Gazetteer(state["codes"], state["names"], state["version"])
        return cls(gazetteer, [Alias(written, kind, tuple(codes)) for written, kind, codes in state["aliases"]])

    def _read_region(self, region: str) -> Region:
        return read_region(region, self._names, self._gazetteer)

    def _meant(self, q: str, levels: Collection[Level], within: range) -> list[int]:
        readings = self._region(q[:_FIELD_LENGTH]).readings
        found = [row for row in readings if row in within and LEVELS[self._gazetteer.depth(row)] in levels]
        return sorted(found, key=lambda row: (-readings[row], row))

    def _contradict(self, mentions: list[Mention], words: list[str], field: Region) -> bool:
        """Tell whether the text by itself is certain of a place elsewhere."""
        if all(m.weight < LOCATED or nested(m.readings, field.readings, self._gazetteer) for m in mentions):
            return False
        told = settle(mentions, words, self._gazetteer)
        return (
            told.best is not None
            and told.weight >= LOCATED
            and not nested([told.best], field.readings, self._gazetteer)
        )

    def _resolution(self, settled: Settled, notes: tuple[str, ...]) -> Resolution:
        reliability = next(right for weight, right in _RIGHT if settled.weight >= weight)

        def candidate(row: int, share: float) -> Candidate:
            return Candidate(self._gazetteer.place(row), round(share * reliability, 4))

        ranked = sorted(settled.readings.items(), key=lambda reading: (-reading[1], reading[0]))[:CANDIDATES]
        best = None if settled.best is None else candidate(settled.best, settled.share)
        return Resolution(best, tuple(candidate(row, share) for row, share in ranked), notes)


def _first(rows: Iterable[int], limit: int) -> list[int]:
    """Return the first different ones of some rows."""
    found: dict[int, None] = {}
    for row in rows:
        found[row] = None
        if len(found) == limit:
            break
    return list(found)


def _notes(mentions: list[Mention], settled: Settled, gazetteer: Gazetteer) -> tuple[str, ...]:
    old = any(m.former and settled.best is not None and nested([settled.best], m.readings, gazetteer) for m in mentions)
    return ("place-successor",) if old else ()
