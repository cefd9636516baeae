"""Records of a CSV text, read so that a bad quote costs at most the record that it stands in."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

MAX_RECORD = 1_000_000  # code points within which a record that goes on over line ends must close its quotes
MAX_CELL = 32 * 2**20  # code points of a cell on one line
PROBLEM = "has a quote that is not closed, or one too many"
EXPECTED = f"quotes around a cell and two for each inside it, in a row of at most {MAX_RECORD:,} characters"


def read_records(
    lines: Iterable[str], delimiter: str, width: int = 0, number: int = 1
) -> Iterator[tuple[int, Sequence[str] | None]]:
    """Yield the line on which each record starts, from `number`, and its cells; None for one whose quotes are wrong.

    A quote that nobody closes would swallow the records after it. So if what it opens has no proper end, its first line
    alone is broken, and reading goes on with the second. Where the first record is a header, `width` is the number of
    its cells: then the other lines of a broken record are told from the next record, and passed over.
    """
    csv.field_size_limit(MAX_CELL)
    ahead, rest, narrowest = deque[str](), iter(lines), width
    while True:
        cells, taken = _read(_from_here(ahead, rest), delimiter)
        if not taken:
            return
        if cells is None or (taken > 1 and _swallows(cells, delimiter, width)):
            cells, taken = None, _broken_lines(_from_here(ahead, rest), delimiter, narrowest)
        elif len(cells) < narrowest and _is_odd(islice(ahead, taken)):
            cells = None  # the end of a record that seemed to end before
        elif cells:  # programs may leave out empty cells at the end
            narrowest = min(narrowest, len(cells))
        yield number, cells
        number += taken
        for _ in range(taken):
            ahead.popleft()


def _from_here(ahead: deque[str], rest: Iterator[str]) -> Iterator[str]:
    """Yield the lines to come, without using them up, as far as one record may reach."""
    size = 0
    for line in chain(ahead, _remembered(ahead, rest)):
        yield line
        size += len(line)
        if size > MAX_RECORD:
            return


def _remembered(ahead: deque[str], rest: Iterator[str]) -> Iterator[str]:
    for line in rest:
        ahead.append(line)
        yield line


def _read(lines: Iterator[str], delimiter: str) -> tuple[list[str] | None, int]:
    """Return the first record, None if its quotes are wrong, and the number of its lines, 0 if there are none."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        return next(reader, None), reader.line_num
    except csv.Error:
        return None, reader.line_num


def _swallows(cells: Sequence[str], delimiter: str, width: int) -> bool:
    """Tell a stray quote that the next cell's opening quote closed: it took all up to the delimiter before that."""
    return len(cells) != width > 0 and any(cell.endswith(delimiter) for cell in cells)


def _broken_lines(lines: Iterator[str], delimiter: str, narrowest: int) -> int:
    """Return how many lines a broken record has: up to the last odd one of those too narrow for a record."""
    taken = 1
    for number, line in enumerate(islice(lines, 1, None), 2):
        cells, _ = _read(iter([line]), delimiter)
        if cells is None or len(cells) >= narrowest:
            break
        if _is_odd([line]):
            taken = number
    return taken


def _is_odd(lines: Iterable[str]) -> bool:
    """Tell whether a quote lacks its partner."""
    return sum(line.count('"') for line in lines) % 2 == 1
