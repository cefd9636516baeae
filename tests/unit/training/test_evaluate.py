"""Evaluation: what counts as right, the measures by hand, groups, and the JSON object."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import toy
from hypothesis import given
from hypothesis import strategies as st

from classifier.agencies import AgencyTable
from classifier.agency_rows import AgencyRow
from classifier.names import Entry
from classifier.records import Action, Answer, Complaint, Decision, Label, Prediction
from classifier.taxonomy import Taxonomy, national
from training.cases import meets
from training.evaluate import Automation, GroupMeasures, Report, evaluate

AGENCIES = (
    AgencyRow("dinas-perhubungan", toy.DISHUB, frozenset({"kabkota"})),
    AgencyRow("kecamatan", "Kecamatan", frozenset({"kecamatan"})),
    AgencyRow("pemerintah-daerah", "Pemerintah Daerah", frozenset({"kabkota"})),
    *toy.MINISTRIES,
)
NATIONAL = national(
    [
        Entry(Label("jalan", "Jalan", "Jalan")),
        Entry(Label("jalan/lubang", "Lubang", "Jalan")),
        Entry(Label("jalan/lampu", "Lampu", "Jalan")),
        Entry(Label("air", "Air", "Air")),
        Entry(Label("air/keruh", "Keruh", "Air")),
    ],
    AgencyTable(AGENCIES, toy.places()),
    [Entry(Label("aspirasi", toy.WISH))],
    "uji",
)
GROUP_OF = {"dinas-perhubungan": toy.DISHUB, "kecamatan": "Kecamatan", "pemerintah-daerah": "Pemerintah Daerah"}


class Fixed:
    """Answers each complaint as told by its id: the codes of a target, best first, in order of probability."""

    def __init__(self, codes: Mapping[str, Sequence[str]], target: str = "agency", action: Action = "review") -> None:
        self.codes, self.target, self.action = codes, target, action

    def classify(self, complaints: Sequence[Complaint], *, evidence: bool = True) -> list[Prediction]:
        assert not evidence
        return [self._prediction(one.id) for one in complaints]

    def _prediction(self, name: str) -> Prediction:
        answers = tuple(Answer(labelled(code), 0.8 / (at + 1)) for at, code in enumerate(self.codes[name]))
        decision = Decision(self.action, self.action, self.action, ())
        empty = Prediction(name, "uji", (), (), None, decision)
        if self.target == "kind":
            return replace(empty, kind=answers[0])
        return replace(empty, topic=answers) if self.target == "topic" else replace(empty, agency=answers)


def labelled(code: str) -> Label:
    """Return a code's label as the classifier has it: its group is the main topic or the archetype."""
    found = NATIONAL.resolve("topic", code)
    group = found.group if found else GROUP_OF.get(code.split("@")[0], code)
    return Label(code, code, group)


def report_of(
    golds: Sequence[str],
    answers: Sequence[Sequence[str]],
    target: str = "agency",
    taxonomy: Taxonomy = NATIONAL,
    day: datetime | None = None,
    action: Action = "review",
) -> Report:
    complaints = [
        Complaint(str(at), "x", labels={target: gold} if gold else {}, date=day) for at, gold in enumerate(golds)
    ]
    codes = {str(at): each for at, each in enumerate(answers)}
    fixed: Any = Fixed(codes, target, action)
    return evaluate(fixed, complaints, taxonomy)


def accuracy(gold: str, best: str, target: Any = "agency", **others: Any) -> float:
    return report_of([gold], [[best]], target, **others).targets[target].overall.accuracy


@pytest.mark.parametrize(
    ("gold", "best", "right"),
    [
        ("Jalan", "jalan", True),
        ("Jalan", "jalan/lubang", True),
        ("Jalan", "jalan/lampu", True),
        ("Jalan", "air/keruh", False),
        ("Lubang", "jalan/lubang", True),
        ("Lubang", "jalan/lampu", False),
        ("Lubang", "jalan", False),
    ],
)
def test_a_main_topic_is_met_by_its_leaves_but_not_the_other_way_round(gold: str, best: str, right: bool) -> None:
    assert accuracy(gold, best, "topic") == right


