import hashlib
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from classifier.errors import BundleError, RegistryError
from models import bundle
from models.history import Change, FrozenRows, Gate
from models.manifest import FILES, MANIFEST, ROWS, Manifest
from models.registry import Registry
from models.row_hashes import RowHashes, RowKey

Write = Callable[..., Manifest]
NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@pytest.fixture
def registry(tmp_path: Path, check: Callable[[Path], Manifest]) -> Registry:
    return Registry(tmp_path / "var", check)


@pytest.fixture
def publish(tmp_path: Path, write: Write, registry: Registry) -> Callable[..., str]:
    """Return a function that saves and publishes the bundle of a day."""

    def publish(day: int, first: float = 0.75) -> str:
        write(tmp_path / f"out{day}", day=day, first=first)
        return registry.publish(tmp_path / f"out{day}")

    return publish


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"!")


def test_an_empty_registry_has_nothing(registry: Registry) -> None:
    assert (registry.active(), registry.list(), registry.broken(), registry.history()) == (None, (), (), ())
    with pytest.raises(RegistryError, match="no earlier bundle"):
        registry.rollback(when=NOON)


def test_publish_copies_and_is_idempotent(tmp_path: Path, registry: Registry, publish: Callable[..., str]) -> None:
    name = publish(0)
    assert registry.path(name) == tmp_path / "var/registry/bundles" / name
    assert names(registry.path(name)) == sorted([MANIFEST, *FILES])
    before = (registry.path(name) / MANIFEST).stat().st_ino
    assert publish(0) == name
    assert (registry.path(name) / MANIFEST).stat().st_ino == before
    assert names(tmp_path / "var/registry/bundles") == [name]
    assert registry.active() is None


def test_publishing_again_mends_a_damaged_bundle(registry: Registry, publish: Callable[..., str]) -> None:
    name = publish(0)
    damage(registry.path(name) / FILES[0])
    assert publish(0) == name
    assert bundle.read(registry.path(name))


def test_a_damaged_bundle_is_not_published(tmp_path: Path, write: Write, registry: Registry) -> None:
    write(tmp_path / "out")
    damage(tmp_path / "out" / FILES[1])
    with pytest.raises(BundleError, match="out/"):
        registry.publish(tmp_path / "out")
    assert registry.list() == ()


def test_promotions_are_undone_one_by_one(registry: Registry, publish: Callable[..., str]) -> None:
    first, second, third = (publish(day) for day in range(3))
    for hour, name in enumerate([first, second, third, third]):
        registry.promote(name, when=NOON + timedelta(hours=hour), reason=f"try {hour}")
        assert registry.active() == name
    assert [registry.rollback(when=NOON + timedelta(days=1), reason="worse") for _ in range(2)] == [second, first]
    assert registry.active() == first
    with pytest.raises(RegistryError, match="no earlier bundle to roll back to"):
        registry.rollback(when=NOON)
    assert registry.history() == (
        Change(NOON, "promote", first, None, "try 0"),
        Change(NOON + timedelta(hours=1), "promote", second, first, "try 1"),
        Change(NOON + timedelta(hours=2), "promote", third, second, "try 2"),
        Change(NOON + timedelta(days=1), "rollback", second, third, "worse"),
        Change(NOON + timedelta(days=1), "rollback", first, second, "worse"),
    )


def test_rollback_after_a_promotion_that_followed_a_rollback(registry: Registry, publish: Callable[..., str]) -> None:
    first, second, third = (publish(day) for day in range(3))
    registry.promote(first, when=NOON)
    registry.promote(second, when=NOON)
    registry.rollback(when=NOON)
    registry.promote(third, when=NOON)
    assert registry.rollback(when=NOON) == first


def test_a_history_line_that_never_took_effect_is_passed_over(
    tmp_path: Path, registry: Registry, publish: Callable[..., str]
) -> None:
    first, second, third = (publish(day) for day in range(3))
    registry.promote(first, when=NOON)
    registry.promote(second, when=NOON)
    registry.promote(third, when=NOON)
    (tmp_path / "var/registry/active").write_text(second)  # as if the process had died between the two steps
    assert registry.rollback(when=NOON) == first


