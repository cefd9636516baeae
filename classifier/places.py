"""Where a complaint is about: its region field and the places its text mentions, weighed against each other."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from classifier.gazetteer import Alias, Gazetteer, Place, name_key
from classifier.place_mentions import (
    ADDRESSED,
    BARE,
    ELSEWHERE,
    LOCATED,
    MOST_MENTIONS,
    Mention,
    find_inside,
    find_mentions,
    nested,
)
from classifier.place_names import PlaceNames, Readings
from classifier.place_region import Region, read_region
from classifier.place_words import tokens

CERTAIN = 0.75  # the share of the evidence that makes a place certain
CANDIDATES = 10
_FIELD = 30.0  # the weight of the region field; the heaviest mention weighs 3
_RIGHT = ((_FIELD, 0.99), (ADDRESSED, 0.97), (LOCATED, 0.95), (BARE, 0.88), (0.0, 0.7))  # by the heaviest mention
_HARDLY = 0.1  # a share of readings that a cue spoke against
_UNSURE = 0.3  # how much a mention that may be an everyday word says about the others
_SEARCHED = 1000  # desa of a beginning that are looked at
_FIELD_LENGTH = 300  # characters of a region field that are read
_REMEMBERED = 4096  # region fields repeat


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place with the probability, 0 to 1, that the matter is there."""

    place: Place
    probability: float


@dataclass(frozen=True, slots=True)
class Resolution:
    """The most specific place that is certain, the readings that exclude each other (best first), and notes.

    Notes: "place-successor" (an old code or name), "unknown-place-code", "region-contradicts-text" (the field won).
    """

    best: Candidate | None
    candidates: tuple[Candidate, ...]
    notes: tuple[str, ...] = ()