@pytest.mark.parametrize(
    ("gold", "best", "right"),
    [
        ("Kecamatan", "kecamatan", True),
        ("Kecamatan", "kecamatan@777101", True),
        ("Kecamatan", "pemerintah-daerah@7771", False),
        ("Kecamatan Uji Kota Contoh", "kecamatan@777101", True),
        ("Kecamatan Uji Kota Contoh", "kecamatan", False),
        ("Kecamatan Uji Kota Contoh", "kecamatan@777102", False),
        ("Dinas Perhubungan Kota Contoh", "dinas-perhubungan@7771", True),
        ("Dinas Perhubungan Kota Contoh", "dinas-perhubungan", False),
        ("Dinas Perhubungan Kota Contoh", "pemerintah-daerah@7771", False),
        ("Klub Burung", "kecamatan", False),
    ],
)
def test_an_archetype_is_met_anywhere_but_a_body_only_at_its_place(gold: str, best: str, right: bool) -> None:
    assert accuracy(gold, best) == right


@pytest.mark.parametrize(
    ("code", "gold", "right"),
    [
        ("a", "a", True),
        ("a/b", "a", True),
        ("a@1", "a", True),
        ("ab", "a", False),
        ("a", "a/b", False),
        ("b/a", "a", False),
    ],
)
def test_an_answer_meets_what_it_says_more_precisely(code: str, gold: str, right: bool) -> None:
    assert meets(code, Label(gold, gold)) == right


@given(st.text("ab/@", max_size=6), st.text("ab/@", max_size=6), st.text("ab/@", max_size=6))
def test_meeting_is_an_order(first: str, second: str, third: str) -> None:
    labels = {code: Label(code, code) for code in (first, second, third)}
    assert meets(first, labels[first])
    if meets(first, labels[second]) and meets(second, labels[third]):
        assert meets(first, labels[third])
    if meets(first, labels[second]) and meets(second, labels[first]):
        assert first == second


def test_a_written_label_is_met_by_itself_alone() -> None:
    assert not accuracy("Air", "Air/Limbah", "topic", taxonomy=toy.taxonomy())
    assert not accuracy("Dinas Air", "Dinas Air@Contoh", taxonomy=toy.taxonomy())


def test_written_labels_are_compared_as_they_are() -> None:
    assert accuracy("Kecamatan  Uji", "Kecamatan Uji", taxonomy=toy.taxonomy())
    assert not accuracy("Kecamatan Uji", "Kecamatan Misal", taxonomy=toy.taxonomy())


@pytest.mark.parametrize("gold", ["Kementerian Lama", "Kementerian Baru"])
def test_the_body_of_the_day_is_right(gold: str) -> None:
    assert accuracy(gold, "kementerian-lama", day=datetime(2023, 5, 1, tzinfo=UTC))


def test_a_body_of_the_day_is_of_the_archetype_that_lives() -> None:
    found = report_of(["Kementerian Baru"], [["kementerian-lama"]], day=datetime(2023, 5, 1, tzinfo=UTC))
    assert found.targets["agency"].groups == GroupMeasures(accuracy=1, top3=1)


@pytest.mark.parametrize("taxonomy", [NATIONAL, toy.taxonomy()])
def test_white_space_is_no_label(taxonomy: Taxonomy) -> None:
    found = report_of(["  ", "Kecamatan"], [["a"], ["b"]], taxonomy=taxonomy).targets["agency"]
    assert (found.overall.rows, found.unresolved) == (1, {})
    assert "agency" not in report_of([" \t"], [["a"]], taxonomy=taxonomy).targets


def test_the_body_of_today_is_right_for_an_old_label() -> None:
    assert accuracy("Kementerian Lama", "kementerian-baru", day=datetime(2025, 5, 1, tzinfo=UTC))


def test_a_later_answer_that_meets_counts_among_the_best_three() -> None:
    found = report_of(["Kecamatan", "Jalan"], [["a", "b", "kecamatan@777102"], ["a", "b", "c"]]).targets["agency"]
    assert (found.overall.accuracy, found.overall.top3, found.overall.top5) == (0, 0.5, 0.5)


def test_groups_are_right_more_often_than_classes() -> None:
    golds = ["Kecamatan Uji Kota Contoh", "Kecamatan", "Dinas Perhubungan Kota Contoh", "Klub Burung"]
    answers = [
        ["kecamatan@777102"],
        ["dinas-perhubungan", "kecamatan@777101"],
        ["dinas-perhubungan@7701"],
        ["kecamatan"],
    ]
    found = report_of(golds, answers).targets["agency"]
    assert found.overall.accuracy == 0
    assert found.groups == GroupMeasures(accuracy=0.5, top3=0.75)
    assert found.unresolved == {"Klub Burung": 1}


def test_the_best_three_groups_are_three_different_ones() -> None:
    answers = [["jalan/lubang", "jalan/lampu", "jalan", "a", "air/keruh"], ["jalan", "a", "b", "air"]]
    found = report_of(["Keruh", "Keruh"], answers, "topic").targets["topic"]
    assert found.groups == GroupMeasures(accuracy=0, top3=0.5)
    assert found.overall.top3 == 0


