"""`pilah corrections`, and keys that are limited, on a store on the disk."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import Result
from reports_of_store import LIGHTS, NOW, ROAD, WATER, ask
from typer.testing import CliRunner

from classifier.errors import DataError, InputError
from data.store.corrections import Corrections, Said
from data.store.database import Store
from data.store.keys import Keys, Scope
from service import commands

TOPIC = "pekerjaan-umum-dan-penataan-ruang/penerangan-jalan"
Pilah = Callable[..., Result]


@pytest.fixture
def pilah(database_url: str) -> Pilah:
    app = typer.Typer()
    commands.mount(app)
    environment = {"PILAH_DATABASE_URL": database_url, "COLUMNS": "160"}
    return lambda *args: CliRunner().invoke(app, [*map(str, args)], env=environment)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with closing(Store.open(database_url)) as opened:
        Keys(opened).create("kanal kota", "router", NOW)
        yield opened


def done(result: Result) -> str:
    assert result.exit_code == 0, result.exception
    return " ".join(result.stdout.split())


def lines(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_corrections_are_listed_with_who_and_what(pilah: Pilah, store: Store) -> None:
    report = ask(store, 1, "L-1")
    first = Corrections(store).add(1, Said(report, topic=WATER, note="Ani bilang begitu"), NOW)
    Corrections(store).add(1, Said(report, withdraws=first.id), NOW)
    listed = done(pilah("corrections", "list"))
    assert "1 L-1 kanal kota corrected (withdrawn) topic air/air-minum" in listed
    assert "2025-03-01 16:30" in listed
    assert "Ani" not in listed
    assert "withdrawn" in done(pilah("corrections", "list", "--since", first.id, "--limit", 1))


def test_decided_reports_are_exported_to_train_on(pilah: Pilah, store: Store, tmp_path: Path) -> None:
    numbers = [ask(store, 1, f"L-{number}", f"Lampu nomor urut {number}") for number in range(3)]
    hidden = ask(store, 1, "R-1", visibility="rahasia")
    Corrections(store).add(1, Said(numbers[0], topic=ROAD, agency=LIGHTS), NOW)
    Corrections(store).add(1, Said(numbers[1], verdict="unsure"), NOW)
    Corrections(store).add(1, Said(numbers[2], agency="Dinas Kami Sendiri"), NOW)
    Corrections(store).add(1, Said(hidden, topic=ROAD), NOW)
    out = tmp_path / "koreksi.jsonl"
    assert done(pilah("corrections", "export", out)).startswith("2 decided reports")
    first, second = map(json.loads, out.read_text().splitlines())
    assert first == {
        "id": "L-0",
        "text": "Lampu nomor urut 0",
        "topic": ROAD,
        "agency": "Dinas Perhubungan Kota Surabaya",
        "agreed": 1,
    }
    assert second["agency"] == "Dinas Kami Sendiri"
    assert isinstance(pilah("corrections", "export", tmp_path / "x.csv").exception, InputError)


def test_final_dispositions_are_taken_once(pilah: Pilah, store: Store, tmp_path: Path) -> None:
    numbers = [ask(store, 1, f"L-{number}") for number in range(4)]
    file = lines(
        tmp_path / "akhir.jsonl",
        {"id": "L-0", "topic": "Penerangan Jalan", "agency": "Dishub Kota Bandung"},
        {"id": "L-1", "agency": "Dinas Perhubungan"},
        {"id": "L-2", "topic": "Kategori Yang Tidak Ada"},
        {"id": "L-3"},
        {"id": "X-9", "topic": TOPIC},
    )
    counted = done(pilah("corrections", "import", file, "--key", 1))
    for outcome in ("corrected 2", "unresolved 1", "without labels 1", "unknown 1"):
        assert outcome in counted
    assert "topic Kategori Yang Tidak Ada" in counted
    (first,) = Corrections(store).of(numbers[0])
    assert (first.source, first.key, first.topic, first.agency) == (
        "final-disposition",
        "",
        TOPIC,
        "dinas-perhubungan@3273",
    )
    (second,) = Corrections(store).of(numbers[1])
    assert (second.verdict, second.agency) == ("confirmed", LIGHTS), "the place is the report's own"
    again = done(pilah("corrections", "import", file, "--key", 1))
    assert "unchanged 2" in again
    assert "corrected" not in again
    lines(file, {"id": "L-0", "agency": "dinas-sosial@3273"})
    assert "corrected 1" in done(pilah("corrections", "import", file, "--key", 1))


def test_labels_as_written_and_other_tables_are_taken(pilah: Pilah, store: Store, tmp_path: Path) -> None:
    number = ask(store, 1, "L-1")
    table = tmp_path / "akhir.csv"
    table.write_text("nomor;isi;opd\nL-1;Lampu taman padam;Dinas Lampu\n;tanpa nomor;Dinas Lampu\n")
    mapped = [part for pair in ("nomor=id", "isi=text", "opd=agency") for part in ("--map", pair)]
    counted = done(pilah("corrections", "import", table, "--key", 1, "--taxonomy", "from-data", *mapped))
    assert "corrected 1" in counted
    assert "not read 1" in counted
    assert [one.agency for one in Corrections(store).of(number)] == ["Dinas Lampu"]


def test_what_cannot_be_imported_is_explained(pilah: Pilah, store: Store, tmp_path: Path) -> None:
    file = lines(tmp_path / "akhir.jsonl", {"id": "L-1", "topic": TOPIC}, {"topic": TOPIC})
    missing = pilah("corrections", "import", file, "--key", 1).exception
    assert isinstance(missing, DataError)
    assert missing.row == 2
    lines(file, {"id": "L-1", "topic": TOPIC})
    assert "no key has the id 7" in str(pilah("corrections", "import", file, "--key", 7).exception)
    assert isinstance(pilah("corrections", "import", tmp_path / "tiada.jsonl", "--key", 1).exception, DataError)


def test_a_key_is_limited_to_an_agency_and_a_place(pilah: Pilah, store: Store) -> None:
    done(pilah("keys", "create", "Ani", "--role", "reviewer", "--agency", "dinas-sosial@3578", "--place", "35.78"))
    done(pilah("keys", "create", "Budi", "--role", "reviewer", "--confidential"))
    assert [one.scope for one in Keys(store).list()] == [
        Scope(),
        Scope("dinas-sosial@3578", "3578"),
        Scope(confidential=True),
    ]
    listed = done(pilah("keys", "list"))
    assert "Ani reviewer dinas-sosial@3578, 3578" in listed
    assert "Budi reviewer rahasia too" in listed
    for option, value in (("--agency", "dinas-tiada"), ("--agency", "dinas-sosial@99"), ("--place", "99")):
        refused = pilah("keys", "create", "Citra", "--role", "reviewer", option, value).exception
        assert isinstance(refused, InputError)
        assert refused.field == option
