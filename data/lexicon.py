"""Reads the lexicon of informal Indonesian and counts what it covers."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from classifier.errors import DataError
from classifier.normalise import Normaliser, drop_tags, mark_urls, repair_unicode, unescape, words

LEXICON = Path(__file__).parent / "reference" / "lexicon.csv"
COLUMNS = ["informal", "standard", "group"]
GROUPS = frozenset({"asing", "daerah", "ejaan", "gabung", "instansi", "ketik", "percakapan", "singkatan", "tetap"})

_KEY = re.compile("[a-z]+")
_EXPANSION = re.compile("[a-z]+(?: [a-z]+)*")
_MASK = re.compile("<[a-zA-Z]+>")
_TOKEN = re.compile(r"\b[A-Za-z]{2,}\b")


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many word tokens are informal, and how many of those normalisation turns into standard words."""

    tokens: int
    informal: int
    covered: int

    @property
    def share(self) -> float:
        """Covered share of the informal tokens, 0 to 1; 1 if none is informal."""
        return self.covered / self.informal if self.informal else 1.0


def read_lexicon(path: Path | None = None) -> dict[str, str]:
    """Return informal word -> standard word or words; raises DataError for the first row that breaks a rule.

    Rows of the group "tetap" are left out: they change nothing, and only say which short forms and names of things are
    standard although a list of root words lacks them (`read_kept`).
    """
    path = path or LEXICON
    rows = _read(path)
    lexicon = {informal: standard for _, informal, standard, group in rows if group != "tetap"}
    for row, informal, standard, group in rows:
        if group != "tetap" and (again := [word for word in standard.split() if word in lexicon]):
            raise _wrong(
                path, row, "standard", f"{again[0]!r} is an informal word itself", f"{informal!r} expanded fully"
            )
    return lexicon


def read_kept(path: Path | None = None) -> frozenset[str]:
    """Return the reviewed words that stay as they are: official short forms and standard words without a known root."""
    return frozenset(informal for _, informal, _, group in _read(path or LEXICON) if group == "tetap")


def coverage(
    texts: Iterable[str], lexicon: Mapping[str, str], standard: Callable[[str], bool], names: Container[str] = ()
) -> Coverage:
    """Count the tokens of `texts` that are out of the lexicon of standard Indonesian, and those the normaliser repairs.

    A token is a run of two or more of the letters a to z without a digit beside it; masks and addresses are none. It is
    informal if, in lower case, it is neither `standard` nor in `names`, and covered if it becomes standard words only.
    """
    normalise = Normaliser(lexicon)
    counts = Counter(token for text in texts for token in _TOKEN.findall(_readable(text)))
    known = {word for word in {token.lower() for token in counts} if word in names or standard(word)}
    informal = {token: count for token, count in counts.items() if token.lower() not in known}
    covered = sum(count for token, count in informal.items() if all(map(standard, words(normalise(token)))))
    return Coverage(counts.total(), sum(informal.values()), covered)


def _readable(text: str) -> str:
    for step in (unescape, repair_unicode, drop_tags, mark_urls):
        text = step(text)
    return _MASK.sub(" ", text)


def _read(path: Path) -> list[tuple[int, str, str, str]]:
    """Return (row, informal, standard, group), each row checked by itself."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            table = list(csv.reader(file, strict=True))
    except FileNotFoundError:
        raise DataError(str(path), "there is no such file", "a lexicon in CSV") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(str(path), f"it can't be read ({error})", "CSV in UTF-8") from None
    if not table or table[0] != COLUMNS:
        raise _wrong(path, 1, None, "the header is different", ",".join(COLUMNS))
    seen: set[str] = set()
    rows = []
    for number, cells in enumerate(table[1:], start=2):
        rows.append((number, *_checked(path, number, cells, seen)))
    return rows


def _checked(path: Path, row: int, cells: list[str], seen: set[str]) -> tuple[str, str, str]:
    if len(cells) != len(COLUMNS):
        raise _wrong(path, row, None, f"it has {len(cells)} cells", f"{len(COLUMNS)} cells")
    informal, standard, group = cells
    if not _KEY.fullmatch(informal):
        raise _wrong(path, row, "informal", f"{informal!r} is no plain word", "one word of the letters a to z")
    if informal in seen:
        raise _wrong(path, row, "informal", f"{informal!r} has a row already", "one row for each word")
    if not _EXPANSION.fullmatch(standard):
        raise _wrong(
            path, row, "standard", f"{standard!r} is no list of plain words", "lower-case words and single spaces"
        )
    if group not in GROUPS:
        raise _wrong(path, row, "group", f"{group!r} is unknown", ", ".join(sorted(GROUPS)))
    if (informal == standard) != (group == "tetap"):
        raise _wrong(
            path, row, "standard", "the word is left as it is", "group 'tetap' for such a row, and only for it"
        )
    seen.add(informal)
    return informal, standard, group


def _wrong(path: Path, row: int, column: str | None, problem: str, expected: str) -> DataError:
    return DataError(str(path), problem, expected, row=row, column=column)
