"""`pilah models`: look at the published bundles, check them, and go back to an earlier one.

`promote` compares models and therefore lies with what trains them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from classifier.errors import InputError, RegistryError
from models import bundle
from models.card import card
from models.manifest import Manifest
from models.registry import Registry

Home = Annotated[Path, typer.Option("--home", envvar="PILAH_HOME", help="Where pilah keeps its state.")]
Target = Annotated[str | None, typer.Argument(help="An id or a folder; left out, the active bundle.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the history.")]
HOME = Path("var")


def mount(app: typer.Typer, check: Callable[[Path], Manifest] = bundle.verify) -> typer.Typer:
    """Add the `models` commands to `app` and return their group; `check` is the full check of a bundle."""
    group = typer.Typer(no_args_is_help=True, help="Bundles: list, show, verify, promote, roll back.")
    app.add_typer(group, name="models")
    commands = _Commands(check)
    for command in (commands.list, commands.show, commands.verify, commands.rollback):
        group.command()(command)
    return group


@dataclass(frozen=True)
class _Commands:
    """One method a command; `check` is the full check of a bundle."""

    check: Callable[[Path], Manifest]

    def list(self, home: Home = HOME) -> None:
        """List the published bundles, newest first; the active one is marked."""
        _print_list(Registry(home, self.check))

    def show(
        self,
        target: Target = None,
        as_json: Annotated[bool, typer.Option("--json", help="Print the manifest as it is.")] = False,
        as_card: Annotated[bool, typer.Option("--card", help="Print the model card, as Markdown.")] = False,
        home: Home = HOME,
    ) -> None:
        """Show the manifest of a bundle, or its model card: data, metrics, limits, intended use."""
        if as_json and as_card:
            raise InputError("--json", "stands beside --card", "one of the two")
        manifest = bundle.read_manifest(_folder(Registry(home, self.check), target))
        if as_json:
            typer.echo(manifest.to_json())
        elif as_card:
            typer.echo(card(manifest), nl=False)
        else:
            Console().print(_described(manifest))

    def verify(self, target: Target = None, home: Home = HOME) -> None:
        """Check every byte of a bundle, build its classifier and let it answer its example."""
        manifest = self.check(_folder(Registry(home, self.check), target))
        typer.echo(f"{manifest.id}: sound (format, SHA-256, libraries, state, example)")

    def rollback(self, reason: Reason = "", home: Home = HOME) -> None:
        """Go back to the bundle that served before the last promotion."""
        name = Registry(home, self.check).rollback(when=datetime.now(UTC), reason=reason)
        typer.echo(f"{name}: active")


def _folder(registry: Registry, target: str | None) -> Path:
    if target is not None and Path(target).is_dir():
        return Path(target)
    name = target or registry.active()
    if name is None:
        raise RegistryError("no bundle is active; expected an id, a folder, or a promotion before")
    return registry.path(name)


def _print_list(registry: Registry) -> None:
    active, manifests, broken = registry.active(), registry.list(), registry.broken()
    table = Table("", "id", "created", "rows", "taxonomy")
    for manifest in manifests:
        taxonomy = f"{manifest.taxonomy.kind} {manifest.taxonomy.version}"
        mark = "active" if manifest.id == active else ""
        table.add_row(mark, manifest.id, f"{manifest.created:%Y-%m-%d %H:%M}", f"{manifest.data.rows:,}", taxonomy)
    Console().print(table if manifests else "no bundle is published; `pilah models promote FOLDER` publishes one")
    if frozen := registry.frozen():
        typer.echo(str(frozen))
    for error in broken:
        typer.echo(f"broken: {error}", err=True)


def _described(manifest: Manifest) -> Table:
    """Return two columns, a row a value; nested values by their path, such as `metrics.topic.accuracy`."""
    columns = Column("key", no_wrap=True), Column("value", overflow="fold")  # sums and codes are never cut off
    table = Table(*columns, title=f"bundle {manifest.id}")
    for key, value in _flat("", manifest.as_dict()):
        table.add_row(key, escape(value))
    return table


def _flat(path: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, dict) and value:
        return [row for key, inner in value.items() for row in _flat(f"{path}.{key}" if path else key, inner)]
    return [(path, f"{value:.4f}" if isinstance(value, float) else str(value))]
