"""What a trained part hands to a bundle and is rebuilt from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.generic]

NETWORK, TOKENIZER, WEIGHTS = "encoder.onnx", "tokenizer.json", "encoder.safetensors"
ENCODER_FILES = NETWORK, TOKENIZER, WEIGHTS  # all or none


@dataclass(frozen=True, slots=True)
class State:
    """Arrays by name, JSON-ready tables by name and, for an encoder, files by name: all that a bundle stores."""

    arrays: Mapping[str, Array]
    tables: Mapping[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict)
