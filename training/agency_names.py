"""How a data set writes the names of its agencies and places."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from classifier.agency_seats import bare_name
from classifier.bodies import SLOT
from classifier.gazetteer import Place, name_key
from classifier.places import PlaceResolver
from classifier.records import Complaint

_KIND = re.compile(r"^(?:kota|kabupaten|kab|kecamatan|kec|kelurahan|kel|desa|distrik)\b\.?\s*", re.IGNORECASE)


def pattern_of(name: str, place: Place) -> str | None:
    """Return an agency's name with `SLOT` for the bare name of its place, None if that isn't written in it."""
    letters = r"\s*".join(map(re.escape, "".join(bare_name(place).split())))  # "Sukamaju" is also "Suka Maju"
    found = re.search(rf"\b{letters}\b", name, re.IGNORECASE)
    return name[: found.start()] + SLOT + name[found.end() :] if found else None


def written_names(rows: Iterable[Complaint], places: PlaceResolver) -> dict[str, str]:
    """Return place code -> how region fields write a name that the gazetteer writes otherwise ("Kapas Madya")."""
    forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for region, count in Counter(row.region for row in rows if row.region).items():
        parts = [" ".join(_KIND.sub("", part.strip()).split()) for part in region.split(",")]
        best = places.parse_region(region).best
        for place in (best.place, *places.ancestors(best.place.code)) if best else ():
            key = name_key(bare_name(place))
            forms[place.code].update({part: count for part in parts if name_key(part) == key})
    return {code: usual for code in sorted(forms) if (usual := _other_form(code, forms[code], places))}


def _other_form(code: str, forms: Counter[str], places: PlaceResolver) -> str | None:
    place, usual = places.get(code), next(iter(forms.most_common(1)), None)
    return usual[0] if place and usual and usual[0] != bare_name(place) else None


def reports_by_pattern(patterns: Iterable[tuple[str, int]]) -> Counter[str]:
    """Add up the reports of each pattern, given that of each body with its reports."""
    total = Counter[str]()
    for pattern, rows in patterns:
        total[pattern] += rows
    return total


def consistency(patterns: Sequence[tuple[str, int]]) -> tuple[int, int]:
    """Return how many bodies' patterns are the usual one of the others, weighed by their reports, and how many not."""
    total = reports_by_pattern(patterns)
    same = 0
    for pattern, rows in patterns:
        others = total - Counter({pattern: rows})
        same += bool(others) and others.most_common(1)[0][0] == pattern
    return same, len(patterns) - same
