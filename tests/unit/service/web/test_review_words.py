"""The page's own words: every reason and note has its sentence, numbers are written as Indonesians write them."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from classifier.decision import REASONS
from data.store.tables import Source, Verdict
from service.web import words


def test_every_reason_verdict_and_source_has_its_words() -> None:
    assert not set(REASONS) - words.REASONS.keys()
    assert not set(Verdict.__args__) - words.VERDICTS.keys()
    assert not set(Source.__args__) - words.SOURCES.keys()


def test_every_note_of_the_readme_has_its_words(root: Path) -> None:
    table = (root / "README.md").read_text("utf-8").split("| note | means |")[1].split("\n\n")[0]
    notes = {note for note in re.findall(r"`([a-z-]+)`", table) if not note.startswith(("alert", "emergency"))}
    assert not notes - words.NOTES.keys() - words.REASONS.keys()


@pytest.mark.parametrize(
    ("share", "written"), [(0, "0%"), (0.001, "<1%"), (0.254, "25%"), (0.996, ">99%"), (1, "100%")]
)
def test_a_share_never_claims_all_or_nothing_falsely(share: float, written: str) -> None:
    assert words.per_cent(share) == written


def test_numbers_and_times_are_written_in_indonesian() -> None:
    moment = datetime(2026, 8, 17, 3, 5, tzinfo=UTC)
    assert words.number(1234567) == "1.234.567"
    assert words.per_cent(0.1234, 1) == "12,3%"
    assert words.when(moment) == "17 Agu 2026, 10.05"
    waits = [words.waited(moment - timedelta(minutes=minutes), moment) for minutes in (-5, 59, 61, 47 * 60, 72 * 60)]
    assert waits == ["0 menit", "59 menit", "1 jam", "47 jam", "3 hari"]


def test_chances_are_told_in_words() -> None:
    told = [words.chance(share) for share in (1, 0.9, 0.7, 0.5, 0.2, 0.01)]
    assert told == ["hampir pasti", "sangat mungkin", "mungkin", "ragu", "kecil", "sangat kecil"]
