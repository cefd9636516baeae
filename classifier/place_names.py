"""Names of provinces, kabupaten and kota as people write them, with how likely each reading is."""

from collections import defaultdict
from collections.abc import Iterable

from classifier.gazetteer import Alias, Gazetteer, name_key
from classifier.place_words import LOWER_LEVEL, tokens

Readings = dict[int, float]  # row -> share of the times that the name means this place

RARELY = 0.02  # the share of a reading that only another place beside it can make likely
_CITY_SHARE, _OTHER_SHARE = 3, 2  # a bare "Bandung" means the kota somewhat more often than the kabupaten or province


class PlaceNames:
    """What a bare upper-level name may mean; lower levels are the gazetteer's alone.

    `readings` has the names by key, `in_fields` also those that count in a region field only. `heads` maps each first
    word of a name to the number of words of the longest name that starts so.
    """

    def __init__(self, gazetteer: Gazetteer, aliases: Iterable[Alias]) -> None:
        self._depth = gazetteer.depth
        rows: defaultdict[str, list[int]] = defaultdict(list)
        self.heads: dict[str, int] = {}
        for row in gazetteer.upper():
            bare = gazetteer.bare(row)
            for written in {bare, bare.replace("Kepulauan ", "Kep "), bare.replace("Sumatera", "Sumatra")}:
                rows[name_key(written)].append(row)
                self._head(written)
        aliases = list(aliases)
        self.former = {name_key(alias.written) for alias in aliases if alias.kind == "former"}
        self.everyday = {name_key(alias.written): alias.kind for alias in aliases if alias.kind in ("word", "noun")}
        """Key -> "word" or "noun", as the alias says."""
        self.codes = {alias.written: alias.codes for alias in aliases if alias.kind == "code"}
        in_fields: dict[str, list[int]] = {}
        for alias in aliases:
            known = [row for row in map(gazetteer.row, alias.codes) if row is not None]
            if alias.kind in ("name", "former"):
                rows[name_key(alias.written)] = known
                self._head(alias.written)
            elif alias.kind == "field":
                in_fields[name_key(alias.written)] = known
        self._searched = list(rows)
        for key in [key for key in rows if len(key) > 4 and key not in self.everyday]:
            rows[f"di{key}"] = rows[key]  # "disurabaya"
            self._head(f"di{key}")
        self.readings = {key: _shares(same, gazetteer) for key, same in rows.items()}
        self._widen(gazetteer)
        self.starts = self.heads.keys() | LOWER_LEVEL.keys()
        """Words at which a mention may start."""
        self.in_fields = {key: _shares(same, gazetteer) for key, same in in_fields.items()} | self.readings

    def find(self, words: list[str], start: int) -> tuple[int, Readings] | None:
        """Return the end of the longest name that starts at a word, and its readings."""
        for end in range(min(start + self.heads.get(words[start], 0), len(words)), start, -1):
            if (readings := self.readings.get("".join(words[start:end]))) is not None:
                return end, readings
        return None

    def _widen(self, gazetteer: Gazetteer) -> None:
        """Let a province's name also mean, rarely, the provinces that were split from it: "Merauke, Papua"."""
        for old, successors in self.codes.items():
            province = gazetteer.row(old[:2])
            for successor in (gazetteer.row(code[:2]) for code in successors):
                if province is not None and successor is not None and province != successor:
                    self.readings[name_key(gazetteer.bare(province))][successor] = RARELY

    def starting_with(self, key: str) -> set[int]:
        """Return the rows of the names that start with a key."""
        return {row for name in self._searched if name.startswith(key) for row in self.readings[name]}

    def _head(self, written: str) -> None:
        words = tokens(written)
        self.heads[words[0]] = max(self.heads.get(words[0], 0), len(words))
        self.heads.setdefault("".join(words), 1)


def _shares(rows: list[int], gazetteer: Gazetteer) -> Readings:
    shares = {row: _CITY_SHARE if gazetteer.is_city(row) else _OTHER_SHARE for row in rows}
    total = sum(shares.values())
    return {row: share / total for row, share in shares.items()}
