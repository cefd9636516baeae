"""The places of Indonesia, from province to desa/kelurahan, in a few flat arrays."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Literal

Level = Literal["province", "regency", "district", "village"]
LEVELS: tuple[Level, ...] = ("province", "regency", "district", "village")

HEAD = 3  # letters of a name by which most other words are told from it

_SPANS = (100_000_000, 1_000_000, 10_000, 1)  # codes of one place and all inside it, written as ten digits
_DIGITS = (2, 4, 6, 10)
_DISTRIK = range(91, 97)  # Law 2/2021: a kecamatan in the provinces of Papua is a distrik
_RURAL = 2_000  # the numbers of desa, in the last four digits of their codes, start here
_REMEMBERED = 1024  # places whose parts are kept at hand
_AT_HAND = 16_384  # places whose name and larger places are
_LETTERS_ONLY = {code: None for code in range(128) if not chr(code).isalnum() and chr(code) != "\n"}


@dataclass(frozen=True, slots=True)
class Place:
    """A place with its Kemendagri code (2, 4, 6 or 10 digits) and official name: "Kota Bandung", "Kecamatan Gubeng"."""

    code: str
    name: str
    level: Level


@dataclass(frozen=True, slots=True)
class Alias:
    """What people write for places, told by codes.

    `kind` is one of
    name    short or colloquial
    former  no longer official
    code    a Kemendagri code no longer in use
    word    an everyday word too: as a place it stands after "di" and the like
    noun    a thing that can follow "di" as well: counts only when its kind or an office is named
    field   a form that means much else too: for the region field, and after "Kec.", "Kelurahan" and the like
    """

    written: str
    kind: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """The places right inside another one: key -> row, and the first letters of the keys, which most words lack."""

    rows: dict[str, int]
    heads: frozenset[str]


def name_key(name: str) -> str:
    """Return the letters and digits of a name in lower case: "Tebing-Tinggi" and "tebingtinggi" are one name."""
    return name.lower().translate(_LETTERS_ONLY)


def name_keys(names: Sequence[str]) -> list[str]:
    """Return the keys of names without line ends."""
    return name_key("\n".join(names)).split("\n") if names else []


class Gazetteer:
    """Places in the order of their codes, so that a place stands right before all that lie in it; a row is an index.

    `codes` are digits only and sorted; `names` are ASCII and, for a kabupaten or kota, say which it is.
    """

    def __init__(self, codes: Sequence[str], names: Sequence[str], version: str) -> None:
        self.version = version
        self._padded = array("q", [int(code.ljust(10, "0")) for code in codes])
        self._depths = bytes(_DIGITS.index(len(code)) for code in codes)
        self._names = "\n".join(["", *names, ""])
        self._starts = array("i", accumulate((len(name) + 1 for name in names), initial=1))
        keys = [self._bare(name) if len(code) == 4 else name for code, name in zip(codes, names, strict=True)]
        hashes = list(map(hash, name_keys(keys)))
        order = sorted(range(len(hashes)), key=hashes.__getitem__)
        self.inside = lru_cache(_REMEMBERED)(self._parts)
        """Return the places of the next level inside a row."""
        self.place = lru_cache(_AT_HAND)(self._place)
        """Return the place of a row with its official name."""
        self.chain = lru_cache(_AT_HAND)(self._chain)
        """Return a row and those of the places that it lies in, the nearest first."""
        self._hashes, self._by_hash = array("q", [hashes[row] for row in order]), array("i", order)

    def __len__(self) -> int:
        """Return the number of places."""
        return len(self._padded)

    def row(self, code: str) -> int | None:
        """Return the row of a code of 2, 4, 6 or 10 digits, None if there is no such place."""
        if len(code) not in _DIGITS or not code.isdecimal():
            return None
        padded = int(code.ljust(10, "0"))
        row = bisect_left(self._padded, padded)
        return row if row < len(self) and self._padded[row] == padded and self.code(row) == code else None

    def code(self, row: int) -> str:
        """Return the code of a row, digits only."""
        return str(self._padded[row])[: _DIGITS[self.depth(row)]]

    def depth(self, row: int) -> int:
        """Return 0 for a province, 1 for a kabupaten/kota, 2 for a kecamatan, 3 for a desa/kelurahan."""
        return self._depths[row]

    def bare(self, row: int) -> str:
        """Return the name without what kind of place it is: "Bandung", "Gubeng"."""
        name = self.written(row)
        return self._bare(name) if self.depth(row) == 1 else name

    def written(self, row: int) -> str:
        """Return the name as the table has it."""
        return self._names[self._starts[row] : self._starts[row + 1] - 1]

    def key(self, row: int) -> str:
        """Return the key of the bare name."""
        return name_key(self.bare(row))

    def is_city(self, row: int) -> bool:
        """Tell a kota from a kabupaten: its code goes on with 71 or higher."""
        return self.depth(row) == 1 and self._padded[row] // 1_000_000 % 100 > 70

    def is_kind(self, row: int, kind: str) -> bool:
        """Tell whether a place is of a level, or a "city", or a "regency" that is none, or a "kelurahan" or "desa"."""
        if kind in ("kelurahan", "desa"):
            return self.depth(row) == 3 and (self._padded[row] % 10_000 < _RURAL) == (kind == "kelurahan")
        city = self.is_city(row)
        return city if kind == "city" else LEVELS[self.depth(row)] == kind and not city

    def _place(self, row: int) -> Place:
        depth, name = self.depth(row), self.written(row)
        if depth == 2:
            name = f"{'Distrik' if self._padded[row] // _SPANS[0] in _DISTRIK else 'Kecamatan'} {name}"
        elif depth == 3:
            name = f"{'Kelurahan' if self._padded[row] % 10_000 < _RURAL else 'Desa'} {name}"
        return Place(self.code(row), name, LEVELS[depth])

    def ancestors(self, row: int) -> tuple[int, ...]:
        """Return the rows of the places that this one lies in, the nearest first."""
        return self.chain(row)[1:]

    def _chain(self, row: int) -> tuple[int, ...]:
        padded = self._padded[row]
        ups = range(self.depth(row) - 1, -1, -1)
        return row, *(bisect_left(self._padded, padded - padded % _SPANS[up]) for up in ups)

    def contains(self, outer: int, inner: int) -> bool:
        """Tell whether `inner` is `outer` or lies in it."""
        return 0 <= self._padded[inner] - self._padded[outer] < _SPANS[self._depths[outer]]

    def span(self, row: int) -> range:
        """Return the rows of a place and of all that lie in it."""
        return range(row, bisect_left(self._padded, self._padded[row] + _SPANS[self.depth(row)]))

    def children(self, row: int) -> Iterator[int]:
        """Yield the rows of the next level that lie in this one."""
        inside, wanted = self.span(row)[1:], self.depth(row) + 1
        return (child for child in inside if self._depths[child] == wanted)

    def _parts(self, row: int) -> Parts:
        children = list(self.children(row))
        keys = name_keys([self.bare(child) for child in children])
        return Parts(dict(zip(keys, children, strict=True)), frozenset(key[:HEAD] for key in keys))

    def named(self, key: str) -> tuple[int, ...]:
        """Return the rows of all places whose bare name has this key."""
        wanted = hash(key)
        start = end = bisect_left(self._hashes, wanted)
        while end < len(self._hashes) and self._hashes[end] == wanted:
            end += 1
        return tuple(sorted(self._by_hash[start:end]))

    def upper(self) -> list[int]:
        """Return the rows of the provinces, kabupaten and kota."""
        return [row for row, depth in enumerate(self._depths) if depth < 2]

    def coded(self, digits: str) -> Iterator[int]:
        """Yield the rows with a code that starts with some digits."""
        first = bisect_left(self._padded, int(digits.ljust(10, "0")))
        last = bisect_right(self._padded, int(digits.ljust(10, "9")))
        return (row for row in range(first, last) if _DIGITS[self._depths[row]] >= len(digits))

    @staticmethod
    def _bare(name: str) -> str:
        for kind in ("Kabupaten Administrasi ", "Kota Administrasi ", "Kabupaten ", "Kota "):
            if name.startswith(kind):
                return name[len(kind) :]
        return name
