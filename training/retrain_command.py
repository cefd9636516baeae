"""`pilah retrain`: the nightly round from corrections to a model that serves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from classifier.errors import InputError
from data.alerts import read_alerts
from data.lexicon import read_lexicon
from data.store.corrections import Corrections, Learnt
from data.store.database import Store
from data.store.engine import database_url
from models.commands import HOME, Home
from models.registry import Registry
from models.row_hashes import row_key
from training import tables
from training.commands import corpus_as, write_figures
from training.config import read_config
from training.inputs import (
    AutoError,
    Database,
    DataFiles,
    TaxonomyKind,
    TopicColumn,
    WithCorpus,
    check_column,
    read_classes,
    read_files,
)
from training.progress import steps
from training.promote_command import say_refused, show_trial
from training.retrain_lock import alone

if TYPE_CHECKING:
    from training.retrain import Retrained

REFUSED, UNCHANGED, BUSY = 3, 4, 5  # exit codes; 0: promoted, 2: bad input


def mount(app: typer.Typer) -> None:
    """Add `retrain` to `app`."""
    app.command("retrain")(retrain_command)


def retrain_command(
    data: DataFiles = None,
    with_corpus: WithCorpus = False,
    taxonomy: TaxonomyKind = "national",
    topic_column: TopicColumn = "topic",
    config: Annotated[
        str | None,
        typer.Option(help="linear, corpus, or a TOML file; left out, corpus where --with-corpus adds the most."),
    ] = None,
    auto_error: AutoError = 0.05,
    database: Database = "",
    json_file: Annotated[Path | None, typer.Option("--json", help="Write what came of it to this file.")] = None,
    home: Home = HOME,
) -> None:
    """Learn again from own reports and corrections, and let the new model serve if it passes the gate."""
    if with_corpus and taxonomy != "national":
        raise InputError("--with-corpus", "has nothing to add to", "the national taxonomy")
    with alone(home) as other:
        if other:
            typer.echo(f"Nothing was done: {other}, retrains in {home}.", err=True)
            raise typer.Exit(BUSY)
        done = _retrain(data or [], with_corpus, taxonomy, topic_column, config, auto_error, database, home)
    write_figures(json_file, done.as_dict())
    _tell(done)
    if done.outcome != "promoted":
        raise typer.Exit(REFUSED if done.outcome == "refused" else UNCHANGED)


def _retrain(
    data: list[Path],
    with_corpus: bool,
    taxonomy: str,
    topic_column: str,
    config: str | None,
    auto_error: float,
    database: str,
    home: Path,
) -> Retrained:
    # scikit-learn and datasketch take longer to import than all other commands need
    from training.fit import CORPUS_HALVES, STAGES
    from training.retrain import Recipe, retrain
    from training.snapshot import snapshot

    with steps(len(STAGES) + 1) as begin:
        begin("Reading reports and corrections")
        own = read_files(data)
        if own and topic_column != "topic":
            check_column(topic_column, own)
        known = snapshot(own, corrections(database, home), topic_column)
        few = with_corpus and len(known.complaints) < CORPUS_HALVES
        recipe = Recipe(
            read_classes(taxonomy),
            read_lexicon(),
            read_config(config or ("corpus" if few else "linear")),
            topic_column,
            auto_error,
            corpus_as(topic_column) if with_corpus else (),
            read_alerts(),
        )
        return retrain(Registry(home), home, row_key(home), known, recipe, begin)


def corrections(database: str, home: Path) -> Iterator[Learnt]:
    """Yield what reviewers and others said of reports; nothing where there is no database yet."""
    if not database and not (home / "pilah.db").exists():
        return
    store = Store.open(database_url(home, database))
    try:
        yield from Corrections(store).learnt()
    finally:
        store.close()


def _tell(done: Retrained) -> None:
    if done.trial is None:
        typer.echo(f"Nothing new: {done.id} learnt the same reports. {done.previous}: active")
        return
    typer.echo(
        f"Learnt from {done.rows:,} reports, {done.corrections:,} of them corrected; {done.held_back:,} held back."
    )
    show_trial(done.trial, Console())
    for table in tables.changes(done.trial.changes):
        Console().print(table)
    if done.outcome == "refused":
        say_refused(done.id, done.trial.gate.reasons)
    else:
        typer.echo(f"{done.id}: active")
