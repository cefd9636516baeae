"""The stemmer: roots, its bound, and the right distribution."""

from importlib.metadata import files, version

import pytest

from classifier.stem import Stemmer


@pytest.fixture(scope="module")
def stem() -> Stemmer:
    return Stemmer()


@pytest.mark.parametrize(
    ("word", "root"),
    [
        ("perbaikan", "baik"),
        ("diperbaiki", "baik"),
        ("berlubang", "lubang"),
        ("jalan", "jalan"),
        ("xqzt", "xqzt"),
        ("", ""),
    ],
)
def test_strips_affixes(stem: Stemmer, word: str, root: str) -> None:
    assert stem(word) == root


def test_knows_standard_words_with_and_without_affixes(stem: Stemmer) -> None:
    assert stem.knows("jalan")
    assert stem.knows("penerangan")
    assert not stem.knows("yg")
    assert stem.is_root("terang")
    assert not stem.is_root("penerangan")
    assert not stem.knows("")


def test_a_full_cache_still_answers_rightly() -> None:
    small = Stemmer(cache_size=2)
    assert [small(word) for word in ["makanan", "minuman", "perbaikan", "makanan"]] == [
        "makan",
        "minum",
        "baik",
        "makan",
    ]


def test_the_stemmer_comes_from_pysastrawi() -> None:
    """The distribution named "Sastrawi" is another, older one that installs the same package."""
    assert version("PySastrawi") == "1.2.1"
    assert any(file.as_posix() == "Sastrawi/Stemmer/StemmerFactory.py" for file in files("PySastrawi") or [])
