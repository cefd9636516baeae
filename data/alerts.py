"""Reads and checks the reviewed rules of what a person must see: alerts.csv and alert_lists.csv."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from classifier.alerts import AGENCY, KINDS, AlertRules, Rule
from classifier.errors import DataError
from classifier.phrases import GAP
from data.table_rows import Row, read_lines
from data.tables import REFERENCE

RULES, LISTS = "alerts.csv", "alert_lists.csv"
COLUMNS = {
    RULES: ("code", "kind", "words", "near", "unless", "before", "line", "reviewed"),
    LISTS: ("name", "words", "reviewed"),
}
PHRASES = ("words", "near", "unless", "before")
COURTESIES = "sapaan"  # the list of the words of which a text that asks for nothing is made
LINES = frozenset(["110", "112", "113", "115", "119", "123", "129"])

_CODE = re.compile(r"[a-z]+(-[a-z]+)*")
_LIST = re.compile(r"@([a-z]+(?:-[a-z]+)*)")
_PHRASE = re.compile(rf"[a-z0-9]+(?: (?:[a-z0-9]+|{re.escape(GAP)} [a-z0-9]+))*")


@dataclass(frozen=True, slots=True)
class AlertTables:
    """The two tables as read, and everything that is wrong with them."""

    rules: tuple[Row, ...]
    lists: tuple[Row, ...]
    problems: tuple[DataError, ...]


def read_alerts(folder: Path = REFERENCE) -> AlertRules:
    """Return the rules, their lists written out; raises DataError for the first thing that is wrong."""
    tables = read_alert_tables(folder)
    if tables.problems:
        raise tables.problems[0]
    lists = _lists(tables.lists)
    return AlertRules(tuple(_rule(row, lists) for row in tables.rules), lists[COURTESIES])


def read_alert_tables(folder: Path = REFERENCE) -> AlertTables:
    """Read and check the two tables; raises DataError only for a file that can't be read as a table."""
    rules, lists = (_rows(folder / name) for name in (RULES, LISTS))
    return AlertTables(rules, lists, (*_list_problems(lists), *_rule_problems(rules, _lists(lists))))


def _rows(path: Path) -> tuple[Row, ...]:
    columns = COLUMNS[path.name]
    return tuple(Row(number, dict(zip(columns, cells, strict=True))) for number, cells in read_lines(path, columns))


def _lists(rows: tuple[Row, ...]) -> dict[str, tuple[str, ...]]:
    return {row.code: row.listed("words") for row in rows}


def _rule(row: Row, lists: Mapping[str, tuple[str, ...]]) -> Rule:
    words, near, unless, before = (tuple(_written_out(row.listed(column), lists)) for column in PHRASES)
    return Rule(row.code, row.cells["kind"], words, near, unless, before, row.cells["line"])  # type: ignore[arg-type]


def _written_out(phrases: tuple[str, ...], lists: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for phrase in phrases:
        if phrase == AGENCY or not phrase.startswith("@"):
            yield phrase
        else:
            yield from lists[phrase[1:]]


def _list_problems(rows: tuple[Row, ...]) -> Iterator[DataError]:
    yield from _shared_problems(LISTS, rows)
    if COURTESIES not in {row.code for row in rows}:
        yield DataError(LISTS, f"the list {COURTESIES!r} is missing", f"a row {COURTESIES!r}")
    for row in rows:
        if not row.listed("words"):
            yield _wrong(LISTS, row, "is empty", "phrases between bars", "words")
        for phrase in row.listed("words"):
            if not _PHRASE.fullmatch(phrase):
                yield _wrong(LISTS, row, f"{phrase!r} is no phrase", f"lower-case words, {GAP} for a gap", "words")


def _rule_problems(rows: tuple[Row, ...], lists: Mapping[str, tuple[str, ...]]) -> Iterator[DataError]:
    yield from _shared_problems(RULES, rows)
    for row in rows:
        if (kind := row.cells["kind"]) not in KINDS:
            yield _wrong(RULES, row, f"unknown kind {kind!r}", "one of " + ", ".join(KINDS), "kind")
        if not row.listed("words"):
            yield _wrong(RULES, row, "is empty", "phrases between bars", "words")
        for column in PHRASES:
            yield from _phrase_problems(row, column, lists)
        yield from _line_problems(row)


def _phrase_problems(row: Row, column: str, lists: Mapping[str, tuple[str, ...]]) -> Iterator[DataError]:
    for phrase in row.listed(column):
        named = _LIST.fullmatch(phrase)
        if phrase == AGENCY and column == "near":
            continue
        if named and named[1] not in lists:
            known = ", ".join(f"@{name}" for name in sorted(lists))
            yield _wrong(RULES, row, f"unknown list {phrase!r}", f"one of {known}, or {AGENCY} in near", column)
        if not named and not _PHRASE.fullmatch(phrase):
            expected = f"lower-case words, {GAP} for a gap, or a list as @{COURTESIES}"
            yield _wrong(RULES, row, f"{phrase!r} is no phrase", expected, column)


def _line_problems(row: Row) -> Iterator[DataError]:
    line, urgent = row.cells["line"], row.cells["kind"] == "urgent"
    if urgent and line not in LINES:
        yield _wrong(RULES, row, f"no emergency line {line!r}", "one of " + ", ".join(sorted(LINES)), "line")
    if line and not urgent:
        yield _wrong(RULES, row, f"a line {line!r} for what is not urgent", "nothing", "line")


def _shared_problems(file: str, rows: tuple[Row, ...]) -> Iterator[DataError]:
    """Find codes and review days that break a rule of both tables."""
    first_seen: dict[str, int] = {}
    for row in rows:
        if not _CODE.fullmatch(row.code):
            yield _wrong(file, row, f"bad code {row.code!r}", "lower-case words joined by hyphens")
        if (first := first_seen.setdefault(row.code, row.number)) != row.number:
            yield _wrong(file, row, f"code {row.code!r} stands in row {first} too", "a code of its own")
        if not _is_day(row.cells["reviewed"]):
            expected = "the day of the last review, as 2025-11-30"
            yield _wrong(file, row, f"bad day {row.cells['reviewed']!r}", expected, "reviewed")


def _is_day(written: str) -> bool:
    try:
        return len(written) == len("2025-11-30") and bool(date.fromisoformat(written))
    except ValueError:
        return False


def _wrong(file: str, row: Row, problem: str, expected: str, column: str | None = None) -> DataError:
    return DataError(file, problem, expected, row=row.number, column=column)
