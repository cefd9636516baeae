"""Checks the labels that people state: known, not retired, existing on the report's day."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from classifier.agencies import AgencyTable, Body
from classifier.errors import InputError
from classifier.names import Entry
from classifier.records import Label, Target
from models.bundle import Bundle
from service.errors import FieldError

_LISTS = {"topic": "/v1/topics", "agency": "/v1/agencies", "kind": "the kinds of the README"}
_SHOWN = 100  # characters of a code in a message


class LabelCheck:
    """Knows the reference; what the model at hand knows besides comes with each question."""

    def __init__(self, table: AgencyTable, topics: Sequence[Entry], kinds: Sequence[Entry]) -> None:
        self._table = table
        self._entries: Mapping[str, Mapping[str, Entry]] = {
            "topic": {entry.label.code: entry for entry in topics},
            "kind": {entry.label.code: entry for entry in kinds},
        }

    def __call__(
        self, bundle: Bundle, stated: Mapping[str, str], predicted: Mapping[str, Sequence[str]], on: date, *, new: bool
    ) -> Iterator[FieldError]:
        """Yield what is wrong with each label stated of a report of that day.

        `predicted`: the codes that the model offered for it, by target, which are right to repeat. `new` lets a label
        pass that a model of labels as written does not know yet.
        """
        national = bundle.manifest.taxonomy.kind == "national"
        for target, code in stated.items():
            if target == "place":
                yield from self._place(code)
            elif code in predicted.get(target, ()):
                continue
            elif not national:
                yield from _written(bundle, target, code, new)
            elif target == "agency":
                yield from self._agency(code, on)
            else:
                yield from self._entry(target, code)

    def _entry(self, target: str, code: str) -> Iterator[FieldError]:
        entry = self._entries[target].get(code)
        if entry is None:
            yield FieldError(target, f"unknown code {code[:_SHOWN]!r}", f"a code of {_LISTS[target]}")
        elif entry.retired:
            heirs = " or ".join(f"{heir!r}" for heir in entry.successors) or f"another code of {_LISTS[target]}"
            yield FieldError(target, f"{code!r} is retired", f"its successor {heirs}")

    def _agency(self, code: str, on: date) -> Iterator[FieldError]:
        try:
            body = self._table.body(code, on)
        except InputError as error:
            shown = f"{error.problem} in {code[:_SHOWN]!r}" if error.field == "place" else error.problem[: 2 * _SHOWN]
            yield FieldError("agency", shown, f"a code of {_LISTS['agency']}, as dinas-perhubungan@3578")
            return
        if "agency-not-on-date" in body.reasons:
            yield FieldError("agency", f"{code!r} does not exist on {on}", "a body that exists on the report's day")
        elif body.id != code:
            yield FieldError("agency", f"{code!r} {_why(body, on)}", f"{body.id!r} ({body.name})")

    def _place(self, code: str) -> Iterator[FieldError]:
        places = self._table.places
        if places.get(code):
            return
        meant = places.parse_region(code) if code.replace(".", "").isdecimal() else None
        if meant and "place-successor" in meant.notes:
            place = meant.candidates[0].place
            yield FieldError("place", f"{code!r} is an old code", f"{place.code!r} ({place.name})")
        else:
            yield FieldError("place", f"unknown code {code[:_SHOWN]!r}", "a Kemendagri code of 2, 4, 6 or 10 digits")


def _why(body: Body, on: date) -> str:
    if "agency-successor" in body.reasons:
        return f"no longer exists on {on}; this body came after it"
    if "agency-predecessor" in body.reasons:
        return f"does not exist yet on {on}; this body had its work"
    return "is no body at that place"


def _written(bundle: Bundle, target: str, code: str, new: bool) -> Iterator[FieldError]:
    known: Mapping[Target, Sequence[Label]] = {
        "topic": bundle.classifier.topics,
        "agency": bundle.classifier.agencies,
        "kind": bundle.classifier.kinds,
    }
    if not new and all(label.code != code for label in known[target]):  # type: ignore[index]  # one of the three
        expected = f'a code of {_LISTS[target]}, or "new_label": true'
        yield FieldError(target, f"unknown label {code[:_SHOWN]!r}", expected)