@pytest.mark.parametrize("name", ["20261125-00000000", "../../etc", "", "latest", "20261125-00000000\n"])
def test_unknown_ids_are_named(registry: Registry, publish: Callable[..., str], name: str) -> None:
    publish(0)
    for ask in (registry.path, lambda name: registry.promote(name, when=NOON)):
        with pytest.raises(RegistryError, match="is no published bundle; expected an id"):
            ask(name)
    assert registry.active() is None


def test_a_damaged_bundle_is_neither_promoted_nor_rolled_back_to(
    registry: Registry, publish: Callable[..., str]
) -> None:
    first, second = publish(0), publish(1)
    registry.promote(first, when=NOON)
    registry.promote(second, when=NOON)
    damage(registry.path(first) / FILES[0])
    with pytest.raises(BundleError, match="SHA-256"):
        registry.rollback(when=NOON)
    with pytest.raises(BundleError, match="SHA-256"):
        registry.promote(first, when=NOON)
    assert registry.active() == second
    assert len(registry.history()) == 2


@pytest.mark.parametrize("content", [b"", b"20261125", b"../x", b"\xff\xfe", b"20261125-00000000 20261126-00000000"])
def test_a_corrupt_active_file_is_said_and_mended_by_a_promotion(
    tmp_path: Path, registry: Registry, publish: Callable[..., str], content: bytes
) -> None:
    first, second = publish(0), publish(1)
    registry.promote(first, when=NOON)
    registry.promote(second, when=NOON)
    (tmp_path / "var/registry/active").write_bytes(content)
    for ask in (registry.active, lambda: registry.rollback(when=NOON)):
        with pytest.raises(RegistryError, match=r"active: is corrupt; expected a bundle id\. Promote"):
            ask()
    registry.promote(second, when=NOON)
    assert registry.active() == second
    assert registry.rollback(when=NOON) == first


def test_a_corrupt_history_names_the_line(tmp_path: Path, registry: Registry, publish: Callable[..., str]) -> None:
    registry.promote(publish(0), when=NOON)
    with (tmp_path / "var/registry/history.jsonl").open("a") as file:
        file.write('{"when": "yesterday"}\n')
    with pytest.raises(RegistryError, match=r"history\.jsonl, line 2"):
        registry.history()


