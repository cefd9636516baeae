"""The store, called from threads of its own: the event loop never waits for a disk or a network."""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import ParamSpec, TypeVar

from data.store.database import Store
from data.store.keys import Key, Keys
from data.store.precedents import Alike, Precedent, Precedents
from data.store.predictions import Asked, Predictions

CHECKED = 1.0  # seconds that one answer of `ping` holds, so that nobody can wear the database out by asking
READERS = 4  # calls that read, and may take long, at once

P = ParamSpec("P")
T = TypeVar("T")


class StoreThread:
    """The calls of the store that requests need; each raises StoreError.

    Those that write, and those without which nobody is answered, run on one thread in the order in which they came.
    Lists and histories are read on others, so that they never hold up an answer.
    """

    def __init__(self, store: Store) -> None:
        self._store, self._keys, self._predictions = store, Keys(store), Predictions(store)
        self._precedents = Precedents(store)
        self._thread = ThreadPoolExecutor(1, "store")
        self._readers = ThreadPoolExecutor(READERS, "read")
        self._pinged = float("-inf")

    async def find_key(self, secret: str) -> Key | None:
        """Return the usable key with this secret."""
        return await self._run(self._keys.find, secret)

    async def add_predictions(self, key_id: int, asked: Sequence[Asked], model: str, now: datetime) -> None:
        """Store all or none of the predictions."""
        await self._run(self._predictions.add, key_id, asked, model, now)

    async def find_precedents(self, asked: Sequence[Alike]) -> dict[Alike, Precedent]:
        """Return what people decided about texts like these."""
        return await self._run(self._precedents.find, asked) if asked else {}

    async def write(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make a call of the store that changes something."""
        return await self._run(call, *args, **kwargs)

    async def read(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make a call of the store that reads, and at most writes a few rows when it has."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, lambda: call(*args, **kwargs))

    async def ping(self) -> None:
        """Raise StoreError if the database can't be written."""
        if time.monotonic() > self._pinged + CHECKED:
            await self._run(self._store.ping)
            self._pinged = time.monotonic()

    def close(self) -> None:
        """Finish what waits, then close the store."""
        self._thread.shutdown()
        self._readers.shutdown()
        self._store.close()

    async def _run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: call(*args, **kwargs))
