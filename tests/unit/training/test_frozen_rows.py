"""The test window: what is frozen, how its uses are counted, and that it moves forward."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from classifier.errors import DataError, InputError, RegistryError
from models.history import FrozenRows, Gate
from models.registry import Registry
from training.frozen_rows import Window, frozen_rows, new_rows

START = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS = ("topic", "agency", "kind")
CANDIDATE = "20261125-00000000"


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "var")


def write(path: Path, days: Sequence[int], **fields: Any) -> Path:
    words = ["satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan"]
    rows = [
        {"id": str(day), "text": f"Lampu {words[day]} padam", "date": (START + timedelta(day)).isoformat()}
        | {"topic": "lampu"}
        | fields
        for day in days
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def freeze(registry: Registry, window: Window | None) -> FrozenRows:
    """Use a window once, as a refusal does."""
    assert window
    gate = Gate("refused", None, {"worse": "x"}, test=window.record)
    registry.refuse(CANDIDATE, when=START, gate=gate, rows=window.content)
    return window.record


def test_nothing_is_frozen_at_first(registry: Registry) -> None:
    assert frozen_rows(registry) is None


def test_rows_are_masked_before_they_are_kept(tmp_path: Path, registry: Registry) -> None:
    path = write(tmp_path / "uji.jsonl", [1], text="Hubungi 0812-0000-1111, lampu padam", title="NIK 3201010101900001")
    window = new_rows(path, COLUMNS, registry)
    assert window.content
    assert b"0812" not in window.content
    assert b"3201" not in window.content
    assert window.rows[0].text == "Hubungi <TELEPON>, lampu padam"


def test_what_was_frozen_is_used_again_and_counted(tmp_path: Path, registry: Registry) -> None:
    first = freeze(registry, new_rows(write(tmp_path / "uji.jsonl", [1, 2]), COLUMNS, registry))
    assert (first.rows, first.uses) == (2, 1)
    again = frozen_rows(registry)
    assert again
    assert again.content is None
    assert again.record == FrozenRows(first.fingerprint, 2, 2)
    assert [row.id for row in again.rows] == ["1", "2"]
    assert freeze(registry, again).uses == 2
    assert registry.frozen() == again.record


def test_rows_that_stay_keep_their_uses(tmp_path: Path, registry: Registry) -> None:
    freeze(registry, new_rows(write(tmp_path / "a.jsonl", [1, 2]), COLUMNS, registry))
    freeze(registry, frozen_rows(registry))
    moved = freeze(registry, new_rows(write(tmp_path / "b.jsonl", [2, 3, 4, 5]), COLUMNS, registry))
    assert moved.uses == 1 + 2 / 4
    assert freeze(registry, new_rows(write(tmp_path / "c.jsonl", [6, 7]), COLUMNS, registry)).uses == 1
    assert len(list((tmp_path / "var/registry/test").iterdir())) == 1


def test_the_window_never_moves_back(tmp_path: Path, registry: Registry) -> None:
    freeze(registry, new_rows(write(tmp_path / "a.jsonl", [3, 4]), COLUMNS, registry))
    with pytest.raises(InputError, match=r"--test: its newest row is of 2026-01-04, .* of 2026-01-05; expected rows"):
        new_rows(write(tmp_path / "b.jsonl", [1, 2, 3]), COLUMNS, registry)
    assert new_rows(write(tmp_path / "c.jsonl", [1, 4]), COLUMNS, registry)
    assert new_rows(write(tmp_path / "d.jsonl", [1], date=None), COLUMNS, registry)  # undated: nobody can tell


def test_rows_without_a_label_are_left_out_and_counted(tmp_path: Path, registry: Registry) -> None:
    path = write(tmp_path / "uji.jsonl", [1, 2])
    path.write_text(path.read_text() + '{"id": "x", "text": "Tanpa label"}\n', "utf-8")
    window = new_rows(path, COLUMNS, registry)
    assert (len(window.rows), window.unlabelled) == (2, 1)


@pytest.mark.parametrize("fields", [{"topic": None}, {"topic": None, "utama": "lampu"}])
def test_rows_that_all_lack_labels_are_refused(tmp_path: Path, registry: Registry, fields: dict[str, Any]) -> None:
    path = write(tmp_path / "uji.jsonl", [1], **fields)
    with pytest.raises(DataError, match=r"uji\.jsonl: holds no complaint with a label .*: topic, agency, kind"):
        new_rows(path, COLUMNS, registry)


def test_a_file_that_can_not_be_read_is_named(tmp_path: Path, registry: Registry) -> None:
    with pytest.raises(DataError, match=r"tidak-ada\.jsonl: can't be read"):
        new_rows(tmp_path / "tidak-ada.jsonl", COLUMNS, registry)


def test_a_frozen_file_that_changed_is_refused_until_new_rows_are_given(tmp_path: Path, registry: Registry) -> None:
    freeze(registry, new_rows(write(tmp_path / "a.jsonl", [3]), COLUMNS, registry))
    (kept,) = (tmp_path / "var/registry/test").iterdir()
    kept.write_bytes(kept.read_bytes().replace(b"lampu", b"jalan"))
    with pytest.raises(RegistryError, match="was changed since its 1 test rows were frozen"):
        frozen_rows(registry)
    window = new_rows(write(tmp_path / "b.jsonl", [1]), COLUMNS, registry)
    assert window.record.uses == 2  # which rows are the same can't be told any more
    freeze(registry, window)
    assert frozen_rows(registry)


def test_the_fingerprint_is_that_of_the_file(tmp_path: Path, registry: Registry) -> None:
    record = freeze(
        registry, new_rows(write(tmp_path / "a.jsonl", [1], text="Lampu\u2028padam\u0085"), COLUMNS, registry)
    )
    (kept,) = (tmp_path / "var/registry/test").iterdir()
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == record.fingerprint == kept.stem
    again = frozen_rows(registry)
    assert again
    assert again.rows[0].text == "Lampu\u2028padam\u0085"
