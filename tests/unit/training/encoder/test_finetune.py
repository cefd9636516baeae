"""Fine-tuning on a tiny BERT: interrupted and gone on, and what is refused."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the encoder extra is not installed")
import tiny_bert
import torch

from classifier.errors import DataError, InputError, SettingsError
from training.encoder.descent import fitting
from training.encoder.finetune import learn
from training.encoder.network import Heads, load_base
from training.lesson import Lesson

STEP = 5  # at which the run is cut off


class StoppedError(Exception):
    pass


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert.write(tmp_path_factory.mktemp("base") / "bert")


@pytest.fixture
def lesson() -> Lesson:
    return tiny_bert.lesson()


def weights(lesson: Lesson, base: Path, checkpoint: Path, tell: Callable[..., object] = lambda *_: None) -> list[bytes]:
    model, _, _ = learn(lesson, str(base), tiny_bert.settings(), checkpoint, tell)
    return [one.detach().numpy().tobytes() for one in model.state_dict().values()]


def stop(done: int, *_: object) -> None:
    if done == STEP + 1:  # the checkpoint of the step before is written
        raise StoppedError


def test_a_run_that_was_cut_goes_on_and_ends_as_it_would_have(lesson: Lesson, base: Path, tmp_path: Path) -> None:
    whole = weights(lesson, base, tmp_path / "a")
    with pytest.raises(StoppedError):
        weights(lesson, base, tmp_path / "b", stop)
    told: list[int] = []
    assert weights(lesson, base, tmp_path / "b", lambda done, *_: told.append(done)) == whole
    assert told[0] == STEP + 1


def losses(lesson: Lesson, base: Path, checkpoint: Path, **settings: object) -> list[float]:
    found: list[float] = []
    learn(lesson, str(base), tiny_bert.settings(**settings), checkpoint, lambda _d, _t, loss, _u: found.append(loss))
    return found


def test_pieces_of_a_step_learn_what_the_whole_step_does(lesson: Lesson, base: Path, tmp_path: Path) -> None:
    whole = losses(lesson, base, tmp_path / "a", epochs=1)
    pieces = losses(lesson, base, tmp_path / "b", epochs=1, accumulate=4)
    assert whole[0] == pytest.approx(pieces[0], abs=0.3)  # what drops out differs, the sum does not


def test_the_loss_of_reports_falls(lesson: Lesson, base: Path, tmp_path: Path) -> None:
    found = losses(lesson, base, tmp_path / "a", epochs=12, patience=12)
    assert np.mean(found[-5:]) < np.mean(found[:5]) - 0.2


def test_a_checkpoint_of_other_labels_is_refused(lesson: Lesson, base: Path, tmp_path: Path) -> None:
    with pytest.raises(StoppedError):
        weights(lesson, base, tmp_path / "a", stop)
    other = tiny_bert.lesson(renamed="Lain")
    with pytest.raises(InputError, match="checkpoint of other labels; expected the same as when it was begun"):
        weights(other, base, tmp_path / "a")


def test_a_harmed_checkpoint_is_refused(lesson: Lesson, base: Path, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"no checkpoint")
    with pytest.raises(DataError, match="is no checkpoint of pilah"):
        weights(lesson, base, tmp_path / "a")


def test_texts_longer_than_the_base_reads_are_refused(lesson: Lesson, base: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="max_tokens: is 64; expected at most 48"):
        learn(lesson, str(base), tiny_bert.settings(max_tokens=64), tmp_path / "a", lambda *_: None)


def test_a_rate_that_blows_up_is_refused(lesson: Lesson, base: Path, tmp_path: Path) -> None:
    far = tiny_bert.settings(epochs=1).model_copy(update={"rate": 1e30})
    with pytest.raises(SettingsError, match="rate"):
        learn(lesson, str(base), far, tmp_path / "a", lambda *_: None)


def test_too_little_memory_tells_which_batch_fits() -> None:
    def run(size: int) -> None:
        if size > 5:
            raise torch.OutOfMemoryError

    assert fitting(run, 32) == 4
    assert fitting(run, 4) == 2
    assert fitting(lambda size: run(size + 9), 32) == 0


def broken(base: Path, folder: Path, *without: str, **config: object) -> str:
    folder.mkdir()
    for path in base.iterdir():
        if path.name not in without:
            (folder / path.name).write_bytes(path.read_bytes())
    if config:
        stored = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(stored | config))
    return str(folder)


def test_a_base_without_a_tokenizer_is_refused(base: Path, tmp_path: Path) -> None:
    name = broken(base, tmp_path / "b", "tokenizer.json", "tokenizer_config.json")
    with pytest.raises(InputError, match="has no tokenizer"):
        load_base(name)


def test_a_tokenizer_of_another_model_is_refused(base: Path, tmp_path: Path) -> None:
    other = tiny_bert.write(tmp_path / "other", pieces=80)
    name = broken(other, tmp_path / "b", "tokenizer.json")
    (tmp_path / "b" / "tokenizer.json").write_bytes((base / "tokenizer.json").read_bytes())
    with pytest.raises(InputError, match="tokens, its model"):
        load_base(name)


@pytest.mark.parametrize(("kind", "problem"), [("gpt2", "no encoder of text"), ("t5", "writes text")])
def test_another_architecture_is_refused(base: Path, tmp_path: Path, kind: str, problem: str) -> None:
    name = broken(base, tmp_path / "b")
    (tmp_path / "b" / "config.json").write_text(json.dumps({"model_type": kind}))
    with pytest.raises(InputError, match=problem):
        load_base(name)


def test_a_base_without_its_weights_is_refused(base: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="can't be read"):
        load_base(broken(base, tmp_path / "b", "model.safetensors"))


def test_weights_of_fewer_layers_are_refused(base: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="lacks 16 weights"):
        load_base(broken(base, tmp_path / "b", num_hidden_layers=3))


def test_padding_changes_no_score(base: Path) -> None:
    model = Heads(load_base(str(base)).body, 3).eval()
    ids, mask = torch.tensor([[2, 9, 10, 3, 0, 0]]), torch.tensor([[1, 1, 1, 1, 0, 0]])
    with torch.inference_mode():
        assert torch.allclose(model(ids, mask), model(ids[:, :4]), atol=1e-6)
