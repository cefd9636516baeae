"""The same text with different labels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.records import Complaint, Label
from training.contradictions import Contradictions, contradictions


def found_in(*rows: tuple[str, str]) -> Contradictions | None:
    complaints = [Complaint(str(at), text) for at, (text, _) in enumerate(rows)]
    return contradictions(complaints, [Label(code, code) if code else None for _, code in rows])


def test_texts_with_the_same_letters_are_one_text() -> None:
    found = found_in(("Lampu padam!", "a"), ("lampu  PADAM", "b"), ("lampu padam 2", "a"), ("air keruh", "c"))
    assert found
    assert (found.texts, found.rows, found.contradicted) == (1, 3, 1)
    assert found.agreement == pytest.approx(1 / 3)
    assert found.ceiling == pytest.approx(2 / 3)
    assert [(one.first, one.second, one.texts) for one in found.pairs] == [("a", "b", 1)]


def test_agreement_is_the_mean_over_texts() -> None:
    found = found_in(("satu", "a"), ("satu", "a"), ("dua", "a"), ("dua", "b"))
    assert found
    assert (found.texts, found.agreement, found.contradicted, found.ceiling) == (2, 0.5, 0.5, 0.75)


def test_another_title_makes_another_text() -> None:
    complaints = [Complaint("1", "sama", title="jalan"), Complaint("2", "sama", title="lampu")]
    assert contradictions(complaints, [Label("a", "a"), Label("b", "b")]) is None


def test_labels_that_nothing_resolves_and_texts_without_letters_say_nothing() -> None:
    assert found_in(("sama", "a"), ("sama", ""), ("123", "a"), ("456", "b")) is None


@given(st.lists(st.tuples(st.sampled_from(["satu", "dua", "tiga"]), st.sampled_from("abc")), max_size=30))
def test_where_no_label_clashes_all_figures_are_whole(rows: list[tuple[str, str]]) -> None:
    found = found_in(*rows)
    if found:
        assert 0 <= found.agreement <= 1
        assert (found.contradicted == 0) == (found.ceiling == 1) == (found.agreement == 1)
