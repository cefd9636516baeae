"""The encoding of a text file: UTF-8, UTF-16 or UTF-32 by its mark, and without one UTF-8, UTF-16 or Windows-1252."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from classifier.errors import DataError, InputError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins with the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HEAD = 4096  # bytes by which a file without a mark is told
_CHUNK = 2**20
_MULTIBYTE = re.compile("[\x80-\ud7ff\ue000-\U0010ffff]")  # a letter that took two bytes or more
_STRAY = re.compile("[\udc80-\udcff]")  # a byte that is not UTF-8, as surrogateescape keeps it


def detect_encoding(path: Path, encoding: str | None = None) -> tuple[str, int]:
    """Return the encoding (the given one, if it exists) and the number of lines, after one pass over the file.

    A file with both UTF-8 letters and bytes that are not UTF-8 counts as UTF-8 with damaged rows; one with only such
    bytes as Windows-1252. Raises DataError for a file that is full of NUL but not UTF-16.
    """
    if encoding is not None:
        try:
            encoding = codecs.lookup(encoding).name
        except LookupError:
            raise InputError("--encoding", "is not known", "utf-8, utf-8-sig, utf-16 or cp1252") from None
    lines, multibyte, stray = 1, False, False
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    for chunk in _chunks(path):
        text = decoder.decode(chunk, final=not chunk)
        lines += chunk.count(b"\n")
        multibyte = multibyte or _MULTIBYTE.search(text) is not None
        stray = stray or _STRAY.search(text) is not None
    if encoding in (None, "utf-8"):
        encoding = _marked(path) or _unmarked(path) or encoding or ("cp1252" if stray and not multibyte else "utf-8")
    return encoding, lines


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
        yield b""  # so that a letter cut off by the end is noticed


def _marked(path: Path) -> str | None:
    head = _head(path, 4)
    return next((name for mark, name in _MARKS if head.startswith(mark)), None)


def _unmarked(path: Path) -> str | None:
    """Return the UTF-16 in which a file is written: of Latin letters every other byte is then NUL."""
    head = _head(path, _HEAD)
    nuls = {"utf-16-be": head[::2].count(0), "utf-16-le": head[1::2].count(0)}
    (_, few), (encoding, many) = sorted(nuls.items(), key=lambda item: item[1])
    if many < len(head) / 4:
        return None
    if few > many / 20:
        problem = "is no text that can be read, or in an encoding that is not known"
        raise DataError(str(path), problem, "a text file saved as UTF-8, or its --encoding")
    return encoding


def _head(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size)
