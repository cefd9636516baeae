"""`pilah replay`: what it writes and shows."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import toy
import typer
from typer.testing import CliRunner

from data.complaints import complaint_row
from training import replay_command


def test_table_figures_and_plot_are_written(tmp_path: Path) -> None:
    rows = [
        replace(one, id=f"{one.id}-{word}", text=f"{one.text} {word}", date=toy.START + timedelta(days=31 * at))
        for at, word in enumerate(("pagi", "siang", "sore", "malam"))
        for one in toy.complaints()
    ]
    data, svg, figures = (tmp_path / name for name in ("laporan.jsonl", "putaran.svg", "putaran.json"))
    data.write_text("".join(json.dumps(complaint_row(one)) + "\n" for one in rows), "utf-8")
    app = typer.Typer()
    app.callback()(lambda: None)  # keeps a single command's name on the command line
    replay_command.mount(app)
    words = ("--data", data, "--taxonomy", "from-data", "--svg", svg, "--json", figures)
    result = CliRunner().invoke(app, ["replay", *map(str, words)], env={"COLUMNS": "160"})
    assert result.exit_code == 0, result.exception
    found = json.loads(figures.read_text("utf-8"))
    assert list(found["lines"]) == ["once", "reviewed", "all"]
    assert [month["month"] for month in found["lines"]["once"]] == ["2025-04", "all"]
    assert svg.read_text("utf-8").startswith("<svg")
    assert "the doubtful tenth reviewed" in result.stdout
    assert f"{found['lines']['once'][0]['accuracy']['topic']:.3f}" in result.stdout
