"""Reads the region field of a complaint: a code, or the names of a place and of those it lies in, in any order."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise

from classifier.gazetteer import LEVELS, Gazetteer
from classifier.place_mentions import nested
from classifier.place_names import RARELY, PlaceNames, Readings
from classifier.place_words import KIND, tokens

_CODE = re.compile(r"\s*([0-9](?:[0-9.\s-]*[0-9])?)\s*(?:[-:,/]?\s*[^\W\d].*)?", re.DOTALL)
_PARTS = re.compile(r"[,;/|>\n()\u2013\u2014]|\s-\s|\s-|-\s")
_SHARED_NUMBERS = ("32", "33", "34", "35", "36", "51")  # kabupaten/kota have one number at Kemendagri and at BPS
_AMBIGUOUS_NUMBERS = ("91", "94")  # at BPS other provinces than at Kemendagri
_LONGEST = 5
_LEVEL_CREDIT = (1.0, 1.0, 0.9, 0.8)  # an unannounced name is rather that of a larger place
_WRONG_KIND, _BARE_CITY, _SPLIT_OFF = 0.3, 0.9, 0.8
_ELSEWHERE = 0.7  # a desa that lies in none of the other places named
_STEEP = 10.0  # a credit that is 0.1 lower makes a reading ten times less likely
_NEAR = 0.84  # how like a name a misspelt one is, by difflib's ratio
_ENGLISH = {"city": "kota", "regency": "kabupaten"}
_ADMINISTRATIVE = frozenset({"adm", "administrasi", "administratif"})


@dataclass(frozen=True, slots=True)
class Region:
    """What a region field means: readings with their shares, and notes."""

    readings: Readings
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Segment:
    """One name in the field: the credit that each place of that name earns, {} for a name nobody knows.

    `key` leaves out the cue, of which `kind` is what it announces.
    """

    key: str
    credit: dict[int, float]
    former: bool = False
    kind: str | None = None


def read_region(region: str, names: PlaceNames, gazetteer: Gazetteer) -> Region:
    """Return what a region field means.

    Codes: 2, 4, 6 or 10 digits with or without dots are Kemendagri's; codes no longer in use lead to their successors.
    Seven digits, or ten with a 0 in the seventh place, are taken for BPS's: they tell the province, and the
    kabupaten/kota where both offices count alike.
    """
    if not region.strip():
        return Region({})
    code = _CODE.fullmatch(region)
    if code and (digits := re.sub(r"\D", "", code[1])) and len(digits) > 1:
        by_code = _read_code(digits, names, gazetteer)
        if by_code.readings or not re.search(r"[^\W\d]", region):
            return by_code
    return _read_names(region, names, gazetteer)


def _read_code(digits: str, names: PlaceNames, gazetteer: Gazetteer) -> Region:
    if (row := gazetteer.row(digits)) is not None:
        return Region({row: 1.0})
    statistical = len(digits) == 7 or (len(digits) == 10 and digits[6] == "0")
    if not statistical and (rows := _successors(digits, names, gazetteer)):
        return Region(dict.fromkeys(rows, 1 / len(rows)), ("place-successor",))
    if digits[:2] in _AMBIGUOUS_NUMBERS and (statistical or len(digits) == 4):
        known = 0
    elif statistical:
        known = 4 if digits[:2] in _SHARED_NUMBERS else 2
    else:
        known = max((n for n in (2, 4, 6) if n < len(digits) and gazetteer.row(digits[:n]) is not None), default=0)
    row = gazetteer.row(digits[:known]) if known else None
    return Region({} if row is None else {row: 1.0}, ("unknown-place-code",))


def _successors(digits: str, names: PlaceNames, gazetteer: Gazetteer) -> list[int]:
    """Return the places that came after an old code, or after the place that the code lies in."""
    for known in (10, 6, 4):
        for end in (len(digits), 6, 4):  # numbers inside a place were kept when it changed its own
            codes = (code + digits[known:end] for code in names.codes.get(digits[:known], ()))
            if rows := [row for code in codes if (row := gazetteer.row(code)) is not None]:
                return rows
    return []


def _read_names(region: str, names: PlaceNames, gazetteer: Gazetteer) -> Region:
    segments = [segment for part in _PARTS.split(region) for segment in _segments(tokens(part), names, gazetteer)]
    readings = _most_agreed(segments, gazetteer)
    astray = [segment for segment in segments if not nested(segment.credit, readings, gazetteer)]
    if astray:
        segments = [s for s in segments if s.credit] + list(_misspelt(astray, readings, names, gazetteer))
        readings = _most_agreed(segments, gazetteer)
    former = any(segment.former for segment in segments)
    return Region(readings, ("place-successor",) if former else ())


def _segments(words: list[str], names: PlaceNames, gazetteer: Gazetteer) -> Iterator[_Segment]:
    """Yield the segments of one part, which a cue may divide: "Kota Surabaya Kec Gubeng"."""
    words = [word for word in words if word not in _ADMINISTRATIVE]
    if words and words[-1] in _ENGLISH:
        words = [_ENGLISH[words[-1]], *words[:-1]]
    cues = [at for at, word in enumerate(words) if word in KIND]
    starts = [at for at in cues if at and at - 1 not in cues and words[at] != "kota"]  # "Medan Kota"
    for start, end in pairwise([0, *starts, len(words)]):
        yield from _chunk_segments(words[start:end], names, gazetteer)


def _chunk_segments(words: list[str], names: PlaceNames, gazetteer: Gazetteer) -> Iterator[_Segment]:
    """Yield segments by the longest names from the left; with a word left over, only the larger places among them.

    What is left over then, smaller places included, is one name that nobody knows yet.
    """
    found: list[tuple[_Segment, list[str]]] = []
    at, strange = 0, False
    while at < len(words):
        for end in range(min(at + _LONGEST, len(words)), at, -1):
            if (segment := _segment(words, at, end, names, gazetteer)) is not None:
                break
        else:
            segment, end = _Segment(words[at], {}), at + 1
            strange = strange or words[at] not in KIND
        found.append((segment, words[at:end]))
        at = end
    larger = [segment for segment, _ in found if any(gazetteer.depth(row) < 2 for row in segment.credit)]
    yield from larger if strange else (segment for segment, _ in found if segment.credit)
    left = [word for segment, used in found if segment not in larger for word in used if word not in KIND]
    if strange and left:
        yield _Segment("".join(left), {}, kind=KIND.get(words[0]))


def _segment(words: list[str], at: int, end: int, names: PlaceNames, gazetteer: Gazetteer) -> _Segment | None:
    """Return the segment of exactly these words, a leading cue included."""
    key, bare, kind = "".join(words[at:end]), "".join(words[at + 1 : end]), KIND.get(words[at])
    credit = _credits(key, names, gazetteer)  # "Kota Baru", "Kampung Melayu" are names as a whole
    if kind is not None:
        credit |= _of_kind(_credits(bare, names, gazetteer), kind, gazetteer)
    former = key in names.former or (kind is not None and bare in names.former)
    return _Segment(bare if kind else key, credit, former, kind) if credit else None


def _credits(key: str, names: PlaceNames, gazetteer: Gazetteer) -> dict[int, float]:
    readings = names.in_fields.get(key, {})
    credit = {row: _LEVEL_CREDIT[gazetteer.depth(row)] for row in (*gazetteer.named(key), *readings)}
    return credit | {row: _SPLIT_OFF for row, share in readings.items() if share <= RARELY}


def _of_kind(credit: dict[int, float], kind: str, gazetteer: Gazetteer) -> dict[int, float]:
    """Return full credit for the places of a kind, little for a kabupaten called kota and the reverse if both exist."""
    if kind not in ("city", "regency"):
        return {
            row: earned if kind == "province" else 1.0
            for row, earned in credit.items()
            if LEVELS[gazetteer.depth(row)] == kind
        }
    both = [row for row in credit if gazetteer.depth(row) == 1]
    right = {row: 1.0 for row in both if gazetteer.is_city(row) == (kind == "city")}
    return dict.fromkeys(both, _WRONG_KIND if right else 1.0) | right


def _most_agreed(segments: list[_Segment], gazetteer: Gazetteer) -> Readings:
    """Return the places that most segments speak for, each by itself or by a place that it lies in."""
    columns = sum(bool(segment.credit) for segment in segments) > 1
    earned = {
        row: _earned(row, segments, columns, gazetteer)
        for row in {row for segment in segments for row in segment.credit}
    }
    if not earned:
        return {}
    best = max(earned.values())
    close = {row: credit for row, credit in earned.items() if credit > best - 0.25}
    crowd = Counter(map(gazetteer.depth, close))
    town = any(credit == best and gazetteer.depth(row) < 2 for row, credit in close.items())
    likely = {  # many villages of a name don't outweigh the one town of that name
        row: _STEEP ** ((credit - best) * 10) / (crowd[gazetteer.depth(row)] if town and credit < best else 1)
        for row, credit in close.items()
    }
    total = sum(likely.values())
    return {row: share / total for row, share in likely.items()}


def _earned(row: int, segments: list[_Segment], columns: bool, gazetteer: Gazetteer) -> float:
    """Add up the credit of a place and of those it lies in, each segment spent once.

    `columns`: beside other names a bare one is the kabupaten, as in the columns of an SP4N export.
    """
    left, total, spoken_for = list(segments), 0.0, 0
    for member in gazetteer.chain(row):
        spoken = [segment for segment in left if member in segment.credit]
        if not spoken:
            continue
        spent = min(spoken, key=lambda segment: (-segment.credit[member], len(segment.credit)))
        left.remove(spent)
        spoken_for += 1
        bare_pair = columns and gazetteer.is_city(member) and len(_pair(member, spent, gazetteer)) > 1
        total += spent.credit[member] * (_BARE_CITY if bare_pair else 1)
    alone = columns and spoken_for == 1 and gazetteer.depth(row) > 1
    return total * (_ELSEWHERE if alone else 1)


def _pair(row: int, segment: _Segment, gazetteer: Gazetteer) -> list[int]:
    """Return the kabupaten and kota that earn the same credit by the segment's name."""
    return [r for r, credit in segment.credit.items() if gazetteer.depth(r) == 1 and credit == segment.credit[row]]


