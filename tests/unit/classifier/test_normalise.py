"""Normalisation: one behaviour a step, and the laws that hold for any text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.normalise import STEPS, Normaliser, words

LEXICON = {"yg": "yang", "jln": "jalan", "dishub": "dinas perhubungan", "maf": "maaf"}
normalise = Normaliser(LEXICON)

ANY_TEXT = (
    st.text()
    | st.text(st.sampled_from("aAbeEkKtplLrRwW012 .,'-/_&<>;\t\u00a0\u200b\u2019\u00e9\u0301"))
    | st.builds(
        " ".join,
        st.lists(st.sampled_from(["<NIK>", "anak2", "e-KTP", "Rp1.500.000", "https://contoh.id/a", "yg", "u/", "s/d"])),
    )
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("  \n\t ", ""),
        ("!!! ??? ...", ""),
        ("Lampu\u00a0jalan\u2003ma\u200bti", "lampu jalan mati"),
        ("\uff34\uff2f\uff2c\uff2f\uff2e\uff27 \U0001d41b\U0001d41a\U0001d427\U0001d42d\U0001d42e", "tolong bantu"),
        ("terima kasih \u00f0\u0178\u2122\u008f", "terima kasih"),
        ("air &amp; listrik&nbsp;padam", "air listrik padam"),
        ("<p>air <b class='x'>keruh</b></p> sejak 3<4 hari", "air keruh sejak 3 4 hari"),
        ("lihat https://contoh.id/foto?id=12,www.contoh.id", "lihat <url>"),
        ("NIK <NIK>, telp.<TELEPON>/<EMAIL>(<NOMOR>)", "nik <nik> telp <telepon> <email> <nomor>"),
        (
            "airnya KeruhSekali mohonPDAM periksa KTPnya SMPN yG",
            "airnya keruh sekali mohon pdam periksa ktpnya smpn yang",
        ),
        ("hari Jum'at dan Jum\u2019at, e-KTP atau KTP-el", "hari jumat dan jumat ektp atau ktpel"),
        ("obat u/ lansia s/d sore", "obat untuk lansia sampai dengan sore"),
        ("tolooong maaaf maaf saat", "tolong maaf maaf saat"),
        ("anak2 orang2nya anak-anak anak\u00b2", "anak anak orang orangnya anak anak anak anak"),
        ("gang2 smp2 rt2", "gang 2 smp 2 rt 2"),
        ("RT05/RW002 blok7B", "rt 5 rw 2 blok 7 b"),
        ("Rp1.500.000 tahun 2023, pukul 07.30, hotline 112, 0", "rp 0000000 tahun 0000 pukul 7 30 hotline 112 0"),
        ("no 12345678901234567890", "no 0000000"),
        ("jln yg rusak/berlubang, Dishub?", "jalan yang rusak berlubang dinas perhubungan"),
        ("caf\u00e9 \u0645\u0627\u0621 \u6c34", "caf\u00e9 \u0645\u0627\u0621 \u6c34"),
    ],
)
def test_normalises(text: str, expected: str) -> None:
    assert normalise(text) == expected


def test_the_steps_are_visible_and_end_with_the_lexicon() -> None:
    text = "Jln yg RUSAK"
    for step in STEPS:
        text = step(text)
    assert words(text) == ["jln", "yg", "rusak"]
    assert normalise.steps[:-1] == STEPS
    assert normalise.steps[-1](text) == "jalan yang rusak"


def test_later_changes_of_the_mapping_change_nothing() -> None:
    mapping = {"yg": "yang"}
    frozen = Normaliser(mapping)
    mapping["yg"] = "lain"
    assert frozen("yg") == "yang"


@given(ANY_TEXT)
def test_result_is_words_between_single_spaces(text: str) -> None:
    result = normalise(text)
    assert result == " ".join(words(result))
    for word in words(result):
        assert word in {"<nik>", "<telepon>", "<email>", "<nomor>", "<url>"} or word.isalnum()


@given(ANY_TEXT)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(ANY_TEXT.filter(lambda text: not set("<>&") & set(unicodedata.normalize("NFKC", text))))
def test_token_by_token_gives_the_same_words(text: str) -> None:
    assert [word for token in text.split() for word in words(normalise(token))] == words(normalise(text))


@given(st.lists(st.sampled_from(["<NIK>", "<TELEPON>", "<EMAIL>", "<NOMOR>"])), st.text(st.sampled_from("ab ,./1")))
def test_masks_are_never_lost(masks: list[str], between: str) -> None:
    kept = [word for word in words(normalise(between.join(masks))) if word.startswith("<")]
    assert kept == [mask.lower() for mask in masks]


@pytest.mark.parametrize(
    "unit", ["a", "1", "<", "&", "<a", "e-", "a2", "Aa", "1.000.", "www.", "u/", "\u0301", "\u00f0"]
)
def test_a_megabyte_of_one_thing_ends(unit: str) -> None:
    assert isinstance(normalise(unit * (1_000_000 // len(unit))), str)
