"""Agency = archetype x place: blends how likely each archetype is with where the complaint is about.

A least-squares score estimates the probability of a class, so that, for a body b of an archetype a at the seat s,

    score(b) = trust x P(s) x share(b) x score(a)  +  (1 - trust x P(some seat of a)) x score of b as a class of its own

where P is the place resolver's and `trust` how often it named the seat of the training labels. Without a place the
second part remains, which is what a flat list of agencies would answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import fsum
from typing import Any, NamedTuple, Self

import numpy as np

from classifier.bodies import Bodies, bodies_from
from classifier.decision import PLACE_AMBIGUOUS, PLACE_UNKNOWN
from classifier.features import Floats
from classifier.gazetteer import Place
from classifier.place_evidence import CERTAIN
from classifier.places import Candidate, PlaceResolver
from classifier.records import Label

_CLOSED = np.float32(-10)  # the score of a body that can't be named, below every real one
_PLANS = 4096  # regions repeat
_OPTIONS = 65_536  # and so do their agencies


@dataclass(frozen=True, slots=True)
class Slot:
    """An archetype with bodies at many places.

    `column` holds its own score and stands for its bodies that no class knows. `trust`: see above; `exact`: how often
    the name composed for an unknown body would be right. `bodies`: seat code -> column of each class there -> its share
    of the reports to that seat.
    """

    archetype: str
    column: int
    trust: float
    exact: float
    bodies: Mapping[str, Mapping[int, float]]


@dataclass(frozen=True, slots=True, eq=False)  # one is the same as itself alone, so that what follows from it is kept
class Plan:
    """What a place does to the scores: `gain` of the archetype's score for each column, `taken` of the column's own.

    `open`: the places of the unknown bodies that a slot's column stands for, best first, each with its share of the
    probability; `told`: the slots' columns whose seat the places tell.
    """

    gain: Floats
    taken: Floats
    open: Mapping[int, Sequence[tuple[Place, float]]]
    told: frozenset[int]


class Option(NamedTuple):
    """A body that a column may stand for, its share of the column's probability, and why it isn't simply the class."""

    label: Label
    share: float
    reasons: tuple[str, ...]


class Composer:
    """Composes the scores of agency classes with places; `labels` in the order of the columns."""

    def __init__(self, labels: Sequence[Label], slots: Sequence[Slot], bodies: Bodies) -> None:
        self.labels, self.slots, self._bodies = labels, slots, bodies
        self.column_of = np.arange(len(labels), dtype=np.int32)
        """The column of each column's archetype: its own where it is no body of a slot."""
        for slot in slots:
            self.column_of[_known(slot)] = slot.column
        self._slots = {slot.column: slot for slot in slots}
        self._plan = lru_cache(_PLANS)(self._planned)
        self._options = lru_cache(_OPTIONS)(self._named)

    def plan(self, candidates: Sequence[Candidate]) -> Plan:
        """Return what a complaint's places do to its scores; the same places share one plan."""
        return self._plan(tuple(candidates))

    def __call__(self, scores: Floats, plans: Sequence[Plan]) -> Floats:
        """Return the composed scores of rows, one plan each."""
        own = scores.copy()
        for slot in self.slots:
            rest = scores[:, slot.column] - scores[:, _known(slot)].sum(axis=1)
            own[:, slot.column] = rest if self._bodies.open_ended else _CLOSED
        gain, taken = (np.stack([getattr(plan, part) for plan in plans]) for part in ("gain", "taken"))
        return np.asarray(gain * scores[:, self.column_of] + (1 - taken) * own, dtype=np.float32)

    def options(self, column: int, plan: Plan, on: date) -> Sequence[Option]:
        """Return the bodies that a column may stand for on a day, best first; none for one that can't be named."""
        return self._options(column, plan, self._bodies.since(on))

    def _named(self, column: int, plan: Plan, on: date) -> Sequence[Option]:
        slot = self._slots.get(column)
        if slot is None:
            label, reasons = self._bodies.known(self.labels[column], on)
            return [Option(label, 1.0, (*reasons, *self._untold(column, plan)))]
        places: Sequence[tuple[Place | None, float]] = plan.open.get(column, ())
        if not places and self._bodies.open_ended:
            places = [(None, 1.0)]
        named = [(self._bodies.at(slot.archetype, place, on), share) for place, share in places]
        ambiguous = (PLACE_AMBIGUOUS,) if named and named[0][1] < CERTAIN else ()
        return [Option(label, share, (*reasons, *ambiguous)) for (label, reasons), share in named]

    def _untold(self, column: int, plan: Plan) -> tuple[str, ...]:
        """Tell that a national body is but one of several which the complaint's words could have meant."""
        slot = self._slots.get(int(self.column_of[column]))
        untold = slot and self._bodies.open_ended and len(slot.bodies) > 1 and slot.column not in plan.told
        return (PLACE_UNKNOWN,) if untold else ()

    def _planned(self, candidates: tuple[Candidate, ...]) -> Plan:
        gain, taken = np.zeros((2, len(self.labels)), np.float32)
        opened: dict[int, Sequence[tuple[Place, float]]] = {}
        told = set()
        for slot in self.slots:
            seats = seats_of(self._bodies, slot.archetype, candidates)
            seated = fsum(seats.values())
            if seats and seated < fsum(one.probability for one in candidates) / 2:
                seats, seated = {}, 0.0  # more likely a place where the archetype has no body
            taken[[slot.column, *_known(slot)]] = slot.trust * min(1.0, seated)
            for seat, probability in seats.items():
                for column, share in slot.bodies.get(seat.code, {}).items():
                    gain[column] = slot.trust * probability * share
            unknown = [seat for seat in seats if seat.code not in slot.bodies][: None if self._bodies.open_ended else 1]
            if unknown:
                opened[slot.column] = [(seat, seats[seat] / seated) for seat in unknown]
                gain[slot.column] = slot.trust * slot.exact * sum(seats[seat] for seat in unknown)
            elif candidates and not seats and self._bodies.open_ended:
                opened[slot.column] = [(candidates[0].place, 1.0)]
            if not self._bodies.open_ended:
                taken[slot.column] = bool(unknown)
            if seats:
                told.add(slot.column)
        return Plan(gain, taken, opened, frozenset(told))

    def state(self) -> dict[str, Any]:
        """Return all that `from_state` needs beside the labels and places, as JSON."""
        slots = [
            {
                "archetype": slot.archetype,
                "column": slot.column,
                "trust": slot.trust,
                "exact": slot.exact,
                "bodies": {seat: [[column, share] for column, share in at.items()] for seat, at in slot.bodies.items()},
            }
            for slot in self.slots
        ]
        return {"slots": slots, "bodies": self._bodies.state()}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], labels: Sequence[Label], places: PlaceResolver) -> Self:
        """Rebuild a composer; ValueError, LookupError or TypeError if the parts do not fit each other."""
        slots = [
            Slot(**{**slot, "bodies": {seat: dict(map(tuple, at)) for seat, at in slot["bodies"].items()}})
            for slot in state["slots"]
        ]
        columns = [column for slot in slots for column in (slot.column, *_known(slot))]
        if any(not 0 <= column < len(labels) for column in columns):
            raise ValueError(f"a slot has a column that is none of the {len(labels)} agency classes")
        if len(set(columns)) < len(columns):
            raise ValueError("an agency class stands in two slots, or twice in one")
        bodies = bodies_from(state["bodies"], places)
        if unknown := [slot.archetype for slot in slots if slot.archetype not in bodies]:
            raise ValueError(f"slots of archetypes that have no bodies: {', '.join(map(repr, unknown))}")
        return cls(labels, slots, bodies)


def seats_of(bodies: Bodies, archetype: str, candidates: Sequence[Candidate]) -> dict[Place, float]:
    """Return the seats that an archetype's body may have, with their probabilities, the likely ones first."""
    found: dict[Place, float] = {}
    for one in candidates:
        if seat := bodies.seat(archetype, one.place):
            found[seat] = found.get(seat, 0.0) + one.probability
    return dict(sorted(found.items(), key=lambda seat: (-seat[1], seat[0].code)))


def _known(slot: Slot) -> list[int]:
    return [column for at in slot.bodies.values() for column in at]
