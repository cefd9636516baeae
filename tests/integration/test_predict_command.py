"""`pilah predict` with a trained bundle, in processes of its own where a signal or the disk matters."""

import json
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import Result
from typer.testing import CliRunner

import pilah
from classifier.errors import BundleError, DataError, InputError, RegistryError

ROOT = Path(__file__).parents[2]
ROWS = 2_300
TEXTS = (
    "Lampu di Jalan Kenanga Contoh padam sejak tiga malam, mohon diperbaiki.",
    "Air keran keruh — sudah seminggu. Hubungi 0812-0000-1111.",
    "Sampah di ujung gang belum diangkut",
    "Petugas loket minta uang untuk surat yang gratis!",
)

Predict = Callable[..., Result]
Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two small bundles that answer differently."""
    folder = tmp_path_factory.mktemp("bundles")
    for name, topics in (("satu", ("jalan", "air", "sampah", "loket")), ("dua", ("lampu", "pipa", "gang", "surat"))):
        data = [
            {"id": str(n), "text": f"{TEXTS[n % 4]} Nomor {n}", "topic": topics[n % 4], "agency": "Dinas Contoh"}
            for n in range(40)
        ]
        write(folder / f"{name}.jsonl", data)
        arguments = ["train", "--taxonomy", "from-data", "--data", f"{folder / name}.jsonl", "--out", folder / name]
        trained = CliRunner().invoke(pilah.app, list(map(str, arguments)), env={"PILAH_HOME": str(folder / "var")})
        assert trained.exit_code == 0, trained.output
    return {name: folder / name for name in ("satu", "dua")}


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def complaints(count: int) -> list[dict[str, Any]]:
    return [{"id": f"uji-{n}", "text": f"{TEXTS[n % 4]} RT {n % 7}", "region": "Kota Contoh"} for n in range(count)]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write(tmp_path / "masuk.jsonl", complaints(ROWS))


@pytest.fixture
def predict(bundles: dict[str, Path], tmp_path: Path) -> Predict:
    """Run the command in this process; the model may be left out."""

    def predict(*arguments: object, model: str | None = "satu", **more: Any) -> Result:
        chosen = ["--model", str(bundles.get(model, model))] if model else []
        environment = {"PILAH_HOME": str(tmp_path / "var")}
        return CliRunner().invoke(pilah.app, ["predict", *chosen, *map(str, arguments)], env=environment, **more)

    return predict


@pytest.fixture
def start(bundles: dict[str, Path]) -> Start:
    """Begin the command in a process of its own."""

    def start(*arguments: object, **options: Any) -> "subprocess.Popen[bytes]":
        command = [sys.executable, ROOT / "pilah.py", "predict", "--model", bundles["satu"], *arguments]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        heeded = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # who runs the tests may have it ignored
        return subprocess.Popen(list(map(str, command)), **({"preexec_fn": heeded} | pipes | options))

    return start


def ended(process: "subprocess.Popen[bytes]") -> tuple[int, str]:
    """Return exit status and what was said on stderr."""
    said = process.communicate(timeout=60)[1].decode()
    return process.returncode, " ".join(said.split())


def read(output: Path) -> list[dict[str, Any]]:
    if output.suffix == ".parquet":
        return [json.loads(row) for row in pq.read_table(output)["prediction"].to_pylist()]
    return [json.loads(line) for line in output.read_text("utf-8").splitlines()]


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def cut_after_first_batches(
    process: "subprocess.Popen[bytes]", source: Path, output: Path, sent: signal.Signals
) -> None:
    """Give a process all rows but no end, so that it waits; send the signal once its whole batches are safe."""
    assert process.stdin is not None
    process.stdin.write(source.read_bytes())
    process.stdin.flush()
    checkpoint = output.with_name(f"{output.name}.partial.json")
    until(lambda: checkpoint.exists() and json.loads(checkpoint.read_text())["rows"] == 2_000)
    process.send_signal(sent)


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
@pytest.mark.parametrize("beginning", ["jsonl", "parquet"])
def test_every_format_keeps_order_and_count(
    predict: Predict, source: Path, tmp_path: Path, beginning: str, ending: str
) -> None:
    if beginning == "parquet":
        rows = [json.loads(line) for line in source.read_text("utf-8").splitlines()]
        source = tmp_path / "masuk.parquet"
        pq.write_table(pa.Table.from_pylist(rows), source)
    output = tmp_path / f"jawaban.{ending}"
    result = predict("--input", source, "--output", output)
    assert result.exit_code == 0, result.output
    found = read(output)
    assert [one["id"] for one in found] == [f"uji-{n}" for n in range(ROWS)]
    assert [one["topic"]["code"] for one in found[:4]] == ["jalan", "air", "sampah", "loket"]
    assert f"{ROWS:,} rows" in result.stderr
    assert "texts a second" in result.stderr
    assert sorted(tmp_path.iterdir()) == sorted({source, tmp_path / "masuk.jsonl", output})


def test_standard_input_goes_to_standard_output(predict: Predict, source: Path, tmp_path: Path) -> None:
    predict("--input", source, "--output", tmp_path / "jawaban.jsonl")
    result = predict(input=source.read_bytes())
    assert result.stdout_bytes == (tmp_path / "jawaban.jsonl").read_bytes()


def test_evidence_is_said_on_demand(predict: Predict, source: Path) -> None:
    first = json.loads(predict("--input", source).stdout.splitlines()[0])
    assert first["evidence"] == []
    first = json.loads(predict("--input", source, "--evidence").stdout.splitlines()[0])
    assert first["evidence"][0]["text"] in TEXTS[0]


@pytest.mark.parametrize("name", ["kosong.jsonl", "kosong.parquet"])
def test_an_empty_input_makes_an_empty_output(predict: Predict, tmp_path: Path, name: str) -> None:
    source = write(tmp_path / "masuk.jsonl", [])
    result = predict("--input", source, "--output", tmp_path / name)
    assert result.exit_code == 0
    assert "0 rows" in result.stderr
    assert read(tmp_path / name) == []


@pytest.mark.parametrize("name", ["jawaban.jsonl", "jawaban.parquet"])
def test_a_killed_run_goes_on_and_ends_the_same(
    predict: Predict, start: Start, source: Path, tmp_path: Path, name: str
) -> None:
    predict("--input", source, "--output", tmp_path / f"utuh-{name}")
    output = tmp_path / name
    process = start("--output", output)
    cut_after_first_batches(process, source, output, signal.SIGKILL)
    ended(process)
    with (tmp_path / f"{name}.partial").open("ab") as file:
        file.write(b'{"id": "uji-2000", "mod')  # as a kill within a write leaves it
    result = predict("--input", source, "--output", output)
    assert "2,300 rows (2,000 answered by an earlier run)" in result.stderr
    assert read(output) == read(tmp_path / f"utuh-{name}")
    assert not list(tmp_path.glob("*.partial*"))


def test_ctrl_c_says_how_to_go_on(predict: Predict, start: Start, source: Path, tmp_path: Path) -> None:
    output = tmp_path / "jawaban.jsonl"
    process = start("--output", output)
    cut_after_first_batches(process, source, output, signal.SIGINT)
    status, said = ended(process)
    assert status == 130
    assert f"{output}.partial keeps the answers so far; the same command goes on from there." in said
    assert "Traceback" not in said
    assert predict("--input", source, "--output", output).exit_code == 0
    assert len(read(output)) == ROWS


@pytest.mark.parametrize("name", ["jawaban.jsonl", "jawaban.parquet"])
def test_a_full_disk_is_told_and_the_run_goes_on(
    predict: Predict, start: Start, source: Path, tmp_path: Path, name: str
) -> None:
    predict("--input", source, "--output", tmp_path / f"utuh-{name}")
    output, limit = tmp_path / name, 1_500_000  # bytes: enough for the first batch, not for all
    process = start(
        "--input",
        source,
        "--output",
        output,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    status, said = ended(process)
    assert status == 2
    assert (
        f"{output}: can't be written (File too large); expected an existing, writable folder with enough room" in said
    )
    assert "the same command goes on from there" in said
    result = predict("--input", source, "--output", output)
    assert "answered by an earlier run" in result.stderr
    assert read(output) == read(tmp_path / f"utuh-{name}")


def test_full_standard_output_is_told(start: Start, source: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        status, said = ended(start("--input", source, stdout=full))
    assert status == 2
    assert "standard output: can't be written (No space left on device)" in said
    assert "Traceback" not in said


def test_a_reader_that_has_had_enough_is_no_failure_to_explain(start: Start, source: Path) -> None:
    process = start("--input", source)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    said = process.stderr.read()
    process.stderr.close()
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(timeout=60) == 1
    assert said == b""


def test_a_bad_row_is_named_and_can_be_corrected(predict: Predict, start: Start, tmp_path: Path) -> None:
    rows = complaints(8)
    source, output = (
        write(tmp_path / "masuk.jsonl", [*rows[:5], rows[5] | {"text": " "}, *rows[6:]]),
        tmp_path / "j.jsonl",
    )
    status, said = ended(start("--input", source, "--output", output))
    assert status == 2
    assert f"{source}, row 6, column 'text': is empty" in said
    assert "the same command goes on from there" in said
    assert not output.exists()
    write(source, rows)
    assert "8 rows (5 answered by an earlier run)" in predict("--input", source, "--output", output).stderr
    assert [one["id"] for one in read(output)] == [row["id"] for row in rows]


def test_a_bad_row_of_standard_input_is_named(predict: Predict) -> None:
    refused = predict(input=b'{"id": "a", "text": "Air keruh"}\n{"id": "b"}\n').exception
    assert str(refused) == "standard input, row 2, column 'text': is missing; expected what the citizen wrote"


def test_another_model_or_changed_rows_are_refused(predict: Predict, tmp_path: Path) -> None:
    rows = complaints(8)
    source, output = write(tmp_path / "masuk.jsonl", [*rows[:5], {"id": "x"}]), tmp_path / "jawaban.jsonl"
    assert isinstance(predict("--input", source, "--output", output).exception, DataError)
    write(source, rows)
    refused = predict("--input", source, "--output", output, model="dua").exception
    assert isinstance(refused, InputError)
    assert "was begun with model" in str(refused)
    write(source, [rows[0] | {"text": "Teks lain"}, *rows[1:]])
    refused = predict("--input", source, "--output", output).exception
    assert isinstance(refused, InputError)
    assert "the 5 rows answered before have changed" in str(refused)
    assert len(read(tmp_path / "jawaban.jsonl.partial")) == 5


def test_the_active_bundle_answers_where_no_model_is_named(
    predict: Predict, bundles: dict[str, Path], source: Path, tmp_path: Path
) -> None:
    missing = predict("--input", source, model=None).exception
    assert isinstance(missing, RegistryError)
    assert "--model DIR" in str(missing)
    home = {"PILAH_HOME": str(tmp_path / "var")}
    CliRunner().invoke(pilah.app, ["models", "promote", str(bundles["dua"])], env=home)
    assert json.loads(predict("--input", source, model=None).stdout.splitlines()[0])["topic"]["code"] == "lampu"


def test_wrong_options_are_refused_before_anything_is_made(predict: Predict, source: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    for arguments, model, error, told in (
        (("--input", source), "tidak-ada", BundleError, "is no folder"),
        (("--input", source, "--output", tmp_path / "ada" / "j.jsonl"), "satu", InputError, "there is no folder"),
        (("--input", source, "--output", tmp_path), "satu", InputError, "is no file"),
        (("--input", source, "--output", "/dev/null"), "satu", InputError, "- for standard output"),
        (("--input", source, "--output", source), "satu", InputError, "is the input"),
        (("--input", tmp_path / "x.jsonl", "--output", tmp_path / "j.jsonl"), "satu", DataError, "can't be read"),
    ):
        refused = predict(*arguments, model=model).exception
        assert isinstance(refused, error)
        assert told in str(refused)
    assert predict("--input", source, "--on", "kemarin").exit_code == 2
    assert sorted(tmp_path.iterdir()) == before


def test_a_file_that_can_be_written_replaces_what_a_link_points_at(
    predict: Predict, source: Path, tmp_path: Path
) -> None:
    (tmp_path / "lama.jsonl").write_text("lama\n")
    (tmp_path / "tautan.jsonl").symlink_to("lama.jsonl")
    assert predict("--input", source, "--output", tmp_path / "tautan.jsonl", "--on", "2025-03-01").exit_code == 0
    assert (tmp_path / "tautan.jsonl").is_symlink()
    assert len(read(tmp_path / "lama.jsonl")) == ROWS
