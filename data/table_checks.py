"""Finds what is wrong with the reviewed tables."""

import re
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations

from classifier.agency_rows import FIRST_DAY
from classifier.errors import DataError
from classifier.gazetteer import Gazetteer
from classifier.names import name_key
from data.table_rows import Row

LEVELS = ("national", "provinsi", "kabkota", "kecamatan", "desa")  # a kelurahan counts as desa
_KINDS = """
kementerian kementerian-koordinator unit-kementerian lpnk lembaga-pemerintah lembaga-nonstruktural lembaga-negara
penegak-hukum tni badan-publik bumn anak-bumn bank perguruan-tinggi organisasi
pemerintah-daerah dinas badan-daerah satpol-pp inspektorat sekretariat lembaga-daerah bumd upt rumah-sakit puskesmas
sekolah kecamatan kelurahan desa lembaga-desa
"""
AGENCY_KINDS = tuple(_KINDS.split())
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PLACE = re.compile(r"(\d\d(\d\d(\d\d(\d{4})?)?)?)?")
_ALWAYS = (date.min, date.max)

Tables = Mapping[str, Sequence[Row]]


def problems_of(tables: Tables) -> Iterator[DataError]:
    """Yield everything that is wrong with the tables, each problem with its file and row."""
    topics, agencies, kinds = tables["topics.csv"], tables["agencies.csv"], tables["kinds.csv"]
    yield from _row_problems("topics.csv", topics)
    yield from _topic_problems(topics)
    yield from _validity_problems("topics.csv", topics)
    yield from _clashes("topics.csv", topics)
    yield from _row_problems("agencies.csv", agencies)
    yield from _agency_problems(agencies)
    yield from _validity_problems("agencies.csv", agencies)
    yield from _clashes("agencies.csv", agencies)
    yield from _office_problems(tables["offices.csv"], agencies)
    yield from _row_problems("kinds.csv", kinds)
    yield from _clashes("kinds.csv", kinds)


def unknown_places(agencies: Iterable[Row], gazetteer: Gazetteer) -> Iterator[DataError]:
    """Find bodies at a place that the gazetteer does not have."""
    for row in agencies:
        if (place := row.cells["place"]) and gazetteer.row(place) is None:
            yield _wrong("agencies.csv", row, f"unknown place {place!r}", "a code of the gazetteer", "place")


def _wrong(file: str, row: Row, problem: str, expected: str, column: str | None = None) -> DataError:
    return DataError(file, problem, expected, row=row.number, column=column)


def _row_problems(file: str, rows: Iterable[Row]) -> Iterator[DataError]:
    """Find codes and names that break a rule of every table."""
    first_seen: dict[str, int] = {}
    depth = 2 if file == "topics.csv" else 1
    for row in rows:
        slugs = row.code.split("/")
        if len(slugs) > depth or not all(_SLUG.fullmatch(slug) for slug in slugs):
            expected = "lower-case words joined by hyphens" + (", main/leaf" if depth == 2 else "")
            yield _wrong(file, row, f"bad code {row.code!r}", expected)
        if (first := first_seen.setdefault(row.code, row.number)) != row.number:
            yield _wrong(file, row, f"code {row.code!r} stands in row {first} too", "a code of its own")
        for column, cell in row.cells.items():
            if any(part != " ".join(part.split()) for part in cell.split("|")):
                yield _wrong(file, row, "stray white space", "single spaces only", column)
        for column, names in (("name", (row.cells["name"],)), ("aliases", row.aliases)):
            if not all(name_key(name) for name in names):
                yield _wrong(file, row, "empty name", "a name with letters", column)


def _topic_problems(rows: Sequence[Row]) -> Iterator[DataError]:
    """Find unknown main topics and bad or repeated SP4N ids."""
    mains = {row.code: row.cells["name"] for row in rows if "/" not in row.code}
    with_id: dict[str, int] = {}
    for row in rows:
        main, sp4n_id = mains.get(row.code.split("/")[0]), row.cells["sp4n_id"]
        if row.cells["main"] != main:
            expected = f"{main!r}, the name of its row" if main else "a row for the main topic"
            yield _wrong("topics.csv", row, "unknown main topic", expected, "main")
        if sp4n_id and not (sp4n_id.isascii() and sp4n_id.isdigit()):
            yield _wrong("topics.csv", row, "bad id", "digits or nothing", "sp4n_id")
        if sp4n_id and (first := with_id.setdefault(sp4n_id, row.number)) != row.number:
            yield _wrong("topics.csv", row, f"id {sp4n_id} stands in row {first} too", "one topic an id", "sp4n_id")


