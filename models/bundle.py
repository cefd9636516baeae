"""A bundle: the folder that holds everything that can change a prediction; checked first, then built.

manifest.json        what is inside and where it came from (models.manifest)
arrays.safetensors   the arrays of a classifier's state
tables.json          its tables; strings live here
encoder.onnx         the network of an encoder beside the linear model, in 8 bits; with its tokenizer.json, and
encoder.safetensors  the weights it was made of, for further training; all three or none
rows.bin             keyed hashes of the training rows (models.row_hashes); missing where there was no key
"""

import hashlib
import logging
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from classifier.errors import BundleError
from classifier.records import Complaint, Prediction
from classifier.state import ENCODER_FILES, State
from models.atomic import new_folder, write_file
from models.manifest import FILES, FORMAT, MANIFEST, ROWS, Data, Manifest, TaxonomyVersion, bundle_id, manifest_of
from models.row_hashes import RowHashes
from models.state_files import decode, encode

if TYPE_CHECKING:
    from classifier.pipeline import Classifier

LIBRARIES = ("numpy", "scipy")  # what computes a prediction of a linear bundle
ENCODER_LIBRARIES = ("onnxruntime", "tokenizers")  # what it takes more with an encoder
INSTALL = "pip install 'pilah[serve-encoder]'"
TOLERANCE = 0.01  # of the example's probabilities: other processors and libraries round differently

_log = logging.getLogger(__name__)

Build = Callable[[State, str], "Classifier"]


@dataclass(frozen=True, slots=True)
class Bundle:
    """A classifier that has passed every check, and its manifest."""

    manifest: Manifest
    classifier: "Classifier"


def save(
    folder: Path,
    *,
    state: State,
    created: datetime,
    data: Data,
    taxonomy: TaxonomyVersion,
    metrics: Mapping[str, Any],
    settings: Mapping[str, Any],
    complaint: Complaint,
    prediction: Prediction,
    libraries: Sequence[str] | None = None,
    rows: RowHashes | None = None,
) -> Manifest:
    """Write a bundle that appears whole or not at all; an older bundle in `folder` is replaced in one step.

    `created` has a time zone; `prediction` is the answer to `complaint` that `load` will ask for again (its model id
    is filled in); `libraries` are the distributions that a prediction needs, if others than usual; `rows` hashes the
    training rows.
    BundleError if the state can't be stored, `folder` holds something else than a bundle, or the disk refuses.
    """
    contents = encode(state) | ({ROWS: rows.to_bytes()} if rows else {})
    files = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    name = bundle_id(created, files)
    body = {
        "format": FORMAT,
        "id": name,
        "created": created.isoformat() if created.tzinfo is None else created.astimezone(UTC).isoformat(),
        "files": files,
        "data": _plain(data),
        "taxonomy": _plain(taxonomy),
        "libraries": {library: version(library) for library in libraries or _libraries(state)},
        "python": platform.python_version(),
        "metrics": dict(metrics),
        "settings": dict(settings),
        "example": {"complaint": _plain(complaint), "prediction": prediction.as_dict() | {"model": name}},
    }
    manifest = manifest_of(body, str(folder))
    contents[MANIFEST] = manifest.to_json().encode()
    try:
        _check_replaceable(folder)
        with new_folder(folder.resolve()) as draft:
            for file, content in contents.items():
                write_file(draft / file, content)
    except OSError as error:
        raise BundleError(str(folder), f"can't be written ({error.strerror})", "a writable disk with room") from error
    return manifest


