"""The learning curve: what is held back, what is drawn, what is refused."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
import toy
from hypothesis import given
from hypothesis import strategies as st

from classifier.errors import InputError
from classifier.records import Complaint
from classifier.taxonomy import Taxonomy
from data.dataset import near_copies, read_corpus
from data.tables import read_taxonomy
from training.fit import Fitted
from training.learning_curve import Division, Learner, divide, learning_curve, read_sizes, samples, trainings


@pytest.fixture(scope="module")
def reports() -> list[Complaint]:
    """Complaints of the corpus as somebody's own ones, a day apart."""
    return [replace(one, date=toy.START + timedelta(days=at)) for at, one in enumerate(read_corpus()[:150])]


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return read_taxonomy()


@given(st.integers(1, 60), st.sets(st.integers(0, 60)))
def test_samples_are_nested_and_as_large_as_asked(most: int, sizes: set[int]) -> None:
    asked = sorted(size for size in sizes if size <= most)
    pool = [Complaint(str(at), "jalan rusak") for at in range(most)]
    names = [[int(one.id) for one in sample] for sample in samples(pool, asked)]
    assert [len(sample) for sample in names] == asked
    assert all(set(small) <= set(large) for small, large in pairwise(names))
    assert all(sample == sorted(set(sample)) for sample in names)
    assert names == [[int(one.id) for one in sample] for sample in samples(pool, asked)]


def test_the_latest_fifth_is_held_back(reports: list[Complaint], taxonomy: Taxonomy) -> None:
    division = divide(reports[::-1], taxonomy)
    assert {one.id for one in division.held_back} == {one.id for one in reports[120:]}
    assert {one.id for one in division.training} == {one.id for one in reports[:120]}
    assert division.since == (toy.START + timedelta(days=120)).date()


def test_without_dates_a_hash_chooses(reports: list[Complaint], taxonomy: Taxonomy) -> None:
    undated = [replace(one, date=None) for one in reports]
    division = divide(undated, taxonomy)
    assert division.since is None
    assert len(division.training) + len(division.held_back) == len(reports)
    again = divide(undated[::-1], taxonomy)
    assert {one.id for one in again.held_back} == {one.id for one in division.held_back}


def test_no_copy_of_a_held_back_report_is_learnt_from(reports: list[Complaint], taxonomy: Taxonomy) -> None:
    copy = replace(reports[0], id="salinan", text=f"{reports[0].text}  ", date=reports[-1].date)
    division = divide([*reports, copy], taxonomy)
    groups = near_copies([one.text for one in (*division.training, *division.held_back)])
    learnt = len(division.training)
    assert not set(groups[:learnt]) & set(groups[learnt:])
    assert "salinan" not in {one.id for one in division.held_back}


def test_reports_count_once_and_only_with_known_labels(reports: list[Complaint], taxonomy: Taxonomy) -> None:
    strange = replace(
        reports[3], id="asing", text="Hal lain sama sekali di tempat ini", labels={"topic": "Tak dikenal"}
    )
    twin = replace(reports[0], id="kembar")
    division = divide([twin, strange, *reports], taxonomy)
    learnt = [one.id for one in division.training]
    assert "asing" not in learnt
    assert "kembar" not in learnt
    assert reports[0].id in learnt


def test_complaints_without_labels_are_refused(reports: list[Complaint], taxonomy: Taxonomy) -> None:
    bare = [replace(one, labels={"kind": "aspirasi"}) for one in reports]
    with pytest.raises(InputError, match="--data: no complaint has a label topic or agency"):
        divide(bare, taxonomy)


@pytest.mark.parametrize("labels", [{"topic": "Tak dikenal"}, None])
def test_too_few_reports_are_refused(
    reports: list[Complaint], taxonomy: Taxonomy, labels: dict[str, str] | None
) -> None:
    few = [replace(one, labels=labels) for one in reports] if labels else reports[:40]
    with pytest.raises(InputError, match="are too few; expected 20 of each"):
        divide(few, taxonomy)


def test_sizes_grow_and_end_where_the_reports_do() -> None:
    assert read_sizes("all, 50,0,50,100,1000", 120) == [0, 50, 100, 120]
    assert trainings([0, 50, 100, 120]) == 7


@pytest.mark.parametrize("written", ["banyak", "", "10,", "-5", "1,000", "1.5", "²"])
def test_sizes_that_are_no_numbers_are_refused(written: str) -> None:
    with pytest.raises(InputError, match=r"--sizes: has .*; expected whole numbers or all"):
        read_sizes(written, 2000)


@pytest.mark.parametrize("written", ["0", "500"])
def test_some_size_must_be_within_the_reports(written: str) -> None:
    with pytest.raises(InputError, match=r"--sizes: none is above 0 .*; expected a number up to 120, or all"):
        read_sizes(written, 120)


@pytest.fixture(scope="module")
def division(reports: list[Complaint], taxonomy: Taxonomy) -> Division:
    return divide(reports, taxonomy)


def test_a_curve_learns_each_size_with_and_without_the_corpus_and_never_what_is_held_back(
    division: Division, taxonomy: Taxonomy
) -> None:
    seen, steps = list[tuple[Sequence[Complaint], bool]](), list[str]()

    class Watched(Learner):
        def __call__(self, own: Sequence[Complaint], *, with_corpus: bool) -> Fitted:
            seen.append((own, with_corpus))
            return super().__call__(own, with_corpus=with_corpus)

    learner = Watched(taxonomy, {}, read_corpus()[600:750], "topic")
    curve = learning_curve(division, [0, 40, 80], learner, steps.append)
    assert sorted((len(own), added) for own, added in seen) == [
        (0, True),
        (40, False),
        (40, True),
        (80, False),
        (80, True),
    ]
    held_back = {one.id for one in division.held_back}
    assert not held_back & {one.id for own, _ in seen for one in own}
    assert len(steps) == trainings([0, 40, 80])
    assert ([point.own for point in curve.with_corpus], [point.own for point in curve.alone]) == ([0, 40, 80], [40, 80])
    assert curve.rows == {"topic": 30, "agency": 30}
    assert all(0 <= one.low <= one.value <= one.high <= 1 for point in curve.alone for one in point.accuracy.values())


def test_without_own_reports_the_corpus_alone_is_learnt(taxonomy: Taxonomy) -> None:
    corpus = read_corpus()[600:650]
    fitted = Learner(taxonomy, {}, corpus, "topic")((), with_corpus=True)
    assert len(fitted.complaints) == len(corpus)
    assert fitted.unseen_accuracy  # it counts as own
