"""Training settings: those that come with pilah, a file of one's own, and what is said of a wrong one."""

import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from classifier.errors import SettingsError
from training.config import CONFIGS, EncoderConfig, EncoderSettings, LinearConfig, built_in, read_config

SETTINGS = (CONFIGS / "linear.toml").read_text("utf-8")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "sendiri.toml"


def test_linear_comes_with_pilah_and_shows_every_setting() -> None:
    assert "linear" in built_in()
    assert set(tomllib.loads(SETTINGS)) == set(LinearConfig.model_fields)
    assert read_config("linear").penalty > 0


def test_encoder_comes_with_pilah_and_shows_every_setting() -> None:
    stored = tomllib.loads((CONFIGS / "encoder.toml").read_text("utf-8"))
    assert set(stored["encoder"]) == set(EncoderSettings.model_fields)
    assert isinstance(read_config("encoder"), EncoderConfig)


def test_a_bad_value_of_an_encoder_is_named_with_its_key(own: Path) -> None:
    own.write_text((CONFIGS / "encoder.toml").read_text("utf-8").replace("epochs = 8", "epochs = 0"), "utf-8")
    with pytest.raises(SettingsError, match=r"encoder\.epochs: is 0.*configs/encoder\.toml"):
        read_config(str(own))


def test_a_file_of_ones_own_is_read(own: Path) -> None:
    own.write_text(SETTINGS.replace("half_life_days = 365", "half_life_days = 0"), "utf-8")
    found = read_config(str(own))
    assert found.half_life_days == 0
    assert found.penalty == read_config("linear").penalty


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        read_config("linear").penalty = 2.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("penalty = 0", "penalty", "is 0"),
        ("penalty = nan", "penalty", "is nan"),
        ('penalty = "0.8"', "penalty", "is '0.8'"),
        ("half_life_days = -1", "half_life_days", "is -1"),
        ("half_life_days = 1.5", "half_life_days", "is 1.5"),
        ("confidence = 1", "confidence", "is 1"),
        ("confidence = true", "confidence", "is True"),
    ],
)
def test_a_bad_value_is_named_with_its_key(own: Path, line: str, key: str, value: str) -> None:
    kept = [other for other in SETTINGS.splitlines() if not other.startswith(key)]
    own.write_text("\n".join([*kept, line]), "utf-8")
    with pytest.raises(SettingsError, match=f"^{key}: {value}") as caught:
        read_config(str(own))
    assert caught.value.key == key


def test_an_unknown_key_is_named(own: Path) -> None:
    own.write_text(SETTINGS + "\npenalti = 0.8\n", "utf-8")
    with pytest.raises(SettingsError, match=r"^penalti: .*not permitted; expected"):
        read_config(str(own))


def test_a_missing_key_is_named(own: Path) -> None:
    own.write_text("\n".join(line for line in SETTINGS.splitlines() if not line.startswith("penalty")), "utf-8")
    with pytest.raises(SettingsError, match=r"^penalty: field required; expected"):
        read_config(str(own))


@pytest.mark.parametrize("content", [b"penalty 0.8", b"penalty = 0.8\npenalty = 0.9", b"\xff\xfe"])
def test_a_file_that_is_no_toml_is_refused(own: Path, content: bytes) -> None:
    own.write_bytes(content)
    with pytest.raises(SettingsError, match=r"^--config: .*sendiri\.toml"):
        read_config(str(own))


@pytest.mark.parametrize("name", ["linier", ".", ""])
def test_an_unknown_name_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(SettingsError, match=r"expected .*linear.*or a TOML file"):
        read_config(name)
