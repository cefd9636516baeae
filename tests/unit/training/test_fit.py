"""Fitting: any labels, any number of classes, missing ones, and the same model from the same complaints."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
import toy

import training.fit
from classifier.errors import InputError
from classifier.features import Features, read
from classifier.normalise import Normaliser
from classifier.records import Complaint, Label
from classifier.taxonomy import Entry, national
from training import least_squares
from training.fit import STAGES, Fitted, corpus_weight, feature_rows, fit, recency, shared_within_groups
from training.least_squares import Solution
from training.vocabulary import learn_vocabulary

NATIONAL = national(
    topics=[
        Entry(Label("jalan", "Jalan Rusak", "Prasarana")),
        Entry(Label("lampu", "Penerangan", "Prasarana"), (toy.LAMPS,)),
        Entry(Label("air", toy.WATER, "Prasarana")),
    ],
    agencies=toy.taxonomy().agencies,
    kinds=[Entry(Label("aspirasi", toy.WISH))],
    version="uji",
)


def fitted(complaints: list[Complaint]) -> Fitted:
    return fit(complaints, toy.taxonomy(), toy.LEXICON, toy.config())


def relabelled(change: Callable[[int, dict[str, str]], dict[str, str]]) -> list[Complaint]:
    return [replace(one, labels=change(at, dict(one.labels))) for at, one in enumerate(toy.complaints())]


def test_most_unseen_complaints_are_answered_right() -> None:
    assert toy.fitted().unseen_accuracy["topic"] > 0.8
    assert set(toy.fitted().unseen_accuracy) == {"topic", "agency", "kind"}


def test_the_same_complaints_give_the_same_model() -> None:
    first, second = toy.fitted().classifier.state(), fitted(toy.complaints()).classifier.state()
    assert first.tables == second.tables
    assert first.arrays.keys() == second.arrays.keys()
    for name, array in first.arrays.items():
        assert np.array_equal(array, second.arrays[name]), name


def test_a_class_of_one_row_is_answered_too() -> None:
    lone = Complaint("langka", "Kambing berkeliaran di lapangan bola", labels={"topic": "Hewan", "agency": "Satpol PP"})
    known = fitted([*toy.complaints(), lone]).classifier
    assert "Hewan" in {label.name for label in known.topics}
    assert known.classify([lone])[0].topic[0].label.name == "Hewan"


def test_one_class_is_enough() -> None:
    known = fitted(relabelled(lambda _, labels: {"topic": "Semua"})).classifier
    assert [label.name for label in known.topics] == ["Semua"]
    assert known.classify(toy.complaints()[:1])[0].topic[0].probability > 0.95


def test_one_complaint_is_enough() -> None:
    only = toy.complaints()[:1]
    found = fitted(only)
    answer = found.classifier.classify(only)[0]
    assert answer.topic[0].label.name == only[0].labels["topic"]
    assert answer.decision.action == "review"


def test_every_row_may_be_a_class_of_its_own() -> None:
    known = fitted(relabelled(lambda at, _: {"topic": f"Topik {at}"})).classifier
    assert len(known.topics) == len(toy.complaints())


@pytest.mark.parametrize("exact_rows", [least_squares.EXACT_ROWS, 0])
def test_rows_may_lack_any_label(exact_rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(least_squares, "EXACT_ROWS", exact_rows)
    found = fitted(relabelled(lambda at, labels: {name: text for name, text in labels.items() if (at + len(name)) % 4}))
    answers = found.classifier.classify(toy.complaints())
    right = [
        one.topic[0].label.name == truth.labels["topic"] for one, truth in zip(answers, toy.complaints(), strict=True)
    ]
    assert np.mean(right) > 0.9
    assert all(one.agency and one.kind for one in answers)


def test_targets_without_any_label_are_not_answered() -> None:
    found = fitted(relabelled(lambda _, labels: {"agency": labels["agency"]}))
    assert set(found.unseen_accuracy) == {"agency"}
    answer = found.classifier.classify(toy.complaints()[:1])[0]
    assert (answer.topic, answer.kind) == ((), None)
    assert answer.agency


def test_complaints_without_a_label_are_not_learnt_from() -> None:
    stray = [Complaint(f"liar-{at}", f"zebra zebu zigot {at}") for at in range(5)]
    found = fitted([*toy.complaints(), *stray])
    assert len(found.complaints) == len(toy.complaints())
    assert "zebra" not in found.classifier.state().tables["terms"]


def test_another_column_may_be_the_topic() -> None:
    complaints = relabelled(lambda _, labels: {"topic": "x", "utama": labels["topic"]})
    known = fit(complaints, toy.taxonomy(), toy.LEXICON, toy.config(), topic_column="utama").classifier
    assert toy.LAMPS in {label.name for label in known.topics}
    assert "x" not in {label.name for label in known.topics}


def test_labels_that_the_national_table_lacks_are_counted_and_not_learnt() -> None:
    found = fit(toy.complaints(), NATIONAL, toy.LEXICON, toy.config())
    waste = sum(one.labels["topic"] == toy.WASTE for one in toy.complaints())
    assert found.unresolved["topic"] == {toy.WASTE: waste}
    assert found.unresolved_rows["topic"] == waste
    assert set(found.unresolved["agency"]) == {toy.BINA_MARGA, toy.DLH, toy.PERUMDA}
    assert [label.code for label in found.classifier.topics] == ["air", "jalan", "lampu"]
    agencies = [label.code for label in found.classifier.agencies]
    assert agencies == ["dinas-perhubungan", "kecamatan", "dinas-perhubungan@7771"]
    assert all(one.labels["topic"] != toy.WASTE or one.labels.get("kind") == toy.WISH for one in found.complaints)


@pytest.mark.parametrize("complaints", [[], [Complaint("a", "Lampu padam")]])
def test_nothing_labelled_is_refused(complaints: list[Complaint]) -> None:
    with pytest.raises(InputError, match="expected topic, agency or kind labels"):
        fitted(complaints)


def test_no_label_that_the_table_knows_is_refused() -> None:
    with pytest.raises(InputError, match="no complaint has one that the taxonomy knows"):
        fit(relabelled(lambda _, labels: {"topic": "Entah"}), NATIONAL, {}, toy.config())


def test_repeats_are_learnt_once() -> None:
    again = [replace(one, id=f"{one.id}-lagi") for one in toy.complaints()]
    assert len(fitted([*toy.complaints(), *again]).complaints) == len(toy.complaints())


def test_personal_numbers_are_masked_before_learning() -> None:
    numbered = [
        replace(one, text=f"{one.text}, WA 0812-3456-78{at % 90 + 10}") for at, one in enumerate(toy.complaints())
    ]
    found = fitted(numbered)
    assert all("<TELEPON>" in one.text and "0812" not in one.text for one in found.complaints)
    terms = found.classifier.state().tables["terms"]
    assert "<telepon>" in terms
    assert not any("3456" in term for term in terms)


def test_stages_are_told_as_they_begin() -> None:
    stages: list[str] = []
    fit(toy.complaints(), toy.taxonomy(), {}, toy.config(), track=stages.append)
    assert tuple(stages) == STAGES


def test_many_complaints_tell_how_far_the_fitting_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(least_squares, "EXACT_ROWS", 0)
    stages: list[str] = []
    fit(toy.complaints(), toy.taxonomy(), {}, toy.config(), track=stages.append)
    assert tuple(stage for stage in stages if not stage.endswith("%")) == STAGES
    assert f"{STAGES[3]} 100%" in stages


def test_rows_made_in_batches_are_those_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [read(one, Normaliser(toy.LEXICON)) for one in toy.complaints()]
    features = Features(learn_vocabulary(documents))
    expected = features(documents)
    monkeypatch.setattr(training.fit, "BATCH", 7)
    found = feature_rows(features, documents)
    assert found.shape == expected.shape
    assert np.array_equal(found.toarray(), expected.toarray())


def test_recency_halves_with_each_half_life_and_is_1_on_average() -> None:
    ages = [0, 365, 730, None]
    complaints = [Complaint(str(age), "x", date=_days_before(age)) for age in ages]
    weights = recency(complaints, 365)
    assert weights.mean() == pytest.approx(1)
    assert weights[0] / weights[1] == pytest.approx(2, rel=1e-5)
    assert weights[1] / weights[2] == pytest.approx(2, rel=1e-5)
    assert weights[3] == weights[0]


def test_recency_never_forgets_a_report_altogether() -> None:
    weights = recency([Complaint("a", "x", date=_days_before(age)) for age in (0, 40_000)], 30)
    assert 0 < weights[1] < weights[0] / 1000


@pytest.mark.parametrize(("half_life", "dates"), [(0, True), (365, False)])
def test_all_count_the_same_without_half_life_or_dates(half_life: int, dates: bool) -> None:
    complaints = [Complaint(str(age), "x", date=_days_before(age) if dates else None) for age in (0, 100)]
    assert recency(complaints, half_life).tolist() == [1, 1]


def _days_before(age: int | None) -> datetime | None:
    return None if age is None else toy.START - timedelta(days=age)


EYE = np.eye(3, dtype=np.float32)


def test_what_speaks_for_a_class_speaks_for_its_group() -> None:
    labels = tuple(Label(code, code, group) for code, group in (("a/1", "A"), ("a/2", "A"), ("b/1", "B")))
    alone = Solution(EYE, np.array([1, 0, 0], np.float32), EYE)
    found = shared_within_groups(alone, labels, 0.5)
    mixed = [[1.5, 0.5, 0], [0.5, 1.5, 0], [0, 0, 1.5]]
    assert found.weights.tolist() == found.scores.tolist() == mixed
    assert found.bias.tolist() == [1.5, 0.5, 0]


def test_classes_of_their_own_share_nothing() -> None:
    labels = tuple(Label(name, name, name) for name in "abc")
    alone = Solution(EYE, np.zeros(3, np.float32), EYE)
    assert shared_within_groups(alone, labels, 0.5) is alone


def test_the_corpus_teaches_what_the_own_complaints_lack_but_no_threshold() -> None:
    own = [one for one in toy.complaints() if one.labels["topic"] != toy.WATER]
    elsewhere = [one for one in toy.complaints() if one.labels["topic"] == toy.WATER]
    alone, both = (fit(own, toy.taxonomy(), toy.LEXICON, toy.config(), corpus=more) for more in ((), elsewhere))
    assert toy.WATER not in {label.name for label in alone.classifier.topics}
    assert both.classifier.classify(elsewhere[:1])[0].topic[0].label.name == toy.WATER
    relabelled = [replace(one, labels={**one.labels, "topic": toy.LAMPS}) for one in elsewhere]
    wrong = fit(own, toy.taxonomy(), toy.LEXICON, toy.config(), corpus=relabelled)
    assert wrong.unseen_accuracy["topic"] > 0.7


def test_the_corpus_counts_less_the_more_own_complaints_there_are() -> None:
    assert corpus_weight(0) == 1
    assert corpus_weight(500) == 0.5
    assert corpus_weight(10_000) < 0.05


def test_what_only_the_corpus_has_labels_of_is_answered_but_has_no_accuracy() -> None:
    own = [replace(one, labels={"topic": one.labels["topic"]}) for one in toy.complaints()]
    found = fit(own, toy.taxonomy(), toy.LEXICON, toy.config(), corpus=toy.complaints())
    assert set(found.unseen_accuracy) == {"topic"}
    assert found.classifier.classify(own[:1])[0].agency


def test_a_complaint_that_counts_more_decides_what_contradicts_it() -> None:
    text = "Pohon tumbang menutup jalan kampung"
    both = [Complaint(f"pohon-{at}", text, labels={"topic": topic}) for at, topic in enumerate(("Pohon", "Taman"))]
    for weights, told in (((4.0, 1.0), "Pohon"), ((1.0, 4.0), "Taman")):
        rows, counts = [*toy.complaints(), *both], [1.0] * len(toy.complaints()) + list(weights)
        known = fit(rows, toy.taxonomy(), toy.LEXICON, toy.config(), weights=counts).classifier
        assert known.classify(both[:1])[0].topic[0].label.code == told


def test_the_last_of_equal_complaints_brings_its_weight() -> None:
    twice = [*toy.complaints(), *toy.complaints()]
    counts = [9.0] * len(toy.complaints()) + [1.0] * len(toy.complaints())
    found = fit(twice, toy.taxonomy(), toy.LEXICON, toy.config(), weights=counts).classifier.state()
    for name, array in toy.fitted().classifier.state().arrays.items():
        assert np.array_equal(array, found.arrays[name]), name


def test_few_own_complaints_leave_the_trust_in_answers_to_the_corpus_too() -> None:
    own, corpus = toy.complaints()[:10], toy.complaints()[10:]
    found = fit(own, toy.taxonomy(), toy.LEXICON, toy.config(), corpus=corpus)
    assert found.facts["topic"].unseen_rows == len(own)  # what is acted on is learnt from own rows alone
    answers = found.classifier.classify(toy.complaints(), evidence=False)
    assert len({round(one.topic[0].probability, 3) for one in answers}) > 2  # so few rows alone tell one for all
