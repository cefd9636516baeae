"""A tiny BERT with random weights and a WordPiece tokenizer of invented complaints, as a folder of the hub has them."""

from pathlib import Path

import numpy as np
import toy

from training.config import CONFIGS, EncoderConfig, EncoderSettings, read_config
from training.encoder.network import save_base, small_base
from training.encoder.wordpiece import learn_wordpiece
from training.lesson import Lesson

LONGEST = 48
CONFIG = CONFIGS / "encoder.toml"


def write(folder: Path, *, layers: int = 2, width: int = 64, pieces: int = 400) -> Path:
    """Write the model into a folder."""
    import torch

    torch.manual_seed(3)
    tokenizer = learn_wordpiece([one.text for one in toy.complaints()], pieces)
    save_base(folder, small_base(tokenizer, layers=layers, width=width, longest=LONGEST), tokenizer)
    return folder


def settings(**changed: object) -> EncoderSettings:
    """Return settings of a few quick steps."""
    own = {"max_tokens": 32, "epochs": 3, "batch_size": 8, "rate": 1e-3, "held_out": 0.2, "checkpoint_seconds": 0.0}
    return EncoderSettings(**(config().encoder.model_dump() | own | changed))


def config() -> EncoderConfig:
    """Return the settings that come with pilah."""
    found = read_config("encoder")
    assert isinstance(found, EncoderConfig)
    return found


def lesson(renamed: str = "") -> Lesson:
    """Return the topics of the toy complaints as a lesson, every fifth row held out; `renamed` calls the first so."""
    rows = toy.complaints()
    names = sorted({one.labels["topic"] for one in rows})
    known = np.array([names.index(one.labels["topic"]) for one in rows], np.int32)
    held = np.arange(len(rows)) % 5 == 0
    labels = [renamed or names[0], *names[1:]]
    return Lesson(
        [one.text for one in rows], {"topic": known}, {"topic": labels}, np.ones(len(rows), np.float32), ~held, held
    )
