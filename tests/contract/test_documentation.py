"""README, --help, OpenAPI and code say the same."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

import pilah
from classifier.decision import REASONS
from classifier.redact import redact
from data.store.database import Store
from data.store.tables import Role
from models.registry import Registry
from service.app import create_app
from service.live_model import LiveModel
from service.settings import Settings
from training import gate


@pytest.fixture(scope="module")
def readme(root: Path) -> str:
    return (root / "README.md").read_text("utf-8")


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield path, command
    for name, child in (children or {}).items():
        yield from commands(child, (*path, name))


COMMANDS = dict(commands(typer.main.get_command(pilah.app)))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_stands_in_the_readme_and_explains_itself(path: tuple[str, ...], readme: str) -> None:
    assert f"pilah {' '.join(path)}" in readme
    assert COMMANDS[path].help


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_option_stands_in_the_readme_and_explains_itself(path: tuple[str, ...], readme: str) -> None:
    options = {name: one for one in COMMANDS[path].params for name in one.opts if name.startswith("--")}
    assert not [name for name, one in options.items() if name not in readme or not one.help]


def test_the_command_lines_of_the_readme_are_understood(readme: str) -> None:
    lines = [shlex.split(line, comments=True) for line in re.findall(r"^\$ pilah (.+)$", readme, re.MULTILINE)]
    assert lines
    for words in lines:
        path = next(path for path in COMMANDS if tuple(words[: len(path)]) == path)
        COMMANDS[path].make_context("pilah", words[len(path) :])


def test_every_route_stands_in_the_readme(readme: str, tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'uji.db'}")
    registry = Registry(tmp_path)
    app = create_app(Settings(home=tmp_path), store, LiveModel(registry), registry)
    routes = [f"{method.upper()} {path}" for path, found in app.openapi()["paths"].items() for method in found]
    store.close()
    assert len(routes) >= 7
    assert not [route for route in routes if route not in readme]


def test_every_setting_reason_and_role_stands_in_the_readme(readme: str) -> None:
    settings = [f"`PILAH_{name.upper()}`" for name in Settings.model_fields]
    reasons = [f"`{reason}`" for reason in REASONS]
    assert not [name for name in (*settings, *reasons, *Role.__args__) if name not in readme]
    assert all(field.description for field in Settings.model_fields.values())


def test_every_reason_of_the_gate_stands_in_the_readme(readme: str) -> None:
    assert not [reason for reason in gate.REASONS if f"| `{reason}` |" not in readme]


def test_the_masks_of_the_readme_are_those_of_the_code(readme: str) -> None:
    written = "NIK 3201010101900001, hp 081234567890, surel contoh@contoh.id, pelat B 1234 XYZ"
    masks = {span.mask for span in redact(written).spans}
    assert masks == {"<NIK>", "<TELEPON>", "<EMAIL>", "<NOMOR>"}
    assert all(f"`{mask}`" in readme for mask in masks)


def test_links_of_the_readmes_lead_somewhere(root: Path) -> None:
    pages = [root / "README.md", *root.glob("data/*/README.md")]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8"))]
    assert links
    assert not [(page.name, link) for page, link in links if not (page.parent / link).exists()]
