"""`pilah learning-curve`: what it writes, and what it refuses before anything is written."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from classifier.errors import InputError
from classifier.records import Complaint
from data.complaints import complaint_row
from data.dataset import read_corpus
from training import learning_curve_command


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Return a file of the corpus's complaints as somebody's own, topics in a column of their own."""
    reports = [
        Complaint(
            one.id, one.text, date=one.date, labels={"utama": one.labels["topic"], "agency": one.labels["agency"]}
        )
        for one in read_corpus()[:150]
    ]
    path = tmp_path / "laporan.jsonl"
    path.write_text("".join(json.dumps(complaint_row(one)) + "\n" for one in reports), "utf-8")
    return path


def run(own: Path, *words: str) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)  # keeps a single command's name on the command line
    learning_curve_command.mount(app)
    svg, figures = own.with_name("kurva.svg"), own.with_name("kurva.json")
    words = ("--data", str(own), "--svg", str(svg), "--json", str(figures), *words)
    return CliRunner().invoke(app, ["learning-curve", *words])


def few(topic_column: str) -> list[Complaint]:
    """Return a corpus that is learnt from in a moment."""
    rows = read_corpus()[600:750]
    return [replace(one, labels={**one.labels, topic_column: one.labels["topic"]}) for one in rows]


def test_table_figures_and_plot_are_written(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning_curve_command, "corpus_as", few)
    result = run(own, "--topic-column", "utama", "--sizes", "0,40,5000,all")
    assert result.exit_code == 0, result.exception
    figures = json.loads(own.with_name("kurva.json").read_text("utf-8"))
    sizes = [row["own"] for row in figures["with_corpus"]]
    assert sizes[:2] == [0, 40]
    assert len(sizes) == 3
    assert [row["own"] for row in figures["alone"]] == sizes[1:]
    assert all(f"{row['main']['value']:.3f}" in result.stdout for row in figures["with_corpus"])
    assert "Main topic" in own.with_name("kurva.svg").read_text("utf-8")
    assert sorted(path.name for path in own.parent.iterdir()) == ["kurva.json", "kurva.svg", "laporan.jsonl"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--topic-column", "topik"), "--topic-column: no complaint has the label 'topik'"),
        (("--topic-column", "utama", "--sizes", "semua"), "--sizes: has 'semua'"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(own: Path, words: tuple[str, ...], told: str) -> None:
    result = run(own, *words)
    assert isinstance(result.exception, InputError)
    assert str(result.exception).startswith(told)
    assert [path.name for path in own.parent.iterdir()] == ["laporan.jsonl"]
