"""Who may ask: API keys, kept by their digest."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, literal, select, update

from classifier.errors import InputError
from data.store.database import Store
from data.store.tables import Role, Utc, keys


@dataclass(frozen=True, slots=True)
class Scope:
    """What of the reports a key may see: all of them, or those of an agency's subtree, of a place, or of both.

    `agency`: an agency's code, "" for all. `place`: a Kemendagri code, "" for all. `confidential`: reports that are
    `rahasia` too.
    """

    agency: str = ""
    place: str = ""
    confidential: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """An API key without its secret; `revoked` is None while it may be used."""

    id: int
    name: str
    role: Role
    created: datetime
    revoked: datetime | None
    scope: Scope = Scope()  # frozen


class Keys:
    """The keys of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create(self, name: str, role: Role, now: datetime, scope: Scope = Scope()) -> tuple[Key, str]:
        """Make a key; its secret is returned here and never again.

        Only the SHA-256 is kept. A slow password hash would add nothing: 256 random bits can't be guessed.
        """
        secret = "pilah_" + secrets.token_urlsafe(32)
        seen = {"agency": scope.agency, "place": scope.place, "confidential": scope.confidential}
        values = {"name": name, "role": role, "secret_sha256": _sha256(secret), "created": now, **seen}
        with self._store.write() as connection:
            row = connection.execute(self._store.insert(keys).values(values).returning(keys)).one()
        return _key(row), secret

    def revoke(self, key_id: int, now: datetime) -> Key:
        """Stop a key from being used; one revoked earlier keeps its date. Raises InputError for an unknown id."""
        revoked = func.coalesce(keys.c.revoked, literal(now, Utc))
        with self._store.write() as connection:
            row = connection.execute(
                update(keys).where(keys.c.id == key_id).values(revoked=revoked).returning(keys)
            ).one_or_none()
        if row is None:
            raise InputError("key", f"no key has the id {key_id}", "an id from `pilah keys list`")
        return _key(row)

    def list(self) -> list[Key]:
        """Return all keys, revoked ones too, oldest first."""
        with self._store.read() as connection:
            return [_key(row) for row in connection.execute(select(keys).order_by(keys.c.id))]

    def find(self, secret: str) -> Key | None:
        """Return the usable key with this secret, else None: always one look-up by hash, so time tells nothing."""
        active = select(keys).where(keys.c.secret_sha256 == _sha256(secret), keys.c.revoked.is_(None))
        with self._store.read() as connection:
            row = connection.execute(active).one_or_none()
        return _key(row) if row else None


def _sha256(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _key(row: Row[Any]) -> Key:
    scope = Scope(row.agency, row.place, row.confidential)
    return Key(row.id, row.name, row.role, row.created, row.revoked, scope)
