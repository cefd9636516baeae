"""Seams: where a text may go over to another matter."""

import pytest

from classifier.normalise import Normaliser, words
from classifier.seams import HINTS, MOST_PARTS, hints_of, may_be_marked, parts, says_also

SAMPLES = [
    ("Lampu jalan padam semua. Selain itu air keran keruh sekali.", 2),
    ("1. Lampu jalan padam semua 2. Air keran keruh sekali", 2),
    ("Ada dua hal: lampu jalan padam semua; air keran keruh sekali.", 3),
    ("Lampu jalan padam, sekalian lapor air keran keruh sekali", 2),
    ("Lampu jalan padam. Air keran juga keruh sekali.", 2),
    ("Lampu jalan padam semua. Air keran keruh sekali.", 1),
    ("Lampu jalan padam. Selain itu gelap.", 1),
    ("Lampu padam sejak pukul 2.30 di jalan Contoh nomor 4", 1),
    ("", 0),
]


@pytest.mark.parametrize(("text", "number"), SAMPLES)
def test_cuts_at_seams(text: str, number: int) -> None:
    assert len(parts(text)) == number


@pytest.mark.parametrize(("text", "number"), [sample for sample in SAMPLES if sample[1] > 1])
def test_every_text_with_a_seam_has_a_hint(text: str, number: int) -> None:
    hints = hints_of(set(words(Normaliser({})(text))), strong=False)
    assert hints <= HINTS
    assert may_be_marked(text, hints) or says_also(hints)


def test_also_marks_a_seam_only_if_it_may() -> None:
    text = "Lampu jalan padam. Air keran juga keruh sekali."
    assert len(parts(text, also=False)) == 1
    assert [part.marked for part in parts(text)] == [False, False]


def test_strong_hints_are_those_that_need_no_other_sign() -> None:
    assert hints_of({"selain", "lalu"}, strong=True) == {"selain"}


def test_the_last_of_many_parts_takes_the_rest() -> None:
    text = " ".join(f"{at % 9 + 1}. lampu jalan kami padam" for at in range(40))
    assert len(parts(text)) == MOST_PARTS
