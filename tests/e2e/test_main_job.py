"""The main job, as three people do it: an export in, a model out, answers from a file and over HTTP."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from data.dataset import read_corpus


def pilah(home: Path, *words: str | Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pilah", *map(str, words)],
        env=os.environ | {"PILAH_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home whose model has learnt from an export, promoted."""
    home = tmp_path_factory.mktemp("pilah")
    with (home / "ekspor.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["nomor", "isi", "kategori", "instansi", "wilayah"])
        for one in read_corpus():
            writer.writerow([one.id, one.text, one.labels["topic"], one.labels["agency"], one.region])
    columns = ("nomor=id", "isi=text", "kategori=topic", "instansi=agency", "wilayah=region")
    mapping = [word for column in columns for word in ("--map", column)]
    pilah(home, "ingest", home / "ekspor.csv", "--out", home / "laporan.jsonl", *mapping)
    pilah(home, "train", "--data", home / "laporan.jsonl", "--out", home / "model")
    pilah(home, "models", "promote", home / "model")
    return home


def test_the_model_is_evaluated(home: Path) -> None:
    out = home / "nilai.json"
    pilah(home, "evaluate", "--model", home / "model", "--data", home / "laporan.jsonl", "--json", out)
    figures = json.loads(out.read_text("utf-8"))
    assert figures["rows"] == len(read_corpus())
    for target in ("topic", "agency"):
        assert figures[target]["accuracy"] > 0.9  # of what it has learnt from
        assert figures[target]["per_class"]
        assert not figures[target]["unresolved"]


def test_a_file_is_answered_in_order(home: Path) -> None:
    pilah(home, "predict", "--input", home / "laporan.jsonl", "--output", home / "jawaban.jsonl")
    answers = [json.loads(line) for line in (home / "jawaban.jsonl").read_text("utf-8").splitlines()]
    assert [answer["id"] for answer in answers] == [one.id for one in read_corpus()]


def test_the_service_answers_the_curl_line_that_it_prints(home: Path) -> None:
    service = subprocess.Popen(
        [sys.executable, "-m", "pilah", "serve", "--port", "0"],
        env=os.environ | {"PILAH_HOME": str(home), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert service.stdout
        line = next(line for line in service.stdout if line.startswith("curl"))
        answer = ask(line)
    finally:
        service.send_signal(signal.SIGTERM)
        service.communicate(timeout=30)
    assert answer["predictions"][0]["agency"]["code"] == "dinas-perhubungan"
    assert answer["predictions"][0]["evidence"]
    assert service.returncode in (0, -signal.SIGTERM)


def ask(curl: str) -> dict[str, Any]:
    """Send what a `curl` line would."""
    url, body = re.search(r"http://\S+", curl), re.search(r"-d '(.*)'", curl)
    headers = dict(header.split(": ", 1) for header in re.findall(r"-H '([^']+)'", curl))
    assert url
    assert body
    request = urllib.request.Request(url[0], body[1].encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as response:
        return dict(json.load(response))
