"""The encoder as torch has it: loaded from a base, given one column a class, written as safetensors and as ONNX.

Both torch and transformers take seconds to import: commands import this package when they need it.
"""

import json
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import safetensors.torch
import torch
import transformers
from huggingface_hub.errors import StrictDataclassError
from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING_NAMES

from classifier.errors import DataError, InputError
from classifier.features import Floats

BERT_LAYOUT = "config.json, model.safetensors and tokenizer.json (or vocab.txt)"
LOCAL = f"a name on the Hugging Face hub, or a local folder with {BERT_LAYOUT}"
OPSET = 18


@dataclass(frozen=True, slots=True)
class Base:
    """A pre-trained encoder: its torch module, tokenizer.json, and the most tokens that it reads."""

    body: Any
    tokenizer: bytes
    longest: int


class Heads(torch.nn.Module):
    """An encoder whose mean hidden state scores every class of every target, side by side."""

    body: Any  # of transformers

    def __init__(self, body: Any, classes: int) -> None:
        super().__init__()
        self.body = body
        self.dropout = torch.nn.Dropout(0.1)
        self.classify = torch.nn.Linear(body.config.hidden_size, classes)
        torch.nn.init.normal_(self.classify.weight, std=0.02)

    def forward(self, tokens: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Return the scores; `mask` is 1 where `tokens`, one row a text, are no padding."""
        hidden = self.body(input_ids=tokens, attention_mask=mask).last_hidden_state
        if mask is None:
            mean = hidden.mean(dim=1)
        else:
            weights = mask.unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * weights).sum(dim=1) / weights.sum(dim=1)
        scores: torch.Tensor = self.classify(self.dropout(mean))
        return scores

    def start_at(self, sizes: Sequence[Sequence[int]]) -> None:
        """Let the scores begin at how frequent the classes of each target are."""
        priors = [np.log((np.asarray(one) + 1) / (np.sum(one) + len(one))) for one in sizes]
        with torch.no_grad():
            self.classify.bias.copy_(torch.from_numpy(np.concatenate(priors).astype(np.float32)))


def load_base(name: str) -> Base:
    """Load an encoder and its tokenizer from the hub or a folder; InputError says what is wrong and what to do."""
    with quiet():
        try:
            config = transformers.AutoConfig.from_pretrained(name)
        except (OSError, ValueError, KeyError, StrictDataclassError) as error:
            raise _not_there(name, error) from error
        _check_architecture(name, config)
        try:
            body, found = transformers.AutoModel.from_pretrained(name, output_loading_info=True, dtype=torch.float32)
        except (OSError, RuntimeError, ValueError, safetensors.SafetensorError) as error:
            raise _not_there(name, error) from error
        if lacking := [key for key in found["missing_keys"] if not key.startswith("pooler.")]:
            raise InputError("--base", f"{name!r} lacks {len(lacking)} weights, such as {lacking[0]}", LOCAL)
        return Base(body, _tokenizer(name, config), _longest(config))


def small_base(tokenizer: bytes, *, layers: int, width: int, longest: int) -> Any:
    """Return a BERT with a head for masked words, its weights random."""
    tokens = _tokens(tokenizer)
    config = transformers.BertConfig(
        vocab_size=len(tokens),
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=max(1, width // 64) if width % 64 == 0 else width // 32,
        intermediate_size=4 * width,
        max_position_embeddings=longest,
        pad_token_id=tokens["[PAD]"],
    )
    return transformers.BertForMaskedLM(config)


def save_base(folder: Path, model: Any, tokenizer: bytes) -> None:
    """Write an encoder and its tokenizer as a folder that `load_base`, or any other program, reads."""
    names = {f"{name}_token": f"[{name.upper()}]" for name in ("unk", "pad", "cls", "sep", "mask")}
    make: Any = transformers.PreTrainedTokenizerFast
    fast = make(tokenizer_object=_loaded(tokenizer), model_max_length=model.config.max_position_embeddings, **names)
    with quiet():
        model.save_pretrained(folder)
        fast.save_pretrained(folder)


def weights(model: Heads) -> bytes:
    """Return all weights as safetensors, and what `rebuild` needs beside them."""
    told = {"config": json.dumps(model.body.config.to_dict()), "classes": str(model.classify.out_features)}
    tensors = {name: one.detach().cpu().clone() for name, one in model.state_dict().items()}
    return safetensors.torch.save(tensors, told)


def rebuild(path: Path) -> Heads:
    """Return the network whose weights stand in a file that `weights` wrote; DataError if it is none."""
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            told = file.metadata()
        config = json.loads(told["config"])
        auto: Any = transformers.AutoModel
        body = auto.from_config(transformers.AutoConfig.for_model(config.pop("model_type"), **config))
        model = Heads(body, int(told["classes"]))
        model.load_state_dict(safetensors.torch.load_file(path))
    except (OSError, RuntimeError, safetensors.SafetensorError, LookupError, TypeError, ValueError) as error:
        raise DataError(str(path), f"holds no encoder ({type(error).__name__})", "the weights of a bundle") from error
    return model.eval()


def to_onnx(model: Heads) -> bytes:
    """Return the network in ONNX: one text of any length in, a row of scores out."""
    model.eval().cpu()
    length = torch.export.Dim("length", min=2, max=_longest(model.body.config))
    with quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's exporter warns of its own parts
        program = torch.onnx.export(
            model,
            (torch.arange(12)[None, :],),
            dynamo=True,
            dynamic_shapes={"tokens": {1: length}},
            input_names=["tokens"],
            output_names=["scores"],
            opset_version=OPSET,
            verbose=False,
        )
    assert program is not None  # noqa: S101 - only of the older exporter
    content: bytes = program.model_proto.SerializeToString()
    return content


def in_8_bits(network: bytes) -> bytes:
    """Return an ONNX network with weights of 8 bits, and its inputs rounded to 8 bits as they come.

    One bit is left unused: without it, sums overflow on processors that lack VNNI.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with TemporaryDirectory() as folder, quiet():
        before, after = Path(folder) / "before.onnx", Path(folder) / "after.onnx"
        before.write_bytes(network)
        quantize_dynamic(before, after, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8)
        return after.read_bytes()


def scores(model: Heads, tokens: Sequence[Sequence[int]]) -> Floats:
    """Return torch's scores of texts, one by one as they are served."""
    device = model.classify.weight.device
    model.eval()
    with torch.inference_mode():
        rows = [model(torch.tensor([one], device=device)).float().cpu().numpy()[0] for one in tokens]
    return np.asarray(np.stack(rows), np.float32)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the libraries from reporting on every weight."""
    names = "torch.onnx", "torch.export", "onnxscript", "onnx_ir", "root", ""
    loggers = [logging.getLogger(name) for name in names]
    levels = [one.level for one in loggers]
    reports: Any = transformers.utils.logging
    bars, before = reports.is_progress_bar_enabled(), reports.get_verbosity()
    reports.disable_progress_bar()
    reports.set_verbosity_error()
    for one in loggers:
        one.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for one, level in zip(loggers, levels, strict=True):
            one.setLevel(level)
        reports.set_verbosity(before)
        if bars:
            reports.enable_progress_bar()


def _check_architecture(name: str, config: Any) -> None:
    kind = config.model_type
    if getattr(config, "is_encoder_decoder", False) or getattr(config, "is_decoder", False):
        raise InputError("--base", f"{name!r} is a {kind} that writes text", "an encoder, such as a BERT")
    if kind not in MODEL_FOR_MASKED_LM_MAPPING_NAMES:
        raise InputError("--base", f"{name!r} is a {kind}, which is no encoder of text", "an encoder, such as a BERT")


def _tokenizer(name: str, config: Any) -> bytes:
    try:
        found = transformers.AutoTokenizer.from_pretrained(name)
        content: bytes = found.backend_tokenizer.to_str().encode()
    except (OSError, ValueError, KeyError, AttributeError, ImportError) as error:
        raise InputError("--base", f"{name!r} has no tokenizer that can be read", LOCAL) from error
    known = found.backend_tokenizer.get_vocab_size()
    if known <= len(found.all_special_ids):  # transformers makes an empty one where the file is missing
        raise InputError("--base", f"{name!r} has no tokenizer", LOCAL)
    if known > config.vocab_size:
        problem = f"the tokenizer of {name!r} has {known:,} tokens, its model {config.vocab_size:,}"
        raise InputError("--base", problem, "a tokenizer and a model that belong together")
    if len(_loaded(content).encode("").ids) != 2:
        raise InputError("--base", f"the tokenizer of {name!r} marks no beginning and end of a text", "[CLS] and [SEP]")
    return content


def _longest(config: Any) -> int:
    """Return the most tokens of a text; RoBERTa and its kin count positions from behind the padding's."""
    offset = config.pad_token_id + 1 if "roberta" in config.model_type or config.model_type == "camembert" else 0
    return int(getattr(config, "max_position_embeddings", 512)) - offset


def _loaded(tokenizer: bytes) -> Any:
    from tokenizers import Tokenizer

    return Tokenizer.from_buffer(tokenizer)


def _tokens(tokenizer: bytes) -> dict[str, int]:
    found: dict[str, int] = _loaded(tokenizer).get_vocab()
    return found


def _not_there(name: str, error: Exception) -> InputError:
    if Path(name).exists():
        return InputError("--base", f"{name!r} can't be read ({type(error).__name__})", f"a folder with {BERT_LAYOUT}")
    remedy = (
        f"a model that is in the cache (HF_HOME), on a hub that can be reached, or a local folder: download "
        f"{BERT_LAYOUT} of it where there is a network (hf download {name} --local-dir FOLDER), copy the folder here "
        "and give --base FOLDER"
    )
    return InputError("--base", f"{name!r} is no local folder, and the hub does not give it", remedy)
