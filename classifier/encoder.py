"""The transformer that may answer beside the linear model, run from ONNX in 8 bits, without torch.

The only importer of onnxruntime and tokenizers on the serving path: they are imported when an encoder is built, so that
a machine without them serves every bundle that holds none. Texts run one by one, side by side on all processors: the
8-bit steps of a network depend on all that runs with a text, and no answer may.
"""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Self

import numpy as np

from classifier.calibration import Calibration, Confidence, softmax
from classifier.decision import Policy
from classifier.features import Floats, Integers
from classifier.records import Target
from classifier.state import NETWORK, TOKENIZER, State

HEAD = 0.75  # of the tokens of a long text are its beginning, the others its end


class Reader:
    """Turns texts into token numbers, the special ones around them; of a long text, its beginning and its end."""

    def __init__(self, tokenizer: bytes, max_tokens: int) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_buffer(tokenizer)
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        special = self._tokenizer.encode("").ids
        if len(special) != 2 or max_tokens < 8:
            raise ValueError(f"a tokenizer with {len(special)} special tokens around a text and {max_tokens} in all")
        self._first, self._last = special
        self._room = max_tokens - len(special)

    def __call__(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the token numbers of each text."""
        found = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [[self._first, *self._kept(one.ids), self._last] for one in found]

    def _kept(self, tokens: list[int]) -> list[int]:
        if len(tokens) <= self._room:
            return tokens
        head = int(self._room * HEAD)
        return tokens[:head] + tokens[head - self._room :]


class Network:
    """An ONNX network: one row of token numbers in, one score a class out; threads may share it."""

    def __init__(self, content: bytes) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def __call__(self, tokens: Sequence[int]) -> Floats:
        """Return the scores of one text."""
        found = self._session.run(None, {self._input: np.array([tokens], np.int64)})[0][0]
        return np.asarray(found, np.float32)


class Encoder:
    """Reads texts and scores every class of every target, side by side as the heads have them."""

    def __init__(self, network: bytes, tokenizer: bytes, max_tokens: int) -> None:
        self._read, self._network = Reader(tokenizer, max_tokens), Network(network)
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1, "encoder")

    def __call__(self, texts: Sequence[str]) -> Floats:
        """Return one row of scores (logits) a text."""
        tokens = self._read(texts)
        if len(tokens) == 1:
            return self._network(tokens[0])[None, :]
        return np.stack(list(self._threads.map(self._network, tokens)))


@dataclass(frozen=True, slots=True)
class EncoderPart:
    """An encoder beside the linear model, and what was learnt of both together on rows that the encoder did not see.

    `files` by name, as a bundle holds them. `share` is how much its chances count, the linear scores count for the
    rest. `calibrations` in the order of the heads; their `scale` is that of the linear scores. `deadline`: seconds
    after which the linear model had better answer alone.
    """

    encoder: Encoder
    files: Mapping[str, bytes]
    max_tokens: int
    share: float
    deadline: float
    calibrations: tuple[Calibration, ...]
    policy: Policy

    def state(self) -> State:
        """Return all that `from_state` needs."""
        arrays = {
            "encoder_scale": np.concatenate([one.scale for one in self.calibrations]),
            "encoder_reliability": np.concatenate([one.reliability for one in self.calibrations]),
        }
        learnt = [{"confidence": asdict(one.confidence), "temperature": one.temperature} for one in self.calibrations]
        table = {
            "max_tokens": self.max_tokens,
            "share": self.share,
            "deadline": self.deadline,
            "calibrations": learnt,
            "policy": asdict(self.policy),
        }
        return State(arrays, {"encoder": table}, self.files)

    @classmethod
    def from_state(cls, state: State, sizes: Sequence[int]) -> Self:
        """Rebuild the part; `sizes`: the classes of each head. ValueError, LookupError or TypeError if it can't fit."""
        table = state.tables["encoder"]
        scale, reliability = (
            np.asarray(state.arrays[f"encoder_{name}"], np.float32) for name in ("scale", "reliability")
        )
        if scale.shape != (sum(sizes),) or reliability.shape != scale.shape or len(table["calibrations"]) != len(sizes):
            raise ValueError(f"the encoder has {scale.shape} classes, the heads {sum(sizes)}")
        ends = np.cumsum(sizes)[:-1]
        calibrations = tuple(
            Calibration(one_scale, one_reliability, Confidence(**one["confidence"]), one["temperature"])
            for one_scale, one_reliability, one in zip(
                np.split(scale, ends), np.split(reliability, ends), table["calibrations"], strict=True
            )
        )
        encoder = encoder_of(state.files, table["max_tokens"])
        if (found := encoder([""]).shape[1]) != sum(sizes):
            raise ValueError(f"the encoder answers {found} classes, the heads have {sum(sizes)}")
        policy = Policy(**table["policy"])
        return cls(encoder, state.files, table["max_tokens"], table["share"], table["deadline"], calibrations, policy)


def encoder_of(files: Mapping[str, bytes], max_tokens: int) -> Encoder:
    """Build an encoder of the files of a bundle; ValueError or LookupError if they are no network and tokenizer."""
    network, tokenizer = files[NETWORK], files[TOKENIZER]
    try:
        return Encoder(network, tokenizer, max_tokens)
    except ImportError:
        raise
    except Exception as error:  # both libraries raise bare exceptions of their own
        raise ValueError(f"{NETWORK} or {TOKENIZER} can't be read ({type(error).__name__})") from error


def written(title: str, text: str, region: str) -> str:
    """Return what an encoder reads of a masked complaint; the region comes first, where no length cuts it off."""
    return "\n".join(part for part in (region, title, text) if part)


def class_chances(logits: Floats, columns: Mapping[Target, slice], archetypes: Integers) -> Floats:
    """Return how likely each class is; `archetypes` is the column of each agency class's archetype.

    The agency classes of a row exclude each other. An archetype gets the chances of its bodies as well, as a linear
    score has them.
    """
    found = np.empty_like(logits)
    for target, part in columns.items():
        own = softmax(logits[:, part])
        if target == "agency":
            bodies = np.flatnonzero(archetypes != np.arange(len(archetypes)))
            whole = own.copy()
            np.add.at(whole.T, archetypes[bodies], own.T[bodies])
            own = whole
        found[:, part] = own
    return found
