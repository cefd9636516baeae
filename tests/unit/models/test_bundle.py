import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn

from classifier.errors import BundleError
from classifier.records import Prediction
from classifier.state import State
from models import atomic, bundle
from models.manifest import FILES, MANIFEST, ROWS, Manifest
from models.row_hashes import RowHashes, RowKey

Write = Callable[..., Manifest]
NAMES = sorted([MANIFEST, *FILES])


def never(state: State, model_id: str) -> Any:
    raise AssertionError("a classifier was built before every check had passed")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_what_is_saved_loads_and_answers_its_example(tmp_path: Path, write: Write, fake: Any) -> None:
    written = write(tmp_path / "b")
    loaded = bundle.load(tmp_path / "b", fake.from_state)
    assert loaded.manifest == written == bundle.verify(tmp_path / "b", fake.from_state)
    assert loaded.classifier.model == written.id
    assert names(tmp_path) == ["b"]
    assert names(tmp_path / "b") == NAMES


def test_same_state_and_day_give_the_same_id(tmp_path: Path, write: Write) -> None:
    assert write(tmp_path / "a").id == write(tmp_path / "b", settings={"seed": 2}).id
    assert write(tmp_path / "a").id != write(tmp_path / "c", first=0.5).id


def test_hashes_of_the_training_rows_come_back(tmp_path: Path, write: Write, fake: Any) -> None:
    hashes = RowHashes.of(["Lampu padam", "Air keruh"], RowKey(b"k" * 32))
    assert ROWS in write(tmp_path / "b", rows=hashes).files
    assert bundle.load(tmp_path / "b", fake.from_state).manifest.files.keys() == {ROWS, *FILES}
    assert bundle.read_rows(tmp_path / "b") == hashes
    (tmp_path / "b" / ROWS).write_bytes(b"x" * 8)
    with pytest.raises(BundleError, match=r"rows\.bin: has SHA-256"):
        bundle.read(tmp_path / "b")
    write(tmp_path / "b")
    assert bundle.read_rows(tmp_path / "b") is None


@pytest.mark.parametrize("name", NAMES)
def test_one_changed_byte_is_noticed_before_anything_is_built(tmp_path: Path, write: Write, name: str) -> None:
    write(tmp_path / "b")
    path = tmp_path / "b" / name
    good = path.read_bytes()
    for at in range(0, len(good), max(1, len(good) // 50)):
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        with pytest.raises(BundleError, match=name):
            bundle.load(tmp_path / "b", never)


@pytest.mark.parametrize("name", NAMES)
def test_missing_truncated_and_linked_files_are_refused(tmp_path: Path, write: Write, name: str) -> None:
    write(tmp_path / "b")
    path = tmp_path / "b" / name
    good = path.read_bytes()
    path.write_bytes(good[:-1])
    with pytest.raises(BundleError, match=name):
        bundle.load(tmp_path / "b", never)
    path.unlink()
    with pytest.raises(BundleError, match=f"{name}: is missing"):
        bundle.load(tmp_path / "b", never)
    (tmp_path / "elsewhere").write_bytes(good)
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BundleError, match=f"{name}: is a link"):
        bundle.load(tmp_path / "b", never)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(BundleError, match=f"{name}: is a link or not a file"):
        bundle.load(tmp_path / "b", never)


def test_a_file_too_many_is_refused(tmp_path: Path, write: Write) -> None:
    write(tmp_path / "b")
    (tmp_path / "b" / "model.pkl").write_bytes(b"x")
    with pytest.raises(BundleError, match=r"model\.pkl"):
        bundle.load(tmp_path / "b", never)


@pytest.mark.parametrize("name", ["absent", "file"])
def test_no_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BundleError, match=f"{name}: is no folder"):
        bundle.read(tmp_path / name)


def test_missing_library_is_named(tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "version", lambda library: "9.1.0")
    write(tmp_path / "b", libraries=["numpy", "no-such-library"])
    monkeypatch.undo()
    with pytest.raises(BundleError, match=r"needs no-such-library, .*; expected no-such-library 9\.1\.0"):
        bundle.load(tmp_path / "b", never)


