import os
from pathlib import Path

import pytest

from classifier.errors import SettingsError
from service.settings import PREFIX, Settings


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)


def test_defaults_keep_all_state_in_var() -> None:
    settings = Settings.load()
    assert settings.home == Path("var")
    assert settings.database == "sqlite:///var/pilah.db"
    assert settings.max_body_bytes == 16 * 2**20


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILAH_HOME", "/tmp/contoh")
    assert Settings.load().database == "sqlite:////tmp/contoh/pilah.db"
    monkeypatch.setenv("PILAH_DATABASE_URL", "postgresql://u:rahasia@localhost/d")
    assert Settings.load().database == "postgresql://u:rahasia@localhost/d"
    assert "rahasia" not in repr(Settings.load())


@pytest.mark.parametrize(
    ("name", "expected"),
    [("PILAH_DATABASE_URI", "PILAH_DATABASE_URL, perhaps; all are PILAH_HOME, "), ("PILAH_X", "one of PILAH_HOME, ")],
)
def test_an_unknown_setting_is_refused_loudly(monkeypatch: pytest.MonkeyPatch, name: str, expected: str) -> None:
    monkeypatch.setenv(name, "x")
    with pytest.raises(SettingsError, match=f"{name}: unknown setting; expected {expected}"):
        Settings.load()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PILAH_MAX_BODY_BYTES", "banyak", "not a whole number; expected a whole number"),
        ("PILAH_MAX_BODY_BYTES", "1e3", "not a whole number; expected a whole number"),
        ("PILAH_MAX_WAITING", "0", "too small; expected at least 1"),
        ("PILAH_MAX_WAITING", "100001", "too large; expected at most 100000"),
    ],
)
def test_a_bad_value_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"^{name}: {told}$"):
        Settings.load()


def test_every_setting_says_what_it_is() -> None:
    assert all(field.description for field in Settings.model_fields.values())
