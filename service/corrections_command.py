"""`pilah corrections`."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Column, Table

from classifier.agencies import AgencyTable
from classifier.errors import InputError
from data.complaints import JAKARTA, complaint_row, replace_when_done
from data.dispositions import Dispositions, Imported, read_dispositions
from data.gazetteer import read_places
from data.store.corrections import Corrections, Learnt
from data.store.database import Store
from data.store.keys import Keys
from data.store.reach import EVERYTHING
from data.store.standing import Correction
from data.tables import read_agencies, read_taxonomy, read_written
from service.opening import open_store
from service.settings import Settings

SHOWN = 20  # labels that are not known
TARGETS = ("topic", "agency", "place", "kind")


def mount(app: typer.Typer) -> None:
    """Add the `corrections` commands to `app`."""
    corrections = typer.Typer(no_args_is_help=True, help="What people said of reports: list, export, import.")
    app.add_typer(corrections, name="corrections")
    corrections.command("list")(list_corrections)
    corrections.command("export")(export)
    corrections.command("import")(import_dispositions)


def list_corrections(
    since: Annotated[int, typer.Option(min=0, help="Those with a larger id.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 100,
) -> None:
    """List corrections, oldest first, without texts and reasons."""
    with open_store(Settings.load()) as store:
        found = Corrections(store).since(since, limit, EVERYTHING)
    table = Table("id", "made", "report", "by", "verdict", Column("labels", overflow="fold"), box=None)
    for one in found:
        table.add_row(*_shown(one))
    Console().print(table)


def export(out: Annotated[Path, typer.Argument(help="The .jsonl file to write.")]) -> None:
    """Write the reports that people decided as complaints with the labels that hold, to train on.

    Reports that are `rahasia` and those whose text is erased are left out.
    """
    if out.suffix.lower() != ".jsonl":
        raise InputError("OUT", f"has the suffix {out.suffix!r}", "a .jsonl file")
    written = 0
    with open_store(Settings.load()) as store, replace_when_done(out) as file:
        for row in _rows(store, read_agencies(read_places())):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            written += 1
    typer.echo(f"{written:,} decided reports: {out}")


def import_dispositions(
    file: Annotated[Path, typer.Argument(help="A later SP4N export, a .jsonl with id and labels, or any table.")],
    key: Annotated[int, typer.Option(help="Whose ids they are: a key, as `pilah keys list` shows it.")],
    taxonomy: Annotated[
        Literal["national", "from-data"], typer.Option(help="What labels mean, as for training.")
    ] = "national",
    columns: Annotated[list[str] | None, typer.Option("--map", help="column=field, for any other table.")] = None,
) -> None:
    """Take the final dispositions of reports already seen as corrections; what was taken before is left as it is."""
    now = datetime.now(JAKARTA)
    disposed, unread = read_dispositions(file, now, columns or ())
    with open_store(Settings.load()) as store:
        if all(one.id != key for one in Keys(store).list()):
            raise InputError("--key", f"no key has the id {key}", "an id from `pilah keys list`")
        known = read_taxonomy() if taxonomy == "national" else read_written()
        rows = track(disposed, file.name, console=Console(stderr=True), transient=True)
        done = Dispositions(store, known).take(key, rows, now)
    _report(done, unread)


def _rows(store: Store, table: AgencyTable) -> Iterator[dict[str, Any]]:
    for one in Corrections(store).learnt():
        if one.complaint.visibility != "rahasia":
            yield complaint_row(one.complaint) | _named(one, table) | {"agreed": one.agreed}


def _named(one: Learnt, table: AgencyTable) -> dict[str, str]:
    """Return the agency by its name, which training reads; a label as the data have it is one already."""
    code = one.complaint.labels.get("agency", "")
    try:
        return {"agency": table.body(code, (one.complaint.date or one.made).date()).name}
    except InputError:
        return {}


def _shown(one: Correction) -> Iterator[str]:
    labels = [f"{target} {code}" for target in TARGETS if (code := getattr(one, target))]
    by, verdict = one.key or one.source, f"{one.verdict} (withdrawn)" if one.withdrawn else one.verdict
    made = one.made.astimezone(JAKARTA).strftime("%Y-%m-%d %H:%M")
    yield from (str(one.id), made, f"{one.report} {escape(one.complaint_id)}", escape(by), verdict)
    yield escape(", ".join(labels))


def _report(done: Imported, unread: int) -> None:
    table = Table("", "rows", box=None)
    for outcome, rows in done.rows.most_common():
        table.add_row(outcome, f"{rows:,}")
    if unread:
        table.add_row("not read", f"{unread:,}")
    console = Console()
    console.print(table)
    for label, rows in done.unresolved.most_common(SHOWN):
        console.print(f"not in the reference ({rows}): {label}", markup=False, highlight=False, soft_wrap=True)