def _misspelt(
    astray: list[_Segment], readings: Readings, names: PlaceNames, gazetteer: Gazetteer
) -> Iterator[_Segment]:
    """Yield segments for names, unknown or at home elsewhere, that are nearly those of a place inside.

    An unknown one may also be nearly that of a province, kabupaten or kota.
    """
    inside = [row for outer in readings for row in _two_levels(outer, gazetteer)]
    for segment in astray:
        level = segment.kind if segment.kind in LEVELS else None
        rows = {gazetteer.key(row): row for row in reversed(inside) if level in (None, LEVELS[gazetteer.depth(row)])}
        if near := _nearest(segment.key, rows):
            yield _Segment(near, {rows[near]: _LEVEL_CREDIT[gazetteer.depth(rows[near])]})
        elif not segment.credit and segment.kind not in ("district", "village"):
            upper = [key for key in names.in_fields if len(key) > 3]
            if near := _nearest(segment.key, upper):
                credit = dict.fromkeys(names.in_fields[near], 1.0)
                yield _Segment(near, _of_kind(credit, segment.kind, gazetteer) if segment.kind else credit)


def _nearest(key: str, keys: Iterable[str]) -> str | None:
    size = len(key)
    as_long = [other for other in keys if 2 * min(size, len(other)) >= _NEAR * (size + len(other))]
    return next(iter(get_close_matches(key, as_long, 1, _NEAR)), None)


def _two_levels(outer: int, gazetteer: Gazetteer) -> list[int]:
    """Return the places of the next level inside, then those of the one after; of a province only the next."""
    children = list(gazetteer.children(outer))
    return children + [row for child in children if gazetteer.depth(outer) for row in gazetteer.children(child)]
