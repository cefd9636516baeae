"""The model that answers: loaded beside the old one, swapped whole after every check, kept when a load fails."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from classifier.errors import PilahError
from data.complaints import JAKARTA
from models.bundle import Bundle, load
from models.registry import Registry
from service.errors import UnavailableError

RETRY = 60.0  # seconds before a bundle that failed is tried again

NO_MODEL = (
    "There is no model to serve. `pilah train --out DIR` makes one; then `pilah models promote DIR` makes it the "
    "active one, or `pilah serve --model DIR` serves it as it is."
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """The bundle that should serve, why it can't, and since when."""

    model: str
    reason: str
    at: datetime


class LiveModel:
    """Serves the active bundle of a registry, or the one bundle in a folder.

    `refresh` may run in any thread; who took `current` keeps that bundle, whatever is swapped in meanwhile.
    """

    def __init__(self, source: Registry | Path, load: Callable[[Path], Bundle] = load) -> None:
        self._source, self._load = source, load
        self._folder: Path | None = None
        self._bundle: Bundle | None = None
        self._tried: tuple[Path, float] | None = None  # the folder that failed last, and when
        self.failure: Failure | None = None
        self.failures = 0

    @property
    def current(self) -> Bundle:
        """The bundle that answers; raises UnavailableError while there is none."""
        if self._bundle is None:
            raise UnavailableError(NO_MODEL)
        return self._bundle

    def start(self) -> None:
        """Load the bundle for the first time; raises BundleError, RegistryError or UnavailableError."""
        folder = self._wanted()
        if folder is not None:
            self._bundle, self._folder = self._load(folder), folder
        _log.info("model %s serves", self.current.manifest.id)

    def refresh(self) -> None:
        """Load the bundle that should serve now if it is another; on any failure the old one stays. Never raises."""
        folder = None
        try:
            folder = self._wanted()
            if folder is None or folder == self._folder:
                self._tried = self.failure = None
                return
            if self._failed_lately(folder):
                return
            bundle = self._load(folder)
        except Exception as error:  # whatever a broken bundle does, the old one keeps serving
            self._keep_old(folder, error)
            return
        self._bundle, self._folder, self._tried, self.failure = bundle, folder, None, None
        _log.info("model %s serves", bundle.manifest.id)

    def _wanted(self) -> Path | None:
        if isinstance(self._source, Path):
            return self._source
        active = self._source.active()
        return None if active is None else self._source.path(active)

    def _failed_lately(self, folder: Path) -> bool:
        return self._tried is not None and self._tried[0] == folder and time.monotonic() < self._tried[1] + RETRY

    def _keep_old(self, folder: Path | None, error: Exception) -> None:
        if folder is not None:
            self._tried = (folder, time.monotonic())
        model = "" if folder is None else folder.name
        reason = str(error) if isinstance(error, PilahError) else type(error).__name__
        if self.failure is None or (self.failure.model, self.failure.reason) != (model, reason):
            _log.error("model %s can't be loaded, the old one stays: %s", model or "(unknown)", reason)
        self.failures += 1
        self.failure = Failure(model, reason, datetime.now(JAKARTA))
