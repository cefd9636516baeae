"""Cuts a complaint where a sentence or a point may begin another matter: "2.", "selain itu", "juga"."""

import re
from collections.abc import Set
from typing import NamedTuple

LEAST_WORDS = 4  # of a sentence that begins a part
MOST_PARTS = 20  # of a text; the last one takes the rest

_POINT = r"(?<!\S)(?:\(?[1-9a-e][.)]|-)(?=\s)"
_SEAM = (
    r"(?:selain (?:itu|hal|dari itu)|di ?samping itu|(?:hal|masalah|keluhan) lain\w*|lain (?:hal|lagi|itu)"
    r"|(?:yang|nomor|poin|hal|masalah|keluhan) kedua|sekalian|satu lagi|sementara itu|di luar itu|tambahan lagi"
    r"|berikutnya|selanjutnya|plus)\b"
)
_CUT = re.compile(rf"(?<![\d\s])[.!?;:\n]+(?=\s|$)|({_POINT})|\s(?=[bdhklmnpsty])(?={_SEAM})")
_MARKED = re.compile(rf"{_SEAM}|(?:kedua|ketiga|lalu|kemudian|terus|trus|tambahan|lain)\b(?! juga)")
_ENUMERATED = re.compile(r"\b(?:dua|tiga|beberapa) (?:hal|keluhan|urusan|masalah|permintaan|poin)\b")
_ALSO = re.compile(r"(?:\S+\s+){0,7}(?:juga|jg|pun)\b")

# To cut is slow, and most texts have no seam: the words and then the writing say which ones may have one.
_STRONG = frozenset(["selain", "samping", "kedua", "sekalian", "plus", "berikutnya", "selanjutnya"])
_ALSO_WORDS = frozenset(["juga", "pun"])
_WEAK = frozenset(
    [
        "lain",
        "lainnya",
        "dua",
        "tiga",
        "beberapa",
        "lagi",
        "sementara",
        "luar",
        "tambahan",
        "lalu",
        "kemudian",
        "terus",
        "2",
        "b",
    ]
)
_WRITTEN = (
    *("hal lain", "masalah lain", "keluhan lain", "lain hal", "lain itu", ". lain", "satu lagi", "lain lagi"),
    *("sementara itu", "di luar itu", "tambahan", ". lalu", ". kemudian", ". terus", ". trus"),
    *("2. ", "2) ", "b. ", "b) ", "a hal", "i hal", "keluhan", "urusan", "masalah", "permintaan", "poin"),
)
HINTS = _STRONG | _ALSO_WORDS | _WEAK


class Part(NamedTuple):
    """What stands between two seams; `marked`: more than "juga" marks the seam before it."""

    text: str
    marked: bool


def hints_of(words: Set[str], *, strong: bool) -> Set[str]:
    """Return those words of a normalised text that may mark a seam, or mark it strongly; a text without has none."""
    return (_STRONG if strong else HINTS) & words


def may_be_marked(text: str, hints: Set[str]) -> bool:
    """Tell quickly whether a text with these hints may mark a seam with more than "juga"."""
    if hints & _STRONG:
        return True
    if not hints & _WEAK:
        return False
    text = text.lower()
    return any(written in text for written in _WRITTEN)


def says_also(hints: Set[str]) -> bool:
    """Tell whether a text with these hints says "juga"."""
    return not hints.isdisjoint(_ALSO_WORDS)


def parts(text: str, *, also: bool = True) -> list[Part]:
    """Cut a text at what may be its seams; `also`: whether "juga" may mark one."""
    text = text.lower()
    enumerated, pieces = bool(_ENUMERATED.search(text)), _pieces(text)
    listed = sum(point for _, point in pieces) > 1
    found: list[Part] = []
    for written, point in pieces:
        marked = enumerated or (point and listed) or bool(_MARKED.match(written))
        seam = marked or (also and bool(_ALSO.match(written)))
        if found and (not seam or len(written.split()) < LEAST_WORDS or len(found) == MOST_PARTS):
            found[-1] = Part(f"{found[-1].text}. {written}", found[-1].marked)
        elif written:
            found.append(Part(written, marked))
    return found


def _pieces(text: str) -> list[tuple[str, bool]]:
    """Return sentences and points, and whether each is a point of a list."""
    pieces, start, point = list[tuple[str, bool]](), 0, False
    for cut in _CUT.finditer(text):
        pieces.append((text[start : cut.start()].strip(" ,."), point))
        start, point = cut.end(), bool(cut[1])
    return [*pieces, (text[start:].strip(" ,."), point)]
