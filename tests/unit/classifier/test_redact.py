"""Redaction: what must be masked is masked, what must stay stays, and offsets lead back."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.redact import Redacted, Span, redact

HERE = Path(__file__).parent
MARKED = re.compile(r"\{(NIK|TELEPON|EMAIL|NOMOR)\|([^}]*)\}")
MASKS = ("<NIK>", "<TELEPON>", "<EMAIL>", "<NOMOR>")


def lines(name: str) -> list[str]:
    return [line for line in (HERE / name).read_text("utf-8").splitlines() if line and not line.startswith("#")]


POSITIVES = lines("redact_positives.txt")
ORDINARY = lines("redact_ordinary.txt")


def unmarked(line: str) -> str:
    return MARKED.sub(r"\2", line)


def expected(line: str) -> str:
    return MARKED.sub(r"<\1>", line)


def test_the_case_files_are_large_and_without_repeats() -> None:
    assert len(set(POSITIVES)) == len(POSITIVES) >= 150
    assert len(set(ORDINARY)) == len(ORDINARY) >= 500


def test_recall_on_invented_numbers() -> None:
    missed = [line for line in POSITIVES if redact(unmarked(line)).text != expected(line)]
    assert len(missed) <= len(POSITIVES) * 0.01, missed


@pytest.mark.parametrize("mask", MASKS)
def test_every_type_is_found(mask: str) -> None:
    with_it = [line for line in POSITIVES if mask in expected(line)]
    assert len(with_it) >= 10
    assert all(mask in redact(unmarked(line)).text for line in with_it)


def test_no_false_hit_in_ordinary_complaints() -> None:
    assert [redact(line).text for line in ORDINARY] == ORDINARY


@pytest.mark.parametrize(
    "text",
    [
        "Telepon 110, 112 dan 119 tidak diangkat",
        "call center 1500 555 dan 1500-777 sibuk",
        "hubungi 1500888, 14055 atau 0800 1 000 111",
        "hubungi call center 0800-1-500-000 gratis",
        "telepon 021-1500-123 dan (021) 1500123 milik layanan pelanggan",
        "harga hp 2500000 rupiah",
        "tagihan telepon 350000 per bulan",
        "085.000 rupiah dan Rp 1.250.000.000 dari rekening desa",
        "16 angka tanpa tanggal: 1234567890123456",
        "bulan ke-13: 3273011213900001, hari ke-32: 3273013212900001, provinsi 20: 2073011212900001",
        "koordinat -6.0812345678, 107.0812345678",
    ],
)
def test_what_only_looks_personal_stays(text: str) -> None:
    assert redact(text) == Redacted(text, ())


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Nomor ٠٨١٢٠٠٠٠١١١١", "Nomor <TELEPON>"),
        ("hp ０８１２００００２２２２", "hp <TELEPON>"),
        ("\u202a+62 812\u20110000\u20113333\u202c", "\u202a<TELEPON>\u202c"),
        ("wa\xa00812\xa00000\xa04444", "wa\xa0<TELEPON>"),
    ],
)
def test_typographic_digits_dashes_and_spaces(text: str, masked: str) -> None:
    assert redact(text).text == masked


def test_spans_and_offsets() -> None:
    redacted = redact("hp 081200001111 ya")
    assert redacted == Redacted("hp <TELEPON> ya", (Span(3, 15, "<TELEPON>"),))
    assert [redacted.to_masked(offset) for offset in (0, 3, 9, 15, 18)] == [0, 3, 3, 12, 15]
    assert [redacted.to_original(offset) for offset in (0, 3, 9, 12, 15)] == [0, 3, 3, 15, 18]


PIECES = st.one_of(
    st.sampled_from([*MASKS, "NIK", "hp ", "rek BRI ", "a.n.", "no tiket ", "plat ", "mobil ", "Blok ", "paspor A"]),
    st.sampled_from(["081200001111", "3273014107900001", "B 1234 XY", "a@b.co", "021-5550101", "0001112223334", "o8"]),
    st.sampled_from([*" .,-/()+@<>:\n", "RT", "62", "0", "8", "B", "rb", "é", "\0"]),
    st.text("0123456789 .-", max_size=20),
    st.text(max_size=6),
)
TEXTS = st.lists(PIECES, max_size=14).map("".join)


@given(TEXTS)
def test_masking_twice_changes_nothing(text: str) -> None:
    once = redact(text)
    assert redact(once.text) == Redacted(once.text, ())


@given(TEXTS)
def test_spans_are_in_order_and_all_else_stays(text: str) -> None:
    redacted = redact(text)
    rebuilt, done = "", 0
    for span in redacted.spans:
        assert done <= span.start < span.end <= len(text)
        assert span.mask in MASKS
        rebuilt += text[done : span.start] + span.mask
        done = span.end
    assert redacted.text == rebuilt + text[done:]


@given(TEXTS)
def test_offsets_outside_spans_come_back(text: str) -> None:
    redacted = redact(text)
    inside = {offset for span in redacted.spans for offset in range(span.start + 1, span.end)}
    for offset in set(range(len(text) + 1)) - inside:
        masked = redacted.to_masked(offset)
        assert redacted.to_original(masked) == offset
        assert redacted.text[masked : masked + 1] in (text[offset : offset + 1], "<")
    for span in redacted.spans:
        assert redacted.to_masked(span.end - 1) == redacted.to_masked(span.start)


PROVINCES = [*range(11, 20), 21, *range(31, 37), *range(51, 54), *range(61, 66), *range(71, 77), 81, 82, *range(91, 97)]
SENTENCES = st.sampled_from(
    [
        "Mohon bantuannya, {} belum terdata di desa kami.",
        "Petugas mencatat {} lalu pergi begitu saja",
        "Sejak 12 Mei 2023 ({}) tidak ada kabar.",
        "di RT 05 RW 02: {}, tolong segera.",
        "{}",
    ]
)


@st.composite
def niks(draw: st.DrawFn) -> str:
    day = draw(st.integers(1, 31)) + draw(st.sampled_from([0, 40]))
    digits = (
        f"{draw(st.sampled_from(PROVINCES))}{draw(st.integers(101, 9999)):04}{day:02}{draw(st.integers(1, 12)):02}"
        f"{draw(st.integers(0, 99)):02}{draw(st.integers(1, 9999)):04}"
    )
    sizes = draw(st.sampled_from([[16], [4, 4, 4, 4], [6, 6, 4], [2, 2, 2, 6, 4]]))
    groups = [digits[sum(sizes[:i]) : sum(sizes[: i + 1])] for i in range(len(sizes))]
    return draw(st.sampled_from([" ", ".", "-"])).join(groups)


@st.composite
def phones(draw: st.DrawFn) -> str:
    prefix = draw(st.sampled_from(["0", "+62", "62", "+62 ", "+62-"]))
    operator = f"8{draw(st.integers(11, 99))}"
    rest = draw(st.sampled_from([["####", "####"], ["####", "###"], ["###", "###"], ["########"], ["####", "#####"]]))
    groups = [re.sub("#", lambda _: str(draw(st.integers(0, 9))), group) for group in rest]
    return prefix + draw(st.sampled_from(["", " ", "-", "."])).join([operator, *groups])


@given(SENTENCES, niks())
def test_every_valid_nik_is_masked(sentence: str, nik: str) -> None:
    assert redact(sentence.format(nik)).text == sentence.format("<NIK>")


@given(SENTENCES, phones())
def test_every_mobile_number_is_masked(sentence: str, phone: str) -> None:
    assert redact(sentence.format(phone)).text == sentence.format("<TELEPON>")


@pytest.mark.parametrize("unit", ["a", "1", "0", " ", "-", "(", "a@", "a.", "1 ", "08 ", "0 8 ", "1.", "B 1", "hp 08"])
def test_a_megabyte_of_anything_returns(unit: str) -> None:
    text = unit * (1_000_000 // len(unit)) + "1@"
    assert len(redact(text).text) <= len(text)
