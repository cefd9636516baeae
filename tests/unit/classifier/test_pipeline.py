"""The classifier: from complaints to predictions, and back from its stored state."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import toy
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.pipeline import Classifier
from classifier.records import ANSWERS, Complaint, Prediction
from classifier.state import State
from training.fit import fit

TEXTS = [
    "Lampu jalan di depan balai warga padam",
    "Sampah pasar menumpuk dan bau",
    "Air PDAM keruh, hubungi 0812-3456-7890",
    "jln berlubang besar dekat sekolah",
    "!!!",
    "kucing oranye hilang",
]


def asked() -> list[Complaint]:
    return [Complaint(f"tanya-{at}", text, region="Kota Contoh, Kec. Uji") for at, text in enumerate(TEXTS)]


def answers(prediction: Prediction) -> tuple[Any, ...]:
    return prediction.topic, prediction.agency, prediction.kind, prediction.decision


def test_right_answers_for_plain_complaints() -> None:
    found = toy.classifier().classify(asked()[:4])
    assert [one.topic[0].label.name for one in found] == [toy.LAMPS, toy.WASTE, toy.WATER, toy.ROADS]
    assert [one.agency[0].label.name for one in found] == [toy.DISHUB, toy.DLH, toy.PERUMDA, toy.BINA_MARGA]


def test_predictions_come_in_the_order_of_the_complaints() -> None:
    complaints = toy.complaints()
    found = toy.classifier().classify(complaints[::-1])
    assert [one.id for one in found] == [one.id for one in complaints[::-1]]
    assert {one.model for one in found} == {"model-uji"}


def test_an_answer_does_not_depend_on_the_batch() -> None:
    together = toy.classifier().classify(asked())
    alone = [toy.classifier().classify([one])[0] for one in asked()]
    assert together == alone


def test_no_complaints_get_no_predictions() -> None:
    assert toy.classifier().classify([]) == []


def test_the_classes_are_those_of_the_complaints() -> None:
    known = toy.classifier()
    assert {label.name for label in known.topics} == {toy.ROADS, toy.LAMPS, toy.WASTE, toy.WATER}
    assert len(known.agencies) == 5
    assert {label.name for label in known.kinds} == {toy.WISH, toy.COMPLAINT}


@given(st.text(max_size=200), st.text(max_size=30), st.text(max_size=30))
@settings(deadline=None)
def test_any_text_gets_probabilities_best_first(text: str, title: str, region: str) -> None:
    found = toy.classifier().classify([Complaint("uji", text, title, region)])[0]
    for ranked in (found.topic, found.agency):
        chances = [one.probability for one in ranked]
        assert chances == sorted(chances, reverse=True)
        assert all(0 <= chance <= 1 for chance in chances)
        assert sum(chances) <= 1 + 1e-6
        assert len({one.label.code for one in ranked}) == len(ranked) <= ANSWERS


def test_at_most_five_answers_of_many_classes() -> None:
    many = [replace(one, labels={"topic": f"Topik {at % 9}"}) for at, one in enumerate(toy.complaints())]
    known = fit(many, toy.taxonomy(), {}, toy.config()).classifier
    found = known.classify(asked()[:1])[0]
    assert len(known.topics) == 9
    assert len(found.topic) == ANSWERS
    assert (found.agency, found.kind) == ((), None)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("hubungi 0812-3456-7890", "hubungi +62 857 1111 2222"),
        ("NIK 3578011203900001", "NIK 3273015507880002"),
        ("surel contoh@contoh.id", "surel lain.orang@misal.co.id"),
        ("hubungi 0812-3456-7890", "hubungi <TELEPON>"),
    ],
)
def test_personal_numbers_matter_by_their_mask_alone(first: str, second: str) -> None:
    one, other = toy.classifier().classify(
        [Complaint("uji", f"Lampu jalan padam, {number}", title=number) for number in (first, second)], evidence=False
    )
    assert one == other


def test_a_title_is_read_like_the_text() -> None:
    found = toy.classifier().classify([Complaint("uji", "Mohon segera dibantu, terima kasih", title="Lampu padam")])
    assert found[0].topic[0].label.name == toy.LAMPS


def test_short_and_unknown_texts_go_to_a_person() -> None:
    found = toy.classifier().classify(
        [Complaint("a", "lampu padam"), Complaint("b", "kucing oranye hilang semalam di atap")]
    )
    assert "too-short" in found[0].decision.reasons
    assert "new-vocabulary" in found[1].decision.reasons
    assert {one.decision.action for one in found} == {"review"}


def test_threads_may_share_it() -> None:
    complaints = asked() * 5
    expected = toy.classifier().classify(complaints)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: toy.classifier().classify(complaints), range(8)))
    assert all(one == expected for one in found)


def test_a_stored_classifier_answers_as_before() -> None:
    stored = toy.classifier()
    again = Classifier.from_state(stored.state(), "model-uji")
    assert again.classify(asked()) == stored.classify(asked())
    assert {name: array.dtype for name, array in again.state().arrays.items()} == {
        name: array.dtype for name, array in stored.state().arrays.items()
    }


def test_half_precision_moves_no_answer() -> None:
    for fresh, stored in zip(
        toy.fitted().classifier.classify(asked()), toy.classifier().classify(asked()), strict=True
    ):
        for before, after in ((fresh.topic, stored.topic), (fresh.agency, stored.agency)):
            assert [one.label for one in before] == [one.label for one in after]
            assert [one.probability for one in before] == pytest.approx([one.probability for one in after], abs=0.005)


def without_last(array: np.ndarray) -> np.ndarray:
    return array[:-1]


@pytest.mark.parametrize(
    "name",
    ["weights", "pairs", "pair_units", "bias", "scale", "reliability", "term_idf", "grams", "gram_idf", "regions"],
)
@pytest.mark.parametrize("change", [without_last, lambda array: np.concatenate([array, array[-1:]])])
def test_arrays_that_do_not_fit_are_refused(name: str, change: Any) -> None:
    state = toy.classifier().state()
    arrays = dict(state.arrays) | {name: change(state.arrays[name])}
    with pytest.raises(ValueError, match=r"has shape .* need"):
        Classifier.from_state(State(arrays, state.tables), "uji")


@pytest.mark.parametrize("name", ["weights", "scale", "grams"])
def test_a_missing_array_is_refused(name: str) -> None:
    state = toy.classifier().state()
    arrays = {other: array for other, array in state.arrays.items() if other != name}
    with pytest.raises(LookupError, match=name):
        Classifier.from_state(State(arrays, state.tables), "uji")


@pytest.mark.parametrize(
    "change",
    [
        {"terms": ["lampu"]},
        {"terms": None},
        {"heads": []},
        {"heads": [{"target": "topic"}]},
        {"heads": {}},
        {"policy": {"topic": 0.5}},
        {"policy": None},
        {"lexicon": None},
    ],
)
def test_tables_that_do_not_fit_are_refused(change: dict[str, Any]) -> None:
    state = toy.classifier().state()
    with pytest.raises((ValueError, LookupError, TypeError)):
        Classifier.from_state(State(state.arrays, dict(state.tables) | change), "uji")


def test_terms_that_repeat_are_refused() -> None:
    state = toy.classifier().state()
    terms = state.tables["terms"]
    with pytest.raises(ValueError, match="term_idf"):
        Classifier.from_state(State(state.arrays, dict(state.tables) | {"terms": [*terms[:-1], terms[0]]}), "uji")
