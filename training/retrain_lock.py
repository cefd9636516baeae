"""One retraining at a time: the lock that a process has while it retrains, and that goes when the process does."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from classifier.errors import RegistryError

LOCK = "retrain.lock"


@contextmanager
def alone(home: Path) -> Iterator[str]:
    """Yield "" while this process alone may retrain, else who does so now; RegistryError if the disk refuses."""
    path = home / LOCK
    try:
        home.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise RegistryError(f"{path}: can't be made ({error.strerror}); expected a writable folder") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            yield file.read().strip() or "another process"
            return
        file.truncate(0)
        file.write(f"process {os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M} UTC\n")
        file.flush()
        yield ""
