from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.card import card
from models.manifest import Data, Manifest, TaxonomyVersion

Write = Callable[..., Manifest]

TOPIC = {
    "rows": 2500,
    "classes": 30,
    "few_row_classes": 12,
    "unseen_rows": 2400,
    "accuracy": 0.6123,
    "calibration_error": 0.021,
    "threshold": 0.8765,
    "auto_share": 0.25,
    "auto_error": 0.031,
}
NEVER = {"few_row_classes": 0, "threshold": None, "auto_share": None, "auto_error": None}


@pytest.fixture
def written(tmp_path: Path, write: Write) -> str:
    details: dict[str, Any] = {"unresolved": {"topic": 17}, "period": ["2024-01-02", "2025-03-04"], "corpus_rows": 1234}
    manifest = write(
        tmp_path / "a",
        data=Data("0f" * 32, 2600, details),
        metrics={"targets": {"topic": TOPIC, "agency": TOPIC | NEVER}},
        settings={"topic_column": "kategori", "auto_error": 0.05, "confidence": 0.9, "penalty": 0.8},
    )
    return card(manifest)


def cells(text: str, first: str) -> list[list[str]]:
    """Return the table rows that begin with this cell."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return [row[1:] for row in rows if row[0] == first]


def test_a_card_says_what_the_model_was_learnt_from(written: str) -> None:
    for told in ("2,600, repeats left out; 1,234 of pilah's own corpus", "2024-01-02 to 2025-03-04", "0f" * 32):
        assert told in written
    assert "national 2026-11" in written
    assert "`kategori`" in written
    assert cells(written, "topic (topik)")[0] == ["2,500", "30", "12", "17"]
    assert cells(written, "agency (instansi)")[0] == ["2,500", "30", "0", "0"]


def test_a_card_says_how_good_it_is_and_what_was_promised(written: str) -> None:
    assert "at most 5.0 % of the answers acted on without a person are wrong, with 90.0 % confidence" in written
    assert cells(written, "topic (topik)")[1] == ["2,400", "61.2 %", "2.1 %", "0.876", "25.0 %", "3.1 %"]
    assert cells(written, "agency (instansi)")[1] == ["2,400", "61.2 %", "2.1 %", "never", "-", "-"]


def test_a_card_names_limits_uses_who_decides_and_settings(written: str) -> None:
    assert "topic (topik): 12 of 30 classes have few rows" in written
    assert "agency (instansi): " not in written  # none of its classes has few
    assert "does not answer the kind (klasifikasi)" in written
    assert "names of\n  people and addresses are not" in written
    assert "UU 27/2022" in written
    assert "article 10" in written
    assert "- penalty: 0.8" in written
    assert "numpy " in written
    assert [line for line in written.splitlines() if line.startswith("## ")] == [
        "## Data (data latih)",
        "## Metrics (mutu)",
        "## Intended use (kegunaan)",
        "## Uses to avoid (bukan untuk)",
        "## Who decides (siapa yang memutuskan)",
        "## Limits (batas)",
        "## Settings and libraries (pengaturan)",
    ]


def test_what_an_older_manifest_lacks_is_called_not_recorded(tmp_path: Path, write: Write) -> None:
    told = card(write(tmp_path / "a", metrics={}, settings={}, taxonomy=TaxonomyVersion("from-data", "1")))
    assert "Period: not recorded" in told
    assert told.count("By target: not recorded.") == 2
    assert "Promise (janji): not recorded." in told
    assert "does not answer" not in told
