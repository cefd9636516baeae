"""What a classifier is made of: stored as JSON and arrays and back, and refused where the parts don't fit."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import toy

from classifier.parts import Parts
from classifier.pipeline import Classifier
from classifier.records import Complaint
from classifier.state import State

PLACES = [("7771", "Kota Contoh"), ("777101", "Kecamatan Uji"), ("7701", "Kabupaten Teladan")]


def stored() -> State:
    """Return the toy's state as a bundle would read it."""
    state = toy.fitted().classifier.state()
    return State(dict(state.arrays), json.loads(json.dumps(state.tables)))


def changed(change: Callable[[dict[str, Any]], object]) -> State:
    state = stored()
    tables = dict(state.tables)
    change(tables)
    return State(state.arrays, tables)


def test_parts_come_back_as_they_were_stored() -> None:
    parts = Parts.from_state(stored())
    again = parts.state()
    assert json.loads(json.dumps(again.tables)) == stored().tables
    assert again.arrays.keys() == stored().arrays.keys()
    for name, array in stored().arrays.items():
        assert np.array_equal(again.arrays[name], array), name


def test_the_state_holds_all_that_can_change_a_prediction() -> None:
    complaints = [*toy.complaints(), Complaint("lain", "Lampu jalan padam di Kota Contoh", region="Kab. Teladan")]
    first = Classifier("uji", Parts.from_state(stored()))
    second = Classifier("uji", Parts.from_state(first.state()))
    assert first.classify(complaints) == second.classify(complaints)


def test_places_and_the_composer_are_parts() -> None:
    parts = Parts.from_state(stored())
    for code, name in PLACES:
        found = parts.places.get(code)
        assert found
        assert found.name == name
    assert [parts.composer.labels] == [head.labels for head in parts.heads if head.target == "agency"]


def test_heads_keep_their_labels_in_the_order_of_the_columns() -> None:
    heads = Parts.from_state(stored()).heads
    assert [head.target for head in heads] == ["topic", "agency", "kind"]
    for head in heads:
        codes = [label.code for label in head.labels]
        assert len(set(codes)) == len(codes) == len(head.calibration.scale) == len(head.calibration.reliability)


def test_a_target_without_a_head_has_no_classes() -> None:
    parts = replace(Parts.from_state(stored()), heads=())
    assert (Classifier("uji", parts).topics, Classifier("uji", parts).agencies) == ((), ())


def slot(column: int) -> dict[str, Any]:
    return {"archetype": "Kecamatan", "column": column, "trust": 0.8, "exact": 1.0, "bodies": {}}


@pytest.mark.parametrize(
    "change",
    [
        lambda tables: tables.pop("places"),
        lambda tables: tables.pop("composer"),
        lambda tables: tables.pop("lexicon"),
        lambda tables: tables.pop("policy"),
        lambda tables: tables.update(places={}),
        lambda tables: tables.update(places=None),
        lambda tables: tables["places"].update(names=tables["places"]["names"][:-1]),
        lambda tables: tables["places"].update(codes=["7", *tables["places"]["codes"][1:]]),
        lambda tables: tables["places"].update(aliases=[["Ctoh", "name"]]),
        lambda tables: tables.update(composer={"slots": []}),
        lambda tables: tables["composer"].update(slots=[slot(len(toy.classifier().agencies))]),
        lambda tables: tables["composer"].update(slots=[slot(-1)]),
        lambda tables: tables["composer"].update(bodies={}),
        lambda tables: tables["heads"].pop(),
        lambda tables: tables["heads"][0]["labels"].pop(),
        lambda tables: tables["heads"][1]["labels"].append(["x", "x", "x"]),
        lambda tables: tables["heads"][0].pop("confidence"),
        lambda tables: tables["heads"][0]["labels"].__setitem__(0, ["a", "b", "c", "d"]),
    ],
)
def test_tables_that_do_not_fit_are_refused(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises((ValueError, LookupError, TypeError)):
        Parts.from_state(changed(change))


def test_a_composer_needs_the_agency_classes_that_it_composes() -> None:
    def without_agencies(tables: dict[str, Any]) -> None:
        tables["composer"]["slots"] = [slot(0)]
        tables["heads"][1]["target"] = "lain"

    with pytest.raises(ValueError, match="none of the 0 agency classes"):
        Parts.from_state(changed(without_agencies))
