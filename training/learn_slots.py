"""Learns how agencies compose with places: how far to trust the resolver, and how the data write names."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from classifier.bodies import Bodies, NationalBodies, WrittenBodies, kind_of
from classifier.composition import Composer, Plan, Slot, seats_of
from classifier.features import Integers
from classifier.places import Candidate
from classifier.records import Complaint
from classifier.taxonomy import Taxonomy
from training.agency_labels import AgencyLabels
from training.agency_names import consistency, pattern_of, reports_by_pattern, written_names

TRUST = 0.8  # in the resolver, where nothing is known
TRUST_ROWS = 5  # that this counts as
EXACT_BODIES = 2  # that the consistency of all archetypes counts as for one

Patterns = dict[str, dict[str, list[tuple[str, int]]]]  # archetype -> kind of place -> pattern and reports of each body
Where = Sequence[Sequence[Candidate]]


def learn_composer(labels: AgencyLabels, rows: Sequence[Complaint], where: Where, taxonomy: Taxonomy) -> Composer:
    """Learn the slots; `where` holds the places that each row may be about."""
    places = taxonomy.agencies.places
    found = _patterns(labels, taxonomy) if taxonomy.kind == "from-data" else {}
    bodies: Bodies = NationalBodies(taxonomy.agencies)
    if taxonomy.kind == "from-data":
        usual = {
            name: {kind: reports_by_pattern(each).most_common(1)[0][0] for kind, each in kinds.items()}
            for name, kinds in found.items()
        }
        bodies = WrittenBodies(usual, written_names(rows, places), places)
    exact = _exact(found)
    slots = [
        _slot(column, labels, where, bodies, exact.get(labels.labels[column].name, 1.0)) for column in labels.slots
    ]
    return Composer(labels.labels, slots, bodies)


def right_columns(labels: AgencyLabels, plans: Sequence[Plan]) -> Integers:
    """Return the column of each row's right answer; -1 where it is a body that no column stands for."""
    right = np.where(labels.bodies >= 0, labels.bodies, labels.archetypes)
    slots = set(labels.slots)
    for row in np.flatnonzero((labels.bodies < 0) & labels.known).tolist():
        column, seat = int(labels.archetypes[row]), labels.seats[row]
        opened = next(iter(plans[row].open.get(column, ())), None)
        if column in slots and seat and not (opened and opened[0].code == seat):
            right[row] = -1
    return np.asarray(right, np.int32)


def _slot(column: int, labels: AgencyLabels, where: Where, bodies: Bodies, exact: float) -> Slot:
    label = labels.labels[column]
    archetype = label.code if bodies.open_ended else label.name
    rows = [int(row) for row in np.flatnonzero(labels.archetypes == column) if labels.seats[row]]
    seats = [(labels.seats[row], seats_of(bodies, archetype, where[row])) for row in rows]
    told = [(seat, next(iter(found)).code) for seat, found in seats if found]
    trust = (sum(seat == first for seat, first in told) + TRUST * TRUST_ROWS) / (len(told) + TRUST_ROWS)
    counts: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for row in rows:
        if labels.bodies[row] >= 0:
            counts[labels.seats[row]][int(labels.bodies[row])] += 1
    shares = {
        seat: {body: count / at.total() for body, count in sorted(at.items())} for seat, at in sorted(counts.items())
    }
    return Slot(archetype, column, trust, exact, shares)


def _patterns(labels: AgencyLabels, taxonomy: Taxonomy) -> Patterns:
    found: Patterns = {}
    for (column, seat), rows in sorted(labels.reports.items()):
        label, place = labels.labels[column], taxonomy.agencies.places.get(seat)
        if place and (pattern := pattern_of(label.name, place)):
            found.setdefault(label.group, {}).setdefault(kind_of(place), []).append((pattern, rows))
    return found


def _exact(found: Patterns) -> dict[str, float]:
    """Return how often a composed name would be the one that the data use, by archetype; few bodies count as all do."""
    counts = {name: np.sum([consistency(each) for each in kinds.values()], axis=0) for name, kinds in found.items()}
    same, other = np.sum([*counts.values(), (0, 0)], axis=0)
    overall = same / max(1, same + other)
    return {
        name: float((same + EXACT_BODIES * overall) / (same + other + EXACT_BODIES))
        for name, (same, other) in counts.items()
    }
