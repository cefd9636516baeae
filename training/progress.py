"""The bar that shows how far a command has come."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


@contextmanager
def steps(total: int | None) -> Iterator[Callable[[str], None]]:
    """Show a bar over this many steps, None if that isn't known; what it yields is told each step as it begins.

    A step that takes long may be told again with the share that is done: "Fitting", then "Fitting 40%".
    """
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task, begun = progress.add_task("", total=total), list[str]()

        def begin(name: str) -> None:
            share = re.search(r" (\d+)%$", name)
            if not share:
                begun.append(name)
            progress.update(task, description=name, completed=len(begun) - 1 + (int(share[1]) / 100 if share else 0))

        yield begin
