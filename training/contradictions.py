"""What operators themselves disagree on: the same text with different labels."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from classifier.records import Complaint, Label
from data.dataset import letters

PAIRS = 10


@dataclass(frozen=True, slots=True)
class Clash:
    """Two classes that the same text carries; `texts` counts the texts that do."""

    first: str
    second: str
    texts: int


@dataclass(frozen=True, slots=True)
class Contradictions:
    """Shares of the `texts` that came more than once, in `rows` reports.

    `contradicted`: texts with more than one label. `agreement`: the chance that two reports of a text have the same
    label, mean over the texts. `ceiling`: reports that the most frequent label of their text is right for, more than
    which no answer by the text alone can get right.
    """

    texts: int
    rows: int
    contradicted: float
    agreement: float
    ceiling: float
    pairs: tuple[Clash, ...]


def contradictions(complaints: Sequence[Complaint], golds: Sequence[Label | None]) -> Contradictions | None:
    """Count the labels of texts whose title and text have the same letters; None if no text comes twice."""
    by_text = defaultdict[tuple[str, str], Counter[str]](Counter)
    for complaint, gold in zip(complaints, golds, strict=True):
        if gold and (text := letters(complaint.text)):
            by_text[letters(complaint.title), text][gold.code] += 1
    repeated = [labels for labels in by_text.values() if labels.total() > 1]
    if not repeated:
        return None
    rows = sum(labels.total() for labels in repeated)
    clashes = Counter(pair for labels in repeated for pair in combinations(sorted(labels), 2))
    return Contradictions(
        texts=len(repeated),
        rows=rows,
        contradicted=sum(len(labels) > 1 for labels in repeated) / len(repeated),
        agreement=sum(map(_agreement, repeated)) / len(repeated),
        ceiling=sum(max(labels.values()) for labels in repeated) / rows,
        pairs=tuple(Clash(*pair, texts) for pair, texts in clashes.most_common(PAIRS)),
    )


def _agreement(labels: Counter[str]) -> float:
    """Return the chance that two reports drawn from those of one text have the same label."""
    total = labels.total()
    return sum(count * (count - 1) for count in labels.values()) / (total * (total - 1))
