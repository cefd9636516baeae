"""Finds places in the words of a text, and says how much each mention weighs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from classifier.gazetteer import HEAD, LEVELS, Gazetteer
from classifier.place_names import PlaceNames, Readings
from classifier.place_words import (
    AFTER,
    BORN,
    CITY,
    COMPARISON,
    DIRECTION,
    EVERYDAY,
    HERE,
    JOIN,
    LOCATION,
    LOWER_LEVEL,
    NOT,
    NOT_ONLY,
    OFFICE,
    ORIGIN,
    PERSON,
    PRODUCT,
    PRODUCT_KIND,
    PROVINCE,
    REGENCY,
    ROUTE,
    STREET,
    STREET_PART,
    TRAPS,
    WORKPLACE,
)

# "Kota X"; "Dinas ... X" or "warga X"; "di X"; "X"; "dari X"; "bus ke X" or "orang X", which name no place alone.
TOLD, ADDRESSED, LOCATED, BARE, ELSEWHERE, ON_THE_WAY = 3.0, 2.6, 2.0, 1.0, 0.6, 0.4
_WRONG_KIND = 0.04  # "Kota Bandung" of somebody who means the kabupaten
MOST_MENTIONS = 40  # a text that goes on naming places says no more by it
_KINDS = CITY | REGENCY
_LONGEST = 4  # words in the name of a kecamatan or desa
_REACH = 3  # words between "bukan" and what is denied
_OFFICE_REACH = 4


@dataclass(frozen=True, slots=True)
class Mention:
    """Words `start` to `end` may mean the places of `readings`; `sure` if they count without a place beside them."""

    start: int
    end: int
    readings: Readings
    weight: float
    sure: bool = True
    former: bool = False


def find_mentions(words: list[str], names: PlaceNames, gazetteer: Gazetteer) -> list[Mention]:
    """Return the mentions of provinces, kabupaten and kota, and of lower places that a cue announces."""
    starts, found, free = names.starts, [], 0
    for at in [at for at, word in enumerate(words) if word in starts]:
        if at < free:
            continue
        mention = _announced(words, at, names, gazetteer) if words[at] in LOWER_LEVEL else None
        if mention is None and words[at] in names.heads:
            mention = _upper(words, at, at == free, names, gazetteer)
        if mention is not None:
            free = mention.end
            if mention.weight:
                found.append(mention)
        if len(found) == MOST_MENTIONS:
            break
    return _without_routes(words, found, gazetteer)


def find_inside(words: list[str], outer: int, near: Iterable[Mention], gazetteer: Gazetteer) -> Iterator[Mention]:
    """Yield mentions, without a cue, of the places right inside `outer`: after "di" and the like, or beside `near`."""
    parts, free = gazetteer.inside(outer), 0
    likely = [at for at, word in enumerate(words) if word[:HEAD] in parts.heads]
    taken = [(mention.start, mention.end) for mention in near]
    parents = [(m.start, m.end) for m in near if any(gazetteer.contains(outer, row) for row in m.readings)]
    for at in likely:
        if at < free:
            continue
        for end in range(min(at + _LONGEST, len(words)), at, -1):
            row = parts.rows.get("".join(words[at:end]))
            if row is None or any(start <= at and end <= stop and end - at < stop - start for start, stop in taken):
                continue
            if weight := _unannounced(words, at, end, parents, (at, end) in taken):
                yield Mention(at, end, {row: 1.0}, weight)
                free = end
                break


def _unannounced(words: list[str], at: int, end: int, parents: list[tuple[int, int]], taken: bool) -> float:
    """Weigh words that a place inside is called; `taken` if they are the name of a larger place too."""
    if _trapped(words, at):
        return 0
    if any(stop == at or end == start or (end + 1 == start and words[end] in _KINDS) for start, stop in parents):
        return LOCATED
    return BARE if not taken and at and words[at - 1] in LOCATION and "".join(words[at:end]) not in EVERYDAY else 0


def _announced(words: list[str], cue: int, names: PlaceNames, gazetteer: Gazetteer) -> Mention | None:
    level, sure = LOWER_LEVEL[words[cue]]
    start = cue + 1
    for end in range(min(start + _LONGEST, len(words)), start, -1):
        key = "".join(words[start:end])
        called = (*gazetteer.named(key), *names.in_fields.get(key, ()))
        rows = [row for row in called if LEVELS[gazetteer.depth(row)] == level]
        if rows:
            sure = sure and key not in EVERYDAY and len(key) > 3
            weight = TOLD if sure else LOCATED
            return Mention(cue, end, dict.fromkeys(rows, 1 / len(rows)), weight, sure, key in names.former)
    return None


def _upper(words: list[str], at: int, follows: bool, names: PlaceNames, gazetteer: Gazetteer) -> Mention | None:
    """Return the mention that starts at a word; `follows` if the word before belongs to another mention."""
    if (match := names.find(words, at)) is None:
        return None
    end, readings = match
    key, after = "".join(words[at:end]), words[end] if end < len(words) else ""
    weight = 0.0 if after in AFTER.get(key, ()) else BARE if follows else _weight(words, at, end)
    enough = {"word": LOCATED, "noun": ADDRESSED}.get(names.everyday.get(key, ""), 0.0)
    sure = weight >= enough or _part_before(words, at, readings, gazetteer)
    if after in DIRECTION and (parts := gazetteer.named(key + after)):
        inside = nested(parts, readings, gazetteer)
        parts = tuple(inside or parts)
        return Mention(at, end + 1, dict.fromkeys(parts, 1 / len(parts)), weight, bool(inside) and sure)
    return Mention(at, end, _of_kind(words, at, readings, gazetteer), weight, sure, key in names.former)


def _part_before(words: list[str], at: int, readings: Readings, gazetteer: Gazetteer) -> bool:
    """Tell whether the words before name a place inside one of the readings: "Cibadak Lebak"."""
    keys = ["".join(words[start:at]) for start in range(max(0, at - _LONGEST), at)]
    return any(nested(gazetteer.named(key), readings, gazetteer) for key in keys)


def _weight(words: list[str], at: int, end: int) -> float:
    """Weigh an upper-level name by the words before it; 0 for a trap."""
    before = words[at - 1] if at else ""
    second = words[at - 2] if at > 1 else ""
    if _trapped(words, at) or (before in PERSON and end - at == 1):
        return 0
    if before in CITY or before in REGENCY or before in PROVINCE:
        return BARE if second == "ibu" else ELSEWHERE if second in ORIGIN or second in BORN else TOLD
    if before in ORIGIN or before in BORN:
        return ELSEWHERE if before in ORIGIN else ON_THE_WAY
    if before in HERE or not OFFICE.isdisjoint(words[max(0, at - _OFFICE_REACH) : at]):
        return ADDRESSED
    if before in ROUTE or (before in JOIN and not ROUTE.isdisjoint(words[max(0, at - _REACH) : at])):
        return ON_THE_WAY
    if before in LOCATION:
        return BARE if words[end : end + 1] and words[end] in COMPARISON else LOCATED
    return BARE


def _trapped(words: list[str], at: int) -> bool:
    """Tell whether the words before a name make it a street, dish, product or body, or deny it."""
    before = words[at - 1] if at else ""
    second = words[at - 2] if at > 1 else ""
    if before in PRODUCT:
        return second not in WORKPLACE
    if before in STREET or before in TRAPS or (before in STREET_PART and second in STREET):
        return True
    if (before in PRODUCT_KIND and second in PRODUCT) or (before == "sampai" and second == "sabang"):
        return True
    lately = words[max(0, at - _REACH) : at]
    return not NOT.isdisjoint(lately) and NOT_ONLY.isdisjoint(lately)


def _of_kind(words: list[str], at: int, readings: Readings, gazetteer: Gazetteer) -> Readings:
    """Weigh the readings by the cue before the name, if one of them is of that kind."""
    before = words[at - 1] if at else ""
    if before in CITY:
        right = {row for row in readings if gazetteer.is_city(row)}
    elif before in REGENCY:
        right = {row for row in readings if gazetteer.depth(row) == 1 and not gazetteer.is_city(row)}
    elif before in PROVINCE:
        right = {row for row in readings if gazetteer.depth(row) == 0}
    else:
        return readings
    if not right or len(right) == len(readings):
        return readings
    weighed = {row: share * (1 if row in right else _WRONG_KIND) for row, share in readings.items()}
    total = sum(weighed.values())
    return {row: share / total for row, share in weighed.items()}


def _without_routes(words: list[str], mentions: list[Mention], gazetteer: Gazetteer) -> list[Mention]:
    """Make two far places in a row weigh little: "bus Bandung-Jakarta" happens in neither for sure.

    Unless the first has its name from a kecamatan in the second: "Wonosobo, Tanggamus".
    """
    for at in range(len(mentions) - 1):
        one, other = mentions[at], mentions[at + 1]
        if one.end == other.start and (within := _within(words, one, other, gazetteer)):
            mentions[at] = replace(one, readings=dict.fromkeys(within, 1 / len(within)))
            continue
        gap = words[one.end : other.start]
        joined = not gap or (len(gap) == 1 and gap[0] in JOIN)
        if joined and not nested(one.readings, other.readings, gazetteer):
            on_the_way = not ROUTE.isdisjoint(words[max(0, one.start - 3) : one.start])
            weight = ON_THE_WAY if on_the_way or gap else ELSEWHERE
            mentions[at] = replace(one, weight=min(one.weight, weight))
            mentions[at + 1] = replace(other, weight=min(other.weight, weight))
    return mentions


def _within(words: list[str], one: Mention, other: Mention, gazetteer: Gazetteer) -> list[int]:
    if nested(one.readings, other.readings, gazetteer):
        return []
    return [
        row
        for row in gazetteer.named("".join(words[one.start : one.end]))
        if gazetteer.depth(row) == 2 and any(gazetteer.contains(outer, row) for outer in other.readings)
    ]


def nested(some: Iterable[int], others: Readings, gazetteer: Gazetteer) -> list[int]:
    """Return those of some places that are, contain or lie in any of the others."""
    above = {outer for row in others for outer in gazetteer.chain(row)}
    return [row for row in some if row in above or not others.keys().isdisjoint(gazetteer.chain(row))]
