"""Reads the table of places and what people write for them."""

import csv
import gzip
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from zlib import error as ZlibError  # noqa: N812

from classifier.errors import DataError
from classifier.gazetteer import Alias, Gazetteer

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


def read_aliases(gazetteer: Gazetteer, path: Path = ALIASES) -> tuple[Alias, ...]:
    """Return what people write for places; raises DataError for the first row that breaks a rule."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            header, *lines = list(csv.reader(file, strict=True)) or [[]]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(path.name, f"can't be read ({error})", "a UTF-8 CSV file") from error
    if header != ["written", "kind", "codes", "source"]:
        raise DataError(path.name, "the header is another one", "written,kind,codes,source", row=1)
    return tuple(_aliases(lines, gazetteer, path.name))


def _aliases(lines: Iterable[list[str]], gazetteer: Gazetteer, file: str) -> Iterable[Alias]:
    seen: set[tuple[str, str]] = set()
    for number, cells in enumerate(lines, start=2):
        if len(cells) != 4:
            raise DataError(file, f"{len(cells)} cells", "4 cells", row=number)
        written, kind, codes = cells[0], cells[1], tuple(cells[2].split("|"))
        if kind not in KINDS:
            raise DataError(file, f"unknown kind {kind!r}", "one of " + ", ".join(KINDS), row=number, column="kind")
        for code in codes:
            if gazetteer.row(code) is None:
                raise DataError(file, f"unknown place {code!r}", "a code of the table", row=number, column="codes")
        if not written.strip() or (kind, written.lower()) in seen:
            raise DataError(file, "empty or repeated", "a name of its own", row=number, column="written")
        seen.add((kind, written.lower()))
        yield Alias(written, kind, codes)
