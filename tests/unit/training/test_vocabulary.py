"""The vocabulary: what three reports say is kept, what one person says is not, order never matters."""

import json
import random

import numpy as np
import pytest
import toy
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.features import GRAM_BUCKETS, MIN_REPORTS, REGION_BUCKETS, Document, term_counts
from training import vocabulary
from training.vocabulary import learn_vocabulary

documents = st.lists(
    st.builds(
        Document,
        st.lists(st.sampled_from(["air", "keruh", "lampu", "padam", "<nik>", "rahasia"]), max_size=7),
        st.lists(st.sampled_from(["kota contoh", "kec. uji"]), max_size=2),
    ),
    max_size=12,
)


@given(documents)
@settings(deadline=None)
def test_terms_are_those_of_three_reports_or_more(reports: list[Document]) -> None:
    found = learn_vocabulary(reports)
    standing = {term: sum(term in term_counts(one) for one in reports) for one in reports for term in term_counts(one)}
    assert set(found.terms) == {term for term, count in standing.items() if count >= MIN_REPORTS}
    assert list(found.terms.values()) == list(range(len(found.terms)))


@given(documents, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_reports_never_matters(reports: list[Document], chance: random.Random) -> None:
    mixed = reports.copy()
    chance.shuffle(mixed)
    one, other = learn_vocabulary(reports), learn_vocabulary(mixed)
    assert one.names == other.names
    for name in ("term_idf", "grams", "gram_idf", "regions"):
        assert np.array_equal(getattr(one, name), getattr(other, name))


@given(documents)
@settings(deadline=None)
def test_sizes_fit_each_other(reports: list[Document]) -> None:
    found = learn_vocabulary(reports)
    assert found.term_idf.shape == (len(found.terms),)
    assert (found.grams.shape, found.regions.shape) == ((GRAM_BUCKETS,), (REGION_BUCKETS,))
    grams, regions = found.grams[found.grams >= 0], found.regions[found.regions >= 0]
    assert sorted(grams) == list(range(len(found.gram_idf)))
    assert sorted(regions) == list(range(len(regions)))
    assert found.width == len(found.terms) + len(grams) + len(regions)


def test_a_word_said_often_by_one_report_is_not_kept() -> None:
    reports = [Document(["rahasia"] * 9, []), Document(["air"], []), Document(["air"], []), Document(["air"], [])]
    assert learn_vocabulary(reports).names == ["air"]


def test_rarer_terms_weigh_more() -> None:
    reports = [Document(["air", "keruh"] if at < 3 else ["air"], []) for at in range(9)]
    found = learn_vocabulary(reports)
    idf = dict(zip(found.names, found.term_idf, strict=True))
    assert idf["air"] == pytest.approx(1)
    assert idf["keruh"] == idf["air keruh"] == pytest.approx(np.log(10 / 4) + 1)


def test_no_word_of_fewer_than_three_reports_can_be_read_in_a_classifier() -> None:
    state = toy.fitted().classifier.state()
    stored = json.dumps({name: table for name, table in state.tables.items() if name != "lexicon"}).lower()
    assert "penerangan" in stored
    for single in ("menganga", "begadang", "sembilan", "dahlia", "anggrek", "tergelincir"):
        assert sum(single in one.text.lower() for one in toy.complaints()) == 1
        assert single not in stored


def test_a_region_part_of_a_single_report_is_no_feature() -> None:
    documents = [Document(["air"], ["kota contoh", f"kel. {at}"]) for at in range(4)]
    assert (learn_vocabulary(documents).regions >= 0).sum() == 1


def test_of_too_many_terms_the_most_frequent_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "MOST_TERMS", 2)
    reports = [Document([word], []) for word, many in (("air", 3), ("keruh", 4), ("padam", 3)) for _ in range(many)]
    assert learn_vocabulary(reports).names == ["air", "keruh"]


def test_terms_too_many_to_count_are_never_counted_too_high(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "MOST_COUNTED", 10)
    reports = [Document(["air", *([f"lain{at}"] if at % 3 else [])], []) for at in range(60)]
    found = learn_vocabulary(reports)
    assert found.names == ["air"]
    assert found.term_idf == pytest.approx([1])
