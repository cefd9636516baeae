"""The snapshot: repeats, fingerprint, and splits that no near copy straddles."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import toy
from hypothesis import given
from hypothesis import strategies as st

from classifier.records import Complaint
from data.dataset import fingerprint, hashed_part, later, letters, near_copies, read_corpus, split, without_repeats

LONG = (
    "Sejak gorong-gorong di depan balai Kampung Uji diperbaiki, air hujan malah menggenang sampai ke teras "
    "rumah nomor 12 dan anak-anak harus memanggul sepatu saat berangkat sekolah setiap pagi"
)
OTHER = (
    "Bus antarkota yang kami tumpangi ke Kota Misal menurunkan penumpang di tengah jalan tol karena mogok, "
    "dan sopirnya menolak mengembalikan ongkos meski sudah diminta baik-baik oleh semua orang"
)


def complaint(id_: str, text: str, **fields: object) -> Complaint:
    return Complaint(id_, text, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "copy",
    [
        complaint("b", "LAMPU padam!!"),
        complaint("b", "Lampu  padam 3"),
        complaint("b", "Lampu padam", date=toy.START, channel="sms"),
    ],
)
def test_the_last_of_repeats_stays(copy: Complaint) -> None:
    assert without_repeats([complaint("a", "Lampu padam"), copy]) == [copy]


@pytest.mark.parametrize(
    "other",
    [
        complaint("b", "Lampu padam", labels={"topic": "lain"}),
        complaint("b", "Lampu padam", region="Kec. Uji"),
        complaint("b", "Lampu padam", title="Tolong"),
        complaint("b", "Lampu padam lagi"),
    ],
)
def test_other_labels_region_title_or_words_are_no_repeat(other: Complaint) -> None:
    both = [complaint("a", "Lampu padam", labels={}), other]
    assert without_repeats(both) == both


def test_texts_without_latin_letters_are_compared_as_they_are() -> None:
    both = [complaint("a", "ꦭꦩ꧀ꦥꦸ"), complaint("b", "ꦥꦢꦩ꧀"), complaint("c", "123"), complaint("d", "456")]
    assert without_repeats(both) == both


@given(st.text())
def test_letters_are_lower_case_latin(text: str) -> None:
    assert set(letters(text)) <= set("abcdefghijklmnopqrstuvwxyz")
    assert letters(letters(text)) == letters(text)


def test_the_fingerprint_depends_on_content_and_order() -> None:
    complaints = toy.complaints()
    known = fingerprint(complaints)
    assert known == fingerprint(toy.complaints())
    assert len(known) == 64
    changed = [replace(complaints[0], text="Lain"), *complaints[1:]]
    relabelled = [replace(complaints[0], labels={"topic": "Lain"}), *complaints[1:]]
    prints = {fingerprint(each) for each in (complaints[::-1], complaints[:-1], changed, relabelled, [])}
    assert len(prints | {known}) == 6


def test_near_copies_share_a_group_directly_or_by_a_chain() -> None:
    first, second = LONG + " mohon dicek", LONG + " mohon dicek pekan ini juga ya"
    groups = near_copies([LONG, OTHER, first, second, "Lampu padam", OTHER.upper() + "!"])
    assert groups[0] == groups[2] == groups[3]
    assert groups[1] == groups[5]
    assert len(set(groups)) == 3


def test_texts_of_one_topic_are_no_copies() -> None:
    groups = near_copies([one.text for one in toy.complaints()])
    assert len(set(groups)) == len(groups)


@pytest.mark.parametrize("texts", [[], [""], ["", ""], ["satu"]])
def test_texts_of_hardly_a_word_are_grouped_too(texts: list[str]) -> None:
    assert len(near_copies(texts)) == len(texts)


def test_no_near_copy_straddles_a_split() -> None:
    complaints = [
        complaint("latih", LONG, date=toy.START),
        complaint("salinan", LONG + " mohon dicek", date=toy.START + timedelta(days=40)),
        complaint("uji", OTHER, date=toy.START + timedelta(days=41)),
    ]
    training, test = split(complaints, later(complaints, toy.START + timedelta(days=30)))
    assert [one.id for one in training] == ["latih"]
    assert [one.id for one in test] == ["uji"]


@given(st.lists(st.booleans(), min_size=8, max_size=8))
def test_training_is_kept_whole_and_the_two_sides_share_no_group(held: list[bool]) -> None:
    texts = [LONG, LONG + " lagi", OTHER, OTHER + " tolong", "Lampu padam", "lampu padam", "Air keruh", LONG]
    complaints = [complaint(str(at), text) for at, text in enumerate(texts)]
    training, test = split(complaints, np.array(held))
    assert [one.id for one in training] == [str(at) for at, one in enumerate(held) if not one]
    group = dict(zip((one.id for one in complaints), near_copies(texts), strict=True))
    assert not {group[one.id] for one in training} & {group[one.id] for one in test}
    assert {one.id for one in test} <= {str(at) for at, one in enumerate(held) if one}


def test_later_marks_from_the_cut_on_and_undated_ones_are_early() -> None:
    dates = [toy.START - timedelta(seconds=1), toy.START, toy.START + timedelta(days=1), None]
    complaints = [complaint(str(at), "x", date=date) for at, date in enumerate(dates)]
    assert later(complaints, toy.START).tolist() == [False, True, True, False]


def test_the_hashed_part_is_about_one_in_parts_and_equal_for_equal_letters() -> None:
    complaints = [complaint(str(at), f"{text} {at}") for at, text in enumerate([LONG, OTHER] * 20)]
    assert set(hashed_part(complaints, 2)[::2]) in ({True}, {False})
    many = [complaint(str(at), "a" * at) for at in range(1, 1001)]
    assert 150 < hashed_part(many, 5).sum() < 250
    assert hashed_part([complaint("x", LONG)], 5).tolist() == hashed_part([complaint("y", LONG.upper())], 5).tolist()


def test_the_corpus_is_read_in_the_order_of_its_files(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.jsonl").write_text(f'{{"id": "{name}-1", "text": "Lampu padam di {name}"}}\n', "utf-8")
    assert [one.id for one in read_corpus(tmp_path)] == ["a-1", "b-1"]
