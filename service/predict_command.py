"""`pilah predict`."""

import gc
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from classifier.errors import DataError, InputError, RegistryError
from data.complaints import JAKARTA, read_complaints
from models import bundle
from models.registry import Registry
from service.batch import Summary, Track, predict_file, predict_stream
from service.partial import partial_path
from service.settings import Settings

STREAM = "-"
INTERRUPTED = 130  # 128 + SIGINT, as shells say it


def predict(
    model: Annotated[Path | None, typer.Option(help="Folder of a bundle; left out, the registry's active one.")] = None,
    source: Annotated[str, typer.Option("--input", help="JSONL or .parquet file of complaints; - reads JSONL.")] = "-",
    output: Annotated[str, typer.Option(help="JSONL or .parquet file to write; - writes JSONL.")] = "-",
    evidence: Annotated[bool, typer.Option("--evidence", help="Say which words spoke most for the answers.")] = False,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of complaints without a date; else today.")
    ] = None,
) -> None:
    """Answer a file of complaints: same order, same count.

    The answers gather in OUTPUT.partial, and OUTPUT appears when all are there. A run that was cut (Ctrl-C, power, full
    disk) goes on where it stopped when the same command is given again.

    A bad row stops the run with its number; the answers to the rows before it are kept. Correct the row and give the
    same command again. Whatever ends in .parquet is parquet, everything else JSONL.
    """
    target = None if output == STREAM else _target(output, source)
    classifier = bundle.load(_folder(model)).classifier
    gc.freeze()  # the model lives to the end: looking through it again and again would take a tenth of the time
    now = datetime.now(JAKARTA)
    complaints, day = read_complaints(source, now=now), on.date() if on else None
    begun = time.perf_counter()
    with _explaining(target), _counting() as track:
        if target is None:
            with _standard_output() as out:
                done = predict_stream(classifier, complaints, out, evidence=evidence, on=day or now.date(), track=track)
        else:
            done = predict_file(
                classifier, complaints, target, evidence=evidence, on=day, today=now.date(), track=track
            )
    typer.echo(_summary(done, time.perf_counter() - begun), err=True)


def _target(output: str, source: str) -> Path:
    """Return the file to write; InputError for one that must not be replaced."""
    path = Path(os.path.realpath(output))  # a link stays one: what it points at is replaced
    if path.exists() and not path.is_file():
        raise InputError("--output", f"{output} is no file", "a file to write, or - for standard output")
    if not path.parent.is_dir():
        raise InputError("--output", f"there is no folder {path.parent}", "a file in an existing folder")
    if source != STREAM and path.exists() and Path(source).exists() and path.samefile(source):
        raise InputError("--output", f"{output} is the input", "another file")
    return path


def _folder(model: Path | None) -> Path:
    settings = Settings.load()
    if folder := model or settings.model:
        return folder
    registry = Registry(settings.home)
    if (active := registry.active()) is None:
        raise RegistryError("no bundle is active; expected --model DIR, or `pilah models promote DIR` before")
    return registry.path(active)


@contextmanager
def _standard_output() -> Iterator[IO[bytes]]:
    try:
        yield sys.stdout.buffer
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python tries once more when it ends
        if isinstance(error, BrokenPipeError):  # whoever reads has had enough, as `head`
            raise typer.Exit(1) from None
        raise DataError("standard output", f"can't be written ({error.strerror})", "a disk with room") from error


@contextmanager
def _counting() -> Iterator[Track]:
    """Show rows and rows a second while a person looks on."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.completed:,} rows, {task.fields[speed]}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("predict", total=None, speed="")

        def track(rows: int) -> None:
            progress.advance(task, rows)
            speed = progress.tasks[0].speed
            progress.update(task, speed=f"{speed:,.0f} a second" if speed else "")

        yield track


@contextmanager
def _explaining(target: Path | None) -> Iterator[None]:
    """Say where the answers are when a run stops early."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("Stopped.", err=True)
        _say_what_is_kept(target)
        raise typer.Exit(INTERRUPTED) from None
    except DataError:
        _say_what_is_kept(target)
        raise


def _say_what_is_kept(target: Path | None) -> None:
    if target is not None and partial_path(target).exists():
        typer.echo(f"{partial_path(target)} keeps the answers so far; the same command goes on from there.", err=True)


def _summary(done: Summary, seconds: float) -> str:
    new = done.rows - done.earlier
    earlier = f" ({done.earlier:,} answered by an earlier run)" if done.earlier else ""
    share = f"{done.routed / done.rows:.1%}" if done.rows else "none"
    return f"{done.rows:,} rows{earlier}, {seconds:.1f} s, {new / seconds:,.0f} texts a second, {share} to route"
