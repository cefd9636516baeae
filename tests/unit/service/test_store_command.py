import json
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from classifier.errors import DataError, InputError
from classifier.records import Complaint
from data.store.database import Store
from data.store.keys import Keys
from data.store.predictions import Asked, Predictions
from service import commands

Pilah = Callable[..., Result]
OLD = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def pilah(tmp_path: Path) -> Pilah:
    app = typer.Typer()
    commands.mount(app)
    home = tmp_path / "var"
    home.mkdir()
    with closing(Store.open(f"sqlite:///{home / 'pilah.db'}")) as store:
        key, _ = Keys(store).create("kota contoh", "router", OLD)
        batch = [Asked(Complaint(f"L-{number}", f"Got {number} tersumbat"), {}) for number in (1, 2)]
        Predictions(store).add(key.id, batch, "m", OLD)

    def run(*args: object, **more: str) -> Result:
        environment = {"PILAH_HOME": str(home), "COLUMNS": "120"}
        return CliRunner().invoke(app, [*map(str, args)], env=environment | more)

    return run


def done(result: Result) -> str:
    assert result.exit_code == 0, result.exception
    return result.stdout


def texts(home: Path) -> list[str | None]:
    with closing(Store.open(f"sqlite:///{home / 'pilah.db'}")) as store:
        return [one.text for number in (1, 2) for one in Predictions(store).of(1, f"L-{number}")]


def test_a_report_is_erased_by_number_or_by_its_id(pilah: Pilah, tmp_path: Path) -> None:
    assert "Report 1 (L-1) is erased since" in done(pilah("store", "erase", 1, "--reason", "permintaan"))
    assert texts(tmp_path / "var") == [None, "Got 2 tersumbat"]
    assert "Report 2 (L-2)" in done(pilah("store", "erase", "L-2", "--key", 1, "--reason", "hp 081200001111"))
    assert texts(tmp_path / "var") == [None, None]
    assert "2 erased reports" in done(pilah("store", "erasures", tmp_path / "daftar.jsonl"))
    rows = [json.loads(line) for line in (tmp_path / "daftar.jsonl").read_text().splitlines()]
    assert [(row["key"], row["id"], row["reason"]) for row in rows] == [
        (1, "L-1", "permintaan"),
        (1, "L-2", "hp <TELEPON>"),
    ]


@pytest.mark.parametrize("arguments", [("7",), ("L-1",), ("-1",), ("L-9", "--key", "1"), ("L-1", "--key", "9")])
def test_a_report_that_is_not_there_is_named(pilah: Pilah, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    result = pilah("store", "erase", "--reason", "x", "--", *arguments) if "-1" in arguments else None
    result = result or pilah("store", "erase", *arguments, "--reason", "x")
    assert isinstance(result.exception, InputError)
    assert None not in texts(tmp_path / "var")


def test_old_texts_are_erased(pilah: Pilah, tmp_path: Path) -> None:
    assert "of 0 reports" in done(pilah("store", "retain", "--days", 36_500))
    assert "of 2 reports" in done(pilah("store", "retain", "--days", 30))
    assert texts(tmp_path / "var") == [None, None]


def test_a_backup_is_made_and_restored(pilah: Pilah, tmp_path: Path) -> None:
    assert "2 texts" in done(pilah("store", "backup", tmp_path / "a.zip"))
    assert isinstance(pilah("store", "restore", tmp_path / "a.zip").exception, InputError)
    done(pilah("store", "erase", 1, "--reason", "permintaan"))
    done(pilah("store", "erasures", tmp_path / "daftar.jsonl"))
    copy = {"PILAH_HOME": str(tmp_path / "salinan")}
    told = done(pilah("store", "restore", tmp_path / "a.zip", "--erasures", tmp_path / "daftar.jsonl", **copy))
    assert "2 texts" in told
    assert texts(tmp_path / "salinan") == [None, "Got 2 tersumbat"]


def test_a_file_that_is_no_backup_is_refused(pilah: Pilah, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_text("bukan cadangan")
    result = pilah("store", "restore", tmp_path / "a.zip", PILAH_HOME=str(tmp_path / "salinan"))
    assert isinstance(result.exception, DataError)
