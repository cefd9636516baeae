"""The bar that shows how far a command has come."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


@contextmanager
def steps(total: int | None) -> Iterator[Callable[[str], None]]:
    """Show a bar over this many steps, None if that isn't known; what it yields is told each step as it begins."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task, done = progress.add_task("", total=total), count()
        yield lambda name: progress.update(task, description=name, completed=next(done))
