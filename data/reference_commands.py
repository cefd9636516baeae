"""The command `pilah reference`."""

import typer

from classifier.errors import DataError
from data.tables import read_tables


def mount(app: typer.Typer) -> None:
    """Add the group `reference` to the command line."""
    group = typer.Typer(no_args_is_help=True, help="The reviewed tables of topics, agencies and kinds.")
    group.callback()(_group)  # keeps `check` a subcommand while it is the only one
    group.command("check")(check)
    app.add_typer(group, name="reference")


def check() -> None:
    """Check the reference tables; exit code 1 and every problem with its file and row if any is wrong."""
    try:
        tables = read_tables()
    except DataError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    mains = sum("/" not in topic.code for topic in tables.topics)
    typer.echo(f"topics    {len(tables.topics)} ({mains} main topics)")
    typer.echo(f"agencies  {len(tables.agencies)}")
    typer.echo(f"kinds     {len(tables.kinds)}")
    typer.echo(f"version   {tables.version}")
    for problem in tables.problems:
        typer.echo(str(problem), err=True)
    if tables.problems:
        raise typer.Exit(1)
    typer.echo("consistent")


def _group() -> None:
    """The reviewed tables of topics, agencies and kinds."""
