"""The files that hold a classifier's state: arrays in safetensors, JSON, an encoder's own; nothing is unpickled."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError, safe_open

from classifier.errors import BundleError
from classifier.state import ENCODER_FILES, WEIGHTS, Array, State
from models.manifest import ARRAYS, TABLES


def encode(state: State) -> dict[str, bytes]:
    """Return the files' contents by name, the same bytes for the same state.

    BundleError for an array or a table that would not read back as it is: text or objects in an array, NaN, tuples or
    keys that are not text in a table.
    """
    return {ARRAYS: _arrays_bytes(state.arrays), TABLES: _tables_bytes(state.tables), **state.files}


def decode(folder: Path) -> State:
    """Read the state from a folder whose files have been checked; BundleError if a file is not what `encode` writes.

    The weights of an encoder stay on the disk: an answer does not need them.
    """
    paths = [folder / name for name in ENCODER_FILES if name != WEIGHTS]
    files = {path.name: path.read_bytes() for path in paths if path.exists()}
    return State(arrays=_read_arrays(folder / ARRAYS), tables=_read_tables(folder / TABLES), files=files)


def _arrays_bytes(arrays: Mapping[str, Array]) -> bytes:
    for name, array in arrays.items():
        _check_dtype(name, array.dtype)
        if array.dtype.kind == "f" and np.isnan(array).any():
            raise BundleError(ARRAYS, f"array {name!r} has a value that is not a number", "no NaN")
    ready = {name: np.asarray(array, dtype=array.dtype.newbyteorder("="), order="C") for name, array in arrays.items()}
    return safetensors.numpy.save(ready)


def _check_dtype(name: str, dtype: np.dtype[Any]) -> None:
    if dtype.kind not in "biuf" or dtype.itemsize > 8:
        raise BundleError(ARRAYS, f"array {name!r} is of type {dtype}", "bool, or int, uint or float up to 64 bits")


def _tables_bytes(tables: Mapping[str, Any]) -> bytes:
    for name, table in tables.items():
        try:
            same = json.loads(json.dumps(table, allow_nan=False)) == table
        except (RecursionError, TypeError, ValueError) as error:
            raise BundleError(TABLES, f"table {name!r} can't be JSON ({error})", "JSON values only") from error
        if not same:
            raise BundleError(TABLES, f"table {name!r} would read back different", "lists, and text as keys")
    return json.dumps(dict(tables), ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass")


def _read_tables(path: Path) -> dict[str, Any]:
    try:
        tables = json.loads(path.read_bytes().decode(errors="surrogatepass"))
    except (RecursionError, ValueError) as error:
        raise BundleError(str(path), f"is not JSON ({error})", "tables by name") from error
    if not isinstance(tables, dict):
        raise BundleError(str(path), f"holds a {type(tables).__name__}", "tables by name")
    return tables


def _read_arrays(path: Path) -> dict[str, Array]:
    try:
        with safe_open(path, framework="numpy") as file:
            names = file.keys()
            arrays: dict[str, Array] = {name: file.get_tensor(name) for name in names}
    except (SafetensorError, TypeError, ValueError, AttributeError) as error:
        raise BundleError(str(path), f"is not safetensors ({error})", "the arrays that pilah wrote") from error
    for name, array in arrays.items():
        _check_dtype(name, array.dtype)
    return arrays
