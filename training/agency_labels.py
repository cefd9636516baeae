"""Takes the agencies of training labels apart: archetypes, and the bodies of those that exist at many places."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from classifier.agencies import AgencyTable
from classifier.bodies import SLOT
from classifier.features import Integers
from classifier.gazetteer import Place
from classifier.places import PlaceResolver
from classifier.records import Complaint, Label
from classifier.taxonomy import Taxonomy
from training.agency_names import pattern_of
from training.design import Wanted

HOME_SHARE = 0.05  # of the reports: a kabupaten/kota with so many may have a list of agencies of its own
BODY_ROWS = 5  # from so many reports on, a body of the national table is a class of its own
MOST_BODIES = 1_000  # such classes, those of most reports


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a written agency label means: its archetype's label, the place in it, and the class of its own, if any.

    `slot`: the archetype exists at many places.
    """

    archetype: Label
    slot: bool
    seat: str = ""
    body: Label | None = None


@dataclass(frozen=True, slots=True)
class AgencyLabels:
    """The agency classes of training rows: columns of archetypes first, then of bodies.

    `archetypes` and `bodies` hold each row's column, -1 where it has none; `seats` the place codes in its label, "" for
    none; `slots` the columns of the archetypes that exist at many places.
    """

    labels: tuple[Label, ...]
    archetypes: Integers
    bodies: Integers
    seats: tuple[str, ...]
    slots: tuple[int, ...]
    unresolved: Mapping[str, int]

    @property
    def known(self) -> NDArray[np.bool_]:
        """The rows with a label that the taxonomy knows."""
        return self.archetypes >= 0

    @property
    def wanted(self) -> Wanted:
        """A row's archetype and its body, both."""
        rows = np.concatenate([np.flatnonzero(part >= 0) for part in (self.archetypes, self.bodies)])
        columns = np.concatenate([part[part >= 0] for part in (self.archetypes, self.bodies)])
        ones = np.ones(len(rows), np.float32)
        shape = len(self.archetypes), len(self.labels)
        return Wanted(sparse.csr_array((ones, (rows, columns)), shape=shape), self.known)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """The number of rows by class."""
        return np.asarray(self.wanted.classes.sum(axis=0), np.int64)

    @property
    def reports(self) -> Counter[tuple[int, str]]:
        """The number of rows by column and seat of their body."""
        own = self.bodies.tolist()
        return Counter((body, seat) for body, seat in zip(own, self.seats, strict=True) if body >= 0)

    def take(self, rows: NDArray[np.intp]) -> Self:
        """Return the labels of some of the rows."""
        seats = tuple(self.seats[row] for row in rows)
        return type(self)(self.labels, self.archetypes[rows], self.bodies[rows], seats, self.slots, self.unresolved)


def agency_labels(rows: Sequence[Complaint], taxonomy: Taxonomy) -> AgencyLabels:
    """Resolve and factor the agency labels of rows."""
    written, meanings = _meanings(rows, taxonomy)
    unresolved = Counter(label for label, meaning in zip(written, meanings, strict=True) if label and not meaning)
    return _numbered(_frequent_bodies(meanings) if taxonomy.kind == "national" else meanings, unresolved)


def agency_golds(rows: Sequence[Complaint], taxonomy: Taxonomy) -> list[Label | None]:
    """Return the most precise label that each row's agency means, None for none."""
    return [(one.body or one.archetype) if one else None for one in _meanings(rows, taxonomy)[1]]


def _meanings(rows: Sequence[Complaint], taxonomy: Taxonomy) -> tuple[list[str], list[Meaning | None]]:
    """Return the labels as written and what each means; one of a home is looked up once."""
    table = taxonomy.agencies
    written = [" ".join(row.labels.get("agency", "").split()) for row in rows]
    homes = _homes(rows, table.places)
    if taxonomy.kind == "from-data":
        meaning_of = _from_data(written, homes, table)
        return written, [meaning_of.get(label) for label in written]
    meant = cache(lambda label, home: _national(label, home, table) if label else None)
    return written, [meant(label, home) for label, home in zip(written, homes, strict=True)]


