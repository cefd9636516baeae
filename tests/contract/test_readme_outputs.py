"""The outputs that the README shows are those of the commands above them."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

FRACTION = re.compile(r"\d\.\d{3}")  # the last digits of a fit differ from one machine to another
POINTS = re.compile(r"[+-]\d+\.\d")
BUNDLE = re.compile(r"\d{8}-[0-9a-f]{8}")


def shown(readme: str) -> Iterator[tuple[str, str]]:
    """Yield the commands of console blocks with the output below each, where there is one."""
    for block in re.findall(r"^```console\n(.*?)^```", readme, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            if output.strip():
                yield command, output


def same(written: str) -> list[str]:
    """Return the lines of an output without what may differ; titles are centred, so blanks at both ends go."""
    written = BUNDLE.sub("BUNDLE", POINTS.sub("+#.#", FRACTION.sub("0.###", written)))
    return [line.strip() for line in written.splitlines() if line.strip()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    found = tmp_path_factory.mktemp("readme")
    (found / "data").symlink_to(root / "data")
    return found


@pytest.mark.parametrize("command", ["pilah ingest", "pilah train", "pilah evaluate", "pilah models promote var/more"])
def test_the_output_of_a_command_is_what_it_prints(command: str, folder: Path, root: Path) -> None:
    """Each case runs the commands up to its own, so that they pass in any order."""
    for line, output in shown((root / "README.md").read_text("utf-8")):
        if line.startswith("cat "):
            (folder / line.split()[1]).write_text(output, "utf-8")
            continue
        printed = run(line, folder, root)
        if line.startswith(command):
            part, cut, _ = output.partition("\n...")
            assert same(printed)[: len(same(part)) if cut else None] == same(part)
            return
    pytest.fail(f"the README shows no output of {command}")


def run(line: str, folder: Path, root: Path) -> str:
    environment = os.environ | {"PYTHONPATH": str(root), "PILAH_HOME": str(folder / "var"), "COLUMNS": "160"}
    words = [sys.executable, str(root / "pilah.py"), *line.removeprefix("pilah ").split()]
    done = subprocess.run(
        words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True
    )
    return done.stdout
