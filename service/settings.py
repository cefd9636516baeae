"""What the service can be told through the environment; nothing here can alter a prediction."""

import difflib
import os
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from classifier.errors import SettingsError
from data.store.engine import database_url
from service.errors import describe

PREFIX = "PILAH_"


class Settings(BaseSettings):
    """The settings of the service; each is read from PILAH_<NAME>."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True)

    home: Path = Field(
        default=Path("var"), description="Folder of all state: the registry of bundles and the SQLite file."
    )
    database_url: str = Field(
        default="",
        repr=False,  # may hold a password
        description="sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE; by default pilah.db in PILAH_HOME.",
    )
    model: Path | None = Field(
        default=None, description="Folder of the bundle to serve instead of the registry's active one."
    )
    max_body_bytes: int = Field(
        default=16 * 1024 * 1024,
        ge=1024,
        le=1024**3,
        description="Largest request body in bytes; a larger one gets 413.",
    )
    max_waiting: int = Field(
        default=256,
        ge=1,
        le=100_000,
        description="Calls for predictions worked on at once; one more gets 503 and Retry-After.",
    )
    retention_days: int = Field(
        default=0,
        ge=0,
        le=36_500,
        description="Texts of reports last answered so many days ago are erased, once a day; 0 keeps them.",
    )

    secure_cookies: bool = Field(
        default=False,
        description="Whether the reviewers' cookie goes over https only even where the request looks like http: for a "
        "proxy elsewhere that ends TLS.",
    )

    @classmethod
    def load(cls) -> Self:
        """Read the environment; raises SettingsError for an unknown PILAH_ name or a bad value."""
        refuse_unknown()
        try:
            return cls()
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            wrong = describe(dict(first))
            raise SettingsError(PREFIX + wrong.field.upper(), wrong.problem, wrong.expected) from None

    @property
    def database(self) -> str:
        """The URL of the database that is used."""
        return database_url(self.home, self.database_url)


def refuse_unknown() -> None:
    """Raise SettingsError if the environment holds a PILAH_ name that is no setting."""
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            raise SettingsError(name, "unknown setting", _expected(name, known))


def _expected(name: str, known: list[str]) -> str:
    close = [one for one in known if difflib.get_close_matches(name.upper()[len(PREFIX) :], [one[len(PREFIX) :]])]
    return f"{close[0]}, perhaps; all are {', '.join(known)}" if close else f"one of {', '.join(known)}"
