"""Pre-trains a small encoder by masked words on texts of one's own (Devlin et al., BERT, 2019, arXiv:1810.04805)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from classifier.encoder import Reader
from training.config import Pace
from training.encoder.descent import Rows, Task, Tell, autocast, descend, device, padded, pieces
from training.encoder.network import save_base, small_base
from training.encoder.wordpiece import SPECIAL, learn_wordpiece

MASKED = 0.15  # of the tokens, of which 8 in 10 become [MASK] and 1 in 10 another token
HELD_OUT = 50  # one text in so many tells how well words are guessed
IGNORED = -100  # torch's label for what is not to be guessed


@dataclass(frozen=True, slots=True)
class Shape:
    """The size of an encoder: layers, their width, the word pieces and the tokens of a text at most."""

    layers: int
    width: int
    vocabulary: int
    longest: int


def pretrain(texts: Sequence[str], shape: Shape, pace: Pace, out: Path, tell: Tell) -> float:
    """Write an encoder pre-trained on masked texts, and return its mean loss on a part of them that it did not see.

    The checkpoint stands in the folder `out` and is gone when all is written.
    """
    torch.manual_seed(pace.seed)
    tokenizer = learn_wordpiece(texts, shape.vocabulary)
    model = small_base(tokenizer, layers=shape.layers, width=shape.width, longest=shape.longest).to(device())
    tokens = Reader(tokenizer, shape.longest)(texts)
    held = np.arange(len(tokens)) % HELD_OUT == 0
    learnt = np.flatnonzero(~held)
    pad, mask = (SPECIAL.index(name) for name in ("[PAD]", "[MASK]"))

    def loss(rows: Rows, seed: int) -> torch.Tensor:
        chance = np.random.default_rng([pace.seed, seed])
        hidden, wanted = zip(
            *(_hidden(np.array(tokens[row]), mask, model.config.vocab_size, chance) for row in rows.tolist()),
            strict=True,
        )
        ids, seen = padded(hidden, pad)
        labels, _ = padded(wanted, IGNORED)
        guessed = labels != IGNORED
        with autocast():
            states = model.bert(input_ids=ids, attention_mask=seen).last_hidden_state
            found = model.cls(states[guessed])
        return torch.nn.functional.cross_entropy(found.float(), labels[guessed]) * len(rows)

    def unseen() -> float:
        model.eval()
        rows = np.flatnonzero(held)
        with torch.inference_mode():
            total = sum(float(loss(part, number)) for number, part in enumerate(pieces(rows, pace.batch_size)))
        return total / len(rows)

    about = {
        "reports": hashlib.sha256("\0".join(texts).encode(errors="surrogatepass")).hexdigest(),
        "settings": f"{shape} {pace.model_dump_json()}",
    }
    lengths = np.array([len(tokens[row]) for row in learnt.tolist()])
    task = Task(model, lambda rows, step: loss(learnt[rows], step), unseen, lengths, about)
    checkpoint = out / "checkpoint.safetensors"
    course = descend(task, pace, checkpoint, tell)
    save_base(out, model, tokenizer)
    checkpoint.unlink(missing_ok=True)
    return course.best


def _hidden(
    tokens: NDArray[np.int64], mask: int, vocabulary: int, chance: np.random.Generator
) -> tuple[list[int], list[int]]:
    """Return the tokens with some hidden, and at their places what was there, `IGNORED` elsewhere."""
    draw, how = chance.random(len(tokens)), chance.random(len(tokens))
    chosen = draw < MASKED
    chosen[0] = chosen[-1] = False
    if not chosen.any() and len(tokens) > 2:
        chosen[1 + int(chance.integers(len(tokens) - 2))] = True
    hidden = np.where(chosen & (how < 0.8), mask, tokens)
    hidden = np.where(chosen & (how >= 0.9), chance.integers(len(SPECIAL), vocabulary, len(tokens)), hidden)
    return hidden.tolist(), np.where(chosen, tokens, IGNORED).tolist()
