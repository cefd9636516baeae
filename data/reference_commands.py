"""The command `pilah reference`."""

from collections.abc import Iterable

import typer

from classifier.errors import DataError
from data.alerts import read_alert_tables
from data.gazetteer import read_aliases, read_gazetteer
from data.table_checks import unknown_places
from data.table_rows import Row
from data.tables import read_tables


def mount(app: typer.Typer) -> None:
    """Add the group `reference` to the command line."""
    group = typer.Typer(no_args_is_help=True, help="The reviewed tables of topics, agencies, places, kinds and alerts.")
    group.callback()(_group)  # keeps `check` a subcommand while it is the only one
    group.command("check")(check)
    app.add_typer(group, name="reference")


def check() -> None:
    """Check the reference tables; exit code 1 and every problem with its file and row if any is wrong."""
    try:
        tables = read_tables()
        gazetteer = read_gazetteer()
        place_names = read_aliases(gazetteer)
        alerts = read_alert_tables()
    except DataError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    problems = (*tables.problems, *unknown_places(tables.agencies, gazetteer), *alerts.problems)
    mains = sum("/" not in topic.code for topic in tables.topics)
    typer.echo(f"topics    {len(tables.topics)} ({mains} main topics, {_retired(tables.topics)} retired)")
    typer.echo(f"agencies  {len(tables.agencies)} ({_retired(tables.agencies)} retired)")
    typer.echo(f"places    {len(gazetteer)} ({len(place_names)} other names)")
    typer.echo(f"kinds     {len(tables.kinds)}")
    typer.echo(f"alerts    {len(alerts.rules)} ({len(alerts.lists)} lists)")
    typer.echo(f"version   {tables.version}")
    for problem in problems:
        typer.echo(str(problem), err=True)
    if problems:
        raise typer.Exit(1)
    typer.echo("consistent")


def _retired(rows: Iterable[Row]) -> int:
    return sum(bool(row.cells["valid_to"]) for row in rows)


def _group() -> None:
    """The reviewed tables of topics, agencies, places, kinds and alerts."""
