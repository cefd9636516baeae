"""Pre-training on a handful of texts, killed and gone on; and models of the hub in a cache."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the encoder extra is not installed")

import tiny_bert
import toy
from safetensors.numpy import load_file

from data.complaints import complaint_row
from training.encoder.network import load_base
from training.encoder.pretrain import Shape, pretrain
from training.encoder.wordpiece import learn_wordpiece

ROOT = Path(__file__).parents[4]
TEXTS = [one.text for one in toy.complaints()]
SHAPE = Shape(layers=1, width=32, vocabulary=300, longest=32)
SLOW = """
import sys, time, pathlib
sys.path.insert(0, "tests")
import tiny_bert, toy
from training.encoder.pretrain import Shape, pretrain
texts = [one.text for one in toy.complaints()]
pretrain(texts, Shape(1, 32, 300, 32), tiny_bert.settings(), pathlib.Path(sys.argv[1]),
         lambda done, *_: done < 8 or time.sleep(60))
"""


def test_a_killed_run_goes_on_and_ends_as_it_would_have(tmp_path: Path) -> None:
    whole = pretrain(TEXTS, SHAPE, tiny_bert.settings(), tmp_path / "whole", lambda *_: None)
    killed = subprocess.Popen([sys.executable, "-c", SLOW, str(tmp_path / "killed")], cwd=ROOT)
    checkpoint = tmp_path / "killed" / "checkpoint.safetensors"
    try:
        for _ in range(600):
            if checkpoint.exists() or killed.poll() is not None:
                break
            time.sleep(0.1)
        time.sleep(0.2)
    finally:
        killed.send_signal(signal.SIGKILL)
        killed.wait(30)
    assert checkpoint.exists()
    told: list[int] = []
    again = pretrain(TEXTS, SHAPE, tiny_bert.settings(), tmp_path / "killed", lambda done, *_: told.append(done))
    assert told[0] > 1
    assert again == whole
    first, second = (load_file(tmp_path / name / "model.safetensors") for name in ("whole", "killed"))
    assert all(first[name].tobytes() == second[name].tobytes() for name in first)
    assert not checkpoint.exists()


def test_what_it_writes_is_a_base(tmp_path: Path) -> None:
    pretrain(TEXTS, SHAPE, tiny_bert.settings(epochs=1), tmp_path / "base", lambda *_: None)
    loaded = load_base(str(tmp_path / "base"))
    assert loaded.longest == SHAPE.longest
    assert "padam" in json.loads(loaded.tokenizer)["model"]["vocab"]


def test_the_same_texts_give_the_same_pieces() -> None:
    assert len({learn_wordpiece(TEXTS, 300) for _ in range(3)}) == 1


def test_no_piece_is_learnt_from_fewer_than_three_reports() -> None:
    texts = ["jalan berlubang"] * 5 + ["zzyzx zzyzx zzyzx zzyzx zzyzx"]
    pieces = json.loads(learn_wordpiece(texts, 400))["model"]["vocab"]
    assert "jalan" in pieces
    assert not [piece for piece in pieces if len(piece.removeprefix("##")) > 1 and "z" in piece]


def hub_folder(home: Path) -> None:
    """Lay a model out as the cache of the hub does."""
    model = home / "hub" / "models--contoh--bert-kecil"
    (model / "refs").mkdir(parents=True)
    (model / "refs" / "main").write_text("f" * 40)
    tiny_bert.write(model / "snapshots" / ("f" * 40))


ASK = """
import sys
from classifier.errors import InputError
from training.encoder.network import load_base
print(load_base("contoh/bert-kecil").longest)
try:
    load_base("contoh/bert-besar")
except InputError as error:
    print(error)
"""


def test_a_name_is_found_in_the_cache_and_what_is_not_tells_what_to_do(tmp_path: Path) -> None:
    hub_folder(tmp_path)
    environment = os.environ | {"HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", ASK], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    longest, refused = done.stdout.strip().split("\n")
    assert longest == str(tiny_bert.LONGEST)
    assert "--base: 'contoh/bert-besar' is no local folder, and the hub does not give it" in refused
    assert "hf download contoh/bert-besar --local-dir FOLDER" in refused


def test_the_command_writes_a_base(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    import pilah

    (tmp_path / "a.jsonl").write_text("".join(json.dumps(complaint_row(one)) + "\n" for one in toy.complaints()))
    words = ["pretrain", "--data", tmp_path / "a.jsonl", "--out", tmp_path / "base", "--layers", 1, "--width", 32]
    done = CliRunner().invoke(
        pilah.app, [*map(str, words), "--vocabulary", "200", "--epochs", "1", "--max-tokens", "32"]
    )
    assert done.exit_code == 0, done.output
    assert (tmp_path / "base" / "config.json").exists()
    wrong = CliRunner().invoke(pilah.app, [*map(str, words[:-1]), "33"])
    assert "a multiple of 32" in str(wrong.exception)
