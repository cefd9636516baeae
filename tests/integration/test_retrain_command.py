"""`pilah retrain` and `pilah monitor` on a real database: exit codes, what is told, what is written."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import toy
import typer
from click.testing import Result
from sqlalchemy import select
from typer.testing import CliRunner

from classifier.errors import InputError
from classifier.records import Complaint
from data.complaints import complaint_row
from data.store.corrections import Corrections, Said
from data.store.database import Store
from data.store.keys import Keys
from data.store.predictions import Asked, Predictions
from data.store.tables import reports
from models import bundle
from models.registry import Registry
from training import monitor_command, retrain_command
from training.retrain_lock import alone

Pilah = Callable[..., Result]
NOW = datetime.now(UTC)


@pytest.fixture
def pilah(tmp_path: Path, database_url: str) -> Pilah:
    app = typer.Typer()
    retrain_command.mount(app)
    monitor_command.mount(app)
    settings = {"PILAH_HOME": str(tmp_path / "var"), "PILAH_DATABASE_URL": database_url, "COLUMNS": "160"}
    return lambda *words: CliRunner().invoke(app, [*map(str, words)], env=settings)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    rows = [
        replace(one, id=f"{one.id}-{word}", text=f"{one.text} {word}") for word in WORDS for one in toy.complaints()
    ]
    return written(tmp_path / "laporan.jsonl", rows)


WORDS = ("pagi", "siang", "sore")


def written(path: Path, rows: Iterable[Complaint]) -> Path:
    path.write_text("".join(json.dumps(complaint_row(one)) + "\n" for one in rows), "utf-8")
    return path


def again(pilah: Pilah, own: Path, *words: object) -> Result:
    return pilah("retrain", "--taxonomy", "from-data", "--data", own, *words)


def answered(database_url: str, rows: Sequence[Complaint], home: Path) -> list[int]:
    """Let the active model answer reports, as the service stores it, and return their numbers."""
    store, registry = Store.open(database_url), Registry(home)
    classifier = bundle.load(registry.path(str(registry.active()))).classifier
    key = Keys(store).create("uji", "reviewer", NOW)[0].id
    given = classifier.classify(rows, evidence=False)
    asked = [Asked(one, answer.as_dict()) for one, answer in zip(rows, given, strict=True)]
    Predictions(store).add(key, asked, classifier.id, NOW - timedelta(hours=1))
    with store.read() as connection:
        numbers = list(connection.scalars(select(reports.c.id).order_by(reports.c.id)))
    store.close()
    return numbers


def corrected(database_url: str, numbers: Iterable[int], topic: str, agency: str) -> None:
    store = Store.open(database_url)
    said = [Said(number, topic=topic, agency=agency) for number in numbers]
    Corrections(store).add_many(None, [replace(one, source="reviewer") for one in said], NOW - timedelta(minutes=5))
    store.close()


def test_the_loop_from_answers_over_corrections_to_a_model_that_knows_more(
    pilah: Pilah, own: Path, tmp_path: Path, database_url: str
) -> None:
    home = tmp_path / "var"
    result = again(pilah, own)
    assert result.exit_code == 0, (result.exception, result.output)
    first = Registry(home).active()
    assert f"{first}: active" in result.stdout

    assert again(pilah, own).exit_code == retrain_command.UNCHANGED
    assert Registry(home).active() == first

    cats = [
        Complaint(f"kucing-{at}", f"Kucing liar di gang {word} mengacak {thing}, mohon ditangkap", date=NOW)
        for at, (word, thing) in enumerate((word, thing) for word in STREETS for thing in THINGS)
    ]
    numbers = answered(database_url, cats, home)
    corrected(database_url, numbers[:20], "Hewan Liar", "Satpol PP")
    before = watched(pilah, tmp_path)
    assert (before["model"], before["reviews"], before["retrain"]) == (first, 20, True)
    assert "reviewers correct more topics" in before["sentence"]

    result = again(pilah, own, "--json", tmp_path / "hasil.json")
    assert result.exit_code == 0, (result.exception, result.output)
    told = json.loads((tmp_path / "hasil.json").read_text("utf-8"))
    assert (told["outcome"], told["previous"]) == ("promoted", first)
    assert told["changes"]["new"] == {"topic": ["Hewan Liar"], "agency": ["Satpol PP"]}
    assert told["corrections"] + told["held_back"] >= 20
    assert "topic, new: Hewan Liar" in result.stdout
    known = bundle.load(Registry(home).path(told["id"])).classifier
    assert {one.topic[0].label.code for one in known.classify(cats[20:])} == {"Hewan Liar"}

    after = watched(pilah, tmp_path)
    assert (after["model"], after["reports"], after["reviews"]) == (told["id"], len(cats), 0)
    assert "reviewers" not in after["sentence"]


def watched(pilah: Pilah, folder: Path) -> dict[str, Any]:
    """Return what `pilah monitor` writes, which it also says in its last line."""
    result = pilah("monitor", "--json", folder / "pekan.json")
    assert result.exit_code == 0, (result.exception, result.output)
    week: dict[str, Any] = json.loads((folder / "pekan.json").read_text("utf-8"))
    assert result.stdout.splitlines()[-1] == week["sentence"]
    return week


STREETS = ("melati", "mawar", "kenanga", "anggrek", "dahlia", "teratai", "cempaka", "flamboyan", "bugenvil", "seruni")
THINGS = ("dapur", "sampah", "kandang ayam", "jemuran", "warung", "gudang")


def test_another_retraining_under_way_is_told_and_nothing_is_done(pilah: Pilah, own: Path, tmp_path: Path) -> None:
    with alone(tmp_path / "var"):
        result = again(pilah, own)
    assert result.exit_code == retrain_command.BUSY
    assert "Nothing was done: process " in result.stderr
    assert Registry(tmp_path / "var").active() is None


def test_a_refused_model_has_its_own_exit_code(pilah: Pilah, own: Path, tmp_path: Path) -> None:
    assert again(pilah, own).exit_code == 0
    registry = Registry(tmp_path / "var")
    first, frozen = registry.active(), registry.frozen()
    assert frozen
    held = {json.loads(line)["text"] for line in registry.test_rows(frozen).decode().splitlines()}
    lines = [json.loads(line) for line in own.read_text("utf-8").splitlines()]
    wrong = [line if line["text"] in held else line | {"topic": OTHER[line["topic"]]} for line in lines]
    own.write_text("".join(json.dumps(line) + "\n" for line in wrong), "utf-8")
    result = again(pilah, own)
    assert result.exit_code == retrain_command.REFUSED, (result.exception, result.output)
    assert "is not promoted:" in result.stderr
    assert "worse: topic accuracy falls by " in result.stderr
    assert registry.active() == first


OTHER = {toy.ROADS: toy.WATER, toy.WATER: toy.WASTE, toy.WASTE: toy.LAMPS, toy.LAMPS: toy.ROADS}


def test_nothing_to_learn_is_told(pilah: Pilah) -> None:
    result = pilah("retrain", "--with-corpus")
    assert isinstance(result.exception, InputError)
    assert "there is no report to learn from" in str(result.exception)
    assert isinstance(pilah("retrain", "--with-corpus", "--taxonomy", "from-data").exception, InputError)


def test_a_week_without_a_model_is_told(pilah: Pilah) -> None:
    assert "no bundle is active" in str(pilah("monitor").exception)
