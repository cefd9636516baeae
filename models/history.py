"""What stands in the history of a registry: each change, and what the gate said before it."""

from dataclasses import field
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from classifier.errors import RegistryError

Verdict = Literal["passed", "refused", "not compared"]

_STRICT = ConfigDict(strict=True, extra="forbid")


@dataclass(frozen=True, config=_STRICT)
class FrozenRows:
    """The test rows of a comparison, by the SHA-256 of their file.

    `uses`: in how many comparisons a row of them has taken part, this one included, on average.
    """

    fingerprint: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    rows: Annotated[int, Field(ge=0)]
    uses: Annotated[float, Field(ge=0)]

    def __str__(self) -> str:
        """Say it to a person."""
        return f"{self.rows:,} frozen test rows, used {'once' if self.uses == 1 else f'{self.uses:.3g} times'}"


@dataclass(frozen=True, config=_STRICT)
class Gate:
    """What the gate said of a candidate while `current` was the active bundle (None: nothing was).

    `reasons` against it by code, a sentence each; `note` says why there was no comparison, where there was none;
    `forced`: promoted in spite of the reasons.
    """

    verdict: Verdict
    current: str | None
    reasons: dict[str, str] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    forced: bool = False
    test: FrozenRows | None = None


@dataclass(frozen=True, config=_STRICT)
class Change:
    """One line of the history: from `when` on, `id` served instead of `previous` (None: nothing did).

    After a "refuse" `previous` went on serving. `gate` is None for a rollback, and where nothing was asked of the gate.
    """

    when: AwareDatetime
    action: Literal["promote", "rollback", "refuse"]
    id: str
    previous: str | None
    reason: str
    gate: Gate | None = None

    def to_line(self) -> bytes:
        """Return the change as a line of JSON."""
        return TypeAdapter(Change).dump_json(self) + b"\n"


def read_changes(content: bytes, where: str) -> tuple[Change, ...]:
    """Read the lines of a history, oldest first; RegistryError names the first that is no change."""
    return tuple(_change(line, f"{where}, line {number}") for number, line in enumerate(content.splitlines(), start=1))


def _change(line: bytes, where: str) -> Change:
    try:
        return TypeAdapter(Change).validate_json(line)
    except ValidationError as error:
        problem = error.errors()[0]["msg"]
        raise RegistryError(f"{where}: {problem}; expected a change as JSON") from error
