"""Keyed hashes of training rows: whether a row was learnt from can be told with the key, and nothing without it.

Each is the HMAC-SHA-256 of a row's normalised masked text, cut to 8 bytes. The key lies outside of every bundle, at
PILAH_HOME/row-key: who has a bundle alone can't try texts against it.
"""

import hmac
import os
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from classifier.errors import BundleError, RegistryError
from models.atomic import new_file

KEY = "row-key"
SIZE = 8  # bytes: a million rows against a million meet by chance once in 18 million trials
RULES = b"pilah rows 1"  # raise it when `normalised` changes: older hashes then are not checked, not silently passed
_MASK = re.compile("<[A-Z]+>")
_NOT_LETTER = re.compile("[^a-z]")


@dataclass(frozen=True, slots=True)
class RowKey:
    """The secret of one home; `id` names it and gives nothing away."""

    secret: bytes = field(repr=False)

    @property
    def id(self) -> bytes:
        """What bundles carry to say by which key and rules their rows were hashed."""
        return self._digest(RULES)

    def hash(self, text: str) -> bytes:
        """Return the hash of a masked text."""
        return self._digest(b"row " + normalised(text).encode())

    def _digest(self, message: bytes) -> bytes:
        return hmac.digest(self.secret, message, "sha256")[:SIZE]


@dataclass(frozen=True, slots=True)
class RowHashes:
    """The hashes of the rows that a bundle was trained on, in no order, and the key that made them."""

    key_id: bytes
    hashes: frozenset[bytes]

    @classmethod
    def of(cls, texts: Iterable[str], key: RowKey) -> Self:
        """Hash masked texts."""
        return cls(key.id, frozenset(map(key.hash, texts)))

    @classmethod
    def from_bytes(cls, content: bytes, where: str) -> Self:
        """Read what `to_bytes` wrote; BundleError if it is cut off."""
        if not content or len(content) % SIZE:
            raise BundleError(where, "is no list of row hashes", f"pieces of {SIZE} bytes")
        key_id, *hashes = (content[at : at + SIZE] for at in range(0, len(content), SIZE))
        return cls(key_id, frozenset(hashes))

    def to_bytes(self) -> bytes:
        """Return the key's id and then the hashes, sorted: their order tells nothing about that of the rows."""
        return self.key_id + b"".join(sorted(self.hashes))

    def seen(self, texts: Sequence[str], key: RowKey) -> list[bool] | None:
        """Tell for each masked text whether a training row had it; None if another key made the hashes."""
        return [key.hash(text) in self.hashes for text in texts] if key.id == self.key_id else None


def normalised(text: str) -> str:
    """Return the letters a-z of a masked text in lower case, without the masks; the text itself if it has none."""
    return _NOT_LETTER.sub("", _MASK.sub(" ", text).lower()) or " ".join(text.split())


def row_key(home: Path) -> RowKey:
    """Return the key of a home, made on first use and readable by its owner only; RegistryError if it can't be had."""
    path = home / KEY
    try:
        if not path.exists():
            home.mkdir(parents=True, exist_ok=True)
            new_file(path, f"{secrets.token_hex(32)}\n".encode())
        text = path.read_text("ascii", errors="replace").strip()
    except OSError as error:
        raise RegistryError(f"{path}: can't be read or made ({os.strerror(error.errno or 0)})") from error
    if not re.fullmatch("[0-9a-f]{64}", text):
        raise RegistryError(f"{path}: is no key; expected 64 hex digits. Restore it, or delete it to have a new one")
    return RowKey(bytes.fromhex(text))
