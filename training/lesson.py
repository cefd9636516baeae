"""What an encoder is given to learn and what comes back; no torch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.features import Floats, Integers
from classifier.records import Complaint, Target
from data.dataset import hashed_part, near_copies

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Lesson:
    """Masked texts and the class numbers of each target, -1 where a row has no label; targets as the heads have them.

    An agency's class is the most precise that its label means. `sizes` count the rows of each class, `labels` are the
    classes' codes. `weights` say how much a row counts; `learnt` and `unseen` mark the rows to learn from and those
    that tell when to stop and how far to trust the answers.
    """

    texts: Sequence[str]
    classes: Mapping[Target, Integers]
    labels: Mapping[Target, Sequence[str]]
    weights: Floats
    learnt: Mask
    unseen: Mask

    @property
    def sizes(self) -> dict[Target, NDArray[np.int64]]:
        """The rows of each class that are learnt from."""
        found = {}
        for target, classes in self.classes.items():
            known = classes[self.learnt & (classes >= 0)]
            found[target] = np.bincount(known, minlength=len(self.labels[target]))
        return found

    @property
    def columns(self) -> dict[Target, slice]:
        """The columns of each target, side by side."""
        ends = np.cumsum([len(codes) for codes in self.labels.values()]).tolist()
        widths = [len(codes) for codes in self.labels.values()]
        return {target: slice(end - width, end) for target, end, width in zip(self.labels, ends, widths, strict=True)}


@dataclass(frozen=True, slots=True)
class Tuned:
    """The files of an encoder, as a bundle holds them, and what is to be known of how it was made."""

    files: Mapping[str, bytes]
    facts: Mapping[str, Any]


Tune = Callable[[Lesson], Tuned]


def held_out(rows: Sequence[Complaint], own: Mask, share: float) -> tuple[Mask, Mask]:
    """Return which rows to learn from and which to hold out: the newest own ones, some by a hash where few have dates.

    A row to learn from is never nearly one that is held out: the older of the two is left out.
    """
    dated = [row.date for row in rows]
    days = sorted(when for when, is_own in zip(dated, own, strict=True) if when and is_own)
    parts = max(2, round(1 / share))
    if len(days) * 2 > int(own.sum()):
        cut: datetime = days[-max(1, len(days) // parts)]
        held = own & np.array([when is not None and when >= cut for when in dated])
    else:
        held = own & hashed_part(rows, parts)
    if not held.any() or not (own & ~held).any():
        held = own & (np.arange(len(rows)) % parts == 0)
    groups = np.array(near_copies([row.text for row in rows]))
    return ~held & ~np.isin(groups, groups[held]), held