def test_a_kind_has_no_groups() -> None:
    report = report_of([toy.WISH], [["aspirasi"]], "kind")
    assert report.targets["kind"].groups is None
    assert set(report.as_dict()["kind"]).isdisjoint({"main", "archetype"})


@pytest.mark.parametrize(("target", "key"), [("topic", "main"), ("agency", "archetype")])
def test_the_json_object_has_the_groups_under_their_name(target: str, key: str) -> None:
    gold, best = ("Jalan", "jalan/lubang") if target == "topic" else ("Kecamatan", "kecamatan@777101")
    found = json.loads(json.dumps(report_of([gold], [[best]], target, day=toy.START).as_dict()))
    assert found["rows"] == 1
    assert found[target][key] == {"accuracy": 1, "top3": 1}
    assert found[target]["accuracy"] == found[target]["macro_f1"] == found[target]["top5"] == 1
    assert found[target]["by_month"].keys() == {"2025-01"}
    assert found[target]["per_class"][0]["rows"] == 1
    assert found[target]["unresolved"] == {}


def test_rows_without_a_label_are_not_judged() -> None:
    report = report_of(["", "Kecamatan"], [["kecamatan"], ["kecamatan"]])
    assert report.rows == 2
    assert report.targets["agency"].overall.rows == 1
    assert set(report.targets) == {"agency"}
    assert report_of(["", ""], [["a"], ["a"]]).targets == {}


def test_classes_are_counted_by_the_label_that_is_met() -> None:
    found = report_of(["Kecamatan", "Kecamatan"], [["kecamatan@777101"], ["dinas-perhubungan"]]).targets["agency"]
    assert [(one.code, one.rows, one.answered, one.recall) for one in found.classes] == [
        ("kecamatan", 2, 1, 0.5),
        ("dinas-perhubungan", 0, 1, 0.0),
    ]


@pytest.mark.parametrize(("action", "share", "error"), [("route", 1.0, 0.5), ("review", 0.0, 0.0)])
def test_only_routed_answers_are_automatic(action: Action, share: float, error: float) -> None:
    found = report_of(["Kecamatan"] * 2, [["kecamatan"], ["a"]], action=action).targets["agency"].overall
    assert (found.auto_share, found.auto_error) == (share, error)


def test_what_topic_and_agency_need_together() -> None:
    report = evaluate(toy.classifier(), toy.complaints(), toy.taxonomy())
    both, topic, agency = report.both, report.targets["topic"], report.targets["agency"]
    assert isinstance(both, Automation)
    assert both.rows == len(toy.complaints())
    assert both.accuracy.value <= min(topic.overall.accuracy, agency.overall.accuracy)
    assert both.auto_share.value <= min(topic.overall.auto_share, agency.overall.auto_share)


def test_the_json_object_keeps_its_keys_and_has_all_figures() -> None:
    found = json.loads(json.dumps(evaluate(toy.classifier(), toy.complaints(), toy.taxonomy()).as_dict()))
    assert {"rows", "topic", "agency", "kind", "both", "places", "cost"} == set(found)
    for target in ("topic", "agency"):
        documented = {"accuracy", "macro_f1", "top3", "top5", "ece", "auto_share", "auto_error"}
        assert documented | {"rows", "per_class", "by_month", "unresolved"} <= set(found[target])
        assert found[target]["intervals"]["accuracy"]["value"] == found[target]["accuracy"]
        assert found[target]["risk_coverage"][-1]["share"] == 1
        assert found[target]["risk_coverage"][-1]["error"] == pytest.approx(1 - found[target]["accuracy"])
        assert sum(one["rows"] for one in found[target]["reliability"]["bins"]) == found[target]["rows"]
    assert found["cost"]["texts_a_second"] > 0


def test_labels_that_nothing_resolves_are_counted_in_the_json_object() -> None:
    found = report_of(["Klub Burung", "Klub Burung", "Kecamatan"], [["a"], ["b"], ["kecamatan"]])
    assert json.loads(json.dumps(found.as_dict()))["agency"]["unresolved"] == {"Klub Burung": 2}


def test_a_body_that_is_only_meant_is_named_with_its_place() -> None:
    names = report_of(["Kecamatan Uji Kota Contoh"], [["dinas-perhubungan"]]).targets["agency"].names
    assert names["kecamatan@777101"] == "Kecamatan, Kecamatan Uji"
