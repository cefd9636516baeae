"""Opens the database that the settings name."""

from contextlib import closing
from pathlib import Path

from classifier.errors import SettingsError
from data.store.database import Store
from service.settings import Settings


def open_store(settings: Settings) -> closing[Store]:
    """Open the store, in PILAH_HOME unless PILAH_DATABASE_URL says otherwise; it is closed at the end of the block."""
    if not settings.database_url:
        _make(settings.home)
    return closing(Store.open(settings.database))


def _make(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            "PILAH_HOME", f"can't be made ({error.strerror})", "a folder that may be written"
        ) from error