def _numbered(meanings: Sequence[Meaning | None], unresolved: Mapping[str, int]) -> AgencyLabels:
    found = [one for one in meanings if one]
    archetypes = sorted({(one.archetype, one.slot) for one in found}, key=lambda one: one[0].code)
    bodies = sorted({one.body for one in found if one.body}, key=lambda label: label.code)
    labels = (*(label for label, _ in archetypes), *bodies)
    number = {label: at for at, label in enumerate(labels)}
    return AgencyLabels(
        labels,
        np.array([number[one.archetype] if one else -1 for one in meanings], np.int32),
        np.array([number[one.body] if one and one.body else -1 for one in meanings], np.int32),
        tuple(one.seat if one else "" for one in meanings),
        tuple(at for at, (_, slot) in enumerate(archetypes) if slot),
        unresolved,
    )


def _homes(rows: Sequence[Complaint], places: PlaceResolver) -> list[Place | None]:
    """Return the kabupaten/kota whose own list each row's label is from, where that can be told."""
    regency = cache(lambda region: _regency(region, places) if region else None)
    found = [regency(row.region) for row in rows]
    counts = Counter(place for place in found if place)
    homes = {place for place, count in counts.items() if count >= HOME_SHARE * len(rows)}
    most = next((place for place, count in counts.most_common(1) if 2 * count > len(rows)), None)
    return [place if place in homes else most for place in found]


def _regency(region: str, places: PlaceResolver) -> Place | None:
    best = places.parse_region(region).best
    chain = (best.place, *places.ancestors(best.place.code)) if best else ()
    return next((place for place in chain if place.level == "regency"), None)


def _national(label: str, home: Place | None, table: AgencyTable) -> Meaning | None:
    factored = table.factor(label, home)
    if factored is None:
        return None
    row = table.row(factored.archetype_id)
    local = not row.place and row.levels != {"national"}
    archetype = Label(row.id, row.name, row.name)
    place = table.places.get(factored.place) if local and factored.place else None
    seat = place.code if place and table.seat(row.id, place) == place else ""
    return Meaning(archetype, local, seat, Label(f"{row.id}@{seat}", row.name, row.name) if seat else None)


def _frequent_bodies(meanings: Sequence[Meaning | None]) -> list[Meaning | None]:
    """Leave bodies of few reports to the composition alone."""
    counts = Counter(one.body for one in meanings if one and one.body)
    frequent = sorted(
        (body for body, rows in counts.items() if rows >= BODY_ROWS), key=lambda one: (-counts[one], one.code)
    )
    kept = set(frequent[:MOST_BODIES])
    return [Meaning(one.archetype, one.slot, one.seat) if one and one.body not in kept else one for one in meanings]


def _from_data(written: Sequence[str], homes: Sequence[Place | None], table: AgencyTable) -> dict[str, Meaning]:
    """Return label -> meaning: an archetype is a slot where its labels have several places written in them."""
    by_label: defaultdict[str, Counter[Place | None]] = defaultdict(Counter)
    for label, home in zip(written, homes, strict=True):
        by_label[label][home] += 1
    named = {label: _named(label, counts.most_common(1)[0][0], table) for label, counts in by_label.items() if label}
    seats: defaultdict[str, set[str]] = defaultdict(set)
    for archetype, seat in named.values():
        seats[archetype].add(seat)
    return {
        label: _written(label, archetype, seat, slot=bool(seat) and len(seats[archetype] - {""}) > 1)
        for label, (archetype, seat) in named.items()
    }


def _named(label: str, home: Place | None, table: AgencyTable) -> tuple[str, str]:
    """Return a label's archetype, itself if it has none, and the code of the place whose name is written in it."""
    factored = table.factor(label, home)
    if factored is None:
        return label, ""
    place = table.places.get(factored.place) if factored.place else None
    seat = place.code if place and pattern_of(label, place) else ""
    return table.row(factored.archetype_id).name, seat


def _written(label: str, archetype: str, seat: str, *, slot: bool) -> Meaning:
    own = Label(label, label, archetype)
    return Meaning(Label(f"{archetype} {SLOT}", archetype, archetype), True, seat, own) if slot else Meaning(own, False)
