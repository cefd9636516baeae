"""Reads the table of places and what people write for them."""

import gzip
import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from zlib import error as ZlibError  # noqa: N812

from classifier.errors import DataError
from classifier.gazetteer import Alias, Gazetteer
from classifier.places import PlaceResolver
from data.table_rows import read_lines

PLACES = Path(__file__).parent / "places" / "places.csv.gz"
ALIASES = Path(__file__).parent / "reference" / "place_aliases.csv"
KINDS = ("name", "former", "code", "word", "noun", "field")

_CODE = re.compile(r"[0-9]{2}(?:[0-9]{2}(?:[0-9]{2}(?:[0-9]{4})?)?)?")


@cache
def read_gazetteer(path: Path = PLACES) -> Gazetteer:
    """Return the places of the table; `version` is the one that the table's first line names.

    Raises DataError for a table that can't be read or is not in the order of its codes.
    """
    try:
        with gzip.open(path, "rt", encoding="ascii", newline="") as file:
            version = file.readline().removeprefix("# ").strip()
            lines = file.read().splitlines()
    except (OSError, EOFError, UnicodeDecodeError, ZlibError) as error:
        raise DataError(path.name, f"can't be read ({error})", "a gzip file of ASCII lines") from error
    if not lines or lines.pop(0) != "code,name":
        raise DataError(path.name, "the header is another one", "code,name", row=2)
    codes: list[str] = []
    names: list[str] = []
    for number, line in enumerate(lines, start=3):
        code, comma, name = line.partition(",")
        if not comma or not _CODE.fullmatch(code) or (codes and code <= codes[-1]):
            raise DataError(path.name, f"bad line {line!r}", "code,name in the order of the codes", row=number)
        codes.append(code)
        names.append(name)
    return Gazetteer(codes, names, version)


@cache
def read_places() -> PlaceResolver:
    """Return the resolver of our own places and aliases."""
    gazetteer = read_gazetteer()
    return PlaceResolver(gazetteer, read_aliases(gazetteer))


def read_aliases(gazetteer: Gazetteer, path: Path = ALIASES) -> tuple[Alias, ...]:
    """Return what people write for places; raises DataError for the first row that breaks a rule."""
    return tuple(_aliases(read_lines(path, ("written", "kind", "codes", "source")), gazetteer, path.name))


def _aliases(lines: Iterable[tuple[int, Sequence[str]]], gazetteer: Gazetteer, file: str) -> Iterable[Alias]:
    seen: set[tuple[str, str]] = set()
    for number, cells in lines:
        written, kind, codes = cells[0], cells[1], tuple(cells[2].split("|"))
        if kind not in KINDS:
            raise DataError(file, f"unknown kind {kind!r}", "one of " + ", ".join(KINDS), row=number, column="kind")
        if kind == "code" and (not _CODE.fullmatch(written) or gazetteer.row(written) is not None):
            expected = "2, 4, 6 or 10 digits that are no code of the table"
            raise DataError(file, f"no old code {written!r}", expected, row=number, column="written")
        for code in codes:
            if gazetteer.row(code) is None:
                raise DataError(file, f"unknown place {code!r}", "a code of the table", row=number, column="codes")
        if not written.strip() or (kind, written.lower()) in seen:
            raise DataError(file, "empty or repeated", "a name of its own", row=number, column="written")
        seen.add((kind, written.lower()))
        yield Alias(written, kind, codes)
