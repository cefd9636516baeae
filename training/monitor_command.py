"""`pilah monitor`: whether what comes in is still like what the model learnt from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from classifier.errors import InputError, RegistryError
from data.store.database import Store
from data.store.engine import database_url
from data.store.recent import Recent
from models import bundle
from models.bundle import Bundle
from models.commands import HOME, Home
from models.registry import Registry
from training import tables
from training.commands import write_figures
from training.inputs import Database, read_classes
from training.progress import steps


def mount(app: typer.Typer) -> None:
    """Add `monitor` to `app`."""
    app.command("monitor")(monitor_command)


def monitor_command(
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days back from now.")] = 7,
    model: Annotated[Path | None, typer.Option(help="Folder of a bundle; left out, the active one.")] = None,
    database: Database = "",
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all figures to this file as JSON.")] = None,
    home: Home = HOME,
) -> None:
    """Compare the last days' reports with the training data, and say whether to retrain."""
    from training.cases import classify
    from training.monitor import watch

    until = datetime.now(UTC)
    since = until - timedelta(days=days)
    with steps(3) as begin:
        begin("Loading the bundle")
        loaded = _bundle(model, home)
        begin("Reading reports and reviews")
        store = _opened(database, home)
        try:
            complaints = list(Recent(store).complaints(since, until))
            said = Recent(store).reviews(since, until)
            reviews = [one for one in said if one.answer.get("model") == loaded.manifest.id]
        finally:
            store.close()
        begin("Classifying")
        lately = classify(loaded.classifier, complaints, read_classes(loaded.manifest.taxonomy.kind))
    found = watch(loaded.manifest.data.details.get("expected"), lately, reviews)
    when = {"model": loaded.manifest.id, "since": since.isoformat(), "until": until.isoformat()}
    write_figures(json_file, when | found.as_dict())
    for table in tables.watched(found, days, loaded.manifest.id):
        Console().print(table)
    typer.echo(found.sentence)


def _bundle(model: Path | None, home: Path) -> Bundle:
    registry = Registry(home)
    name = None if model else registry.active()
    if model is None and name is None:
        raise RegistryError("no bundle is active; expected one to watch, or --model")
    return bundle.load(model or registry.path(str(name)))


def _opened(database: str, home: Path) -> Store:
    if not database and not (home / "pilah.db").exists():
        raise InputError("--database", f"there is none in {home}", "the database that the service writes to")
    return Store.open(database_url(home, database))
