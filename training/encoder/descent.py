"""Learning by descent: one loop for fine-tuning and for pre-training, which a kill at any moment does not undo.

What happens in a step depends on the seed and the number of the step alone, so that a run that goes on from a
checkpoint does what it would have done.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from classifier.errors import DataError, InputError, SettingsError
from data.complaints import draft_of
from training.config import Pace

GROUPED = 32  # batches among which rows of about the same length come together, to save padding
CLIP = 1.0  # longest gradient
DECAY = 0.01  # of weights

Rows = NDArray[np.intp]
# Told after each step: how many are done, of how many, its loss, and that of unseen rows where an epoch has ended.
Tell = Callable[[int, int, float, float | None], object]


@dataclass(slots=True)
class Course:
    """How far a descent has come; `best` is the lowest loss on unseen rows, after `best_epoch` epochs."""

    step: int = 0
    best: float = float("inf")
    best_epoch: int = 0


@dataclass(frozen=True, slots=True)
class Task:
    """What is descended on: `loss` sums over some rows, `unseen` is the mean over rows that are never learnt from.

    `lengths` has one number a row. `about` says what a checkpoint must have been of.
    """

    model: torch.nn.Module
    loss: Callable[[Rows, int], torch.Tensor]
    unseen: Callable[[], float]
    lengths: NDArray[np.int64]
    about: Mapping[str, str]


def device() -> torch.device:
    """Return the GPU if there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def autocast() -> Any:
    """Compute in bfloat16 where a GPU can."""
    if torch.cuda.is_available() and torch.cuda.is_bf16_supported():
        return torch.autocast("cuda", dtype=torch.bfloat16)
    return nullcontext()


def descend(task: Task, pace: Pace, checkpoint: Path, tell: Tell) -> Course:
    """Train the model in place until the loss on unseen rows has stopped falling; it ends with its best weights.

    Goes on from `checkpoint` if that is there. SettingsError if the GPU has too little memory; InputError for a
    checkpoint of something else.
    """
    model, steps = task.model, int(np.ceil(len(task.lengths) / pace.batch_size))
    optimiser, course = _optimiser(model, pace), Course()
    best: dict[str, torch.Tensor] = {}
    if checkpoint.exists():
        course, best = _resume(checkpoint, task, optimiser)
    total, saved = steps * pace.epochs, time.monotonic()
    while course.step < total:
        epoch, at = divmod(course.step, steps)
        if at == 0 and epoch - course.best_epoch >= pace.patience:
            break
        loss = _step(task, optimiser, pace, _batch(task.lengths, pace, epoch, at), course.step, total)
        course.step += 1
        unseen = None
        if at == steps - 1:
            unseen = task.unseen()
            if not np.isfinite(unseen):
                raise SettingsError("encoder.rate", f"{pace.rate} is too high: the loss is no number", "a lower one")
            if unseen < course.best:
                course.best, course.best_epoch = unseen, epoch + 1
                best = {name: one.detach().cpu().clone() for name, one in model.state_dict().items()}
        tell(course.step, total, loss, unseen)
        if time.monotonic() - saved >= pace.checkpoint_seconds:
            _save(checkpoint, task, optimiser, course, best)
            saved = time.monotonic()
    model.load_state_dict(best)
    return course


