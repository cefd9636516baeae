"""`pilah train` and `pilah evaluate`: what is refused, what is written, and what a pipe gets to read."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import toy
import typer
from click.testing import Result
from typer.testing import CliRunner

from classifier.errors import DataError, InputError
from classifier.records import Complaint
from data.complaints import complaint_row
from models import bundle
from models.registry import Registry
from models.row_hashes import row_key
from training import commands, progress

Pilah = Callable[..., Result]


@pytest.fixture
def pilah(tmp_path: Path) -> Pilah:
    app = typer.Typer()
    commands.mount(app)
    return lambda *words: CliRunner().invoke(app, [*map(str, words)], env={"PILAH_HOME": str(tmp_path / "var")})


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    return written(tmp_path / "laporan.jsonl", toy.complaints())


def written(path: Path, complaints: Iterable[Complaint]) -> Path:
    path.write_text("".join(json.dumps(complaint_row(one)) + "\n" for one in complaints))
    return path


def train(pilah: Pilah, *words: object) -> Result:
    return pilah("train", "--taxonomy", "from-data", *words)


def refused(result: Result, error: type[Exception]) -> str:
    assert isinstance(result.exception, error), result.output
    return str(result.exception)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of the toy complaints."""
    folder = tmp_path_factory.mktemp("toy")
    app = typer.Typer()
    commands.mount(app)
    source = written(folder / "laporan.jsonl", toy.complaints())
    words = ["train", "--taxonomy", "from-data", "--data", str(source), "--out", str(folder / "model")]
    assert CliRunner().invoke(app, [*words, "--home", str(folder / "var")]).exit_code == 0
    return folder / "model"


def test_a_bundle_is_written_and_named(pilah: Pilah, reports: Path, tmp_path: Path) -> None:
    result = train(pilah, "--data", reports, "--out", tmp_path / "model")
    assert result.exit_code == 0, result.exception
    assert result.stdout.split() == [bundle.read_manifest(tmp_path / "model").id, str(tmp_path / "model")]
    assert "Learnt from" in result.stderr


def test_a_bundle_carries_hashes_of_its_rows_made_with_the_key_of_the_home(
    pilah: Pilah, reports: Path, tmp_path: Path
) -> None:
    assert train(pilah, "--data", reports, "--out", tmp_path / "model").exit_code == 0
    hashes = bundle.read_rows(tmp_path / "model")
    assert hashes
    texts = [one.text for one in toy.complaints()]
    assert hashes.seen([*texts, "Belum pernah ada"], row_key(tmp_path / "var")) == [True] * len(texts) + [False]


def test_without_a_key_the_bundle_is_written_without_hashes_and_this_is_said(
    pilah: Pilah, reports: Path, tmp_path: Path
) -> None:
    (tmp_path / "var").write_text("in the way")
    result = train(pilah, "--data", reports, "--out", tmp_path / "model")
    assert result.exit_code == 0
    assert "the training rows are not hashed" in result.stderr
    assert bundle.read_rows(tmp_path / "model") is None


def test_a_topic_column_that_no_complaint_has_is_refused(pilah: Pilah, reports: Path, tmp_path: Path) -> None:
    told = refused(train(pilah, "--data", reports, "--out", tmp_path / "model", "--topic-column", "topik"), InputError)
    assert told == "--topic-column: no complaint has the label 'topik'; expected one of agency, kind, topic"
    assert not (tmp_path / "model").exists()


def test_complaints_without_a_topic_can_still_be_learnt(pilah: Pilah, tmp_path: Path) -> None:
    agencies = [replace(one, labels={"agency": one.labels["agency"]}) for one in toy.complaints()]
    source = written(tmp_path / "instansi.jsonl", agencies)
    assert train(pilah, "--data", source, "--out", tmp_path / "model").exit_code == 0


@pytest.mark.parametrize("words", [(), ("--taxonomy", "from-data", "--data", "laporan.jsonl")])
def test_the_corpus_needs_own_complaints_and_the_national_taxonomy(
    pilah: Pilah, tmp_path: Path, words: tuple[str, ...]
) -> None:
    result = pilah("train", "--with-corpus", *words, "--out", tmp_path / "model")
    assert refused(result, InputError).startswith("--with-corpus: ")


def test_the_corpus_joins_own_complaints_under_their_topic_column(pilah: Pilah, tmp_path: Path) -> None:
    own = [replace(one, labels={"utama": "Kesehatan"}) for one in toy.complaints()]
    data, out = written(tmp_path / "laporan.jsonl", own), tmp_path / "model"
    assert pilah("train", "--with-corpus", "--data", data, "--topic-column", "utama", "--out", out).exit_code == 0
    topics = {label.code for label in bundle.load(out).classifier.topics}
    assert {"kesehatan", "kependudukan/kartu-keluarga"} <= topics


