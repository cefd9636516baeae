"""How accuracy and automation differ by month, channel, length of text and place."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from training.cases import Case
from training.intervals import Estimate, share

FEWEST = 30  # reports of a group of its own; the interval of fewer says nothing
MOST = 10  # channels or places of their own
REST = ""  # the name of what is left: small groups, and reports that do not say
LENGTHS = (1, 11, 26, 51, 101)  # words from which a group begins
PLACE_DIGITS = (2, 4, 6)  # of the codes of provinces, kabupaten/kota, kecamatan

Groups = list[tuple[str, list[Case]]]


@dataclass(frozen=True, slots=True)
class Slice:
    """The figures of one group of reports; `auto_error` is None where none is answered without a person.

    `name`: "2024-03" or "2024-03/2024-05", the channel, "11-25" or "101-" words, the code of a place; REST.
    """

    name: str
    rows: int
    accuracy: Estimate
    auto_share: Estimate
    auto_error: Estimate | None


def slices(cases: Sequence[Case]) -> dict[str, tuple[Slice, ...]]:
    """Return the groups by what they are grouped by, () where all reports are in one; small groups are merged."""
    grouped = {
        "month": _in_order(cases, _month, lambda first, last: first if first == last else f"{first}/{last}"),
        "channel": _largest(cases, lambda case: " ".join(case.complaint.channel.split())),
        "length": _in_order(cases, _length, _words),
        "place": _by_place(cases),
    }
    return {
        by: tuple(_slice(name, found) for name, found in groups) if len(groups) > 1 else ()
        for by, groups in grouped.items()
    }


def _in_order(cases: Sequence[Case], key: Callable[[Case], str], name: Callable[[str, str], str]) -> Groups:
    """Group by keys in their order and join a small group with the next one, the last with the one before."""
    by_key = defaultdict[str, list[Case]](list)
    for case in cases:
        by_key[key(case)].append(case)
    without = by_key.pop(REST, [])
    joined: list[tuple[str, str, list[Case]]] = []
    for at in sorted(by_key):
        if joined and len(joined[-1][2]) < FEWEST:
            first, _, found = joined.pop()
            joined.append((first, at, found + by_key[at]))
        else:
            joined.append((at, at, by_key[at]))
    if len(joined) > 1 and len(joined[-1][2]) < FEWEST:
        (first, _, before), (_, last, found) = joined[-2:]
        joined[-2:] = [(first, last, before + found)]
    groups = [(name(first, last), found) for first, last, found in joined]
    return [*groups, (REST, without)] if without else groups


def _largest(cases: Sequence[Case], key: Callable[[Case], str]) -> Groups:
    """Group by keys, the largest groups first, the small ones and those without a key together at the end."""
    keys = [key(case) for case in cases]
    large = [one for one, rows in Counter(filter(None, keys)).most_common(MOST) if rows >= FEWEST]
    groups: dict[str, list[Case]] = {one: [] for one in (*large, REST)}
    for case, one in zip(cases, keys, strict=True):
        groups[one if one in groups else REST].append(case)
    return [(name, found) for name, found in groups.items() if found]


def _by_place(cases: Sequence[Case]) -> Groups:
    """Group by the kind of place that splits the reports best: the one whose largest group is smallest."""
    levels = [_largest(cases, partial(_place, digits)) for digits in PLACE_DIGITS]
    return min(levels, key=lambda groups: max((len(found) for _, found in groups), default=0))


def _place(digits: int, case: Case) -> str:
    return case.place[:digits]


def _month(case: Case) -> str:
    return case.complaint.date.strftime("%Y-%m") if case.complaint.date else REST


def _length(case: Case) -> str:
    """Return the least number of words of the case's group, in three digits."""
    words = len(case.complaint.text.split())
    return f"{max(begin for begin in LENGTHS if begin <= max(words, 1)):03}"


def _words(first: str, last: str) -> str:
    ends = dict(pairwise(LENGTHS))
    return f"{int(first)}-{ends[int(last)] - 1 if int(last) in ends else ''}"


def _slice(name: str, cases: Sequence[Case]) -> Slice:
    routed = [case for case in cases if case.routed]
    return Slice(
        name,
        len(cases),
        share(sum(case.right for case in cases), len(cases)),
        share(len(routed), len(cases)),
        share(sum(not case.right for case in routed), len(routed)) if routed else None,
    )
