"""What a trained part hands to a bundle and is rebuilt from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class State:
    """Arrays by name and JSON-ready tables by name: all that a bundle stores, nothing else."""

    arrays: Mapping[str, Array]
    tables: Mapping[str, Any]
