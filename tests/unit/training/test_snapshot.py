"""What a retraining learns from: corrections win over the file, weigh more, and some rows are always held back."""

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import toy
from hypothesis import given
from hypothesis import strategies as st

from classifier.records import Complaint
from models.row_hashes import RowKey
from training.snapshot import AGREED, REVIEWED, copies, held_back, snapshot

KEY = RowKey(b"uji")
COLUMNS = ("topic", "agency", "kind")


@dataclass(frozen=True)
class Learnt:
    """A correction as the store gives it back."""

    complaint: Complaint
    sources: frozenset[str] = frozenset({"reviewer"})
    agreed: int = 1


def one(text: str, **labels: str) -> Complaint:
    return Complaint("uji", text, labels=labels)


def row(at: int) -> Complaint:
    words = np.base_repr(at + 50_000, 26).lower().translate(str.maketrans("0123456789", "qrstuvwxyz"))
    return Complaint(str(at), f"Selokan {words} mampet", date=toy.START + timedelta(days=at), labels={"topic": "Air"})


def test_a_corrected_report_wins_over_the_same_report_in_the_file() -> None:
    own = [one("Lampu padam, telepon 0812-3456-7890", topic="Lampu", agency="Dishub"), one("Air keruh", topic="Air")]
    said = [Learnt(one("lampu PADAM telepon <TELEPON>", topic="Listrik"))]
    found = snapshot(own, said)  # type: ignore[arg-type]
    assert [dict(found.labels) for found in found.complaints] == [
        {"topic": "Air"},
        {"topic": "Listrik", "agency": "Dishub"},
    ]
    assert found.weights == [1.0, REVIEWED]
    assert found.corrections == 1


def test_corrections_weigh_more_and_agreed_ones_most() -> None:
    said = [
        Learnt(one("satu", topic="A")),
        Learnt(one("dua", topic="A"), agreed=2),
        Learnt(one("tiga", topic="A"), frozenset({"final-disposition"})),
        Learnt(one("empat", topic="A"), frozenset({"agency-return", "final-disposition"})),
    ]
    weights = snapshot([one("lima", topic="A")], said).weights  # type: ignore[arg-type]
    assert weights == [1.0, REVIEWED, AGREED, 1.0, REVIEWED]
    assert 1 < REVIEWED < AGREED


def test_corrections_stand_under_the_topic_column() -> None:
    found = snapshot([], [Learnt(one("satu", topic="A", kind="aspirasi"))], "utama")  # type: ignore[arg-type]
    assert dict(found.complaints[0].labels) == {"utama": "A", "kind": "aspirasi"}


def test_the_digest_tells_reports_weights_and_settings_apart() -> None:
    rows = [one("satu", topic="A"), one("dua", topic="B")]
    found = [
        snapshot(rows, []).digest({"penalty": 1}),
        snapshot(rows, []).digest({"penalty": 2}),
        snapshot(rows[:1], []).digest({"penalty": 1}),
        snapshot(rows[:1], [Learnt(rows[1])]).digest({"penalty": 1}),  # type: ignore[arg-type]
    ]
    assert len(set(found)) == len(found)
    assert snapshot(rows, []).digest({"penalty": 1}) == found[0]


def test_the_newest_rows_that_the_key_chooses_are_held_back() -> None:
    rows = [row(at) for at in range(3000)]
    marks = held_back(rows, KEY, [False] * len(rows), COLUMNS)
    assert marks.sum() == 300
    dates = [one.date for one, held in zip(rows, marks, strict=True) if held and one.date]
    assert min(dates) > toy.START + timedelta(days=1200)


def test_what_the_active_model_saw_and_what_has_no_label_is_not_held_back() -> None:
    rows = [row(at) for at in range(400)]
    seen = [at % 2 == 0 for at in range(len(rows))]
    marks = held_back(rows, KEY, seen, COLUMNS)
    assert marks.any()
    assert not marks[seen].any()
    assert not held_back([replace(one, labels={}) for one in rows], KEY, [False] * len(rows), COLUMNS).any()


@given(st.lists(st.integers(0, 199), min_size=1, max_size=60))
def test_the_same_text_is_always_on_the_same_side(chosen: list[int]) -> None:
    rows = [row(at) for at in chosen]
    marks = held_back(rows, KEY, [False] * len(rows), COLUMNS)
    alone = {at: bool(held_back([row(at)], KEY, [False], COLUMNS)[0]) for at in chosen}
    assert marks.tolist() == [alone[at] for at in chosen]


def test_copies_have_the_letters_of_another_text() -> None:
    rows = [one("Lampu padam, No. 3"), one("lampu padam no 4"), one("Lampu padam"), one("Air keruh")]
    assert copies(rows, rows[:1]).tolist() == [True, True, False, False]
