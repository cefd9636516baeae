"""The registry: every published bundle, which one serves, and how that came about.

registry/bundles/<id>/     the bundles, never changed once published
registry/active            the id of the one that serves; replaced in one step
registry/history.jsonl     one line a change, oldest first; lines are only ever added
registry/lock              held by the process that is changing something
"""

import fcntl
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from classifier.errors import BundleError, RegistryError
from models import bundle
from models.atomic import new_folder, replace_files, write_file
from models.manifest import FILES, ID, MANIFEST, Manifest

_log = logging.getLogger(__name__)


@dataclass(frozen=True, config=ConfigDict(strict=True, extra="forbid"))
class Change:
    """One line of the history: from `when` on, `id` served instead of `previous` (None: nothing did)."""

    when: AwareDatetime
    action: Literal["promote", "rollback"]
    id: str
    previous: str | None
    reason: str


class Registry:
    """The bundles under `home`; processes may read and change it side by side.

    `check` is run on a bundle before it is published or made active; by default the full check with the example.
    Reading does not lock. Every method may raise RegistryError for a disk that refuses.
    """

    def __init__(self, home: Path, check: Callable[[Path], Manifest] = bundle.verify) -> None:
        self._root = home / "registry"
        self._bundles = self._root / "bundles"
        self._active = self._root / "active"
        self._history = self._root / "history.jsonl"
        self._check = check

    def publish(self, folder: Path) -> str:
        """Check a bundle, copy it in and return its id; one that is there already and sound stays as it is."""
        name = self._check(folder).id
        with self._changing():
            if not self._is_sound(name):
                with new_folder(self._bundles / name) as draft:
                    for file in (MANIFEST, *FILES):
                        write_file(draft / file, (folder / file).read_bytes())
                    bundle.read(draft)
        return name

    def promote(self, name: str, *, when: datetime, reason: str = "") -> None:
        """Make a published bundle the active one, after checking it; nothing happens if it is active already."""
        self._check(self.path(name))
        with self._changing():
            try:
                previous = self.active()
            except RegistryError:  # a corrupt file: this promotion mends it
                previous = None
            if name != previous:
                self._activate(Change(when, "promote", name, previous, reason))

    def rollback(self, *, when: datetime, reason: str = "") -> str:
        """Undo the promotion that made the active bundle active and return the id that serves now.

        Repeated, it goes back promotion by promotion. RegistryError if there is none to undo.
        """
        with self._changing():
            current = self.active()
            promotions = (c.previous for c in reversed(self.history()) if c.action == "promote" and c.id == current)
            earlier = next(filter(None, promotions), None)
            if earlier is None:
                raise RegistryError("there is no earlier bundle to roll back to; expected two promotions or more")
            self._check(self.path(earlier))
            self._activate(Change(when, "rollback", earlier, current, reason))
            return earlier

    def active(self) -> str | None:
        """Return the id of the bundle that serves, None if none was promoted yet."""
        try:
            text = self._active.read_bytes().decode(errors="replace").strip()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise RegistryError(f"{self._active}: can't be read ({error.strerror}); expected a bundle id") from error
        if not re.fullmatch(ID, text):
            raise RegistryError(f"{self._active}: is corrupt; expected a bundle id. Promote a bundle to mend it")
        return text

    def path(self, name: str) -> Path:
        """Return the folder of a published bundle."""
        folder = self._bundles / name
        if not re.fullmatch(ID, name) or not folder.is_dir():
            raise RegistryError(f"{name!r} is no published bundle; expected an id that `pilah models list` shows")
        return folder

    def history(self) -> tuple[Change, ...]:
        """Return every change, oldest first."""
        try:
            lines = self._history_bytes().splitlines()
        except OSError as error:
            raise RegistryError(f"{self._history}: can't be read ({error.strerror})") from error
        return tuple(self._change(line, number) for number, line in enumerate(lines, start=1))

    def list(self) -> tuple[Manifest, ...]:
        """Return the manifests of the published bundles, newest first, without the broken ones, which are logged."""
        found = []
        for one in self._manifests():
            if isinstance(one, Manifest):
                found.append(one)
            else:
                _log.warning("left out of the list: %s", one)
        return tuple(sorted(found, key=lambda manifest: (manifest.created, manifest.id), reverse=True))

    def broken(self) -> tuple[BundleError, ...]:
        """Return what is wrong with the published bundles whose manifest can't be trusted, one error each."""
        return tuple(error for error in self._manifests() if isinstance(error, BundleError))

    def _manifests(self) -> Iterator[Manifest | BundleError]:
        folders = sorted(self._bundles.iterdir()) if self._bundles.is_dir() else []
        for folder in folders:
            if folder.name.startswith("."):  # a copy under way, or what a killed process left of one
                continue
            try:
                manifest = bundle.read_manifest(folder)
                if manifest.id != folder.name:
                    raise BundleError(str(folder), f"holds bundle {manifest.id}", "the bundle of its name")
                yield manifest
            except BundleError as error:
                yield error

    def _is_sound(self, name: str) -> bool:
        try:
            return (self._bundles / name).exists() and bundle.read(self._bundles / name)[0].id == name
        except BundleError:
            return False

    def _activate(self, change: Change) -> None:
        """Write the history first: if the process dies in between, the line names a bundle that never became active."""
        line = TypeAdapter(Change).dump_json(change) + b"\n"
        replace_files({self._history: self._history_bytes() + line, self._active: f"{change.id}\n".encode()})

    def _history_bytes(self) -> bytes:
        return self._history.read_bytes() if self._history.exists() else b""

    def _change(self, line: bytes, number: int) -> Change:
        try:
            return TypeAdapter(Change).validate_json(line)
        except ValidationError as error:
            problem = error.errors()[0]["msg"]
            raise RegistryError(f"{self._history}, line {number}: {problem}; expected a change as JSON") from error

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold the lock that one process at a time has, and turn what the disk refuses into RegistryError."""
        try:
            self._bundles.mkdir(parents=True, exist_ok=True)
            with (self._root / "lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as error:
            problem = f"can't be changed ({error.strerror}); expected a writable disk with room"
            raise RegistryError(f"{self._root}: {problem}. Nothing was changed") from error
