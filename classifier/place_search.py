"""Places while somebody types: by the beginning of a name, of a word in it, or of a code."""

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterator
from functools import cached_property
from itertools import accumulate

from classifier.gazetteer import LEVELS, Gazetteer, Level, name_key
from classifier.place_names import PlaceNames
from classifier.place_words import KELURAHAN_OR_DESA, KIND, tokens

_DEPTH = {"province": 0, "regency": 1, "city": 1, "district": 2, "village": 3, "kelurahan": 3, "desa": 3}


class _LevelNames:
    """The names of one level in one text, by which they are searched faster than one by one."""

    def __init__(self, rows: Collection[int], gazetteer: Gazetteer) -> None:
        names = [gazetteer.written(row).lower() for row in rows]
        self._rows = array("i", rows)
        self._text = "\n".join(["", *names, ""])
        self._starts = array("i", accumulate((len(name) + 1 for name in names), initial=1))

    def begun(self, written: str, within: range) -> Iterator[int]:
        """Yield the rows of `within` with a name, then those with a further word, that starts with `written`."""
        first, last = (bisect_left(self._rows, row) for row in (within.start, within.stop))
        for mark in "\n", " ":
            at = self._text.find(mark + written, self._starts[first] - 1, self._starts[last])
            while at >= 0:
                place = bisect_left(self._starts, at + 2) - 1
                yield self._rows[place]
                at = self._text.find(mark + written, self._starts[place + 1] - 1, self._starts[last])


class PlaceSearch:
    """Searches a gazetteer and what else people write for its places."""

    def __init__(self, names: PlaceNames, gazetteer: Gazetteer) -> None:
        self._names, self._gazetteer = names, gazetteer

    def beginning(self, q: str, levels: Collection[Level], within: range) -> Iterator[int]:
        """Yield rows of `within` at some levels, the larger places first; a row may come twice.

        On a level whole names come first, then names by how they begin. A word such as "Kec." puts its level first.
        """
        depths = [depth for depth, level in enumerate(LEVELS) if level in levels]
        words, key = tokens(q), name_key(q)
        if key.isascii() and key.isdecimal():
            for depth in depths:
                coded = self._gazetteer.coded(key)
                yield from (row for row in coded if row in within and self._gazetteer.depth(row) == depth)
        elif words:
            for kind in filter(None, (cues.get(words[0]) for cues in (KELURAHAN_OR_DESA, KIND) if words[1:])):
                if (depth := _DEPTH[kind]) in depths:
                    named = self._named(" ".join(words[1:]), depth, within)
                    yield from (row for row in named if self._gazetteer.is_kind(row, kind))
            for depth in depths:
                yield from self._named(" ".join(q.lower().split()), depth, within)

    def _named(self, written: str, depth: int, within: range) -> Iterator[int]:
        key = name_key(written)
        exact = {*self._gazetteer.named(key), *self._names.readings.get(key, ())}
        begun = self._levels[depth].begun(written, within)
        if depth < 2:  # few, and a name starts behind its "Kabupaten"
            begun = iter(sorted(begun, key=lambda row: (not self._gazetteer.key(row).startswith(key), row)))
        for rows in (sorted(exact), begun, sorted(self._names.starting_with(key))):
            yield from (row for row in rows if row in within and self._gazetteer.depth(row) == depth)

    @cached_property
    def _levels(self) -> list[_LevelNames]:
        rows: list[list[int]] = [[] for _ in LEVELS]
        for row in range(len(self._gazetteer)):
            rows[self._gazetteer.depth(row)].append(row)
        return [_LevelNames(same, self._gazetteer) for same in rows]