def _agency_problems(rows: Sequence[Row]) -> Iterator[DataError]:
    """Find unknown levels, kinds and parents, and rows without a source."""
    parents = {row.code: row.cells["parent"] for row in rows}
    for row in rows:
        levels, kind, parent = row.cells["level"].split("|"), row.cells["kind"], row.cells["parent"]
        if not set(levels) <= set(LEVELS) or len(set(levels)) != len(levels):
            yield _wrong("agencies.csv", row, "unknown level", "one or more of " + "|".join(LEVELS), "level")
        if kind not in AGENCY_KINDS:
            yield _wrong(
                "agencies.csv", row, f"unknown kind {kind!r}", "one of " + ", ".join(sorted(AGENCY_KINDS)), "kind"
            )
        if parent and parent not in parents:
            yield _wrong("agencies.csv", row, f"unknown parent {parent!r}", "the id of another row", "parent")
        elif _above_itself(row.code, parents):
            yield _wrong(
                "agencies.csv", row, f"{row.code!r} stands above itself", "a parent that it is not over", "parent"
            )
        if not _PLACE.fullmatch(row.cells["place"]):
            yield _wrong("agencies.csv", row, "bad place code", "2, 4, 6 or 10 digits or nothing", "place")
        if not row.cells["source"]:
            yield _wrong("agencies.csv", row, "no source", "the law or public fact that the row rests on", "source")


def _above_itself(code: str, parents: Mapping[str, str]) -> bool:
    seen: set[str] = set()
    above = parents[code]
    while above in parents and above not in seen:
        if above == code:
            return True
        seen.add(above)
        above = parents[above]
    return False


def _validity_problems(file: str, rows: Sequence[Row]) -> Iterator[DataError]:
    """Find bad days, and successors that don't exist or did not outlive what they came after."""
    by_code = {row.code: row for row in rows}
    for row in rows:
        bad = [column for column in ("valid_from", "valid_to") if _bad_day(row, column)]
        for column in bad:
            expected = f"a day as 2024-10-21, {FIRST_DAY.isoformat()} or later, or nothing"
            yield _wrong(file, row, f"bad day {row.cells[column]!r}", expected, column)
        if bad:
            continue
        start, end = _days(row)
        if start > end:
            yield _wrong(file, row, "ends before it begins", "a day on or after valid_from", "valid_to")
        if row.listed("successors") and end == date.max:
            yield _wrong(file, row, "successors of what still exists", "a valid_to, or no successors", "successors")
        for code in row.listed("successors"):
            successor = by_code.get(code)
            if successor is None:
                yield _wrong(file, row, f"unknown successor {code!r}", "codes of other rows", "successors")
            elif not _bad_day(successor, "valid_to") and _days(successor)[1] <= end:
                yield _wrong(file, row, f"successor {code!r} did not outlive it", "one that did", "successors")


def _bad_day(row: Row, column: str) -> bool:
    try:
        day = row.day(column)
    except ValueError:
        return True
    return day is not None and day < FIRST_DAY


def _days(row: Row) -> tuple[date, date]:
    """Return the first and last day of a row, as wide as can be where it says nothing readable."""
    if _bad_day(row, "valid_from") or _bad_day(row, "valid_to"):
        return _ALWAYS
    return row.day("valid_from") or date.min, row.day("valid_to") or date.max


def _office_problems(offices: Iterable[Row], agencies: Iterable[Row]) -> Iterator[DataError]:
    levels = {row.code: row.listed("level") for row in agencies}
    seen: set[tuple[str, str]] = set()
    for row in offices:
        level, name = row.cells["level"], row.cells["name"]
        if row.code not in levels:
            yield _wrong("offices.csv", row, f"unknown agency {row.code!r}", "an id of agencies.csv", "agency")
        elif level not in levels[row.code] or level == "national":
            yield _wrong("offices.csv", row, f"no level {level!r} at {row.code}", "a level of its row", "level")
        if (row.code, level) in seen:
            yield _wrong("offices.csv", row, f"{row.code} has another office at {level}", "one office a level")
        seen.add((row.code, level))
        if _slots(name) not in ({"place"}, {"short"}):
            yield _wrong("offices.csv", row, f"bad name {name!r}", "a name with {place} or {short} in it", "name")


def _slots(name: str) -> set[str | None] | None:
    try:
        return {slot for _, slot, _, _ in string.Formatter().parse(name) if slot is not None}
    except ValueError:
        return None


def _clashes(file: str, rows: Sequence[Row]) -> Iterator[DataError]:
    """Find names that mean two rows on one day, told at the later one.

    Main topics may share a leaf's official name, and bodies at different places may share a name.
    """
    named: dict[str, dict[str, Row]] = {}
    for row in rows:
        for name in (row.code, row.cells["name"], *row.aliases):
            named.setdefault(name_key(name), {})[row.code] = row
    for key, sharing in named.items():
        for first, second in combinations(sharing.values(), 2):
            if _on_one_day(first, second) and not _apart(key, first, second):
                yield _wrong(
                    file, second, f"the name {key!r} means {first.code} and {second.code}", "one meaning a name"
                )


def _on_one_day(first: Row, second: Row) -> bool:
    (start, end), (other_start, other_end) = _days(first), _days(second)
    return start <= other_end and other_start <= end


def _apart(key: str, first: Row, second: Row) -> bool:
    if "main" in first.cells:
        official = all(name_key(row.cells["name"]) == key for row in (first, second))
        return official and first.cells["main"] != second.cells["main"]
    places = {row.cells.get("place", "") for row in (first, second)}
    return len(places) == 2 and "" not in places
