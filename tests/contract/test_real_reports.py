"""Nothing of the real reports stands in a tracked file.

Runs of words are kept as hashes only, so that a failing test prints none. The names of agencies and topics are facts,
which may be carried over.
"""

import hashlib
import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

RUN = 6  # words
SET_PHRASE = 3  # reports; what stands in so many is everybody's phrase
BINARY = (".png", ".gz", ".xz", ".zst")
NAMES = ("data/reference/agencies.csv", "data/reference/topics.csv", "tests/unit/classifier/agency_names_2017.csv")


@pytest.fixture(scope="module")
def rare_runs(shared: Path) -> frozenset[bytes]:
    reports: Counter[bytes] = Counter()
    for path in (shared / "complaints").rglob("*.jsonl"):
        for line in path.read_text("utf-8").splitlines():
            report = json.loads(line)
            reports.update(set(runs(f"{report.get('title') or ''} {report['text']}")))
    return frozenset(run for run, count in reports.items() if count < SET_PHRASE)


def test_no_tracked_line_shares_six_words_with_a_real_report(rare_runs: frozenset[bytes], root: Path) -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    paths = [root / name for name in tracked if name and not name.endswith((*BINARY, *NAMES))]
    shared_lines = [
        f"{path.relative_to(root)}:{number}"
        for path in paths
        if path.is_file()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if not rare_runs.isdisjoint(runs(line))
    ]
    assert not shared_lines


def runs(text: str) -> Iterator[bytes]:
    words = re.findall(r"[a-z0-9]+", text.lower())
    for at in range(len(words) - RUN + 1):
        yield hashlib.blake2b(" ".join(words[at : at + RUN]).encode(), digest_size=8).digest()
