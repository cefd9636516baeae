"""A backup brings everything back, into either kind of database, or changes nothing."""

import hashlib
import json
import signal
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from classifier.errors import DataError, InputError
from classifier.records import Complaint
from data.store.backup import TABLES, backup, restore
from data.store.corrections import Corrections, Said
from data.store.database import Store
from data.store.erasure import Erasure
from data.store.keys import Key, Keys
from data.store.predictions import Asked, Predictions
from data.store.similar import Similar

NOW = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
TEXT = 'Got tersumbat daun 🙏 di depan \u2028 balai \\ "warga"\n\nsejak Senin'
ANSWER = {"topic": {"code": "topik", "probability": 0.1 + 0.2}, "decision": {"action": "review"}, "evidence": []}


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with closing(Store.open(database_url)) as opened:
        yield opened


@pytest.fixture
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Store]]:
    """Return what makes empty stores of either kind."""
    made: list[Store] = []

    def make(kind: str) -> Store:
        fresh = f"sqlite:///{tmp_path / f'salinan-{len(made)}.db'}"
        made.append(Store.open(fresh if kind == "sqlite" else request.getfixturevalue("another_postgres_url")))
        return made[-1]

    yield make
    for store in made:
        store.close()


def fill(store: Store) -> Key:
    key, _ = Keys(store).create("kota contoh", "router", NOW)
    sent = [Asked(Complaint(f"L-{number}", f"{TEXT} {number}", date=NOW), ANSWER) for number in range(1200)]
    Predictions(store).add(key.id, sent, "m", NOW)
    erasure = Erasure(store)
    Corrections(store).add(key.id, Said(erasure.find(key.id, "L-7"), agency="badan", note="catatan"), NOW)
    undone = Corrections(store).add(key.id, Said(erasure.find(key.id, "L-8"), agency="badan"), NOW)
    Corrections(store).add(key.id, Said(erasure.find(key.id, "L-8"), withdraws=undone.id), NOW)
    erasure.erase(erasure.find(key.id, "L-9"), key.id, "permintaan", NOW)
    return key


def held(store: Store) -> dict[str, list[Any]]:
    with store.read() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in TABLES
        }


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_all_comes_back_in_either_kind(store: Store, kind: str, empty: Callable[[str], Store], tmp_path: Path) -> None:
    key = fill(store)
    rows = backup(store, tmp_path / "cadangan.zip", NOW)
    assert (rows["reports"], rows["texts"], rows["corrections"], rows["erasures"]) == (1200, 1199, 3, 1)
    copy = empty(kind)
    assert restore(copy, tmp_path / "cadangan.zip") == rows
    assert held(copy) == held(store)
    Predictions(copy).add(key.id, [Asked(Complaint("L-baru", TEXT), ANSWER)], "m", NOW)
    Keys(copy).create("lain", "admin", NOW)
    report = Erasure(copy).find(key.id, "L-baru")
    assert report == 1201
    assert Corrections(copy).add(None, Said(report, agency="badan"), NOW).id == 4
    assert len(Similar(copy).find("", TEXT, limit=5)) == 5


def test_a_backup_holds_one_moment(store: Store, tmp_path: Path) -> None:
    key = fill(store)

    def meanwhile(things: Any, _total: Any, name: str) -> Any:
        if name == "reports":
            Predictions(store).add(key.id, [Asked(Complaint("L-baru", TEXT), ANSWER)], "m", NOW)
        return things

    rows = backup(store, tmp_path / "cadangan.zip", NOW, meanwhile)
    assert (rows["reports"], rows["texts"], rows["predictions"]) == (1200, 1199, 1200)


