"""The settings of a training run; every one stands in a file of configs/."""

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from classifier.errors import SettingsError

CONFIGS = Path(__file__).parent / "configs"


class LinearConfig(BaseModel):
    """How the linear model is fitted; configs/linear.toml explains each setting."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    penalty: float = Field(gt=0)
    half_life_days: int = Field(ge=0)
    rare_class_power: float = Field(ge=0, le=1)
    group_share: float = Field(ge=0, le=1)
    confidence: float = Field(gt=0.5, lt=1)


class Pace(BaseModel):
    """How a network is trained; configs/encoder.toml explains each setting."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    epochs: int = Field(ge=1)
    patience: int = Field(ge=1)
    batch_size: int = Field(ge=1)
    accumulate: int = Field(ge=1)
    rate: float = Field(gt=0, lt=1)
    head_rate: float = Field(gt=0, lt=1)
    warmup: float = Field(ge=0, le=1)
    seed: int = Field(ge=0)
    checkpoint_seconds: float = Field(ge=0)


class EncoderSettings(Pace):
    """How an encoder is fine-tuned, and how it answers beside the linear model."""

    shares: Annotated[list[Annotated[float, Field(gt=0, le=1)]], Field(min_length=1)]
    max_tokens: int = Field(ge=16, le=8192)
    held_out: float = Field(ge=0.01, le=0.5)
    rare_class_power: float = Field(ge=0, le=1)
    deadline_seconds: float = Field(gt=0)


class EncoderConfig(LinearConfig):
    """The linear model and the encoder beside it."""

    encoder: EncoderSettings


def read_config(name: str) -> LinearConfig:
    """Read a configuration by the name of a file in configs/ or by its path; SettingsError names the key at fault."""
    path = CONFIGS / f"{name}.toml" if name in built_in() else Path(name)
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
        model = EncoderConfig if "encoder" in settings else LinearConfig
        return model.model_validate(settings)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError("--config", f"can't read {name!r}", f"{' or '.join(built_in())}, or a TOML file") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError("--config", f"{name!r} is no TOML ({error})", "key = value lines") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"])) or name
        value = "" if first["type"] == "missing" else f"is {first['input']!r}: "
        problem = value + first["msg"].lower()
        raise SettingsError(
            key, problem, f"the settings of {CONFIGS.name}/{'encoder' if key.startswith('encoder') else 'linear'}.toml"
        ) from error


def built_in() -> list[str]:
    """Return the names of the configurations that come with pilah."""
    return sorted(path.stem for path in CONFIGS.glob("*.toml"))
