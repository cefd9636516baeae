"""Phrases in texts: gaps, endings, and where they begin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.phrases import GAP_WORDS, Phrases

WORDS = st.lists(st.sampled_from(["api", "rumah", "besar", "di", "jalan"]), max_size=8)


@pytest.mark.parametrize(
    ("phrase", "text", "spans"),
    [
        ("api besar", "ada api besar di api besar", [(1, 3), (4, 6)]),
        ("api", "apinya apilah apikah berapi", [(0, 1), (1, 2), (2, 3)]),
        ("api besar", "api yang besar", []),
        ("api .. rumah", "api rumah", [(0, 2)]),
        ("api .. rumah", "api dari dapur satu rumah", [(0, 5)]),
        ("api .. rumah", "api dari dapur milik satu rumah", []),
        ("api besar", "api", []),
        ("", "api", []),
    ],
)
def test_finds_a_phrase(phrase: str, text: str, spans: list[tuple[int, int]]) -> None:
    words = text.split()
    assert list(Phrases([phrase], str).spans(words, 0, len(words))) == spans


def test_only_looks_where_it_was_told_to() -> None:
    words = ["api", "jalan", "api"]
    assert not Phrases(["api"], str).begin_in(words, 1, 2)
    assert Phrases(["api"], str).begin_in(words, -5, 1)


def test_the_rarest_word_anchors_a_phrase() -> None:
    found = Phrases(["api besar"], str, lambda word: float(word == "api"))
    assert found.anchors["api"] == [{"besar"}, {"besarnya"}, {"besarlah"}, {"besarkah"}, {"besarpun"}]


@given(WORDS, st.lists(st.sampled_from(["api", "rumah"]), min_size=1, max_size=2), WORDS)
def test_a_text_that_holds_a_phrase_holds_an_anchor_and_its_others(
    before: list[str], phrase: list[str], behind: list[str]
) -> None:
    found, words = Phrases([" ".join(phrase)], str), [*before, *phrase, *behind]
    assert found.begin_in(words, len(before), len(before) + 1)
    assert any(others <= set(words) for word in words for others in found.anchors.get(word, ()))


@given(st.integers(0, 6))
def test_a_gap_skips_so_many_words(size: int) -> None:
    words = ["api", *["lalu"] * size, "rumah"]
    assert Phrases(["api .. rumah"], str).begin_in(words, 0, 1) == (size <= GAP_WORDS)