def read(folder: Path) -> tuple[Manifest, State]:
    """Return the manifest and the state after every check that needs no classifier; BundleError at the first failure.

    Order: manifest and format, names and SHA-256 of the files, libraries, then tables and arrays. A library that is
    missing is an error; another major version is only logged, because arrays and JSON do not depend on it and the
    example tells whether the answers have moved.
    """
    try:
        manifest = read_manifest(folder)
        _check_files(folder, manifest.files)
        _check_libraries(folder, manifest)
        return manifest, decode(folder)
    except OSError as error:
        raise BundleError(str(folder), f"can't be read ({error.strerror})", "a readable bundle folder") from error


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest alone, checked in itself; the other files are not opened."""
    if not folder.is_dir():
        raise BundleError(str(folder), "is no folder", "the folder of a bundle")
    path = folder / MANIFEST
    try:
        _check_regular(path)
        return Manifest.from_json(path.read_bytes().decode(), str(path))
    except UnicodeDecodeError as error:
        raise BundleError(str(path), f"is not UTF-8 (byte {error.start})", "the text that pilah wrote") from error
    except OSError as error:
        raise BundleError(str(path), f"can't be read ({error.strerror})", "a readable file") from error


def read_rows(folder: Path) -> RowHashes | None:
    """Return the hashes of the training rows, None for a bundle without; for a folder that has been checked."""
    path = folder / ROWS
    try:
        return RowHashes.from_bytes(path.read_bytes(), str(path)) if path.exists() else None
    except OSError as error:
        raise BundleError(str(path), f"can't be read ({error.strerror})", "a readable file") from error


def load(folder: Path, build: Build | None = None) -> Bundle:
    """Check a bundle, build its classifier and let it answer the example; BundleError if anything differs.

    `build` makes a classifier of a state and a model id; by default the real one.
    """
    manifest, state = read(folder)
    try:
        classifier = (build or _classifier)(state, manifest.id)
        answer = classifier.classify([manifest.example.complaint], evidence=False)[0].as_dict()
    except (ArithmeticError, AttributeError, ImportError, LookupError, TypeError, ValueError) as error:
        problem = f"holds a state that no classifier can be built of ({type(error).__name__}: {error})"
        raise BundleError(str(folder), problem, "the state of a trained classifier") from error
    _check_example(folder, manifest.example.prediction, answer)
    return Bundle(manifest, classifier)


def verify(folder: Path, build: Build | None = None) -> Manifest:
    """Run every check that `load` runs and return the manifest."""
    return load(folder, build).manifest


def _classifier(state: State, model_id: str) -> "Classifier":
    from classifier.pipeline import Classifier  # listing and checking files need no classifier

    return Classifier.from_state(state, model_id)


def _libraries(state: State) -> Sequence[str]:
    return (*LIBRARIES, *ENCODER_LIBRARIES) if state.files else LIBRARIES


def _check_replaceable(folder: Path) -> None:
    """Refuse to delete anything that is not clearly a bundle."""
    if not folder.exists():
        return
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else {""}
    if names and (MANIFEST not in names or names - {MANIFEST, *FILES, *ENCODER_FILES, ROWS}):
        raise BundleError(str(folder), "holds something else than a bundle", "a bundle, an empty folder or a new name")


def _plain(record: Data | TaxonomyVersion | Complaint) -> Any:
    return TypeAdapter(type(record)).dump_python(record, mode="json")


def _check_regular(path: Path) -> None:
    """Refuse a missing file, a link or a device: what a bundle holds lies inside it."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise BundleError(str(path), "is a link or not a file", "a file inside the bundle")
    if not path.exists():
        raise BundleError(str(path), "is missing", "every file that the manifest names")


def _check_files(folder: Path, sums: Mapping[str, str]) -> None:
    if extra := {path.name for path in folder.iterdir()} - {MANIFEST, *sums}:
        raise BundleError(str(folder), f"holds {sorted(extra)}", "no file that the manifest does not name")
    for name, expected in sums.items():
        _check_regular(folder / name)
        with (folder / name).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != expected:
            raise BundleError(str(folder / name), f"has SHA-256 {found[:12]}…: it was changed", f"{expected[:12]}…")


def _check_libraries(folder: Path, manifest: Manifest) -> None:
    for library, trained in manifest.libraries.items():
        try:
            here = version(library)
        except PackageNotFoundError as error:
            remedy = f"{library} {trained}" + (f": {INSTALL}" if library in ENCODER_LIBRARIES else "")
            raise BundleError(str(folder), f"needs {library}, which is not installed", remedy) from error
        if here.split(".")[0] != trained.split(".")[0]:
            _log.warning("bundle %s was trained with %s %s; here is %s", manifest.id, library, trained, here)


def _check_example(folder: Path, expected: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    for target in ("topic", "agency", "kind"):
        before, now = _answers(expected.get(target)), _answers(found.get(target))
        if next(iter(before), None) != next(iter(now), None):
            problem = f"answers its example with another {target} than when it was trained"
            raise BundleError(str(folder), problem, f"{next(iter(before), 'no answer')!r}")
        moved = max((abs(before[code] - now[code]) for code in before.keys() & now.keys()), default=0.0)
        if not moved <= TOLERANCE:
            problem = f"gives its example a probability for {target} that is {moved:.3f} off"
            raise BundleError(str(folder), problem, f"at most {TOLERANCE}")


def _answers(answer: Mapping[str, Any] | None) -> dict[str, float]:
    """Return probabilities by code, the best answer first; {} for a target without an answer."""
    ranked = [answer, *answer.get("alternatives", [])] if answer else []
    return {one["code"]: one["probability"] for one in ranked}
