"""Who may do what: bearer keys, looked up in the store and remembered for a few seconds."""

import hashlib
import time
from typing import Annotated, get_args

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from data.store.keys import Key
from data.store.tables import Role
from service.errors import FieldError, ForbiddenError, UnauthenticatedError
from service.store_thread import StoreThread

REMEMBERED = 3.0  # seconds; a revoked key works no longer than this
MAX_REMEMBERED = 10_000  # keys
LONGEST = 200  # characters of a key that are worth a look-up

EVERYONE: tuple[Role, ...] = get_args(Role)

_bearer = HTTPBearer(auto_error=False, scheme_name="apiKey", description="A key made by `pilah keys create`.")
_Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


class Auth:
    """Checks keys; one for the life of the service."""

    def __init__(self, store: StoreThread) -> None:
        self._store = store
        self._seen: dict[bytes, tuple[Key, float]] = {}  # by the secret's digest, so that memory holds no secret

    async def key(self, secret: str) -> Key | None:
        """Return the key with this secret if it may be used."""
        digest = hashlib.sha256(secret.encode()).digest()
        key, until = self._seen.get(digest, (None, 0.0))
        if time.monotonic() < until:
            return key
        self._seen.pop(digest, None)
        found = await self._store.find_key(secret) if len(secret) <= LONGEST else None
        if found is not None:
            if len(self._seen) >= MAX_REMEMBERED:
                self._seen.clear()
            self._seen[digest] = (found, time.monotonic() + REMEMBERED)
        return found


class Allow:
    """A dependency that returns the caller's key if its role is one of `roles`."""

    def __init__(self, auth: Auth, *roles: Role) -> None:
        self._auth, self._roles = auth, roles

    async def __call__(self, request: Request, credentials: _Credentials) -> Key:
        """Raise UnauthenticatedError without a usable key, ForbiddenError with one of another role."""
        if credentials is None:
            raise _unauthenticated("missing", "Bearer")
        key = await self._auth.key(credentials.credentials)
        if key is None:
            raise _unauthenticated("unknown or revoked key", 'Bearer error="invalid_token"')
        request.state.key_id = key.id
        if key.role not in self._roles:
            expected = f"a key of role {', '.join(self._roles)}"
            raise ForbiddenError(FieldError("Authorization header", f"the key's role is {key.role}", expected))
        return key


def _unauthenticated(problem: str, challenge: str) -> UnauthenticatedError:
    wrong = FieldError("Authorization header", problem, "Bearer pilah_..., a key that `pilah keys create` made")
    return UnauthenticatedError(wrong, headers={"WWW-Authenticate": challenge})
