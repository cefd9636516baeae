"""`pilah models promote`: the gate, and then the registry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from classifier.errors import InputError
from classifier.records import Target
from models.commands import HOME, Home, Reason
from models.registry import Registry
from models.row_hashes import row_key

if TYPE_CHECKING:
    from training.gate import Comparison, Standing
    from training.trial import Trial

REFUSED = 1  # the exit code of a refusal; bad input has 2
WORN = "Rows used so often tell less each time: what was promoted fits them."
MANY_USES = 10  # of the same rows; see Dwork et al., The reusable holdout, Science 349 (2015)


def mount(models: typer.Typer) -> None:
    """Add `promote` to the `models` commands."""
    models.command("promote")(promote_command)


def promote_command(
    target: Annotated[str, typer.Argument(help="An id, or the folder of a bundle to publish first.")],
    test: Annotated[
        Path | None,
        typer.Option(help="Labelled complaints to compare on, .jsonl or .parquet; frozen for later promotions."),
    ] = None,
    force: Annotated[
        str | None, typer.Option(metavar="REASON", help="Promote in spite of the gate, for this reason.")
    ] = None,
    reason: Reason = "",
    home: Home = HOME,
) -> None:
    """Let a bundle serve from now on, if it is no worse than the active one on the frozen test rows."""
    from training.trial import hold  # scikit-learn takes longer to import than all other commands need

    why = _reason(reason, force)
    registry, told = Registry(home), Console(stderr=True)
    name = registry.publish(Path(target)) if Path(target).is_dir() else target
    if name == registry.serving():
        _nothing_to_do(name, test)
        return
    with told.status("Comparing with the active bundle"):
        trial = hold(registry, name, row_key(home), test)
    show_trial(trial, Console())
    gate, rows, now = trial.gate, trial.window.content if trial.window else None, datetime.now(UTC)
    if gate.reasons and force is None:
        registry.refuse(name, when=now, reason=why, gate=gate, rows=rows)
        say_refused(name, gate.reasons)
        raise typer.Exit(REFUSED)
    registry.promote(name, when=now, reason=why, gate=replace(gate, forced=bool(gate.reasons)), rows=rows)
    if gate.reasons:
        typer.echo(f"forced, in spite of: {', '.join(gate.reasons)}")
    typer.echo(f"{name}: active")


def _reason(reason: str, force: str | None) -> str:
    if force is None:
        return reason
    if not force.strip():
        raise InputError("--force", "is empty", "the reason, for the history")
    if reason:
        raise InputError("--reason", "stands beside --force", "one of the two: the reason of --force is kept as well")
    return force


def _nothing_to_do(name: str, test: Path | None) -> None:
    if test:
        raise InputError("--test", f"{name} is active already and can't be compared with itself", "a candidate")
    typer.echo(f"{name}: active already")


def show_trial(trial: Trial, console: Console) -> None:
    """Print what was compared, and why where nothing was."""
    if trial.window:
        console.print(_table(str(trial.window.record), trial))
        if trial.window.record.uses >= MANY_USES:
            console.print(f"{WORN} --test gives newer ones.")
    for note in trial.notes:
        console.print(note, markup=False, highlight=False, soft_wrap=True)
    if not trial.comparisons:
        console.print(f"No comparison was made: {trial.gate.note}.", markup=False, highlight=False, soft_wrap=True)


def _table(title: str, trial: Trial) -> Table:
    table = Table("target", title=title)
    for name in ("rows", "accuracy", "points [90 %]", "ECE (chance)", "acted on", "of these wrong (promise)"):
        table.add_column(name, justify="right")
    for target, one in trial.comparisons.items():
        table.add_row(*_compared(target, one))
    for target, alone in trial.alone.items():
        table.add_row(target, f"{alone.rows:,}", f"{alone.accuracy:.3f}", "", *_standing(alone))
    return table


def _compared(target: Target, one: Comparison) -> Iterator[str]:
    """Yield the cells of a target: the active bundle's figures, an arrow, the candidate's."""
    yield target
    yield f"{one.rows:,}"
    yield f"{one.current.accuracy:.3f} → {one.candidate.accuracy:.3f}"
    yield f"{100 * one.difference:+.1f} [{100 * one.low:+.1f}, {100 * one.high:+.1f}]"
    for before, after in zip(_standing(one.current), _standing(one.candidate), strict=True):
        yield f"{before} → {after}"


def _standing(one: Standing) -> Iterator[str]:
    yield f"{one.ece:.3f} ({one.chance_ece:.3f})"
    yield f"{one.auto_rows:,}"
    yield f"{one.auto_error:.3f} ({one.promise:.3g})"


def say_refused(name: str, reasons: dict[str, str]) -> None:
    """Say why a candidate does not serve, and what can be done."""
    typer.echo(f"{name} is not promoted:", err=True)
    for code, sentence in reasons.items():
        typer.echo(f"  {code}: {sentence}", err=True)
    typer.echo(
        "It is published. `pilah models promote` with --force REASON promotes it all the same; the history keeps both.",
        err=True,
    )
