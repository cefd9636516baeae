"""Answers that take long to count and may be a little old."""

import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

MOST = 200  # keys remembered


class Remembered(Generic[K, T]):
    """Calls `make` for a key and remembers what it returned for some seconds."""

    def __init__(self, make: Callable[[K], T], seconds: float) -> None:
        self._make, self._seconds = make, seconds
        self._known: dict[K, tuple[T, float]] = {}

    def __call__(self, key: K) -> T:
        """Return the answer for a key."""
        if (known := self._known.get(key)) and time.monotonic() < known[1]:
            return known[0]
        if len(self._known) >= MOST:
            self._known.clear()
        made = self._make(key)
        self._known[key] = made, time.monotonic() + self._seconds
        return made