def test_only_its_owner_may_read_it(store: Store, tmp_path: Path) -> None:
    (tmp_path / "cadangan.zip").write_text("yang lama")
    backup(store, tmp_path / "cadangan.zip", NOW)
    assert stat.S_IMODE((tmp_path / "cadangan.zip").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_an_interrupted_backup_leaves_the_old_one(store: Store, tmp_path: Path) -> None:
    fill(store)
    (tmp_path / "cadangan.zip").write_text("yang lama")

    def interrupted(things: Any, _total: Any, name: str) -> Any:
        for number, thing in enumerate(things):
            if name == "texts" and number == 900:
                raise KeyboardInterrupt
            yield thing

    with pytest.raises(KeyboardInterrupt):
        backup(store, tmp_path / "cadangan.zip", NOW, interrupted)
    assert (tmp_path / "cadangan.zip").read_text() == "yang lama"
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_a_folder_that_is_not_there_is_named(store: Store, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"tiada/cadangan\.zip: can't be written"):
        backup(store, tmp_path / "tiada" / "cadangan.zip", NOW)
    with pytest.raises(DataError, match=r"tiada\.zip: can't be read \(No such file"):
        restore(store, tmp_path / "tiada.zip")


def test_a_database_that_holds_something_is_refused(store: Store, tmp_path: Path) -> None:
    fill(store)
    before = held(store)
    backup(store, tmp_path / "cadangan.zip", NOW)
    with pytest.raises(InputError, match="holds keys already; expected an empty one"):
        restore(store, tmp_path / "cadangan.zip")
    assert held(store) == before


def test_a_restore_that_is_interrupted_leaves_the_database_empty(
    store: Store, empty: Callable[[str], Store], tmp_path: Path
) -> None:
    fill(store)
    backup(store, tmp_path / "cadangan.zip", NOW)

    def interrupted(things: Any, _total: Any, name: str) -> Any:
        if name == "search index":
            raise KeyboardInterrupt
        return things

    copy = empty("sqlite" if store.is_sqlite else "postgresql")
    with pytest.raises(KeyboardInterrupt):
        restore(copy, tmp_path / "cadangan.zip", track=interrupted)
    assert not any(held(copy).values())
    restore(copy, tmp_path / "cadangan.zip")
    assert held(copy) == held(store)


def test_a_restore_that_is_killed_leaves_the_database_empty(sqlite_url: str, tmp_path: Path) -> None:
    with closing(Store.open(sqlite_url)) as store:
        fill(store)
        backup(store, tmp_path / "cadangan.zip", NOW)
        before = held(store)
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from data.store.backup import restore\n"
        "from data.store.database import Store\n"
        "def track(things, total, name):\n"
        "    if name == 'search index':\n"
        "        print('now', flush=True)\n"
        "        time.sleep(60)\n"
        "    return things\n"
        "restore(Store.open(sys.argv[1]), Path(sys.argv[2]), track=track)\n"
    )
    url = f"sqlite:///{tmp_path / 'salinan.db'}"
    command = [sys.executable, "-c", script, url, str(tmp_path / "cadangan.zip")]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, env={"PYTHONPATH": "."}, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"now\n"
        process.send_signal(signal.SIGKILL)
    with closing(Store.open(url)) as copy:
        assert not any(held(copy).values())
        restore(copy, tmp_path / "cadangan.zip")
        assert held(copy) == before


