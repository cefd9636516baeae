"""Who is signed in to the reviewers' page: sessions, kept by the digest of their token."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from data.store.database import Store
from data.store.keys import Key, Scope
from data.store.tables import keys, sessions

LASTS = timedelta(hours=8)  # a working day


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who signed in: by which key, and the token that each of their forms must carry."""

    key: Key
    csrf: str
    expires: datetime


class Sessions:
    """The sessions of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, key_id: int, now: datetime) -> str:
        """Sign a key in and return the token that its cookie carries; sessions that have expired are swept away."""
        token = secrets.token_urlsafe(32)
        row = {
            "token_sha256": _sha256(token),
            "key_id": key_id,
            "csrf": secrets.token_urlsafe(32),
            "expires": now + LASTS,
        }
        with self._store.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.expires <= now))
            connection.execute(self._store.insert(sessions).values(row))
        return token

    def find(self, token: str, now: datetime) -> Session | None:
        """Return the session of a token, None if it has ended, has expired or its key was revoked."""
        query = (
            select(keys, sessions.c.csrf, sessions.c.expires)
            .join_from(sessions, keys)
            .where(sessions.c.token_sha256 == _sha256(token), sessions.c.expires > now, keys.c.revoked.is_(None))
        )
        with self._store.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        scope = Scope(row.agency, row.place, row.confidential)
        return Session(Key(row.id, row.name, row.role, row.created, None, scope), row.csrf, row.expires)

    def end(self, token: str) -> None:
        """Sign out; a token that is not known changes nothing."""
        with self._store.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.token_sha256 == _sha256(token)))


def _sha256(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()