def test_another_major_version_is_logged(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(bundle, "version", lambda library: "999.0")
    write(tmp_path / "b", libraries=["numpy"])
    monkeypatch.undo()
    with caplog.at_level(logging.WARNING):
        bundle.read(tmp_path / "b")
    assert "trained with numpy 999.0" in caplog.text


def test_example_must_be_repeated(tmp_path: Path, write: Write, fake: Any) -> None:
    def answer(*weights: float, names: tuple[str, ...] = ("jalan", "lampu")) -> Prediction:
        complaint = bundle.read_manifest(tmp_path / "b").example.complaint
        return fake(np.array(weights), names, "").classify([complaint])[0]

    write(tmp_path / "b")
    for prediction, message in [
        (answer(0.79, 0.125), "topic that is 0.040 off"),
        (answer(0.75, 0.2), "topic that is 0.075 off"),
        (answer(0.75, 0.125, names=("air", "lampu")), "another topic .* expected 'air'"),
    ]:
        write(tmp_path / "b", prediction=prediction)
        with pytest.raises(BundleError, match=message):
            bundle.load(tmp_path / "b", fake.from_state)
    write(tmp_path / "b", prediction=answer(0.755, 0.125))
    bundle.load(tmp_path / "b", fake.from_state)


@pytest.mark.parametrize(
    "state",
    [
        State({}, {"names": ["jalan"]}),
        State({"weights": np.zeros(2)}, {}),
        State({"weights": np.zeros(3)}, {"names": ["jalan"]}),
        State({"weights": np.zeros(2)}, {"names": 7}),
    ],
)
def test_a_state_that_makes_no_classifier_is_a_bundle_error(
    tmp_path: Path, write: Write, fake: Any, state: State
) -> None:
    write(tmp_path / "b", state=state)
    with pytest.raises(BundleError, match="no classifier can be built"):
        bundle.load(tmp_path / "b", fake.from_state)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (State({"w": np.array(["jalan"])}, {}), "array 'w' is of type <U5"),
        (State({"w": np.array([None])}, {}), "array 'w' is of type object"),
        (State({"w": np.array([1j])}, {}), "array 'w' is of type complex128"),
        (State({"w": np.array([1, np.nan])}, {}), "array 'w' has a value that is not a number"),
        (State({}, {"t": {1: "jalan"}}), "table 't' would read back different"),
        (State({}, {"t": ("jalan",)}), "table 't' would read back different"),
        (State({}, {"t": {"jalan"}}), "table 't' can't be JSON"),
        (State({}, {"t": float("inf")}), "table 't' can't be JSON"),
    ],
)
def test_what_would_not_read_back_is_not_saved(tmp_path: Path, write: Write, state: State, message: str) -> None:
    with pytest.raises(BundleError, match=message):
        write(tmp_path / "b", state=state)
    assert names(tmp_path) == []


def test_bad_fields_are_not_saved(tmp_path: Path, write: Write) -> None:
    for fields, message in [
        ({"created": datetime(2026, 11, 25)}, "'created' is wrong"),
        ({"metrics": {"curve": np.zeros(2)}}, "holds what JSON can't"),
        ({"metrics": {"ece": float("nan")}}, "holds what JSON can't"),
    ]:
        with pytest.raises(BundleError, match=message):
            write(tmp_path / "b", **fields)
    assert names(tmp_path) == []


def test_only_a_bundle_or_an_empty_folder_is_replaced(tmp_path: Path, write: Write) -> None:
    for name, files in [("notes", ["notes.txt"]), ("web", [MANIFEST, "index.html"])]:
        (tmp_path / name).mkdir()
        for file in files:
            (tmp_path / name / file).write_text("mine")
        with pytest.raises(BundleError, match=f"{name}: holds something else than a bundle"):
            write(tmp_path / name)
        assert names(tmp_path / name) == sorted(files)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(BundleError, match="file: holds something else"):
        write(tmp_path / "file")
    (tmp_path / "empty").mkdir()
    write(tmp_path / "empty")
    assert bundle.read(tmp_path / "empty")


