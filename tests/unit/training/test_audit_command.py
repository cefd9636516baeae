import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import toy
import typer
from click.testing import Result
from typer.testing import CliRunner

from classifier.errors import DataError, InputError
from data.complaints import complaint_row
from training import audit_command

Pilah = Callable[..., Result]


@pytest.fixture
def pilah() -> Pilah:
    app = typer.Typer()
    audit_command.mount(app)
    return lambda *words: CliRunner().invoke(app, ["--taxonomy", "from-data", *map(str, words)])


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    rows = toy.complaints()
    rows[5] = replace(rows[5], labels={**rows[5].labels, "topic": "Salah Sekali [/]"})
    rows.append(replace(rows[0], id="salinan", labels={"topic": "Beda", "utama": "x"}))
    path = tmp_path / "laporan.jsonl"
    path.write_text("".join(json.dumps(complaint_row(one)) + "\n" for one in rows), "utf-8")
    return path


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_the_review_list_and_a_summary_are_written(pilah: Pilah, reports: Path, tmp_path: Path) -> None:
    result = pilah("--data", reports, "--out", tmp_path / "periksa.jsonl")
    assert result.exit_code == 0, result.exception
    found = lines(tmp_path / "periksa.jsonl")
    keys = ["rank", "id", "target", "given", "suggested", "probability", "why", "contradicts"]
    assert all(list(line) == keys for line in found)
    assert {line["target"] for line in found} <= {"topic", "agency"}
    for target in ("topic", "agency"):
        ranks = [line["rank"] for line in found if line["target"] == target]
        assert ranks == list(range(1, len(ranks) + 1))
    assert ("salinan", "contradiction") in [(line["id"], line["why"]) for line in found]
    assert "Salah Sekali [/]" in [line["given"] for line in found]
    assert f"{len(found)} labels to look at: " in result.stdout
    assert toy.complaints()[5].text not in result.output


def test_one_target_and_texts_on_demand(pilah: Pilah, reports: Path, tmp_path: Path) -> None:
    out = tmp_path / "periksa.jsonl"
    assert pilah("--data", reports, "--out", out, "--target", "topic", "--examples").exit_code == 0
    assert {line["target"] for line in lines(out)} == {"topic"}
    assert all(line["text"] for line in lines(out))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--target", "kind"), "--target: is 'kind'; expected topic or agency"),
        (("--topic-column", "topik"), "--topic-column: no complaint has the label 'topik'"),
        (("--taxonomy", "kota"), "--taxonomy: is 'kota'; expected national or from-data"),
    ],
)
def test_wrong_options_are_named_and_nothing_is_written(
    pilah: Pilah, reports: Path, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    result = pilah("--data", reports, "--out", tmp_path / "periksa.jsonl", *words)
    assert isinstance(result.exception, InputError)
    assert str(result.exception).startswith(told)
    assert not (tmp_path / "periksa.jsonl").exists()


def test_the_audited_file_is_never_overwritten(pilah: Pilah, reports: Path) -> None:
    before = reports.read_bytes()
    result = pilah("--data", reports, "--out", reports.parent / "." / reports.name)
    assert str(result.exception).startswith("--out: is one of the files to audit")
    assert reports.read_bytes() == before


def test_an_older_list_stays_if_the_new_one_fails(pilah: Pilah, reports: Path, tmp_path: Path) -> None:
    out = tmp_path / "periksa.jsonl"
    out.write_text("lama", "utf-8")
    reports.write_text(reports.read_text("utf-8") + "{", "utf-8")
    assert isinstance(pilah("--data", reports, "--out", out).exception, DataError)
    assert out.read_text("utf-8") == "lama"


def test_a_missing_library_is_named(pilah: Pilah, reports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_command, "find_spec", lambda _name: None)
    result = pilah("--data", reports, "--out", reports.parent / "periksa.jsonl")
    assert "needs cleanlab, which is not installed" in str(result.exception)
