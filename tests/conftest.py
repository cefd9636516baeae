"""What all tests share."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"  # real reports, given to the project's developers and never part of it


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let somebody approve new golden predictions."""
    parser.addoption("--approve", action="store_true", help="approve the golden predictions as they are now")


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real reports; the test skips where it is absent."""
    if not SHARED.exists():
        pytest.skip("the shared reports are absent")
    return SHARED
