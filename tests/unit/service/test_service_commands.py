import json
import shlex
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from classifier.errors import InputError, SettingsError
from service import commands
from service.errors import UnavailableError

Pilah = Callable[..., Result]


@pytest.fixture
def pilah(tmp_path: Path) -> Pilah:
    app = typer.Typer()
    commands.mount(app)
    environment = {"PILAH_HOME": str(tmp_path / "var"), "COLUMNS": "120"}
    return lambda *args, **more: CliRunner().invoke(app, [*map(str, args)], env=environment | more)


def done(result: Result) -> str:
    assert result.exit_code == 0, result.exception
    return result.stdout


def test_keys_are_made_listed_and_revoked(pilah: Pilah) -> None:
    secret = done(pilah("keys", "create", "Router Kota Contoh", "--role", "router")).strip()
    assert secret.startswith("pilah_")
    listed = done(pilah("keys", "list"))
    assert "Router Kota Contoh" in listed
    assert "router" in listed
    assert secret not in listed
    assert "is revoked" in done(pilah("keys", "revoke", 1))


@pytest.mark.parametrize(
    ("arguments", "error"),
    [(("create", " ", "--role", "admin"), InputError), (("revoke", "7"), InputError)],
)
def test_wrong_keys_are_refused(pilah: Pilah, arguments: tuple[str, ...], error: type[Exception]) -> None:
    assert isinstance(pilah("keys", *arguments).exception, error)


def test_an_unknown_role_is_refused(pilah: Pilah) -> None:
    result = pilah("keys", "create", "x", "--role", "king")
    assert result.exit_code == 2
    assert "router" in result.output


def test_an_unknown_setting_is_refused(pilah: Pilah) -> None:
    assert isinstance(pilah("keys", "list", PILAH_HOMES="x").exception, SettingsError)


def test_a_port_in_use_is_told_before_anything_is_made(pilah: Pilah, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = pilah("serve", "--port", port)
    assert result.exit_code == 2
    assert f"Can't listen on 127.0.0.1:{port}" in result.output
    assert "--port" in result.output
    assert not (tmp_path / "var").exists()


def test_no_model_is_told_with_what_makes_one(pilah: Pilah, tmp_path: Path) -> None:
    result = pilah("serve", "--port", 0)
    assert isinstance(result.exception, UnavailableError)
    assert "pilah train" in str(result.exception)
    assert not (tmp_path / "var").exists()


def test_the_greeting_is_a_curl_line_that_can_be_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    commands._greet("http://127.0.0.1:8000", "pilah_x")
    line: Any = shlex.split(capsys.readouterr().out.splitlines()[-1])
    assert line[:3] == ["curl", "-sS", "http://127.0.0.1:8000/v1/predictions"]
    assert json.loads(line[-1])["complaints"][0]["text"]
    commands._greet("http://127.0.0.1:8000", None)
    assert "pilah keys create" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("host", "shown"), [("127.0.0.1", "http://127.0.0.1:"), ("0.0.0.0", "http://127.0.0.1:"), ("::1", "http://[::1]:")]
)
def test_the_address_shown_can_be_reached(host: str, shown: str) -> None:
    try:
        listener = commands._listen(host, 0)
    except typer.Exit:
        assert ":" in host, "only a machine without IPv6 may refuse"
        return
    with listener:
        assert commands._address(listener).startswith(shown)
