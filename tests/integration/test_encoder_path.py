"""An encoder all the way: trained, exported, stored, loaded, served, and taught to a pupil; on a tiny BERT."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="the encoder extra is not installed")
import tiny_bert
import toy
from starlette.testclient import TestClient
from typer.testing import CliRunner

import pilah
from classifier.errors import BundleError, InputError
from classifier.pipeline import LINEAR_ALONE
from classifier.records import Complaint, Prediction
from classifier.state import ENCODER_FILES
from data.complaints import complaint_row
from data.store.database import Store
from data.store.keys import Keys
from models import bundle
from models.card import card
from models.registry import Registry
from service.app import create_app
from service.live_model import LiveModel
from service.settings import Settings

ROOT = Path(__file__).parents[2]
BLOCKED = "torch", "transformers", "onnx", "onnxscript"
SERVES = "import sys; sys.modules.update(dict.fromkeys({blocked!r}))\nimport service.app\n" + (
    "from pathlib import Path; from models.bundle import load; from classifier.records import Complaint\n"
    "loaded = load(Path({folder!r})); print(loaded.classifier.classify([Complaint('a', 'Lampu jalan padam')])[0].notes)"
)


def rows(path: Path, complaints: Sequence[Complaint]) -> Path:
    path.write_text("".join(json.dumps(complaint_row(one)) + "\n" for one in complaints))
    return path


def run(*words: object) -> Any:
    return CliRunner().invoke(pilah.app, [*map(str, words)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("encoder")


@pytest.fixture(scope="module")
def reports(folder: Path) -> Path:
    return rows(folder / "laporan.jsonl", toy.complaints())


@pytest.fixture(scope="module")
def model(folder: Path, reports: Path) -> Path:
    """A bundle with an encoder, trained by the command."""
    settings = re.sub(r"(?m)^(max_tokens|batch_size|epochs) = \d+", r"\1 = 16", tiny_bert.CONFIG.read_text("utf-8"))
    config = folder / "kecil.toml"
    config.write_text(settings.replace("epochs = 16", "epochs = 2"), "utf-8")
    base, out = tiny_bert.write(folder / "base"), folder / "model"
    words = ["train", "--taxonomy", "from-data", "--data", reports, "--config", config, "--base", base]
    done = run(*words, "--out", out, "--home", folder / "var")
    assert done.exit_code == 0, done.output
    return out


@pytest.fixture(scope="module")
def loaded(model: Path) -> bundle.Bundle:
    return bundle.load(model)


def shown(predictions: Sequence[Prediction]) -> list[dict[str, Any]]:
    return [one.as_dict() for one in predictions]


def test_the_bundle_holds_the_encoder_and_tells_how_it_was_made(loaded: bundle.Bundle, model: Path) -> None:
    assert set(ENCODER_FILES) < set(loaded.manifest.files)
    assert {"onnxruntime", "tokenizers"} < set(loaded.manifest.libraries)
    made = loaded.manifest.metrics["encoder"]
    assert made["onnx_difference"] < 0.001
    assert made["int8_difference"] < 0.1
    assert not Path(f"{model}.checkpoint").exists()
    assert f"{made['parameters']:,} parameters, fine-tuned for {made['epochs']} epochs" in card(loaded.manifest)
    assert "- encoder.shares: [0.05" in card(loaded.manifest)
    assert made["share"] in loaded.manifest.settings["encoder"]["shares"]


def test_an_answer_depends_on_no_other_text(loaded: bundle.Bundle) -> None:
    together = loaded.classifier.classify(toy.complaints())
    alone = [loaded.classifier.classify([one])[0] for one in toy.complaints()]
    assert shown(together) == shown(alone)


def test_the_linear_model_answers_alone_when_time_is_short(loaded: bundle.Bundle) -> None:
    quick = loaded.classifier.classify(toy.complaints(), quick=True)
    plain = toy.classifier().classify(toy.complaints())
    assert {one.notes[-1] for one in quick} == {LINEAR_ALONE}
    assert [one.topic for one in quick] == [one.topic for one in plain]
    assert [one.decision for one in quick] == [one.decision for one in plain]
    assert not [one for one in loaded.classifier.classify(toy.complaints()) if LINEAR_ALONE in one.notes]


@pytest.mark.parametrize("name", ENCODER_FILES)
def test_a_changed_or_missing_file_of_the_encoder_is_refused(model: Path, tmp_path: Path, name: str) -> None:
    copy = tmp_path / "model"
    copy.mkdir()
    for path in model.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    (copy / name).write_bytes((copy / name).read_bytes()[:-1] + b"?")
    with pytest.raises(BundleError, match=f"{name}: has SHA-256"):
        bundle.load(copy)
    (copy / name).unlink()
    with pytest.raises(BundleError, match=f"{name}: is missing"):
        bundle.load(copy)


def python(code: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env=os.environ | environment
    )


def test_serving_an_encoder_needs_no_torch(model: Path) -> None:
    done = python(SERVES.format(blocked=BLOCKED, folder=str(model)))
    assert done.returncode == 0, done.stderr


def test_a_linear_bundle_needs_nothing_of_an_encoder(folder: Path, reports: Path, model: Path) -> None:
    out = folder / "linear"
    assert run("train", "--taxonomy", "from-data", "--data", reports, "--out", out, "--home", folder).exit_code == 0
    blocked = (*BLOCKED, "onnxruntime", "tokenizers")
    done = python(SERVES.format(blocked=blocked, folder=str(out)))
    assert done.returncode == 0, done.stderr
    refused = python(SERVES.format(blocked=blocked, folder=str(model)))
    assert "BundleError" in refused.stderr


@pytest.fixture
def client(model: Path, tmp_path: Path) -> Iterator[TestClient]:
    store = Store.open(f"sqlite:///{tmp_path / 'uji.db'}")
    live = LiveModel(model)
    live.start()
    secret = Keys(store).create("uji", "router", datetime.now(UTC))[1]
    app = create_app(Settings(home=tmp_path), store, live, Registry(tmp_path))
    with TestClient(app, headers={"Authorization": f"Bearer {secret}"}) as client:
        yield client


def test_the_service_answers_as_the_bundle_does(client: TestClient, loaded: bundle.Bundle) -> None:
    asked = [replace(one, labels={}) for one in toy.complaints()]
    sent = {"complaints": [complaint_row(one) for one in asked], "evidence": True}
    response = client.post("/v1/predictions", json=sent)
    assert response.status_code == 200, response.text
    expected = json.loads(json.dumps(shown(loaded.classifier.classify(asked))))
    assert response.json()["predictions"] == expected


def test_a_pupil_learns_from_what_the_teacher_answers(model: Path, reports: Path, folder: Path) -> None:
    others = [replace(one, id=f"lain-{one.id}", labels={}, text=f"{one.text} lagi") for one in toy.complaints()]
    unlabelled = rows(folder / "tanpa-label.jsonl", others)
    words = ["distil", "--teacher", model, "--data", reports, "--data", unlabelled, "--home", folder / "var"]
    done = run(*words, "--out", folder / "pupil")
    assert done.exit_code == 0, done.output
    pupil = bundle.load(folder / "pupil")
    assert not set(ENCODER_FILES) & set(pupil.manifest.files)
    assert pupil.manifest.settings["taught_rows"] == len(others)
    right = [
        answer.topic[0].label.name == one.labels["topic"]
        for answer, one in zip(pupil.classifier.classify(toy.complaints()), toy.complaints(), strict=True)
    ]
    assert sum(right) > 0.9 * len(right)
    lacking = run("distil", "--teacher", model, "--data", reports, "--out", folder / "no", "--home", folder / "var")
    assert isinstance(lacking.exception, InputError)


def test_the_ways_to_run_it_stand_beside_each_other(model: Path, reports: Path, folder: Path) -> None:
    done = run("bench-encoder", "--model", model, "--data", reports, "--json", folder / "engines.json")
    assert done.exit_code == 0, done.output
    found = {one["name"]: one for one in json.loads((folder / "engines.json").read_text())["engines"]}
    assert {"torch float32", "torch bfloat16", "onnxruntime float32", "onnxruntime int8"} < set(found)
    assert found["onnxruntime float32"]["accuracy"] == found["torch float32"]["accuracy"]
