"""The ways to run one encoder, beside each other: how fast each is and what it answers."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from classifier.encoder import Encoder, EncoderPart, Network, Reader, written
from classifier.errors import InputError
from classifier.features import Floats
from classifier.pipeline import Classifier
from classifier.records import Complaint, Target
from classifier.state import NETWORK, TOKENIZER, WEIGHTS
from models.bundle import Bundle
from training.cases import judge
from training.encoder.network import rebuild, scores, to_onnx
from training.inputs import read_classes

SHIPPED = "onnxruntime int8"
TIMED = 500  # complaints

Score = Callable[[Sequence[int]], Floats]  # token numbers -> scores


@dataclass(frozen=True, slots=True)
class Engine:
    """One way to answer: texts a second and the 99th percentile of one text's time, both of the network alone.

    Both are 0 where they tell nothing. `accuracy` of whole answers, by target.
    """

    name: str
    rows: int
    texts_a_second: float
    p99_ms: float
    accuracy: Mapping[Target, float]


class OneByOne(Encoder):
    """An encoder that takes one text at a time."""

    def __init__(self, read: Reader, score: Score) -> None:
        self._read, self._score = read, score

    def __call__(self, texts: Sequence[str]) -> Floats:
        """Return one row of scores a text."""
        return np.stack([self._score(tokens) for tokens in self._read(texts)])


def engines(
    folder: Path, loaded: Bundle, complaints: Sequence[Complaint], track: Callable[[str], object]
) -> list[Engine]:
    """Run the encoder of a bundle in every way; then the linear model and the encoder, each by itself.

    InputError for a bundle without an encoder.
    """
    if (part := loaded.classifier.parts.encoder) is None:
        raise InputError("--model", "has no encoder", "a bundle of pilah train --config encoder")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        ways, read = _ways(folder, part), Reader(part.files[TOKENIZER], part.max_tokens)
        track("speed")
        texts = [written(one.title, one.text, one.region) for one in complaints[:TIMED]]
        seconds = _seconds(ways, read(texts))
        found = []
        for name, score in ways.items():
            track(name)
            found.append(_engine(name, loaded, complaints, replace(part, encoder=OneByOne(read, score)), seconds[name]))
    finally:
        torch.set_num_threads(before)
    track("each by itself")
    return [
        *found,
        _engine("linear model alone", loaded, complaints, None, None),
        _engine(f"{SHIPPED} alone", loaded, complaints, _alone(part), None),
    ]


def _seconds(ways: Mapping[str, Score], texts: Sequence[Sequence[int]]) -> dict[str, NDArray[np.float64]]:
    """Return how long each way takes for each text; in turn, so that whatever else runs slows all of them."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for tokens in texts:
        for name, score in ways.items():
            began = time.perf_counter()
            score(tokens)
            taken[name].append(time.perf_counter() - began)
    return {name: np.array(each) for name, each in taken.items()}


def _ways(folder: Path, part: EncoderPart) -> dict[str, Score]:
    model = rebuild(folder / WEIGHTS)
    exact = Network(to_onnx(model))
    half = rebuild(folder / WEIGHTS).to(torch.bfloat16)
    return {
        "torch float32": lambda tokens: scores(model, [tokens])[0],
        "torch bfloat16": lambda tokens: scores(half, [tokens])[0],
        "onnxruntime float32": exact,
        SHIPPED: Network(part.files[NETWORK]),
    }


def _alone(part: EncoderPart) -> EncoderPart:
    """Return the encoder without the linear model's share of the answers."""
    calibrations = tuple(replace(one, scale=np.zeros_like(one.scale)) for one in part.calibrations)
    return replace(part, calibrations=calibrations)


def _engine(
    name: str,
    loaded: Bundle,
    complaints: Sequence[Complaint],
    part: EncoderPart | None,
    seconds: NDArray[np.float64] | None,
) -> Engine:
    classifier = Classifier(name, replace(loaded.classifier.parts, encoder=part))
    manifest = loaded.manifest
    column = str(manifest.settings.get("topic_column", "topic"))
    judged = judge(classifier, complaints, read_classes(manifest.taxonomy.kind), column)
    accuracy = {target: float(np.mean([case.right for case in cases])) for target, cases in judged.cases.items()}
    if seconds is None:
        return Engine(name, len(complaints), 0.0, 0.0, accuracy)
    return Engine(name, len(complaints), 1 / float(seconds.mean()), float(np.percentile(seconds, 99)) * 1000, accuracy)
