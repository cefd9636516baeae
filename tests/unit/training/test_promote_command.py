"""`pilah models promote`: what passes the gate, what is refused, and what the history keeps of both."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import toy
import typer
from click.testing import Result
from typer.testing import CliRunner

import models.commands
from classifier.errors import BundleError, DataError, InputError, RegistryError
from classifier.records import Complaint
from data.complaints import complaint_row
from models import bundle
from models.manifest import ARRAYS, TaxonomyVersion
from models.registry import Registry
from models.row_hashes import RowHashes, RowKey, row_key
from training import promote_command
from training.fit import Fitted, fit

Pilah = Callable[..., Result]
Save = Callable[..., Path]
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
WRONG = {toy.ROADS: toy.WATER, toy.WATER: toy.WASTE, toy.WASTE: toy.LAMPS, toy.LAMPS: toy.ROADS}


@pytest.fixture
def pilah(home: Path) -> Pilah:
    app = typer.Typer()
    promote_command.mount(models.commands.mount(app))
    environment = {"PILAH_HOME": str(home), "COLUMNS": "160"}
    return lambda *words: CliRunner().invoke(app, ["models", *map(str, words)], env=environment)


@pytest.fixture(scope="module")
def worse() -> Fitted:
    """A model that learnt every topic wrong."""
    rows = [relabelled(one, topic=WRONG[one.labels["topic"]]) for one in toy.complaints()]
    return fit(rows, toy.taxonomy(), toy.LEXICON, toy.config())


@pytest.fixture(scope="module")
def without_agency() -> Fitted:
    rows = [replace(one, labels={"topic": one.labels["topic"]}) for one in toy.complaints()]
    return fit(rows, toy.taxonomy(), toy.LEXICON, toy.config())


@pytest.fixture
def test_rows(tmp_path: Path) -> Path:
    return written(tmp_path / "uji.jsonl", fresh())


def relabelled(one: Complaint, **labels: str) -> Complaint:
    return replace(one, labels=dict(one.labels) | labels)


def fresh(word: str = "sekali") -> list[Complaint]:
    """Return rows that no model has learnt from."""
    return [replace(one, id=f"{one.id}-{word}", text=f"{one.text} {word}") for one in toy.complaints()]


def written(path: Path, complaints: Iterable[Complaint]) -> Path:
    path.write_text("".join(json.dumps(complaint_row(one)) + "\n" for one in complaints), "utf-8")
    return path


def done(result: Result) -> str:
    assert result.exit_code == 0, (result.exception, result.output)
    return result.stdout


def refused(result: Result) -> Mapping[str, str]:
    """Return the reasons of a refusal as they were told, by code."""
    assert result.exit_code == promote_command.REFUSED, (result.exception, result.output)
    lines = [line.strip().split(": ", 1) for line in result.stderr.splitlines() if line.startswith("  ")]
    return dict(lines)


def identity(folder: Path) -> str:
    return bundle.read_manifest(folder).id


def test_the_first_promotion_says_that_there_was_no_comparison(home: Path, pilah: Pilah, save: Save) -> None:
    first = save("a")
    assert done(pilah("promote", first)).splitlines() == [
        "No comparison was made: nothing is active.",
        f"{identity(first)}: active",
    ]
    (change,) = Registry(home).history()
    assert change.gate
    assert (change.gate.verdict, change.gate.note, change.gate.test) == ("not compared", "nothing is active", None)


def test_a_promotion_without_test_rows_says_so_and_passes(pilah: Pilah, save: Save) -> None:
    done(pilah("promote", save("a")))
    shown = done(pilah("promote", save("b", day=26)))
    assert shown.startswith("No comparison was made: there are no test rows; --test gives some.")


def test_an_equal_bundle_passes_and_the_rows_are_used_again(
    home: Path, pilah: Pilah, save: Save, test_rows: Path
) -> None:
    first, second = save("a"), save("b", day=26)
    assert "No comparison was made: nothing is active." in done(pilah("promote", first, "--test", test_rows))
    shown = done(pilah("promote", second, "--reason", "new month"))
    assert "47 frozen test rows, used 2 times" in shown
    assert "+0.0 [+0.0, +0.0]" in shown
    assert "No comparison" not in shown
    change = Registry(home).history()[-1]
    assert change.gate
    assert (change.action, change.reason, change.gate.verdict) == ("promote", "new month", "passed")
    assert change.gate.current == change.previous == identity(first)
    assert change.gate.figures["seen"] == {"candidate": 0, "active": 0}
    assert change.gate.figures["targets"]["topic"]["difference"] == 0


def test_a_worse_bundle_is_refused_with_reasons_and_kept_in_the_history(
    home: Path, pilah: Pilah, save: Save, test_rows: Path, worse: Fitted
) -> None:
    first, second = save("a"), save("b", worse)
    done(pilah("promote", first, "--test", test_rows))
    result = pilah("promote", second)
    told = refused(result)
    assert {"worse", "class-lost"} <= told.keys()
    assert told["worse"].startswith("topic accuracy falls by ")
    assert "'Lampu Jalan': 0 of " in told["class-lost"]
    assert f"{identity(second)} is not promoted:" in result.stderr
    assert "--force REASON" in result.stderr
    assert Registry(home).active() == identity(first)
    change = Registry(home).history()[-1]
    assert change.gate
    assert (change.action, change.id, change.gate.verdict) == ("refuse", identity(second), "refused")
    assert dict(change.gate.reasons) == told
    assert change.gate.figures["targets"]["topic"]["difference"] < -0.5
    assert not change.gate.forced


def test_force_needs_a_reason_and_keeps_it(
    home: Path, pilah: Pilah, save: Save, test_rows: Path, worse: Fitted
) -> None:
    first, second = save("a"), save("b", worse)
    done(pilah("promote", first, "--test", test_rows))
    for reason in ("", "  "):
        assert "--force: is empty; expected the reason" in str(pilah("promote", second, "--force", reason).exception)
    assert isinstance(pilah("promote", second, "--force", "x", "--reason", "y").exception, InputError)
    assert Registry(home).active() == identity(first)
    shown = done(pilah("promote", second, "--force", "the old one leaks"))
    assert "forced, in spite of: worse, " in shown
    change = Registry(home).history()[-1]
    assert change.gate
    assert (change.action, change.reason, change.gate.forced) == ("promote", "the old one leaks", True)
    assert "worse" in change.gate.reasons
    assert done(pilah("rollback")) == f"{identity(first)}: active\n"


def test_force_that_was_not_needed_is_not_called_so(home: Path, pilah: Pilah, save: Save, test_rows: Path) -> None:
    done(pilah("promote", save("a"), "--test", test_rows))
    assert "forced" not in done(pilah("promote", save("b", day=26), "--force", "to be sure"))
    gate = Registry(home).history()[-1].gate
    assert gate
    assert (gate.verdict, gate.forced) == ("passed", False)


def test_a_bundle_that_learnt_from_the_test_rows_is_refused(
    home: Path, pilah: Pilah, save: Save, test_rows: Path
) -> None:
    done(pilah("promote", save("a"), "--test", test_rows))
    rows = [*toy.complaints(), *fresh()[:5]]
    cheat = save("b", fit(rows, toy.taxonomy(), toy.LEXICON, toy.config()))
    told = refused(pilah("promote", cheat))
    assert told == {
        "test-rows-seen": "the candidate learnt from 5 of the 47 test rows; expected at most 1%. "
        "Give newer ones with --test"
    }
    newer = written(test_rows.with_name("baru.jsonl"), fresh("lagi"))
    assert "learnt from" not in done(pilah("promote", cheat, "--test", newer))
    assert done(pilah("list")).endswith("47 frozen test rows, used once\n")


def test_even_a_first_promotion_does_not_freeze_rows_that_were_learnt_from(
    home: Path, pilah: Pilah, save: Save, tmp_path: Path
) -> None:
    seen = written(tmp_path / "uji.jsonl", toy.complaints())
    assert refused(pilah("promote", save("a"), "--test", seen)).keys() == {"test-rows-seen"}
    assert Registry(home).active() is None


def test_rows_that_the_active_bundle_learnt_from_are_left_out(pilah: Pilah, save: Save, tmp_path: Path) -> None:
    seen = toy.complaints()[:3]
    done(pilah("promote", save("a")))
    other = save("b", rows=RowHashes(row_key(tmp_path / "var").id, frozenset()))
    shown = done(pilah("promote", other, "--test", written(tmp_path / "uji.jsonl", [*fresh(), *seen])))
    assert "active: learnt from 3 test rows, which were left out" in shown
    assert "│ topic  │   47 │" in shown


def test_when_each_row_was_learnt_from_nothing_can_be_compared(pilah: Pilah, save: Save, tmp_path: Path) -> None:
    done(pilah("promote", save("a")))
    other = save("b", rows=RowHashes(row_key(tmp_path / "var").id, frozenset()))
    result = pilah("promote", other, "--test", written(tmp_path / "uji.jsonl", toy.complaints()))
    assert refused(result).keys() == {"few-test-rows"}
    assert "No comparison was made: each test row was learnt from." in result.stdout


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"rows": None}, "its bundle holds no hashes of its training rows"),
        ({"key": RowKey(b"k" * 32)}, "its training rows were hashed with another key than this home's"),
    ],
)
def test_a_bundle_without_the_key_at_hand_is_told_as_not_checked(
    home: Path, pilah: Pilah, save: Save, test_rows: Path, fields: dict[str, Any], why: str
) -> None:
    done(pilah("promote", save("a"), "--test", test_rows))
    shown = done(pilah("promote", save("b", day=26, **fields)))
    assert f"candidate: not checked whether it learnt from the test rows: {why}" in shown
    gate = Registry(home).history()[-1].gate
    assert gate
    assert gate.figures["seen"] == {"candidate": "not checked", "active": 0}


@pytest.mark.parametrize("rows", [(), ("--test",)])
@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (
            {"taxonomy": TaxonomyVersion("from-data", "2")},
            "of taxonomy from-data 2, those of the active bundle of from",
        ),
        ({"taxonomy": TaxonomyVersion("national", "1")}, "of taxonomy national 1, those of the active bundle of from"),
        ({"settings": {"topic_column": "kind"}}, "are the labels 'kind', those of the active bundle 'topic'"),
    ],
)
def test_another_taxonomy_is_refused_with_and_without_test_rows(
    pilah: Pilah, save: Save, test_rows: Path, fields: dict[str, Any], told: str, rows: tuple[str, ...]
) -> None:
    done(pilah("promote", save("a")))
    words = (*rows, test_rows) if rows else ()
    assert told in refused(pilah("promote", save("b", day=26, **fields), *words))["taxonomy"]


def test_a_target_that_is_lost_is_refused(pilah: Pilah, save: Save, test_rows: Path, without_agency: Fitted) -> None:
    done(pilah("promote", save("a"), "--test", test_rows))
    told = refused(pilah("promote", save("b", without_agency)))["target-lost"]
    assert told.startswith("the candidate does not answer the agency, which the active bundle does")


def test_test_rows_without_labels_are_refused_before_anything_is_changed(
    home: Path, pilah: Pilah, save: Save, tmp_path: Path
) -> None:
    bare = written(tmp_path / "uji.jsonl", [replace(one, labels={}) for one in fresh()])
    assert isinstance(pilah("promote", save("a"), "--test", bare).exception, DataError)
    assert Registry(home).history() == ()


def test_a_candidate_that_is_no_bundle_is_named(pilah: Pilah, save: Save, tmp_path: Path, home: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert isinstance(pilah("promote", tmp_path / "folder").exception, BundleError)
    for target in ("20261125-00000000", "no/such/folder"):
        told = pilah("promote", target).exception
        assert isinstance(told, RegistryError)
        assert f"{target!r} is no published bundle" in str(told)
    broken = save("a")
    (broken / ARRAYS).write_bytes(b"x")
    assert isinstance(pilah("promote", broken).exception, BundleError)
    assert Registry(home).active() is None


def test_the_active_bundle_is_not_compared_with_itself(pilah: Pilah, save: Save, home: Path, test_rows: Path) -> None:
    first = save("a")
    done(pilah("promote", first))
    assert done(pilah("promote", identity(first))) == f"{identity(first)}: active already\n"
    assert "can't be compared with itself" in str(pilah("promote", first, "--test", test_rows).exception)
    assert len(Registry(home).history()) == 1


@pytest.mark.parametrize("damage", ["bundle", "active"])
def test_a_broken_active_bundle_can_be_replaced(
    home: Path, pilah: Pilah, save: Save, test_rows: Path, damage: str
) -> None:
    first, second = save("a"), save("b", day=26)
    done(pilah("promote", first, "--test", test_rows))
    if damage == "bundle":
        (home / "registry/bundles" / identity(first) / ARRAYS).write_bytes(b"x")
    else:
        (home / "registry/active").write_bytes(b"?")
    shown = done(pilah("promote", second))
    expected = "the active bundle can't be loaded: " if damage == "bundle" else "nothing is active"
    assert f"No comparison was made: {expected}" in shown
    assert Registry(home).active() == identity(second)


def test_rows_that_were_used_often_are_told(home: Path, pilah: Pilah, save: Save, test_rows: Path) -> None:
    done(pilah("promote", save("a"), "--test", test_rows))
    registry = Registry(home)
    gate = registry.history()[-1].gate
    assert gate
    assert gate.test
    used = replace(gate, current=registry.active(), test=replace(gate.test, uses=promote_command.MANY_USES - 1.0))
    registry.refuse(identity(save("b", day=26)), when=NOON, gate=used)
    assert promote_command.WORN in done(pilah("promote", save("b", day=26)))
