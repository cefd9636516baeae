"""What `pilah train` and the commands of encoders refuse before anything is read."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import pilah
from classifier.errors import InputError
from training import encoder_commands
from training.config import read_config
from training.encoder_commands import beside_linear, check_torch


def refused(*words: object) -> str:
    found = CliRunner().invoke(pilah.app, [*map(str, words)])
    assert isinstance(found.exception, InputError), found.output
    return str(found.exception)


def train(out: Path, *words: object) -> str:
    return refused("train", "--data", "tidak-ada.jsonl", "--out", out, *words)


def test_an_encoder_needs_a_base_and_a_base_an_encoder(tmp_path: Path) -> None:
    assert "--base: is missing; expected the encoder to begin with" in train(tmp_path / "m", "--config", "encoder")
    assert "expected --config encoder with it" in train(tmp_path / "m", "--base", "contoh/bert")


def test_a_missing_library_says_which_command_installs_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(encoder_commands, "find_spec", lambda name: None if name == "torch" else name)
    with pytest.raises(InputError, match=r"needs torch; expected pip install 'pilah\[encoder\]'"):
        check_torch("pilah pretrain")
    assert "needs torch" in train(tmp_path / "m", "--config", "encoder", "--base", "contoh/bert")
    assert "needs torch" in refused("pretrain", "--data", "a.jsonl", "--out", tmp_path)


def test_a_linear_configuration_puts_nothing_beside_the_linear_model(tmp_path: Path) -> None:
    assert beside_linear(read_config("linear"), None, tmp_path) is None


def test_a_bundle_without_an_encoder_has_nothing_to_compare(tmp_path: Path, save: Any) -> None:
    pytest.importorskip("torch", reason="the encoder extra is not installed")
    folder = save("linear")
    data = tmp_path / "a.jsonl"
    data.write_text('{"id": "a", "text": "Lampu padam", "topic": "Lampu Jalan"}\n')
    assert "--model: has no encoder" in refused("bench-encoder", "--model", folder, "--data", data)