class PlaceResolver:
    """Resolves region fields and texts to places of the gazetteer."""

    def __init__(self, gazetteer: Gazetteer, aliases: Iterable[Alias]) -> None:
        self._gazetteer = gazetteer
        self._names = PlaceNames(gazetteer, aliases)
        self._region = lru_cache(_REMEMBERED)(self._read_region)

    def resolve(self, region: str, text: str, title: str = "") -> Resolution:
        """Return where the matter is; the field wins over the text, which may make it more precise."""
        field = self._region(region[:_FIELD_LENGTH])
        words = tokens(f"{title} {text}" if title else text)
        mentions = find_mentions(words, self._names, self._gazetteer)
        if not mentions and not field.readings:
            return Resolution(None, (), field.notes)
        if not field.readings:
            told = self._settle(mentions, words)
            return self._resolution(told, (*field.notes, *_notes(mentions, told, self._gazetteer)))
        settled = self._settle([Mention(-1, -1, field.readings, _FIELD), *mentions], words)
        contradicted = ("region-contradicts-text",) if self._contradict(mentions, words, field) else ()
        return self._resolution(settled, (*field.notes, *contradicted))

    def parse_region(self, region: str) -> Resolution:
        """Return what a region field alone means."""
        return self.resolve(region, "")

    def search(self, q: str, limit: int = 10) -> list[Place]:
        """Return places with a name, or a word of it, that starts with `q`, larger ones first; else what `q` means."""
        found = self._starting_with(q.strip(), limit) if name_key(q) and not q.strip()[0].isdigit() else []
        if not found:
            readings = self._region(q[:_FIELD_LENGTH]).readings
            found = sorted(readings, key=lambda row: (-readings[row], row))[:limit]
        return [self._gazetteer.place(row) for row in found]

    def get(self, code: str) -> Place | None:
        """Return the place of a code with or without dots, None if there is none."""
        row = self._gazetteer.row(code.replace(".", ""))
        return None if row is None else self._gazetteer.place(row)

    def ancestors(self, code: str) -> tuple[Place, ...]:
        """Return the places that the place of a code lies in, the nearest first; () for an unknown code."""
        row = self._gazetteer.row(code.replace(".", ""))
        return () if row is None else tuple(map(self._gazetteer.place, self._gazetteer.ancestors(row)))

    def _read_region(self, region: str) -> Region:
        return read_region(region, self._names, self._gazetteer)

    def _starting_with(self, q: str, limit: int) -> list[int]:
        upper = self._names.starting_with(name_key(q))
        lower: tuple[list[int], list[int]] = [], []
        for row in self._gazetteer.starting_with(q):
            depth = self._gazetteer.depth(row)
            if depth > 1 and row not in lower[depth - 2]:
                lower[depth - 2].append(row)
            if len(lower[0]) >= limit or len(lower[1]) >= _SEARCHED:
                break
        return [*upper, *lower[0], *lower[1]][:limit]

    def _contradict(self, mentions: list[Mention], words: list[str], field: Region) -> bool:
        """Tell whether the text by itself is certain of a place elsewhere."""
        if all(m.weight < LOCATED or nested(m.readings, field.readings, self._gazetteer) for m in mentions):
            return False
        told = self._settle(mentions, words)
        return (
            told.best is not None
            and told.weight >= LOCATED
            and not nested([told.best], field.readings, self._gazetteer)
        )

    def _settle(self, mentions: list[Mention], words: list[str]) -> "_Settled":
        mentions = _agree(mentions, self._gazetteer)
        settled = _weigh(mentions, self._gazetteer)
        for _ in range(2):  # a kecamatan inside the kabupaten/kota, then a desa inside it
            if settled.best is None or self._gazetteer.depth(settled.best) not in (1, 2):
                break
            inside = find_inside(words, settled.best, mentions, self._gazetteer)
            if not (added := list(islice(inside, MOST_MENTIONS))):
                break
            mentions = [m for m in mentions if not any(a.start <= m.start and m.end <= a.end for a in added)] + added
            settled = _weigh(_agree(mentions, self._gazetteer), self._gazetteer)
        return settled

    def _resolution(self, settled: "_Settled", notes: tuple[str, ...]) -> Resolution:
        def candidate(row: int, share: float) -> Candidate:
            return Candidate(self._gazetteer.place(row), round(share * settled.reliability, 4))

        ranked = sorted(settled.readings.items(), key=lambda reading: (-reading[1], reading[0]))[:CANDIDATES]
        best = None if settled.best is None else candidate(settled.best, settled.share)
        return Resolution(best, tuple(candidate(row, share) for row, share in ranked), notes)


@dataclass(frozen=True, slots=True)
class _Settled:
    """The outcome of weighing: readings with shares, the certain place (if any) with its share, heaviest mention."""

    readings: Readings
    best: int | None
    share: float
    weight: float

    @property
    def reliability(self) -> float:
        return next(right for weight, right in _RIGHT if self.weight >= weight)


def _agree(mentions: list[Mention], gazetteer: Gazetteer) -> list[Mention]:
    """Keep the readings of each mention that most of the others' weight agrees with; drop unsure ones without any."""
    for _ in range(2):
        kept = [agreed for mention in mentions if (agreed := _agreed(mention, mentions, gazetteer)) is not None]
        if kept == mentions:
            break
        mentions = kept
    return mentions


def _agreed(mention: Mention, mentions: list[Mention], gazetteer: Gazetteer) -> Mention | None:
    others = [other for other in mentions if other is not mention]
    if mention.sure and (not others or len(mention.readings) == 1):
        return mention
    support = {
        row: sum(_voice(other) for other in others if nested([row], other.readings, gazetteer))
        for row in mention.readings
    }
    most = max(support.values())
    if not most and not mention.sure:
        return None
    agreed = {row: share for row, share in mention.readings.items() if support[row] == most}
    return mention if len(agreed) == len(support) else replace(mention, readings=_shares(agreed))


def _voice(mention: Mention) -> float:
    return mention.weight if mention.sure else mention.weight * _UNSURE