def test_list_is_newest_first_and_survives_broken_bundles(
    tmp_path: Path, registry: Registry, publish: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    older, newer, broken = publish(1), publish(2), publish(3)
    damage(registry.path(broken) / MANIFEST)
    (tmp_path / "var/registry/bundles" / ".half").mkdir()
    registry.path(older).rename(tmp_path / "var/registry/bundles/20200101-00000000")
    assert [manifest.id for manifest in registry.list()] == [newer]
    assert broken in caplog.text
    assert len(registry.broken()) == 2
    assert any(f"20200101-00000000: holds bundle {older}" in str(error) for error in registry.broken())


def test_publish_copies_the_hashes_of_the_training_rows(tmp_path: Path, write: Write, registry: Registry) -> None:
    hashes = RowHashes.of(["Air keruh di Blok Uji"], RowKey(b"k" * 32))
    write(tmp_path / "out", rows=hashes)
    folder = registry.path(registry.publish(tmp_path / "out"))
    assert names(folder) == sorted([MANIFEST, ROWS, *FILES])
    assert bundle.read_rows(folder) == hashes


def gate_of(current: str | None, rows: bytes, uses: float = 1.0, **fields: Any) -> Gate:
    test = FrozenRows(hashlib.sha256(rows).hexdigest(), rows.count(b"\n"), uses)
    return Gate(**{"verdict": "passed", "current": current, "test": test} | fields)


def test_what_the_gate_said_and_its_rows_are_kept(
    tmp_path: Path, registry: Registry, publish: Callable[..., str]
) -> None:
    first, second = publish(0), publish(1)
    registry.promote(first, when=NOON)
    assert registry.frozen() is None
    rows = b'{"id": "1"}\n'
    gate = gate_of(first, rows, figures={"rows": 1, "targets": {"topic": {"accuracy": 0.5}}})
    registry.promote(second, when=NOON, reason="new month", gate=gate, rows=rows)
    assert registry.history()[-1] == Change(NOON, "promote", second, first, "new month", gate)
    assert registry.frozen() == gate.test
    assert registry.test_rows(gate.test) == rows  # type: ignore[arg-type]
    kept = list((tmp_path / "var/registry/test").iterdir())
    assert [path.stat().st_mode & 0o777 for path in kept] == [0o600]
    assert registry.rollback(when=NOON) == first
    assert registry.frozen() == gate.test


def test_a_refusal_is_written_down_and_changes_nothing_else(registry: Registry, publish: Callable[..., str]) -> None:
    first, second, third = (publish(day) for day in range(3))
    registry.promote(first, when=NOON)
    registry.promote(second, when=NOON)
    gate = gate_of(second, b"{}\n", verdict="refused", reasons={"worse": "topic accuracy falls"})
    registry.refuse(third, when=NOON, gate=gate, rows=b"{}\n")
    assert registry.active() == second
    assert registry.history()[-1] == Change(NOON, "refuse", third, second, "", gate)
    assert registry.rollback(when=NOON) == first


def test_rows_of_earlier_comparisons_are_deleted(
    tmp_path: Path, registry: Registry, publish: Callable[..., str]
) -> None:
    first, second = publish(0), publish(1)
    registry.promote(first, when=NOON, gate=gate_of(None, b"a\n"), rows=b"a\n")
    registry.refuse(second, when=NOON, gate=gate_of(first, b"a\n", 2.0))  # the same rows again
    assert registry.test_rows(registry.frozen()) == b"a\n"  # type: ignore[arg-type]
    registry.promote(second, when=NOON, gate=gate_of(first, b"b\n"), rows=b"b\n")
    assert names(tmp_path / "var/registry/test") == [hashlib.sha256(b"b\n").hexdigest() + ".jsonl"]


def test_rows_that_changed_since_they_were_frozen_are_refused(
    tmp_path: Path, registry: Registry, publish: Callable[..., str]
) -> None:
    registry.promote(publish(0), when=NOON, gate=gate_of(None, b"a\n"), rows=b"a\n")
    frozen = registry.frozen()
    assert frozen
    (path,) = (tmp_path / "var/registry/test").iterdir()
    path.write_bytes(b"b\n")
    with pytest.raises(RegistryError, match=r"was changed since its 1 test rows were frozen; .* with --test"):
        registry.test_rows(frozen)
    path.unlink()
    with pytest.raises(RegistryError, match=r"frozen test rows can't be read \(No such file"):
        registry.test_rows(frozen)


def test_a_promotion_in_between_is_noticed(registry: Registry, publish: Callable[..., str]) -> None:
    first, second, third = (publish(day) for day in range(3))
    registry.promote(first, when=NOON)
    registry.promote(second, when=NOON)
    with pytest.raises(RegistryError, match=f"{second} was made active while {third} was compared with {first}"):
        registry.promote(third, when=NOON, gate=Gate("passed", first))
    assert (registry.active(), len(registry.history())) == (second, 2)


SETUP = """
import sys
from datetime import UTC, datetime
from pathlib import Path
sys.path.insert(0, {root!r})
from classifier.errors import RegistryError
from models import bundle
from models.registry import Registry
registry = Registry(Path(sys.argv[1]), lambda folder: bundle.read(folder)[0])
"""

PROMOTE = (
    SETUP
    + """
for _ in range(8):
    for name in sys.argv[2:]:
        registry.promote(name, when=datetime.now(UTC))
"""
)

FULL = (
    SETUP
    + """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
try:
    registry.publish(Path(sys.argv[2]))
    registry.promote(bundle.read_manifest(Path(sys.argv[2])).id, when=datetime.now(UTC))
except RegistryError as error:
    sys.exit(str(error))
"""
)


def start(script: str, *args: object) -> "subprocess.Popen[str]":
    code = script.format(root=str(Path(__file__).parents[3]))
    return subprocess.Popen([sys.executable, "-c", code, *map(str, args)], stderr=subprocess.PIPE, text=True)


DYING = (
    SETUP
    + """
import os, signal
from models.history import FrozenRows, Gate
real, left = os.fsync, [int(sys.argv[5])]
def dying(descriptor):
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left[0] -= 1
    real(descriptor)
os.fsync = dying
gate = Gate("passed", sys.argv[2], test=FrozenRows(sys.argv[4], 1, 1.0))
registry.publish(Path(sys.argv[3]))
registry.promote(bundle.read_manifest(Path(sys.argv[3])).id, when=datetime.now(UTC), gate=gate, rows=b"{{}}\\n")
"""
)
PUBLISHED, PROMOTED = 5, 10  # files made safe before a bundle stands there whole, and before it is the active one


@pytest.mark.parametrize("step", range(PROMOTED + 1))
def test_a_killed_promotion_leaves_the_old_state_or_the_new(
    tmp_path: Path, registry: Registry, publish: Callable[..., str], write: Write, step: int
) -> None:
    first = publish(0)
    registry.promote(first, when=NOON)
    second, rows = write(tmp_path / "new", day=1).id, hashlib.sha256(b"{}\n").hexdigest()
    process = start(DYING, tmp_path / "var", first, tmp_path / "new", rows, step)
    assert process.communicate()[1] == ""
    assert process.returncode == -9
    assert registry.active() == (second if step == PROMOTED else first)
    assert registry.broken() == ()
    assert {manifest.id for manifest in registry.list()} == ({first} if step < PUBLISHED - 1 else {first, second})
    if frozen := registry.frozen():
        assert registry.test_rows(frozen) == b"{}\n"

    assert registry.publish(tmp_path / "new") == second
    registry.promote(second, when=NOON)
    assert registry.active() == second
    assert registry.rollback(when=NOON) == first
    everything = [path.name for path in (tmp_path / "var").rglob("*")]
    assert not [name for name in everything if name.startswith(".")], "what the killed process left is swept away"


def test_processes_that_promote_side_by_side_leave_one_story(
    tmp_path: Path, registry: Registry, publish: Callable[..., str]
) -> None:
    first, second = publish(0), publish(1)
    running = [start(PROMOTE, tmp_path / "var", *order) for order in ([first, second], [second, first])]
    for process in running:
        assert process.communicate()[1] == ""
    history: Any = registry.history()
    assert history[-1].id == registry.active()
    assert [change.previous for change in history] == [None, *[change.id for change in history[:-1]]]
    assert names(tmp_path / "var/registry") == ["active", "bundles", "history.jsonl", "lock"]


FREEZE = (
    SETUP
    + """
import resource
from models.history import FrozenRows, Gate
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000,) * 2)
gate = Gate("passed", sys.argv[2], test=FrozenRows("0f" * 32, 1, 1.0))
try:
    registry.promote(sys.argv[3], when=datetime.now(UTC), gate=gate, rows=b"x" * 4_000)
except RegistryError as error:
    sys.exit(str(error))
"""
)


def test_a_full_disk_for_the_test_rows_changes_nothing(
    tmp_path: Path, registry: Registry, publish: Callable[..., str]
) -> None:
    first, second = publish(0), publish(1)
    registry.promote(first, when=NOON)
    process = start(FREEZE, tmp_path / "var", first, second)
    assert "can't be changed (File too large); expected a writable disk with room" in process.communicate()[1]
    assert (registry.active(), len(registry.history()), registry.frozen()) == (first, 1, None)
    assert names(tmp_path / "var/registry/test") == []


@pytest.mark.parametrize("limit", [100, 1_000])
def test_a_full_disk_is_a_clear_error_and_changes_nothing(
    tmp_path: Path, write: Write, registry: Registry, publish: Callable[..., str], limit: int
) -> None:
    first = publish(0)
    registry.promote(first, when=NOON)
    write(tmp_path / "new", day=1, first=0.5)
    process = start(FULL, tmp_path / "var", tmp_path / "new", limit)
    assert "can't be changed (File too large); expected a writable disk with room" in process.communicate()[1]
    assert process.returncode == 1
    assert names(tmp_path / "var/registry/bundles") == [first]
    assert (registry.active(), len(registry.history())) == (first, 1)


def test_a_full_disk_for_the_history_leaves_the_active_bundle(
    tmp_path: Path, registry: Registry, publish: Callable[..., str], write: Write
) -> None:
    first, second = publish(0), publish(1)
    registry.promote(first, when=NOON, reason="long " * 2_000)
    process = start(FULL, tmp_path / "var", tmp_path / "out1", 8_000)
    assert "File too large" in process.communicate()[1]
    assert (registry.active(), len(registry.history())) == (first, 1)
    assert names(tmp_path / "var/registry/bundles") == sorted([first, second])
    assert names(tmp_path / "var/registry") == ["active", "bundles", "history.jsonl", "lock"]
