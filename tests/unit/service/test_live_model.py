from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from classifier.errors import BundleError, RegistryError
from service.errors import UnavailableError
from service.live_model import LiveModel


class FakeRegistry:
    """Names folders without looking at a disk."""

    def __init__(self, active: str | None) -> None:
        self.named = active

    def active(self) -> str | None:
        if self.named == "unreadable":
            raise RegistryError("can't be read")
        return self.named

    def path(self, name: str) -> Path:
        return Path(name)


def load(folder: Path) -> Any:
    if folder.name.startswith("broken"):
        raise BundleError(folder.name, "was changed", "the bytes that were published")
    if folder.name.startswith("odd"):
        raise MemoryError
    return SimpleNamespace(manifest=SimpleNamespace(id=folder.name))


Make = Callable[[str | None], tuple[LiveModel, FakeRegistry]]


@pytest.fixture
def make() -> Make:
    def make(active: str | None) -> tuple[LiveModel, FakeRegistry]:
        registry = FakeRegistry(active)
        return LiveModel(registry, load), registry  # type: ignore[arg-type]

    return make


def test_the_active_model_serves_and_a_newer_one_replaces_it(make: Make) -> None:
    live, registry = make("a")
    live.start()
    taken = live.current
    registry.named = "b"
    live.refresh()
    assert (taken.manifest.id, live.current.manifest.id) == ("a", "b")


def test_a_folder_serves_as_it_is() -> None:
    live = LiveModel(Path("a"), load)
    live.start()
    live.refresh()
    assert live.current.manifest.id == "a"


@pytest.mark.parametrize("newer", ["broken", "odd", "unreadable"])
def test_a_newer_model_that_fails_leaves_the_old_one(make: Make, newer: str) -> None:
    live, registry = make("a")
    live.start()
    registry.named = newer
    live.refresh()
    assert live.current.manifest.id == "a"
    assert live.failures == 1
    assert live.failure is not None
    registry.named = "a"
    live.refresh()
    assert live.failure is None


def test_a_failed_model_is_not_tried_at_every_look(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    live, registry = make("a")
    live.start()
    registry.named = "broken"
    live.refresh()
    live.refresh()
    assert live.failures == 1
    monkeypatch.setattr("service.live_model.RETRY", -1.0)
    live.refresh()
    assert live.failures == 2


def test_the_old_model_stays_where_the_registry_names_none(make: Make) -> None:
    live, registry = make("a")
    live.start()
    registry.named = None
    live.refresh()
    assert live.current.manifest.id == "a"


def test_a_start_without_a_model_says_what_makes_one(make: Make) -> None:
    with pytest.raises(UnavailableError, match="pilah train"):
        make(None)[0].start()


def test_a_start_with_a_broken_model_fails(make: Make) -> None:
    with pytest.raises(BundleError, match="was changed"):
        make("broken")[0].start()
