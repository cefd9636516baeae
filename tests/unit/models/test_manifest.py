import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from classifier.errors import BundleError
from models.manifest import FORMAT, ROWS, Manifest, bundle_id


@pytest.fixture
def text(tmp_path: Path, write: Callable[..., Manifest]) -> str:
    return write(tmp_path / "b").to_json()


def edited(text: str, edit: Callable[[dict[str, Any]], Any]) -> str:
    """Return the manifest after `edit`, with a checksum that fits, as someone who knows the format could make it."""
    body = json.loads(text)
    del body["checksum"]
    edit(body)
    checksum = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return json.dumps(body | {"checksum": checksum}, ensure_ascii=False, indent=2)


def set_key(*path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def edit(body: dict[str, Any]) -> None:
        for key in path[:-1]:
            body = body[key]
        body[path[-1]] = value

    return edit


def test_round_trip(text: str) -> None:
    manifest = Manifest.from_json(text)
    assert manifest.to_json() == text
    assert manifest.data.rows == 600
    assert manifest.created == datetime(2026, 11, 25, 3, 4, 5, tzinfo=UTC)
    assert manifest.example.complaint.region == "Kota Contoh"
    assert manifest.example.prediction["model"] == manifest.id


def test_edited_helper_changes_nothing_by_itself(text: str) -> None:
    assert edited(text, lambda body: None) == text


KEYS = ["id", "created", "files", "data", "taxonomy", "libraries", "python", "metrics", "settings", "example"]


@pytest.mark.parametrize("key", KEYS)
def test_missing_key_is_named(text: str, key: str) -> None:
    with pytest.raises(BundleError, match=f"key '{key}' is missing; expected every key of format {FORMAT}"):
        Manifest.from_json(edited(text, lambda body: body.pop(key)))


@pytest.mark.parametrize("key", KEYS)
def test_wrong_type_is_named(text: str, key: str) -> None:
    with pytest.raises(BundleError, match=f"key '{key}' is wrong; expected .*(valid|dictionary|object)"):
        Manifest.from_json(edited(text, set_key(key, value=[])))


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("data", "rows"), "600", "'data.rows' is wrong; expected a valid integer"),
        (("data", "rows"), True, "'data.rows' is wrong; expected a valid integer"),
        (("data", "rows"), -1, "'data.rows' is wrong; expected .*0"),
        (("taxonomy", "kind"), "local", "'taxonomy.kind' is wrong; expected 'national' or 'from-data'"),
        (("example", "complaint", "text"), None, "'example.complaint.text' is wrong; expected a valid string"),
        (("libraries", "numpy"), 2, "'libraries.numpy' is wrong; expected a valid string"),
        (("id",), "../../elsewhere", "'id' is wrong"),
        (("created",), "2026-11-25T03:04:05", "'created' is wrong; expected .*timezone"),
        (("files", "arrays.safetensors"), "abc", r"'files.arrays.safetensors' is wrong"),
        (("surprise",), 1, f"'surprise' is unknown; expected only the keys of format {FORMAT}: format, id, created"),
        (("data", "surprise"), 1, "'data.surprise' is unknown"),
        (("example", "complaint", "nik"), "x", "'example.complaint.nik' is unknown"),
        (("format",), FORMAT + 1, f"made by a newer pilah; expected format {FORMAT}: update pilah"),
        (("format",), 0, f"no longer reads; expected format {FORMAT}: train again"),
        (("format",), "1", "key 'format' is '1'; expected a whole number"),
        (("format",), True, "key 'format' is True; expected a whole number"),
        (("id",), "20261125-00000000", r"was changed after it was written \(layout or id\)"),
    ],
)
def test_wrong_value_is_named(text: str, path: tuple[str, ...], value: Any, message: str) -> None:
    with pytest.raises(BundleError, match=message):
        Manifest.from_json(edited(text, set_key(*path, value=value)))


@pytest.mark.parametrize("name", ["../arrays.safetensors", "/etc/hostname", "sub/tables.json", "extra.bin"])
def test_files_outside_the_bundle_are_refused(text: str, name: str) -> None:
    with pytest.raises(BundleError, match="key 'files' names"):
        Manifest.from_json(edited(text, set_key("files", name, value="0" * 64)))


def test_the_hashes_of_training_rows_may_be_missing(text: str) -> None:
    with pytest.raises(BundleError, match=r"layout or id"):  # the files are right, only the id is not theirs
        Manifest.from_json(edited(text, set_key("files", ROWS, value="0" * 64)))


def test_newer_format_is_said_before_its_unknown_keys() -> None:
    with pytest.raises(BundleError, match="newer pilah"):
        Manifest.from_json('{"format": 99, "shards": []}')


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"format": 2}', "[" * 100_000])
def test_nonsense_is_a_bundle_error(text: str) -> None:
    with pytest.raises(BundleError):
        Manifest.from_json(text, "x/manifest.json")


def test_every_truncation_and_every_changed_character_is_noticed(text: str) -> None:
    for at in range(0, len(text), 7):
        other = "7" if text[at] != "7" else "8"
        for damaged in (text[:at], text[:at] + other + text[at + 1 :], text[:at] + " " + text[at:]):
            with pytest.raises(BundleError):
                Manifest.from_json(damaged)


def test_numbers_that_json_lacks_are_refused(text: str) -> None:
    with pytest.raises(BundleError, match="holds what JSON can't"):
        Manifest.from_json(edited(text, set_key("metrics", "ece", value=float("nan"))))


def test_id_is_the_utc_day_and_the_content() -> None:
    files = {"a": "1", "b": "2"}
    late = datetime(2026, 11, 26, 2, 0, tzinfo=timezone(timedelta(hours=7)))
    assert bundle_id(late, files).startswith("20261125-")
    assert bundle_id(late, files) == bundle_id(late, dict(reversed(files.items())))
    assert bundle_id(late, files) != bundle_id(late, {"a": "2", "b": "1"})
