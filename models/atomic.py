"""Files and folders that appear whole or not at all, and survive a power cut once they have appeared."""

import ctypes
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # Linux: <fcntl.h>, <stdio.h>
PRIVATE = 0o600


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Yield an empty hidden folder beside `target`; it takes its place if the block succeeds and vanishes if not.

    Whatever stood at `target` stays complete until then, and is deleted afterwards.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(target)
    draft.mkdir()
    try:
        yield draft
        _sync(draft)
        _take_place(draft, target)
        _sync(target.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def write_file(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Write a new file through to the disk; for use inside `new_folder`. The process's umask narrows `mode`."""
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def new_file(path: Path, content: bytes) -> None:
    """Make a file that only its owner may read, whole or not at all; one that is there already stays as it is."""
    draft = _draft(path)
    try:
        write_file(draft, content, PRIVATE)
        with suppress(FileExistsError):
            os.link(draft, path)
        _sync(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def replace_files(contents: Mapping[Path, bytes], mode: int = 0o666) -> None:
    """Replace files of one folder, each in one step, in the order given; a full disk is met before the first step."""
    drafts = {path: _draft(path) for path in contents}
    try:
        for path, draft in drafts.items():
            write_file(draft, contents[path], mode)
        for path, draft in drafts.items():
            draft.replace(path)
            _sync(path.parent)
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.{uuid.uuid4().hex}")


def _take_place(draft: Path, target: Path) -> None:
    """Move `draft` to `target`; a non-empty folder there ends up at `draft`."""
    if not target.exists() or not any(target.iterdir()):
        draft.rename(target)
    elif not _exchange(draft, target):
        aside = _draft(target)  # where the system can't exchange, `target` is away for an instant
        target.rename(aside)
        try:
            draft.rename(target)
        except OSError:
            aside.rename(target)
            raise
        aside.rename(draft)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one system call; False where the system or the file system has none."""
    renameat2 = getattr(ctypes.CDLL(None), "renameat2", None)
    if renameat2 is None:
        return False
    done: int = renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    return done == 0


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