@pytest.mark.parametrize("exchange", [True, False])
def test_an_older_bundle_is_replaced(
    tmp_path: Path, write: Write, exchange: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not exchange:
        monkeypatch.setattr(atomic, "_exchange", lambda one, other: False)
    old, new = write(tmp_path / "b"), write(tmp_path / "b", first=0.5)
    assert bundle.read(tmp_path / "b")[0] == new != old
    assert names(tmp_path) == ["b"]


def test_a_linked_folder_is_written_through(tmp_path: Path, write: Write) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert names(tmp_path / "real") == NAMES


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_writer_that_fails_leaves_the_old_bundle_alone(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch, failure: BaseException, after: int
) -> None:
    write(tmp_path / "b")
    old, calls = contents(tmp_path / "b"), []

    def failing(path: Path, content: bytes) -> None:
        if len(calls) == after:
            path.write_bytes(content[:5])
            raise failure
        calls.append(path)
        path.write_bytes(content)

    monkeypatch.setattr(bundle, "write_file", failing)
    with pytest.raises((BundleError, KeyboardInterrupt)):
        write(tmp_path / "b", first=0.5)
    assert contents(tmp_path / "b") == old
    assert names(tmp_path) == ["b"]


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = [{here!r}, {root!r}]
import conftest
from models import bundle
real, left = bundle.write_file, [int(sys.argv[2])]
def dying(path, content):
    if left[0] == 0:
        path.write_bytes(content[:5])
        os.kill(os.getpid(), signal.SIGKILL)
    left[0] -= 1
    real(path, content)
bundle.write_file = dying
conftest.write.__wrapped__()(Path(sys.argv[1]), first=0.5)
"""

FULL = """
import resource, sys
from pathlib import Path
sys.path[:0] = [{here!r}, {root!r}]
import conftest
import numpy as np
from classifier.errors import BundleError
from classifier.state import State
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    conftest.write.__wrapped__()(Path(sys.argv[1]), state=State({{"weights": np.ones(4096)}}, {{}}))
except BundleError as error:
    sys.exit(str(error))
"""


def run(script: str, *args: str) -> subprocess.CompletedProcess[str]:
    here = Path(__file__).parent
    code = script.format(here=str(here), root=str(here.parents[2]))
    return subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("after", ["0", "2"])
def test_a_killed_writer_leaves_the_old_bundle_alone(tmp_path: Path, write: Write, after: str) -> None:
    write(tmp_path / "b")
    old = contents(tmp_path / "b")
    assert run(KILLED, str(tmp_path / "b"), after).returncode == -9
    assert contents(tmp_path / "b") == old
    assert [name for name in names(tmp_path) if not name.startswith(".")] == ["b"]


def test_a_full_disk_is_a_clear_error_and_changes_nothing(tmp_path: Path, write: Write) -> None:
    write(tmp_path / "b")
    old = contents(tmp_path / "b")
    result = run(FULL, str(tmp_path / "b"))
    assert "can't be written (File too large); expected a writable disk with room" in result.stderr
    assert result.returncode == 1
    assert contents(tmp_path / "b") == old
    assert names(tmp_path) == ["b"]


TEXT = st.text(st.characters(codec="utf-8"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
DTYPES = ["bool", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", ">i4", ">f8"]
ARRAYS = st.sampled_from(DTYPES).flatmap(
    lambda dtype: stn.arrays(
        dtype, stn.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4), elements={"allow_nan": False}
        if dtype[-2] == "f" else None,
    )
)  # fmt: skip


@given(
    arrays=st.dictionaries(st.text("abc/._", min_size=1), ARRAYS, max_size=4),
    tables=st.dictionaries(TEXT, JSON, max_size=4),
    transposed=st.booleans(),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_states_round_trip(
    tmp_path: Path, write: Write, arrays: dict[str, Any], tables: dict[str, Any], transposed: bool
) -> None:
    if transposed:  # not contiguous in memory
        arrays = {name: array.T for name, array in arrays.items()}
    written = write(tmp_path / "b", state=State(arrays, tables))
    _, state = bundle.read(tmp_path / "b")
    assert state.tables == tables
    assert json.dumps(state.tables) == json.dumps(tables), "the order of keys is kept"
    assert state.arrays.keys() == arrays.keys()
    for name, array in arrays.items():
        found = state.arrays[name]
        assert (found.dtype, found.shape) == (array.dtype.newbyteorder("="), array.shape)
        np.testing.assert_array_equal(found, array)
    assert write(tmp_path / "c", state=state).id == written.id, "the same state is the same bundle"
