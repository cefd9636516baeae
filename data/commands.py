"""Commands about data."""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from data.complaints import JAKARTA, replace_when_done
from data.ingest import Summary, ingest, rejected_path
from data.sheets import Row


def mount(app: typer.Typer) -> None:
    """Add the commands of this package to the command line."""
    app.command("ingest")(ingest_command)


def ingest_command(
    export: Annotated[Path, typer.Argument(help="An SP4N Laporan Ringkas, or any .xlsx .csv .tsv .jsonl .parquet.")],
    out: Annotated[Path, typer.Option(help="The .jsonl file to write.")],
    columns: Annotated[list[str] | None, typer.Option("--map", help="column=field, for any other table.")] = None,
    sheet: Annotated[str | None, typer.Option(help="The sheet of a workbook; the first, if not given.")] = None,
    encoding: Annotated[str | None, typer.Option(help="The encoding of a text file; found out, if not given.")] = None,
    report: Annotated[Path | None, typer.Option(help="Also write the counts to this .json file.")] = None,
) -> None:
    """Turn an export into complaints, with personal numbers masked; say what was dropped and why.

    Map columns to id, text, title, region, date, channel, visibility, topic, agency, kind or any label of your own.
    Several columns mapped to one field are joined. Rows that are not kept are written beside the output.
    """
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as progress:

        def track(rows: Iterable[Row], size: int | None) -> Iterable[Row]:
            return progress.track(rows, total=size, description=export.name)

        now = datetime.now(JAKARTA)
        summary = ingest(export, out, now=now, columns=columns or (), sheet=sheet, encoding=encoding, track=track)
    if report is not None:
        with replace_when_done(report) as file:
            json.dump(summary.as_dict(), file, ensure_ascii=False, indent=2)
    _show(summary, out)


def _show(summary: Summary, out: Path) -> None:
    table = Table("", "rows", title=f"{summary.layout}{f', {summary.encoding}' if summary.encoding else ''}")
    table.add_row("read", str(summary.rows))
    table.add_row("kept", str(summary.kept))
    for name, counts in (("dropped", summary.dropped), ("duplicate", summary.duplicates)):
        for reason, count in counts.most_common():
            table.add_row(escape(f"{name}: {reason}"), str(count))
    if summary.unrouted:
        table.add_row("archived, postponed or unverified: kept without agency", str(summary.unrouted))
    table.add_section()
    for name, counts in (("labelled with", summary.labelled), ("masked", summary.masked)):
        for what, count in counts.most_common():
            table.add_row(escape(f"{name} {what}"), str(count))
    console = Console()
    console.print(table)
    for note in _notes(summary, out):
        console.print(note, soft_wrap=True, markup=False, highlight=False)


def _notes(summary: Summary, out: Path) -> list[str]:
    notes = [f"Complaints: {out}"]
    if summary.kept < summary.rows:
        notes.append(f"Rows not kept, and why: {rejected_path(out)}")
    if summary.made_ids:
        notes.append("No column is mapped to id: ids were made from the file's name and the row.")
    if summary.absent_columns:
        notes.append("Columns that the export does not have: " + ", ".join(summary.absent_columns))
    return notes
