"""Weighs the mentions of places against each other: which place is certain, and what else it may be."""

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import islice

from classifier.gazetteer import Gazetteer
from classifier.place_mentions import ELSEWHERE, MOST_MENTIONS, Mention, find_inside, nested
from classifier.place_names import Readings

CERTAIN = 0.75  # the share of the evidence that makes a place certain
_HARDLY = 0.1  # a share of readings that a cue spoke against
_UNSURE = 0.3  # how much a mention that may be an everyday word says about the others


@dataclass(frozen=True, slots=True)
class Settled:
    """The outcome of weighing: readings with shares, the certain place (if any) with its share, heaviest mention."""

    readings: Readings
    best: int | None
    share: float
    weight: float


def settle(mentions: list[Mention], words: list[str], gazetteer: Gazetteer) -> Settled:
    """Weigh the mentions, then also those of places inside the kabupaten/kota and the kecamatan that they tell."""
    mentions = _agree(mentions, gazetteer)
    settled = _weigh(mentions, gazetteer)
    for _ in range(2):  # a kecamatan inside the kabupaten/kota, then a desa inside it
        if settled.best is None or gazetteer.depth(settled.best) not in (1, 2):
            break
        inside = find_inside(words, settled.best, mentions, gazetteer)
        if not (added := list(islice(inside, MOST_MENTIONS))):
            break
        mentions = [m for m in mentions if not any(a.start <= m.start and m.end <= a.end for a in added)] + added
        settled = _weigh(_agree(mentions, gazetteer), gazetteer)
    return settled


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
    support = dict.fromkeys(mention.readings, 0.0)
    for other in others:
        for row in nested(support, other.readings, gazetteer):
            support[row] += _voice(other)
    most = max(support.values())
    if not most and not mention.sure:
        return None
    agreed = {row: share for row, share in mention.readings.items() if support[row] == most}
    return mention if len(agreed) == len(support) else replace(mention, readings=_shares(agreed))


def _voice(mention: Mention) -> float:
    return mention.weight if mention.sure else mention.weight * _UNSURE


def _weigh(mentions: list[Mention], gazetteer: Gazetteer) -> Settled:
    """Find the kabupaten/kota (or province) that the evidence speaks for, then go down inside it while it is clear."""
    if len(mentions) == 1 and len(mentions[0].readings) == 1:
        (row,), weight = mentions[0].readings, mentions[0].weight
        return Settled({row: 1.0}, row if weight >= ELSEWHERE else None, 1.0, weight)
    evidence: defaultdict[int, float] = defaultdict(float)
    named_alone: set[int] = set()  # kabupaten/kota that something else than their province's name speaks for
    for mention in mentions:
        force = mention.weight**2
        for row, share in mention.readings.items():
            chain = gazetteer.chain(row)
            part = chain[-2] if len(chain) > 1 else row
            evidence[part] += force * share
            if mention.readings.get(chain[-1], 0) < _HARDLY:
                named_alone.add(part)
    readings = _shares(_into_parts(evidence, named_alone, gazetteer))
    if not readings:
        return Settled({}, None, 0, 0)
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
    return Settled(readings, best, share, max((m.weight for m in about), default=0))


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
    return row != outer and outer in gazetteer.chain(row)


def _certain(readings: Readings, gazetteer: Gazetteer) -> tuple[int | None, float]:
    top = max(readings, key=lambda row: readings[row])
    if readings[top] >= CERTAIN:
        return top, readings[top]
    province = gazetteer.chain(top)[-1]
    share = sum(part for row, part in readings.items() if gazetteer.contains(province, row))
    return (province, share) if share > 0.9 else (None, 0.0)


def _shares(evidence: dict[int, float]) -> Readings:
    total = sum(evidence.values())
    return {row: weight / total for row, weight in evidence.items()} if total else {}
