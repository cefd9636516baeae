"""The command line: mounts the commands of the packages, nothing more."""

import os
import sys

import typer
from rich.console import Console

import data.commands
import data.reference_commands
import models.commands
import service.commands
import training.audit_command
import training.commands
import training.encoder_commands
import training.learning_curve_command
import training.monitor_command
import training.promote_command
import training.replay_command
import training.retrain_command
from classifier.errors import PilahError
from service.settings import refuse_unknown

WIDE = "160"  # columns of a table where no terminal says how wide it may be, as in a CI log

app = typer.Typer(
    name="pilah",
    help="Sorts citizens' complaints in Indonesian: topic, responsible agency, how sure and why.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # they would show citizens' texts
)
data.commands.mount(app)
training.commands.mount(app)
training.encoder_commands.mount(app)
training.learning_curve_command.mount(app)
training.audit_command.mount(app)
training.retrain_command.mount(app)
training.monitor_command.mount(app)
training.replay_command.mount(app)
training.promote_command.mount(models.commands.mount(app))
service.commands.mount(app)
data.reference_commands.mount(app)


def main() -> None:
    """Run the command line; a deliberate error becomes one line on stderr and exit code 2."""
    if not any(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr) if stream):
        os.environ.setdefault("COLUMNS", WIDE)
    try:
        refuse_unknown()
        app()
    except PilahError as error:
        Console(stderr=True).print(f"pilah: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
