import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from classifier.errors import BundleError, RegistryError
from models.commands import mount
from models.history import FrozenRows, Gate
from models.manifest import FILES, MANIFEST, Manifest
from models.registry import Registry

Write = Callable[..., Manifest]
Pilah = Callable[..., Result]
Check = Callable[[Path], Manifest]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def pilah(home: Path, check: Check) -> Pilah:
    app = typer.Typer()
    mount(app, check)
    return lambda *args: CliRunner().invoke(app, ["models", *map(str, args)], env={"PILAH_HOME": str(home)})


def done(result: Result) -> str:
    assert result.exit_code == 0, result.exception
    return result.output


def promote(home: Path, check: Check, folder: Path, **fields: Any) -> str:
    registry = Registry(home, check)
    name = registry.publish(folder)
    registry.promote(name, when=datetime.now(UTC), **fields)
    return name


def test_roll_back(tmp_path: Path, home: Path, pilah: Pilah, write: Write, check: Check) -> None:
    write(tmp_path / "a")
    write(tmp_path / "b", day=1, first=0.5)
    first, second = promote(home, check, tmp_path / "a"), promote(home, check, tmp_path / "b")
    assert Registry(home).active() == second
    assert done(pilah("rollback", "--reason", "worse")) == f"{first}: active\n"
    changes = [(change.action, change.reason) for change in Registry(home).history()]
    assert changes == [("promote", ""), ("promote", ""), ("rollback", "worse")]


def test_list_marks_the_active_one_and_reports_broken_ones(
    tmp_path: Path, home: Path, pilah: Pilah, write: Write, check: Check
) -> None:
    assert "no bundle is published" in done(pilah("list"))
    for day, name in enumerate("abc"):
        write(tmp_path / name, day=day)
        promote(home, check, tmp_path / name)
    done(pilah("rollback"))
    newest, active, oldest = (manifest.id for manifest in Registry(home).list())
    (home / "registry/bundles" / newest / MANIFEST).write_text("{")
    shown = done(pilah("list"))
    lines = {name: line for line in shown.splitlines() for name in (active, oldest) if name in line}
    assert "active" in lines[active]
    assert "active" not in lines[oldest]
    assert shown.index(active) < shown.index(oldest)
    assert "broken: " in shown


def test_list_tells_how_often_the_test_rows_were_used(
    tmp_path: Path, home: Path, pilah: Pilah, write: Write, check: Check
) -> None:
    write(tmp_path / "a")
    test = FrozenRows(hashlib.sha256(b"{}\n").hexdigest(), 1, 3.0)
    promote(home, check, tmp_path / "a", gate=Gate("not compared", None, test=test), rows=b"{}\n")
    assert "1 frozen test rows, used 3 times" in done(pilah("list"))


def test_show_prints_the_manifest(tmp_path: Path, pilah: Pilah, write: Write) -> None:
    manifest = write(tmp_path / "a", metrics={"topic": {"accuracy": 0.5}, "note": "[bold]"})
    assert done(pilah("show", tmp_path / "a", "--json")) == manifest.to_json() + "\n"
    shown = done(pilah("show", tmp_path / "a"))
    assert manifest.id in shown
    assert "metrics.topic.accuracy" in shown
    assert "…" not in shown  # sums are shown whole
    assert "[bold]" in shown


def test_show_and_verify_take_the_active_bundle_by_default(
    tmp_path: Path, home: Path, pilah: Pilah, write: Write, check: Check
) -> None:
    result = pilah("verify")
    assert isinstance(result.exception, RegistryError)
    assert "no bundle is active" in str(result.exception)
    write(tmp_path / "a")
    name = promote(home, check, tmp_path / "a")
    assert done(pilah("verify")).startswith(f"{name}: sound")
    assert done(pilah("verify", name)).startswith(f"{name}: sound")
    assert name in done(pilah("show", "--json"))


def test_a_damaged_bundle_fails(tmp_path: Path, pilah: Pilah, write: Write) -> None:
    write(tmp_path / "a")
    (tmp_path / "a" / FILES[0]).write_bytes(b"x")
    result = pilah("verify", tmp_path / "a")
    assert isinstance(result.exception, BundleError)
    assert result.exit_code == 1


@pytest.mark.parametrize("target", ["20261125-00000000", "no/such/folder"])
def test_unknown_targets_are_named(pilah: Pilah, target: str) -> None:
    for command in ("show", "verify"):
        assert f"{target!r} is no published bundle" in str(pilah(command, target).exception)
