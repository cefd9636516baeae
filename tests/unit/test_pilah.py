"""The command line as a whole: what it refuses before any command runs, and what it costs to start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def pilah(root: Path, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PILAH_") and name != "COLUMNS"}
    command = [sys.executable, root / "pilah.py", *words]
    return subprocess.run(command, env=kept | environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("words", [("reference", "check"), ("models", "list"), ("train", "--out", "x")])
def test_an_unknown_setting_is_refused_by_every_command(root: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    done = pilah(root, *words, PILAH_HOMES=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.startswith(
        "pilah: PILAH_HOMES: unknown setting; expected PILAH_HOME, perhaps; all are PILAH_HOME"
    )
    assert not done.stdout


def test_the_command_line_starts_without_what_only_training_needs(root: Path) -> None:
    script = "import sys, pilah; print(sorted({'sklearn', 'datasketch', 'pyarrow', 'torch'} & set(sys.modules)))"
    started = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert started.stdout.strip() == "[]"
