"""What a model learns from: a snapshot without repeats, its fingerprint, and splits that no near copy straddles."""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from zlib import crc32

import numpy as np
from datasketch import MinHash, MinHashLSH
from numpy.typing import NDArray

from classifier.records import Complaint
from data.complaints import complaint_row, read_complaints

CORPUS = Path(__file__).parent / "corpus"
SIMILAR = 0.7  # MinHash estimate of the Jaccard similarity of word triples from which two texts count as one
_PERMUTATIONS = 64
_WORD = re.compile(r"\w+")
_NOT_LETTER = re.compile(r"[^a-z]")

Mask = NDArray[np.bool_]


def read_corpus(folder: Path = CORPUS) -> list[Complaint]:
    """Return the complaints written for this project, in the order of their files."""
    return [one for path in sorted(folder.glob("*.jsonl")) for one in read_complaints(path)]


def letters(text: str) -> str:
    """Return the letters a-z of a text in lower case, so that copies with other spacing or numbers are equal."""
    return _NOT_LETTER.sub("", text.lower())


def without_repeats(complaints: Sequence[Complaint]) -> list[Complaint]:
    """Keep the last of complaints whose letters, region and labels are the same; contradicting labels all stay."""
    return [complaints[row] for row in last_of_repeats(complaints)]


def last_of_repeats(complaints: Iterable[Complaint]) -> list[int]:
    """Return the rows that `without_repeats` keeps."""
    last = {
        (letters(one.title), letters(one.text) or one.text, one.region, tuple(sorted(one.labels.items()))): row
        for row, one in enumerate(complaints)
    }
    return list(last.values())


def fingerprint(complaints: Iterable[Complaint]) -> str:
    """Return the SHA-256 over the complaints in their order."""
    digest = hashlib.sha256()
    for complaint in complaints:
        digest.update(json.dumps(complaint_row(complaint), ensure_ascii=False, sort_keys=True).encode() + b"\n")
    return digest.hexdigest()


def near_copies(texts: Sequence[str], similar: float = SIMILAR) -> list[int]:
    """Return a group number for each text; texts that are `similar`, directly or by a chain, share it."""
    index, parents = MinHashLSH(threshold=similar, num_perm=_PERMUTATIONS), list(range(len(texts)))
    for row, text in enumerate(texts):
        sketch = _sketch(text)
        for other in index.query(sketch):
            parents[_root(parents, row)] = _root(parents, other)
        index.insert(row, sketch)
    return [_root(parents, row) for row in range(len(texts))]


def later(complaints: Sequence[Complaint], cut: datetime) -> Mask:
    """Mark the complaints from `cut` on; one without a date is early."""
    return np.array([one.date is not None and one.date >= cut for one in complaints], dtype=bool)


def hashed_part(complaints: Sequence[Complaint], parts: int) -> Mask:
    """Mark one complaint in `parts` by a hash of its letters, the same on every machine."""
    return np.array([crc32(letters(one.text).encode()) % parts == 0 for one in complaints], dtype=bool)


def split(complaints: Sequence[Complaint], test: Mask) -> tuple[list[Complaint], list[Complaint]]:
    """Return (training, test) complaints; a test complaint that is nearly a training one is left out of both."""
    groups = near_copies([one.text for one in complaints])
    trained = {group for group, held in zip(groups, test, strict=True) if not held}
    training = [one for one, held in zip(complaints, test, strict=True) if not held]
    kept = zip(complaints, groups, test, strict=True)
    return training, [one for one, group, held in kept if held and group not in trained]


def _sketch(text: str) -> MinHash:
    found = _WORD.findall(text.lower())
    sketch = MinHash(num_perm=_PERMUTATIONS)
    sketch.update_batch([" ".join(found[at : at + 3]).encode() for at in range(max(1, len(found) - 2))])
    return sketch


def _root(parents: list[int], row: int) -> int:
    while parents[row] != row:
        parents[row] = parents[parents[row]]
        row = parents[row]
    return row
