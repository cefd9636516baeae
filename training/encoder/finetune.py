"""Fine-tunes one encoder for all targets together."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from classifier.encoder import Encoder, Reader, class_chances
from classifier.errors import InputError, SettingsError
from classifier.state import NETWORK, TOKENIZER, WEIGHTS
from training.calibrate import class_scale
from training.config import EncoderSettings
from training.encoder.descent import Course, Rows, Task, Tell, autocast, descend, device, padded, pieces
from training.encoder.network import Heads, in_8_bits, load_base, scores, to_onnx, weights
from training.lesson import Lesson, Tuned

APART = 0.02  # of a chance, between torch and ONNX in 32 bits, from which on the export is refused


def finetune(
    lesson: Lesson, base: str, settings: EncoderSettings, checkpoint: Path, tell: Tell, check: Sequence[str]
) -> Tuned:
    """Fine-tune one encoder for all targets together and return the files of a bundle.

    `check`: texts on which the exported networks must answer as torch does. InputError and SettingsError say what is
    wrong with the base or the settings.
    """
    model, tokenizer, course = learn(lesson, base, settings, checkpoint, tell)
    exact = to_onnx(model)
    network = in_8_bits(exact)
    facts = {
        "base": base,
        "epochs": course.best_epoch,
        "unseen_loss": round(course.best, 4),
        "unseen_rows": int(lesson.unseen.sum()),
        "parameters": sum(one.numel() for one in model.parameters()),
        **_differences(model, exact, network, tokenizer, lesson, settings, check),
    }
    return Tuned({NETWORK: network, TOKENIZER: tokenizer, WEIGHTS: weights(model)}, facts)


def learn(
    lesson: Lesson, base: str, settings: EncoderSettings, checkpoint: Path, tell: Tell
) -> tuple[Heads, bytes, Course]:
    """Return the fine-tuned encoder, its tokenizer and how it came there; goes on from the checkpoint."""
    torch.manual_seed(settings.seed)
    loaded = load_base(base)
    if settings.max_tokens > loaded.longest:
        raise SettingsError("encoder.max_tokens", f"is {settings.max_tokens}", f"at most {loaded.longest} for {base}")
    model = Heads(loaded.body, sum(map(len, lesson.sizes.values())))
    model.start_at([one.tolist() for one in lesson.sizes.values()])
    tokens = Reader(loaded.tokenizer, settings.max_tokens)(lesson.texts)
    task = _task(model.to(device()), lesson, tokens, settings, _about(lesson, base, settings))
    return model, loaded.tokenizer, descend(task, settings, checkpoint, tell)


def _task(
    model: Heads, lesson: Lesson, tokens: Sequence[Sequence[int]], settings: EncoderSettings, about: Mapping[str, str]
) -> Task:
    """Cross entropy of each target whose label a row has, rows and rare classes weighted, over all targets."""
    learnt, held = np.flatnonzero(lesson.learnt), np.flatnonzero(lesson.unseen)
    filler = int(model.body.config.pad_token_id or 0)
    ends = np.cumsum([len(one) for one in lesson.sizes.values()])[:-1].tolist()
    balance = [torch.from_numpy(class_scale(one, settings.rare_class_power)) for one in lesson.sizes.values()]

    def summed(rows: Rows, *, weighted: bool) -> torch.Tensor:
        ids, mask = padded([tokens[row] for row in rows.tolist()], filler)
        with autocast():
            columns = torch.tensor_split(model(ids, mask).float(), ends, dim=1)
        counts = torch.from_numpy(lesson.weights[rows]).to(ids.device) if weighted else None
        total = torch.zeros((), device=ids.device)
        for part, classes, scale in zip(columns, lesson.classes.values(), balance, strict=True):
            gold = torch.from_numpy(classes[rows].astype(np.int64)).to(ids.device)
            each = torch.nn.functional.cross_entropy(
                part, gold, scale.to(ids.device) if weighted else None, ignore_index=-1, reduction="none"
            )
            total = total + (each if counts is None else each * counts).sum()
        return total

    def unseen() -> float:
        model.eval()
        with torch.inference_mode():
            losses = [float(summed(part, weighted=False)) for part in pieces(held, settings.batch_size)]
        model.train()
        return sum(losses) / max(1, len(held))

    lengths = np.array([len(tokens[row]) for row in learnt.tolist()])
    return Task(model, lambda rows, _step: summed(learnt[rows], weighted=True), unseen, lengths, about)


def _differences(
    model: Heads,
    exact: bytes,
    network: bytes,
    tokenizer: bytes,
    lesson: Lesson,
    settings: EncoderSettings,
    check: Sequence[str],
) -> dict[str, float]:
    """Return how far the chances of ONNX in 32 and in 8 bits are from torch's, at most; InputError if too far."""
    wanted = scores(model, Reader(tokenizer, settings.max_tokens)(check))
    archetypes = np.arange(max(map(len, lesson.sizes.values())), dtype=np.int32)
    found = {
        name: float(
            np.abs(
                class_chances(Encoder(one, tokenizer, settings.max_tokens)(check), lesson.columns, archetypes)
                - class_chances(wanted, lesson.columns, archetypes)
            ).max()
        )
        for name, one in (("onnx_difference", exact), ("int8_difference", network))
    }
    if not found["onnx_difference"] < APART:
        problem = f"its ONNX network is {found['onnx_difference']:.3f} off what torch answers"
        raise InputError("--base", problem, f"at most {APART}: take another architecture")
    return {name: round(one, 6) for name, one in found.items()}


def _about(lesson: Lesson, base: str, settings: EncoderSettings) -> dict[str, str]:
    labels = json.dumps([[target, *codes] for target, codes in lesson.labels.items()])
    rows = hashlib.sha256("\0".join(lesson.texts).encode(errors="surrogatepass"))
    for array in (*lesson.classes.values(), lesson.weights, lesson.learnt, lesson.unseen):
        rows.update(np.ascontiguousarray(array).tobytes())
    return {
        "labels": hashlib.sha256(labels.encode()).hexdigest(),
        "reports": rows.hexdigest(),
        "base": base,
        "settings": settings.model_dump_json(),
    }