def rewritten(path: Path, target: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """Return a copy of an archive with parts changed, or left out where `change` returns None."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            if (content := change(name, old.read(name))) is not None:
                new.writestr(name, content)
    return target


def manifest(**changes: Any) -> Callable[[str, bytes], bytes]:
    return lambda name, old: json.dumps(json.loads(old) | changes).encode() if name == "manifest.json" else old


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (manifest(schema="9999"), r"it is of format 1, schema 9999; expected a backup of this pilah or an older one"),
        (manifest(format=2), "it is of format 2"),
        (manifest(parts=[]), "it has no sound manifest"),
        (manifest(parts={"lain": {"rows": 0, "sha256": ""}}), "expected a backup of this pilah"),
        (lambda name, old: None if name == "manifest.json" else old, r"it has no sound manifest\.json"),
        (lambda name, old: b"{" if name == "manifest.json" else old, r"it has no sound manifest\.json"),
        (lambda name, old: None if name == "texts.jsonl" else old, r"texts\.jsonl has changed"),
        (lambda name, old: old.replace(b"Got", b"Pot", 1), r"texts\.jsonl has changed"),
    ],
)
def test_an_archive_that_is_not_right_is_refused(
    store: Store,
    empty: Callable[[str], Store],
    tmp_path: Path,
    change: Callable[[str, bytes], bytes | None],
    problem: str,
) -> None:
    fill(store)
    backup(store, tmp_path / "cadangan.zip", NOW)
    copy = empty("sqlite")
    with pytest.raises(DataError, match=problem):
        restore(copy, rewritten(tmp_path / "cadangan.zip", tmp_path / "rusak.zip", change))
    assert not any(held(copy).values())


def test_a_damaged_file_is_refused(sqlite_url: str, empty: Callable[[str], Store], tmp_path: Path) -> None:
    with closing(Store.open(sqlite_url)) as store:
        fill(store)
        backup(store, tmp_path / "cadangan.zip", NOW)
    whole = (tmp_path / "cadangan.zip").read_bytes()
    copy = empty("sqlite")
    for at in range(0, len(whole), len(whole) // 20):
        (tmp_path / "rusak.zip").write_bytes(whole[:at])
        with pytest.raises(DataError, match="expected an undamaged file"):
            restore(copy, tmp_path / "rusak.zip")
    for at in range(100, len(whole) * 9 // 10, len(whole) // 20):  # inside the compressed parts
        (tmp_path / "rusak.zip").write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        with pytest.raises(DataError, match="expected an undamaged file") as refused:
            restore(copy, tmp_path / "rusak.zip")
        assert "Got" not in str(refused.value)
    assert not any(held(copy).values())


def test_a_row_that_the_tables_do_not_know_is_named(
    store: Store, empty: Callable[[str], Store], tmp_path: Path
) -> None:
    fill(store)
    backup(store, tmp_path / "cadangan.zip", NOW)
    row = b'{"id": 1, "warna": "ungu"}\n'
    digest = {"keys": {"rows": 1, "sha256": hashlib.sha256(row).hexdigest()}}

    def change(name: str, old: bytes) -> bytes:
        return row if name == "keys.jsonl" else manifest(parts=digest)(name, old)

    with pytest.raises(DataError, match=r"keys\.jsonl, row 1: is no row of this table"):
        restore(empty("sqlite"), rewritten(tmp_path / "cadangan.zip", tmp_path / "lain.zip", change))


def test_a_backup_of_an_earlier_schema_is_restored(store: Store, empty: Callable[[str], Store], tmp_path: Path) -> None:
    fill(store)
    backup(store, tmp_path / "cadangan.zip", NOW)

    def change(name: str, old: bytes) -> bytes | None:
        if name == "manifest.json":
            told = json.loads(old)
            del told["parts"]["corrections"], told["parts"]["notes"]
            return json.dumps(told | {"schema": "0002"}).encode()
        return None if name in ("corrections.jsonl", "notes.jsonl") else old

    copy = empty("sqlite")
    restore(copy, rewritten(tmp_path / "cadangan.zip", tmp_path / "lama.zip", change))
    assert held(copy)["texts"] == held(store)["texts"]
    assert held(copy)["corrections"] == []


def test_what_was_erased_after_a_backup_does_not_come_back(
    store: Store, empty: Callable[[str], Store], tmp_path: Path
) -> None:
    key = fill(store)
    backup(store, tmp_path / "cadangan.zip", NOW)
    Predictions(store).add(key.id, [Asked(Complaint("L-baru", TEXT), ANSWER)], "m", NOW)
    for name in ("L-7", "L-baru"):
        Erasure(store).erase(Erasure(store).find(key.id, name), key.id, "permintaan", NOW)
    stones = list(Erasure(store).tombstones())
    assert [stone["id"] for stone in stones] == ["L-7", "L-9", "L-baru"]
    (tmp_path / "daftar.jsonl").write_text("".join(f"{json.dumps(stone)}\n" for stone in stones))
    copy = empty("sqlite" if store.is_sqlite else "postgresql")
    restore(copy, tmp_path / "cadangan.zip", tmp_path / "daftar.jsonl")
    assert held(copy)["texts"] == held(store)["texts"]
    assert held(copy)["notes"] == []
    Predictions(copy).add(key.id, [Asked(Complaint("L-baru", TEXT), ANSWER)], "m", NOW)
    assert Predictions(copy).of(key.id, "L-baru")[0].text is None


@pytest.mark.parametrize("line", ["bukan json", '{"key": 1}', "[]", '{"key": 1, "id": "a", "made": "x", "reason": ""}'])
def test_a_list_of_erasures_that_is_not_right_is_refused(store: Store, tmp_path: Path, line: str) -> None:
    (tmp_path / "daftar.jsonl").write_text(line)
    with pytest.raises(DataError, match=r"daftar\.jsonl, row 1: is no erasure"):
        restore(store, tmp_path / "cadangan.zip", tmp_path / "daftar.jsonl")
