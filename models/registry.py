"""The registry: every published bundle, which one serves, and how that came about.

registry/bundles/<id>/     the bundles, never changed once published
registry/active            the id of the one that serves; replaced in one step
registry/history.jsonl     one line a change, oldest first; lines are only ever added
registry/test/             the frozen test rows, masked, named by their SHA-256; those of the last comparison only
registry/lock              held by the process that is changing something
"""

import fcntl
import hashlib
import logging
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from classifier.errors import BundleError, RegistryError
from models import bundle
from models.atomic import PRIVATE, new_folder, replace_files, write_file
from models.history import Change, FrozenRows, Gate, read_changes
from models.manifest import ID, MANIFEST, Manifest

_log = logging.getLogger(__name__)


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
        self._test = self._root / "test"
        self._check = check

    def publish(self, folder: Path) -> str:
        """Check a bundle, copy it in and return its id; one that is there already and sound stays as it is."""
        manifest = self._check(folder)
        with self._changing():
            if not self._is_sound(manifest.id):
                with new_folder(self._bundles / manifest.id) as draft:
                    for file in (MANIFEST, *manifest.files):
                        write_file(draft / file, (folder / file).read_bytes())
                    bundle.read(draft)
        return manifest.id

    def promote(
        self, name: str, *, when: datetime, reason: str = "", gate: Gate | None = None, rows: bytes | None = None
    ) -> None:
        """Make a published bundle the active one, after checking it; nothing happens if it is active already.

        `gate` is what was said of it, `rows` the test rows that this froze. RegistryError if meanwhile another bundle
        than the one that the gate compared with was made active.
        """
        self._check(self.path(name))
        with self._changing():
            previous = self.serving()
            if gate is not None and gate.current != previous:
                problem = f"{previous} was made active while {name} was compared with {gate.current}"
                raise RegistryError(f"{problem}; nothing was changed. Promote again")
            if name != previous:
                self._freeze(rows)
                self._activate(Change(when, "promote", name, previous, reason, gate))
                self._drop_old_rows(gate)

    def refuse(self, name: str, *, when: datetime, reason: str = "", gate: Gate, rows: bytes | None = None) -> None:
        """Write down that a published bundle was not made active, and freeze the test rows that said so."""
        with self._changing():
            self._freeze(rows)
            line = Change(when, "refuse", name, gate.current, reason, gate).to_line()
            replace_files({self._history: self._history_bytes() + line})
            self._drop_old_rows(gate)

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

    def serving(self) -> str | None:
        """Return the active id, None also where its file is corrupt, which a promotion mends."""
        try:
            return self.active()
        except RegistryError as error:
            _log.warning("%s", error)
            return None

    def path(self, name: str) -> Path:
        """Return the folder of a published bundle."""
        folder = self._bundles / name
        if not re.fullmatch(ID, name) or not folder.is_dir():
            raise RegistryError(f"{name!r} is no published bundle; expected an id that `pilah models list` shows")
        return folder

    def history(self) -> tuple[Change, ...]:
        """Return every change, oldest first."""
        try:
            return read_changes(self._history_bytes(), str(self._history))
        except OSError as error:
            raise RegistryError(f"{self._history}: can't be read ({error.strerror})") from error

    def frozen(self) -> FrozenRows | None:
        """Return the test rows of the last comparison, None if there was none with rows."""
        gates = (change.gate for change in reversed(self.history()) if change.gate)
        return next((gate.test for gate in gates if gate.test), None)

    def test_rows(self, frozen: FrozenRows) -> bytes:
        """Return the file of frozen test rows; RegistryError if it is not what was frozen."""
        path = self._rows_path(frozen.fingerprint)
        try:
            content = path.read_bytes()
        except OSError as error:
            problem = f"{path}: the frozen test rows can't be read ({error.strerror})"
            raise RegistryError(f"{problem}; expected the file that was frozen. Give test rows with --test") from error
        if hashlib.sha256(content).hexdigest() != frozen.fingerprint:
            problem = f"{path}: was changed since its {frozen.rows:,} test rows were frozen"
            raise RegistryError(f"{problem}; expected the same bytes. Give test rows with --test")
        return content

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
        line = self._history_bytes() + change.to_line()
        replace_files({self._history: line, self._active: f"{change.id}\n".encode()})

    def _history_bytes(self) -> bytes:
        return self._history.read_bytes() if self._history.exists() else b""

    def _rows_path(self, fingerprint: str) -> Path:
        return self._test / f"{fingerprint}.jsonl"

    def _freeze(self, rows: bytes | None) -> None:
        """Write test rows before the line that names them: if the process dies in between, nothing names them."""
        if rows is not None:
            self._test.mkdir(exist_ok=True)
            replace_files({self._rows_path(hashlib.sha256(rows).hexdigest()): rows}, PRIVATE)

    def _drop_old_rows(self, gate: Gate | None) -> None:
        """Delete what earlier comparisons used: texts of citizens are kept no longer than needed."""
        if gate is None or gate.test is None:
            return
        try:
            for path in self._test.iterdir():
                if path != self._rows_path(gate.test.fingerprint):
                    path.unlink(missing_ok=True)
        except OSError as error:  # the change itself stands already
            _log.warning("%s: older test rows can't be deleted (%s)", self._test, error.strerror)

    def _sweep(self) -> None:
        """Delete the drafts that killed processes left; who holds the lock has none yet, and nobody else has any."""
        for folder in (self._root, self._bundles, self._test):
            for draft in folder.glob(".*"):
                if draft.is_dir():
                    shutil.rmtree(draft)
                else:
                    draft.unlink()

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold the lock that one process at a time has, and turn what the disk refuses into RegistryError."""
        try:
            self._bundles.mkdir(parents=True, exist_ok=True)
            with (self._root / "lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._sweep()
                yield
        except OSError as error:
            problem = f"can't be changed ({error.strerror}); expected a writable disk with room"
            raise RegistryError(f"{self._root}: {problem}. Nothing was changed") from error
