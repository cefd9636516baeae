"""A trial alone: what it says, and that it writes nothing."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import toy

from classifier.errors import BundleError, DataError
from data.complaints import complaint_row
from models.manifest import ARRAYS
from models.registry import Registry
from models.row_hashes import row_key
from training.trial import NO_ROWS, NOTHING_ACTIVE, hold

Save = Callable[..., Path]
NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@pytest.fixture
def test_rows(tmp_path: Path) -> Path:
    rows = [replace(one, text=f"{one.text} sekali") for one in toy.complaints()]
    path = tmp_path / "uji.jsonl"
    path.write_text("".join(json.dumps(complaint_row(one)) + "\n" for one in rows), "utf-8")
    return path


def contents(home: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}


def test_it_compares_and_writes_nothing(home: Path, save: Save, test_rows: Path) -> None:
    registry, key = Registry(home), row_key(home)
    first, second = registry.publish(save("a")), registry.publish(save("b", day=26))
    assert hold(registry, first, key).gate.note == NOTHING_ACTIVE
    registry.promote(first, when=NOON)
    before = contents(home)
    assert hold(registry, second, key).gate.note == NO_ROWS
    trial = hold(registry, second, key, test_rows)
    assert contents(home) == before
    assert (trial.gate.verdict, trial.gate.current, trial.gate.reasons) == ("passed", first, {})
    assert trial.comparisons.keys() == {"topic", "agency", "kind"}
    assert {one.difference for one in trial.comparisons.values()} == {0}
    assert trial.notes == ()
    json.dumps(trial.gate.figures)


def test_what_is_wrong_with_candidate_or_rows_is_an_error(home: Path, save: Save, tmp_path: Path) -> None:
    registry, key = Registry(home), row_key(home)
    name = registry.publish(save("a"))
    with pytest.raises(DataError, match="can't be read"):
        hold(registry, name, key, tmp_path / "tidak-ada.jsonl")
    (registry.path(name) / ARRAYS).write_bytes(b"x")
    with pytest.raises(BundleError, match="SHA-256"):
        hold(registry, name, key)