def test_a_file_without_a_complaint_is_named(pilah: Pilah, reports: Path, model: Path, tmp_path: Path) -> None:
    empty = tmp_path / "kosong.jsonl"
    empty.write_text("\n", "utf-8")
    told = refused(train(pilah, "--data", reports, "--data", empty, "--out", tmp_path / "model"), DataError)
    assert told.startswith(f"{empty}: holds no complaint; expected ")
    told = refused(pilah("evaluate", "--model", model, "--data", empty), DataError)
    assert told.startswith(f"{empty}: holds no complaint; expected ")


def test_an_evaluation_column_that_no_complaint_has_is_refused(pilah: Pilah, reports: Path, model: Path) -> None:
    told = refused(pilah("evaluate", "--model", model, "--data", reports, "--topic-column", "topik"), InputError)
    assert told.startswith("--topic-column: no complaint has the label 'topik'")


def test_the_figures_are_written_before_they_are_shown(
    pilah: Pilah, reports: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(_report: Any) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(commands.tables, "evaluation", closed)
    result = pilah("evaluate", "--model", model, "--data", reports, "--json", tmp_path / "nilai.json")
    assert result.exit_code != 0
    assert json.loads((tmp_path / "nilai.json").read_text("utf-8"))["rows"] == len(toy.complaints())


def test_no_class_is_cut_off_in_a_pipe(pilah: Pilah, tmp_path: Path) -> None:
    long = "Badan-Pengelola-" + "Sangat-" * 14 + "Panjang"
    changed = [replace(one, labels={"agency": long if at % 2 else "Dinas"}) for at, one in enumerate(toy.complaints())]
    source = written(tmp_path / "laporan.jsonl", changed)
    assert train(pilah, "--data", source, "--out", tmp_path / "model").exit_code == 0
    shown = pilah("evaluate", "--model", tmp_path / "model", "--data", source).stdout
    assert "…" not in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert {"accuracy", "macro-F1", "top-5", "wrong"} <= set(shown.split())
    assert long in "".join(line.split("│")[1].strip() for line in shown.splitlines() if line.startswith("│"))


def test_every_known_step_of_training_is_shown(
    pilah: Pilah, reports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, float, float | None]] = []

    class Watched(progress.Progress):
        def update(self, task_id: Any, **changed: Any) -> None:
            super().update(task_id, **changed)
            task = self.tasks[task_id]
            seen.append((task.description, task.completed, task.total))

    monkeypatch.setattr(progress, "Progress", Watched)
    assert train(pilah, "--data", reports, "--out", tmp_path / "model").exit_code == 0
    assert [done for _, done, _ in seen] == list(range(len(seen)))
    assert {total for *_, total in seen} == {len(seen)}
    assert [name for name, *_ in seen][:: len(seen) - 1] == ["Reading files", "Writing the bundle"]


def test_a_page_and_its_figures_are_written(pilah: Pilah, reports: Path, model: Path, tmp_path: Path) -> None:
    page, figures = tmp_path / "nilai.html", tmp_path / "nilai.json"
    words = ("--train", reports, "--against", model, "--html", page, "--json", figures, "--home", tmp_path)
    result = pilah("evaluate", "--model", model, "--data", reports, *words)
    assert result.exit_code == 0, result.exception
    assert "points ahead" in result.stdout
    assert page.read_text("utf-8").startswith("<!doctype html>")
    compared = json.loads(figures.read_text("utf-8"))["topic"]["comparisons"]
    assert [one["of"] for one in compared] == ["bundle", "peer", "peer", "peer", "peer"]
    assert compared[0]["difference"] == {"value": 0, "low": 0, "high": 0}
    assert {path.name for path in tmp_path.iterdir()} == {"laporan.jsonl", "nilai.html", "nilai.json"}


def test_a_page_is_compared_with_the_active_bundle(pilah: Pilah, reports: Path, model: Path, tmp_path: Path) -> None:
    train(pilah, "--data", reports, "--out", tmp_path / "lama", "--auto-error", "0.2")
    registry = Registry(tmp_path / "home")
    name = registry.publish(tmp_path / "lama")
    registry.promote(name, when=toy.START)
    page = tmp_path / "nilai.html"
    words = ("--data", reports, "--html", page, "--home", tmp_path / "home")
    assert pilah("evaluate", "--model", model, *words).exit_code == 0
    assert f"model aktif <strong>{name}</strong>" in page.read_text("utf-8")
    assert pilah("evaluate", "--model", tmp_path / "lama", *words).exit_code == 0
    assert "sendiri yang sedang aktif" in page.read_text("utf-8")


def test_examples_need_a_page(pilah: Pilah, reports: Path, model: Path) -> None:
    told = refused(pilah("evaluate", "--model", model, "--data", reports, "--examples"), InputError)
    assert told == "--examples: has no page to stand on; expected --html"


def test_a_page_that_can_not_be_written_is_named(pilah: Pilah, reports: Path, model: Path, tmp_path: Path) -> None:
    page = tmp_path / "tiada" / "nilai.html"
    result = pilah("evaluate", "--model", model, "--data", reports, "--html", page, "--home", tmp_path)
    assert refused(result, DataError).startswith(f"{page}: can't be written")
