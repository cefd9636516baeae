"""`pilah store`: what is done to the database as a whole, and to single reports in it."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from classifier.errors import InputError
from classifier.redact import redact
from data.complaints import JAKARTA, replace_when_done
from data.store.backup import backup, restore
from data.store.erasure import Erasure
from data.store.track import Track
from service.opening import open_store
from service.settings import Settings


def mount(app: typer.Typer) -> None:
    """Add the `store` commands to `app`."""
    store = typer.Typer(no_args_is_help=True, help="The database: back up, restore, erase.")
    app.add_typer(store, name="store")
    store.command("backup")(back_up)
    store.command("restore")(restore_backup)
    store.command("erase")(erase)
    store.command("retain")(retain)
    store.command("erasures")(list_erasures)


def back_up(file: Annotated[Path, typer.Argument(help="The .zip file to write; an older one is replaced.")]) -> None:
    """Write all that the database holds into one file, while the service runs."""
    with open_store(Settings.load()) as store, _progress() as track:
        rows = backup(store, file, datetime.now(JAKARTA), track)
    typer.echo(f"{file}: {_counted(rows)}")


def restore_backup(
    file: Annotated[Path, typer.Argument(help="A file that `pilah store backup` made.")],
    erasures: Annotated[
        Path | None, typer.Option(help="A later list by `pilah store erasures`: what it names is erased again.")
    ] = None,
) -> None:
    """Fill an empty database, SQLite or PostgreSQL, from a backup of either; all of it or nothing."""
    with open_store(Settings.load()) as store, _progress() as track:
        rows = restore(store, file, erasures, track)
        typer.echo(f"{store.name}: {_counted(rows)}")


def erase(
    report: Annotated[str, typer.Argument(help="The number of the report, or with --key the id that was sent.")],
    reason: Annotated[str, typer.Option(help="Why; kept, with personal numbers masked.")],
    key: Annotated[int | None, typer.Option(help="The key that sent it, as `pilah keys list` shows it.")] = None,
) -> None:
    """Erase the text of a report for good; that it was, what was answered and what was corrected stays."""
    with open_store(Settings.load()) as store, _progress() as track:
        erasure = Erasure(store)
        number = _number(report) if key is None else erasure.find(key, report)
        stone = erasure.erase(number, None, redact(reason).text, datetime.now(JAKARTA))
        _overwrite(erasure, track)
    since = stone.made.astimezone(JAKARTA)
    typer.echo(f"Report {stone.report} ({stone.complaint_id}) is erased since {since:%Y-%m-%d %H:%M}.")


def retain(
    days: Annotated[int, typer.Option(min=0, max=36_500, help="Texts of reports last answered before that go.")],
) -> None:
    """Erase the texts of reports that were last answered so many days ago."""
    now = datetime.now(JAKARTA)
    with open_store(Settings.load()) as store, _progress() as track:
        erasure = Erasure(store)
        count = sum(track(erasure.retain(now - timedelta(days=days), now), None, "batches"))
        _overwrite(erasure, track)
    typer.echo(f"The texts of {count:,} reports are erased.")


def list_erasures(file: Annotated[Path, typer.Argument(help="The .jsonl file to write.")]) -> None:
    """List what was erased, without any text, for `pilah store restore --erasures`."""
    with open_store(Settings.load()) as store, replace_when_done(file) as lines:
        stones = [json.dumps(stone, ensure_ascii=False) for stone in Erasure(store).tombstones()]
        lines.writelines(f"{stone}\n" for stone in stones)
    typer.echo(f"{file}: {len(stones):,} erased reports")


def _number(report: str) -> int:
    if not report.isascii() or not report.isdecimal() or len(report) > 18:
        raise InputError("REPORT", "is no number", "the number of a report, or its id and --key")
    return int(report)


def _overwrite(erasure: Erasure, track: Track) -> None:
    for _ in track(erasure.overwrite(), None, "overwrite"):
        pass


def _counted(rows: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {table}" for table, count in rows.items())


@contextmanager
def _progress() -> Iterator[Track]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:

        def track(things: Iterable[Any], total: int | None, name: str) -> Iterable[Any]:
            return progress.track(things, total=total, description=name)

        yield track
