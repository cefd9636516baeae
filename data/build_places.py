"""Builds data/places/places.csv.gz from an unpacked npm package idn-area-data: python -m data.build_places FOLDER.

`npm pack idn-area-data && tar xzf idn-area-data-*.tgz` makes the folder, called `package`.
"""

import csv
import gzip
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from classifier.errors import DataError, PilahError
from data.complaints import draft_of
from data.gazetteer import PLACES

_TABLES = ("provinces", "regencies", "districts", "villages")
_MARKS = str.maketrans({'"': "'", "\u2019": "'", "\u2018": "'"})  # the package writes the glottal stop in three ways
_SMALL = {"Dan": "dan", "Dki": "DKI"}


def build(package: Path, target: Path = PLACES) -> int:
    """Write the table of all places, replacing it in one step, and return their number; same input, same bytes.

    Raises DataError for a package with a file missing or a place without its parent.
    """
    try:
        version = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
        places = {code: name for table in _TABLES for code, name in _read(package / "data" / f"{table}.csv")}
    except (OSError, ValueError, KeyError) as error:
        raise DataError(str(package), f"can't be read ({error})", "the unpacked npm package idn-area-data") from error
    for code in places:
        parent = code[: {2: 0, 4: 2, 6: 4, 10: 6}[len(code)]]
        if parent and parent not in places:
            raise DataError("idn-area-data", f"place {code} has no parent", f"a place {parent}")
    lines = [f"# idn-area-data {version}", "code,name", *(f"{code},{places[code]}" for code in sorted(places))]
    with draft_of(target) as draft:
        draft.write_bytes(_compressed("\n".join(lines) + "\n"))
    return len(places)


def _read(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, quoting=csv.QUOTE_NONE):
            name = " ".join(row["name"].translate(_MARKS).split())
            yield row["code"].replace(".", ""), _titled(name) if path.stem in ("provinces", "regencies") else name


def _titled(name: str) -> str:
    return " ".join(_SMALL.get(word, word) for word in name.title().split())


def _compressed(text: str) -> bytes:
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, compresslevel=9, mtime=0) as file:
        file.write(text.encode("ascii"))
    return buffer.getvalue()


def main(arguments: list[str]) -> int:
    """Build the table from the folder named on the command line; return 0, 1 for a bad folder or 2 for none."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)  # noqa: T201
        return 2
    try:
        print(f"{build(Path(arguments[0]))} places in {PLACES}")  # noqa: T201
    except PilahError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
