"""The bar: each step as it begins, and how much of a long one is done."""

import io

import pytest
from rich.console import Console
from rich.progress import Progress

from training import progress


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    update = Progress.update

    def told(bar: Progress, task: int, *, description: str, completed: float) -> None:
        found.append((description, completed))
        update(bar, task, description=description, completed=completed)  # type: ignore[arg-type]

    monkeypatch.setattr(Progress, "update", told)
    monkeypatch.setattr(progress, "Console", lambda **_: Console(file=io.StringIO()))
    return found


def test_a_step_moves_the_bar_and_its_share_moves_it_within(shown: list[tuple[str, float]]) -> None:
    with progress.steps(3) as begin:
        for name in ("Reading", "Fitting", "Fitting 40%", "Fitting 100%", "Writing"):
            begin(name)
    assert shown == [("Reading", 0), ("Fitting", 1), ("Fitting 40%", 1.4), ("Fitting 100%", 2), ("Writing", 2)]