def padded(tokens: Sequence[Sequence[int]], filler: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return token numbers and their mask, one row a text, filled up to the longest."""
    longest = max(map(len, tokens))
    ids = torch.full((len(tokens), longest), filler)
    mask = torch.zeros((len(tokens), longest), dtype=torch.long)
    for row, one in enumerate(tokens):
        ids[row, : len(one)], mask[row, : len(one)] = torch.tensor(one), 1
    return ids.to(device()), mask.to(device())


def fitting(run: Callable[[int], object], size: int) -> int:
    """Return the greatest of `size` / 2, / 4 ... that `run` has memory for, 0 if none."""
    while size := size // 2:
        try:
            run(size)
        except torch.OutOfMemoryError:
            torch.cuda.empty_cache()
        else:
            return size
    return 0


def _step(task: Task, optimiser: torch.optim.Optimizer, pace: Pace, batch: Rows, step: int, total: int) -> float:
    """Learn from one batch, in `pace.accumulate` pieces, and return its mean loss."""
    task.model.train()
    torch.manual_seed(pace.seed * 1_000_003 + step)
    for group in optimiser.param_groups:
        group["lr"] = group["peak"] * _slope(step, total, pace.warmup)
    loss = 0.0
    try:
        for piece in np.array_split(batch, min(pace.accumulate, len(batch))):
            part = task.loss(piece, step) / len(batch)
            part.backward()  # type: ignore[no-untyped-call]
            loss += float(part.detach())
    except torch.OutOfMemoryError as error:
        raise _too_large(task, pace, batch) from error
    torch.nn.utils.clip_grad_norm_(task.model.parameters(), CLIP)
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)
    return loss


def _too_large(task: Task, pace: Pace, batch: Rows) -> SettingsError:
    task.model.zero_grad(set_to_none=True)
    torch.cuda.empty_cache()
    longest = batch[np.argsort(-task.lengths[batch], kind="stable")]
    piece = -(-len(batch) // pace.accumulate)
    fits = fitting(lambda size: task.loss(longest[:size], 0).backward(), piece)  # type: ignore[no-untyped-call]
    remedy = f"accumulate = {-(-pace.batch_size // fits)}, {fits} at a time" if fits else "a shorter max_tokens"
    return SettingsError("encoder.batch_size", f"{piece} texts at a time do not fit the GPU's memory", remedy)


def _slope(step: int, total: int, warmup: float) -> float:
    """Return the share of the peak rate: up to it over the first steps, then down to 0."""
    rising = max(1, int(total * warmup))
    return (step + 1) / rising if step < rising else max(0.0, (total - step) / max(1, total - rising))


def _batch(lengths: NDArray[np.int64], pace: Pace, epoch: int, at: int) -> Rows:
    """Return the rows of one batch; those of an epoch hold every row once, of about the same length in each."""
    chance = np.random.default_rng([pace.seed, epoch])
    order, span = chance.permutation(len(lengths)), pace.batch_size * GROUPED
    grouped = [part[np.argsort(lengths[part], kind="stable")] for part in pieces(order, span)]
    batches = [batch for part in grouped for batch in pieces(part, pace.batch_size)]
    return batches[int(chance.permutation(len(batches))[at])]


def pieces(rows: Rows, size: int) -> list[Rows]:
    """Cut rows into lists of at most `size`."""
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _optimiser(model: torch.nn.Module, pace: Pace) -> torch.optim.AdamW:
    own = [one for name, one in model.named_parameters() if name.startswith("classify.")]
    rest = [one for name, one in model.named_parameters() if not name.startswith("classify.")]
    groups = [{"params": rest, "peak": pace.rate}, {"params": own, "peak": pace.head_rate}]
    return torch.optim.AdamW([group for group in groups if group["params"]], lr=pace.rate, weight_decay=DECAY)


def _save(
    path: Path, task: Task, optimiser: torch.optim.Optimizer, course: Course, best: Mapping[str, torch.Tensor]
) -> None:
    tensors = {f"model.{name}": one for name, one in task.model.state_dict().items()}
    tensors |= {f"best.{name}": one for name, one in best.items()}
    for number, state in optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser.{number}.{name}": torch.as_tensor(one) for name, one in state.items()}
    told = {"about": json.dumps(dict(task.about)), "course": json.dumps(asdict(course))}
    path.parent.mkdir(parents=True, exist_ok=True)
    with draft_of(path) as draft:
        # cloned: two names may share a tensor
        safetensors.torch.save_file({name: one.detach().cpu().clone() for name, one in tensors.items()}, draft, told)


def _resume(path: Path, task: Task, optimiser: torch.optim.Optimizer) -> tuple[Course, dict[str, torch.Tensor]]:
    """Put the model and the optimiser where a checkpoint left them."""
    try:
        with safe_open(path, framework="pt") as file:
            told = file.metadata()
        tensors = safetensors.torch.load_file(path)
        about, course = json.loads(told["about"]), Course(**json.loads(told["course"]))
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise DataError(str(path), "is no checkpoint of pilah", "an unharmed one, or none: delete it") from error
    if other := [name for name, value in task.about.items() if about.get(name) != value]:
        expected = "the same as when it was begun, or another --out; delete the file to begin anew"
        raise InputError("--out", f"{path} is a checkpoint of other {' and '.join(other)}", expected)
    parts: dict[str, dict[str, torch.Tensor]] = {"model": {}, "best": {}, "optimiser": {}}
    for name, one in tensors.items():
        part, rest = name.split(".", 1)
        parts[part][rest] = one
    task.model.load_state_dict(parts["model"])
    states: dict[int, dict[str, torch.Tensor]] = {}
    for name, one in parts["optimiser"].items():
        number, rest = name.split(".", 1)
        states.setdefault(int(number), {})[rest] = one
    optimiser.load_state_dict(optimiser.state_dict() | {"state": states})
    return course, parts["best"]
