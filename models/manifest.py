"""The manifest of a bundle: what is inside, what it was learnt from, and what it must answer."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from pydantic_core import ErrorDetails

from classifier.errors import BundleError
from classifier.records import Complaint
from classifier.state import ENCODER_FILES

# What changed at each format number, and what a reader must do.
#   1  The first: manifest.json, arrays.safetensors, tables.json. Nothing to do.
#   2  tables.json holds `places` and `composer`: where agencies are. Train again.
#   3  `weights` in 8 bits with `units`; `directions`, and `pairs` with `pair_units` for their products. Train again.
#      rows.bin may stand beside the other files: keyed hashes of the training rows.
#      tables.json holds `alerts`: what a person must see.
#      `data.details.expected`, which may be missing, says what later reports should look like.
#      encoder.onnx, tokenizer.json and encoder.safetensors may stand there too, with `encoder` in tables.json.
# To raise it: describe the change here, raise FORMAT, and say in MIGRATION what the owner of an older bundle has to do
# (or teach `models.bundle.read` the older number, and leave it out of MIGRATION).
FORMAT = 3
MIGRATION: Mapping[int, str] = {}

MANIFEST = "manifest.json"
ARRAYS = "arrays.safetensors"
TABLES = "tables.json"
FILES = (ARRAYS, TABLES)
ROWS = "rows.bin"  # may be missing
ID = r"[0-9]{8}-[0-9a-f]{8}"

_STRICT = ConfigDict(strict=True, extra="forbid")
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True, config=_STRICT)
class Data:
    """What a model was learnt from; `details` holds further counts."""

    fingerprint: str
    rows: Annotated[int, Field(ge=0)]
    details: dict[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True, config=_STRICT)
class TaxonomyVersion:
    """Where the classes come from: the reviewed tables of a version, or the labels in the data."""

    kind: Literal["national", "from-data"]
    version: str


@dataclass(frozen=True, config=_STRICT)
class Example:
    """A complaint and the answer, as `Prediction.as_dict` gives it, that the bundle must repeat when it is loaded."""

    complaint: Complaint
    prediction: dict[str, Any]


@dataclass(frozen=True, config=_STRICT)
class Manifest:
    """A bundle's own description; `files` are SHA-256 sums by name, `libraries` versions by distribution name."""

    format: int
    id: Annotated[str, Field(pattern=f"^{ID}$")]
    created: AwareDatetime
    files: dict[str, Sha256]
    data: Data
    taxonomy: TaxonomyVersion
    libraries: dict[str, str]
    python: str
    metrics: dict[str, Any]
    settings: dict[str, Any]
    example: Example

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-ready values."""
        body: dict[str, Any] = TypeAdapter(Manifest).dump_python(self, mode="json")
        return body

    def to_json(self) -> str:
        """Return the text of manifest.json: these fields and, as `checksum`, the SHA-256 of them."""
        body = self.as_dict()
        return json.dumps(body | {"checksum": _checksum(body)}, ensure_ascii=False, indent=2)

    @classmethod
    def from_json(cls, text: str, where: str = MANIFEST) -> "Manifest":
        """Read a manifest; BundleError names the first key that is missing, unknown, of a wrong type, or changed."""
        body = _object(text, where)
        _check_format(body.get("format"), where)
        checksum = body.pop("checksum", None)
        manifest = manifest_of(body, where)
        if set(manifest.files) - {ROWS} not in (set(FILES), {*FILES, *ENCODER_FILES}):
            problem = f"key 'files' names {sorted(manifest.files)}"
            expected = f"exactly {sorted(FILES)}, with or without {ROWS} and, all together, {sorted(ENCODER_FILES)}"
            raise BundleError(where, problem, expected)
        if checksum != _checksum(body):
            raise BundleError(where, "was changed after it was written (key 'checksum')", "the text that pilah wrote")
        if text != manifest.to_json() or manifest.id != bundle_id(manifest.created, manifest.files):
            raise BundleError(where, "was changed after it was written (layout or id)", "the text that pilah wrote")
        return manifest


def manifest_of(body: Mapping[str, Any], where: str) -> Manifest:
    """Build a manifest from JSON-ready values by key, all checked."""
    try:
        return TypeAdapter(Manifest).validate_json(json.dumps(body, allow_nan=False))
    except ValidationError as error:
        raise _explain(error.errors()[0], where) from error
    except (TypeError, ValueError) as error:
        raise BundleError(where, f"holds what JSON can't ({error})", "text, finite numbers and lists") from error


def bundle_id(created: datetime, files: Mapping[str, str]) -> str:
    """Return the id of a bundle: its UTC date and 8 hex digits over its files, so ids sort by day and name content."""
    content = "".join(f"{name} {files[name]}\n" for name in sorted(files))
    return f"{created.astimezone(UTC):%Y%m%d}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def _object(text: str, where: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BundleError(where, f"is not JSON ({error})", "the text that pilah wrote") from error
    if not isinstance(body, dict):
        raise BundleError(where, f"holds a {type(body).__name__}", "a JSON object")
    return body


def _check_format(number: object, where: str) -> None:
    if type(number) is not int:
        raise BundleError(where, f"key 'format' is {number!r}", "a whole number")
    if number > FORMAT:
        problem = f"has format {number} and was made by a newer pilah"
        raise BundleError(where, problem, f"format {FORMAT}: update pilah, or train again with this one")
    if number < FORMAT:
        remedy = MIGRATION.get(number, "train again with this pilah")
        raise BundleError(where, f"has format {number}, which this pilah no longer reads", f"format {FORMAT}: {remedy}")


def _checksum(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _explain(detail: ErrorDetails, where: str) -> BundleError:
    key = ".".join(map(str, detail["loc"]))
    if detail["type"] == "missing":
        return BundleError(where, f"key {key!r} is missing", f"every key of format {FORMAT}")
    if detail["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        known = ", ".join(field.name for field in fields(Manifest))
        return BundleError(where, f"key {key!r} is unknown", f"only the keys of format {FORMAT}: {known}")
    expected = detail["msg"].removeprefix("Input should be ").removeprefix("Input should ")
    return BundleError(where, f"key {key!r} is wrong", expected)