def _weigh(mentions: list[Mention], gazetteer: Gazetteer) -> _Settled:
    """Find the kabupaten/kota (or province) that the evidence speaks for, then go down inside it while it is clear."""
    evidence: defaultdict[int, float] = defaultdict(float)
    named_alone: set[int] = set()  # kabupaten/kota that something else than their province's name speaks for
    for mention in mentions:
        for row, share in mention.readings.items():
            up = gazetteer.ancestors(row)
            part = up[-2] if len(up) > 1 else row
            evidence[part] += mention.weight**2 * share
            if mention.readings.get((row, *up)[-1], 0) < _HARDLY:
                named_alone.add(part)
    readings = _shares(_into_parts(evidence, named_alone, gazetteer))
    if not readings:
        return _Settled({}, None, 0, 0)
    best, share = _certain(readings, gazetteer)
    if all(mention.weight < ELSEWHERE for mention in mentions):
        best = None
    if best is not None and gazetteer.depth(best) == 1:
        rest = {row: part for row, part in readings.items() if row != best}
        best, inside = _go_down(best, mentions, gazetteer)
        readings = rest | {row: part * share for row, part in inside.items()}
        share *= inside.get(best, 1)
    elif best is None or gazetteer.depth(best) == 0:
        readings = {_go_down(row, mentions, gazetteer)[0]: part for row, part in readings.items()}
    about = [m for m in mentions if best is None or nested([best], m.readings, gazetteer)]
    return _Settled(readings, best, share, max((m.weight for m in about), default=0))


def _into_parts(evidence: dict[int, float], parts: set[int], gazetteer: Gazetteer) -> dict[int, float]:
    """Give the evidence for a province to those of its kabupaten and kota that are `parts`."""
    for province in [row for row in evidence if gazetteer.depth(row) == 0]:
        parts_here = [row for row in evidence if row in parts and _inside(row, province, gazetteer)]
        total = sum(evidence[row] for row in parts_here)
        if total:
            weight = evidence.pop(province)
            for row in parts_here:
                evidence[row] += weight * evidence[row] / total
    return evidence


def _go_down(regency: int, mentions: list[Mention], gazetteer: Gazetteer) -> tuple[int, Readings]:
    """Return the deepest clear place in a kabupaten/kota, and how the evidence inside is shared."""
    best, readings = regency, {regency: 1.0}
    if gazetteer.depth(regency) == 0:
        return best, readings
    for depth in (2, 3):
        evidence: defaultdict[int, float] = defaultdict(float)
        for mention in mentions:
            deep = {row: share for row, share in mention.readings.items() if _inside(row, best, gazetteer)}
            if sum(deep.values()) <= mention.readings.get(best, 0):
                continue
            for row, share in deep.items():
                child = row if gazetteer.depth(row) == depth else gazetteer.ancestors(row)[0]
                evidence[child] += mention.weight**2 * share
        if not evidence:
            break
        readings = _shares(evidence)
        deeper = max(readings, key=lambda row: readings[row])
        if readings[deeper] < CERTAIN:
            break
        best = deeper
    return best, readings


def _inside(row: int, outer: int, gazetteer: Gazetteer) -> bool:
    return row != outer and gazetteer.contains(outer, row)


def _certain(readings: Readings, gazetteer: Gazetteer) -> tuple[int | None, float]:
    top = max(readings, key=lambda row: readings[row])
    if readings[top] >= CERTAIN:
        return top, readings[top]
    province = (top, *gazetteer.ancestors(top))[-1]
    share = sum(part for row, part in readings.items() if gazetteer.contains(province, row))
    return (province, share) if share > 0.9 else (None, 0.0)


def _shares(evidence: dict[int, float]) -> Readings:
    total = sum(evidence.values())
    return {row: weight / total for row, weight in evidence.items()} if total else {}


def _notes(mentions: list[Mention], settled: _Settled, gazetteer: Gazetteer) -> tuple[str, ...]:
    old = any(m.former and settled.best is not None and nested([settled.best], m.readings, gazetteer) for m in mentions)
    return ("place-successor",) if old else ()
