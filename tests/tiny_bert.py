"""A tiny BERT with random weights and a WordPiece tokenizer of invented complaints, as a folder of the hub has them."""

from pathlib import Path

import toy

from training.config import EncoderConfig, EncoderSettings, read_config
from training.encoder.network import save_base, small_base
from training.encoder.wordpiece import learn_wordpiece

LONGEST = 48


def write(folder: Path, *, layers: int = 2, width: int = 64) -> Path:
    """Write the model into a folder."""
    import torch

    torch.manual_seed(3)
    tokenizer = learn_wordpiece([one.text for one in toy.complaints()], 400)
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
