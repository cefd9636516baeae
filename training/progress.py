"""The bar that shows how far a command has come."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn


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


@contextmanager
def losses(name: str) -> Iterator[Callable[[int, int, float, float | None], None]]:
    """Show a bar with the loss and the time left; what it yields is told each step as `training.encoder` tells it.

    The loss on unseen rows is printed as it comes, so that a log keeps it.
    """
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(name)

        def tell(done: int, total: int, loss: float, unseen: float | None) -> None:
            progress.update(task, description=f"{name}, loss {loss:.3f}", total=total, completed=done)
            if unseen is not None:
                progress.console.print(f"{name}: step {done} of {total}, loss {loss:.3f}, unseen {unseen:.3f}")

        yield tell
