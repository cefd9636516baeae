from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from classifier.errors import BundleError, RegistryError
from models.commands import mount
from models.manifest import FILES, MANIFEST, Manifest
from models.registry import Registry

Write = Callable[..., Manifest]
Pilah = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def pilah(home: Path, check: Callable[[Path], Manifest]) -> Pilah:
    app = typer.Typer()
    mount(app, check)
    return lambda *args: CliRunner().invoke(app, ["models", *map(str, args)], env={"PILAH_HOME": str(home)})


def done(result: Result) -> str:
    assert result.exit_code == 0, result.exception
    return result.output


def test_promote_a_folder_then_an_id_then_roll_back(tmp_path: Path, home: Path, pilah: Pilah, write: Write) -> None:
    first, second = write(tmp_path / "a").id, write(tmp_path / "b", day=1, first=0.5).id
    assert done(pilah("promote", tmp_path / "a")) == f"{first}: active\n"
    assert done(pilah("promote", tmp_path / "b", "--reason", "better")) == f"{second}: active\n"
    assert done(pilah("rollback", "--reason", "worse")) == f"{first}: active\n"
    assert done(pilah("promote", second)) == f"{second}: active\n"
    changes = [(change.action, change.reason) for change in Registry(home).history()]
    assert changes == [("promote", ""), ("promote", "better"), ("rollback", "worse"), ("promote", "")]


def test_list_marks_the_active_one_and_reports_broken_ones(
    tmp_path: Path, home: Path, pilah: Pilah, write: Write
) -> None:
    assert "no bundle is published" in done(pilah("list"))
    for day, name in enumerate("abc"):
        write(tmp_path / name, day=day)
        done(pilah("promote", tmp_path / name))
    done(pilah("rollback"))
    newest, active, oldest = (manifest.id for manifest in Registry(home).list())
    (home / "registry/bundles" / newest / MANIFEST).write_text("{")
    shown = done(pilah("list"))
    lines = {name: line for line in shown.splitlines() for name in (active, oldest) if name in line}
    assert "active" in lines[active]
    assert "active" not in lines[oldest]
    assert shown.index(active) < shown.index(oldest)
    assert "broken: " in shown


def test_show_prints_the_manifest(tmp_path: Path, pilah: Pilah, write: Write) -> None:
    manifest = write(tmp_path / "a", metrics={"topic": {"accuracy": 0.5}, "note": "[bold]"})
    assert done(pilah("show", tmp_path / "a", "--json")) == manifest.to_json() + "\n"
    shown = done(pilah("show", tmp_path / "a"))
    assert manifest.id in shown
    assert "metrics.topic.accuracy" in shown
    assert "…" not in shown  # sums are shown whole
    assert "[bold]" in shown


def test_show_and_verify_take_the_active_bundle_by_default(tmp_path: Path, pilah: Pilah, write: Write) -> None:
    result = pilah("verify")
    assert isinstance(result.exception, RegistryError)
    assert "no bundle is active" in str(result.exception)
    name = write(tmp_path / "a").id
    done(pilah("promote", tmp_path / "a"))
    assert done(pilah("verify")).startswith(f"{name}: sound")
    assert done(pilah("verify", name)).startswith(f"{name}: sound")
    assert name in done(pilah("show", "--json"))


@pytest.mark.parametrize("command", ["verify", "promote"])
def test_a_damaged_bundle_fails(tmp_path: Path, home: Path, pilah: Pilah, write: Write, command: str) -> None:
    write(tmp_path / "a")
    (tmp_path / "a" / FILES[0]).write_bytes(b"x")
    result = pilah(command, tmp_path / "a")
    assert isinstance(result.exception, BundleError)
    assert result.exit_code == 1
    assert Registry(home).active() is None


def test_a_bundle_that_no_longer_repeats_its_example_is_not_promoted(
    tmp_path: Path, home: Path, pilah: Pilah, write: Write, fake: Any
) -> None:
    example = fake([0.25], ["banjir"], "")
    manifest = write(tmp_path / "a")
    write(tmp_path / "a", prediction=example.classify([manifest.example.complaint])[0])
    assert "another topic" in str(pilah("promote", tmp_path / "a").exception)
    assert Registry(home).list() == ()


@pytest.mark.parametrize("target", ["20261125-00000000", "no/such/folder"])
def test_unknown_targets_are_named(pilah: Pilah, target: str) -> None:
    for command in ("show", "verify", "promote"):
        assert f"{target!r} is no published bundle" in str(pilah(command, target).exception)
