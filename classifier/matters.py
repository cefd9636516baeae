"""Tells whether a complaint holds several matters, and the topic of each.

A text is cut where a sentence or point may begin another matter ("2.", "selain itu", "juga"), and what stands before a
seam is compared with what stands behind it: two matters are two main topics for two agencies, each of them likely. A
text without such a mark is not looked at: sentences of a long story are often of other topics than the story. The score
of several parts is the mean of theirs by their words, so that each is scored once.
"""

import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.calibration import Calibration
from classifier.features import Document, Floats, Integers
from classifier.normalise import Normaliser, words
from classifier.records import ANSWERS, Label

LEAST_WORDS = 4  # of a sentence that begins a part
MOST_PARTS = 20  # of a text; the last one takes the rest


MARKED, ALSO = 0.35, 0.45  # least probability of both main topics; chosen on tests/alerts/dev.jsonl
TORN = 0.05  # where only "juga" marks a seam: least probability of the second main topic of the whole text

_POINT = r"(?<!\S)(?:\(?[1-9a-e][.)]|-)(?=\s)"
_SEAM = (
    r"(?:selain (?:itu|hal|dari itu)|di ?samping itu|(?:hal|masalah|keluhan) lain\w*|lain (?:hal|lagi|itu)"
    r"|(?:yang|nomor|poin|hal|masalah|keluhan) kedua|sekalian|satu lagi|sementara itu|di luar itu|tambahan lagi"
    r"|berikutnya|selanjutnya|plus)\b"
)
_CUT = re.compile(rf"(?<![\d\s])[.!?;:\n]+(?=\s|$)|({_POINT})|\s(?=[bdhklmnpsty])(?={_SEAM})")
_MARKED = re.compile(rf"{_SEAM}|(?:kedua|ketiga|lalu|kemudian|terus|trus|tambahan|lain)\b(?! juga)")
_ENUMERATED = re.compile(r"\b(?:dua|tiga|beberapa) (?:hal|keluhan|urusan|masalah|permintaan|poin)\b")
_ALSO = re.compile(r"(?:\S+\s+){0,7}(?:juga|jg|pun)\b")
_HINTS = frozenset(["selain", "samping", "kedua", "sekalian", "plus"])
_ALSO_HINTS = frozenset(["juga", "pun"])
_WRITTEN: Mapping[str, Sequence[str]] = {  # what must be written where a weaker hint stands
    **dict.fromkeys(
        ("lain", "lainnya"), ("hal lain", "masalah lain", "keluhan lain", "lain hal", "lain itu", ". lain")
    ),
    **dict.fromkeys(("dua", "tiga", "beberapa"), (" hal", "keluhan", "urusan", "masalah", "permintaan", "poin")),
    "lagi": ("satu lagi", "tambahan lagi", "lain lagi"),
    "sementara": ("sementara itu",),
    "luar": ("di luar itu",),
    "lalu": (". lalu",),
    "kemudian": (". kemudian",),
    "terus": (". terus", ". trus"),
    "berikutnya": ("berikutnya",),
    "selanjutnya": ("selanjutnya",),
    "2": ("2. ", "2) "),
    "b": ("b. ", "b) "),
}
_ALL_HINTS = _HINTS | _ALSO_HINTS | _WRITTEN.keys()


Read = tuple[str, Set[str]]  # a masked text and its distinct normalised words


class Part(NamedTuple):
    """What stands between two seams; `sure`: how likely the main topics on both sides of its beginning must be."""

    text: str
    sure: float


@dataclass(frozen=True, slots=True)
class Sides:
    """What stretches of a text are about: main topic, its probability, its best topic, and who answers (archetype)."""

    mains: NDArray[np.integer]
    chances: Floats
    topics: NDArray[np.integer]
    agencies: NDArray[np.integer]

    def part(self, start: int, stop: int) -> "Sides":
        """Return those of some stretches."""
        some = slice(start, stop)
        return Sides(self.mains[some], self.chances[some], self.topics[some], self.agencies[some])


class Matters:
    """Finds the matters of texts by the scores of the model that answers them.

    `score` gives the topic and the agency scores of documents, times the scale of their classes; `archetypes` has the
    column of each agency column's archetype, and is empty for a model that answers none.
    """

    def __init__(
        self,
        normalise: Normaliser,
        score: Callable[[Sequence[Document]], tuple[Floats, Floats]],
        topics: Sequence[Label],
        calibration: Calibration,
        archetypes: Integers,
    ) -> None:
        self._normalise, self._score, self._calibration, self._archetypes = normalise, score, calibration, archetypes
        groups = {group: at for at, group in enumerate(dict.fromkeys(label.group for label in topics))}
        self._main_of = np.array([groups[label.group] for label in topics], np.int32)
        self._order = np.argsort(self._main_of, kind="stable")
        self._starts = np.searchsorted(self._main_of[self._order], np.arange(len(groups)))

    def __call__(self, texts: Sequence[Read], topics: Floats) -> dict[int, tuple[int, ...]]:
        """Return the topic columns of the matters of those texts, by number, that hold several.

        `topics`: the probabilities of each text's topics.
        """
        cuts = self._worth_a_look(texts, topics)
        documents = [Document(words(self._normalise(part.text)), []) for cut in cuts.values() for part in cut]
        if not documents:
            return {}
        counts = [len(cut) for cut in cuts.values()]
        sizes = np.split(np.array([max(1, len(one.words)) for one in documents], np.float32), np.cumsum(counts)[:-1])
        scores = (np.split(of_target, np.cumsum(counts)[:-1]) for of_target in self._score(documents))
        shares = [_stretches(size) for size in sizes]
        topic, agency = (
            np.concatenate([share @ part for share, part in zip(shares, of_target, strict=True)])
            for of_target in scores
        )
        sides = self._sides(topic, agency)
        found, start = dict[int, tuple[int, ...]](), 0
        for (row, cut), share in zip(cuts.items(), shares, strict=True):
            if matters := self._topics(cut, sides.part(start, start := start + len(share))):
                found[row] = matters
        return found

    def _worth_a_look(self, texts: Sequence[Read], topics: Floats) -> Mapping[int, Sequence[Part]]:
        """Return the parts of the texts that mark a seam."""
        cuts = {}
        for row, (text, said) in enumerate(texts) if len(self._starts) > 1 else ():
            hints = _ALL_HINTS & said
            if not hints:
                continue
            also = bool(hints & _ALSO_HINTS) and self._torn(topics[row : row + 1])
            if also or _marked(text, hints):
                cut = parts(text, also=also)
                if len(cut) > 1:
                    cuts[row] = cut
        return cuts

    def _torn(self, topics: Floats) -> bool:
        """Tell whether a second main topic of a text is likely enough for "juga" to mean another matter."""
        return float(np.partition(self._by_main(topics)[0], -2)[-2]) >= TORN

    def _by_main(self, topics: Floats) -> Floats:
        """Add up the probabilities of the topics of each main topic."""
        return np.add.reduceat(topics[:, self._order], self._starts, axis=1)

    def _topics(self, cut: Sequence[Part], sides: Sides) -> tuple[int, ...]:
        """Return the topics on the two sides of the surest seam and those of the other points, () if no seam is one."""
        seams = len(cut) - 1
        best, topics = 0.0, tuple[int, ...]()
        for before in range(seams):
            for behind in (before + seams, before + 2 * seams):
                chance = float(min(sides.chances[before], sides.chances[behind]))
                apart = sides.mains[before] != sides.mains[behind] and sides.agencies[before] != sides.agencies[behind]
                if apart and chance >= cut[before + 1].sure and chance > best:
                    best, topics = chance, (int(sides.topics[before]), int(sides.topics[behind]))
        return self._with_points(topics, cut, sides) if topics else ()

    def _with_points(self, topics: tuple[int, ...], cut: Sequence[Part], sides: Sides) -> tuple[int, ...]:
        """Add the topics of marked points that are about yet another main topic, as many as fit among the answers."""
        for part, number in zip(cut[1:], range(2 * (len(cut) - 1), 3 * (len(cut) - 1)), strict=True):
            others = {int(self._main_of[topic]) for topic in topics}
            sure = part.sure == MARKED and sides.chances[number] >= MARKED
            if sure and int(sides.mains[number]) not in others and len(topics) < ANSWERS - 1:
                topics = (*topics, int(sides.topics[number]))
        return topics

    def _sides(self, topic: Floats, agency: Floats) -> Sides:
        """Read what the scores of stretches say."""
        chances = self._calibration(topic)
        by_main = self._by_main(chances)
        mains = by_main.argmax(axis=1)
        topics = np.where(self._main_of == mains[:, None], chances, -1).argmax(axis=1)
        agencies = np.arange(len(topic), dtype=np.int32)  # different ones where nothing is known
        if len(self._archetypes):
            agencies = self._archetypes[agency.argmax(axis=1)]
        return Sides(mains, by_main[np.arange(len(topic)), mains], topics, agencies)


def _stretches(sizes: Floats) -> Floats:
    """Return the share of each part in what stands before each seam, in all behind it, and in the part behind it."""
    before = np.tri(len(sizes) - 1, len(sizes), dtype=np.float32)
    stretches = np.concatenate([before, 1 - before, np.eye(len(sizes), dtype=np.float32)[1:]]) * sizes
    return np.asarray(stretches / stretches.sum(axis=1, keepdims=True), np.float32)


def parts(text: str, *, also: bool = True) -> list[Part]:
    """Cut a text at what may be its seams; `also`: whether "juga" may mark one."""
    text = text.lower()
    enumerated, pieces, start, point = bool(_ENUMERATED.search(text)), list[tuple[str, bool]](), 0, False
    for cut in _CUT.finditer(text):
        pieces.append((text[start : cut.start()], point))
        start, point = cut.end(), bool(cut[1])
    pieces.append((text[start:], point))
    listed = sum(is_point for _, is_point in pieces) > 1
    found: list[Part] = []
    for written, is_point in pieces:
        written = written.strip(" ,.")
        marked = enumerated or (is_point and listed) or _MARKED.match(written)
        sure = MARKED if marked else ALSO if also and _ALSO.match(written) else None
        if found and (sure is None or len(written.split()) < LEAST_WORDS or len(found) == MOST_PARTS):
            found[-1] = Part(f"{found[-1].text}. {written}", found[-1].sure)
        elif written:
            found.append(Part(written, sure or ALSO))
    return found


def _marked(text: str, hints: Set[str]) -> bool:
    """Tell quickly whether a text with these hints may mark a seam with more than "juga"."""
    if hints & _HINTS:
        return True
    if hints <= _ALSO_HINTS:
        return False
    text = text.lower()
    return any(written in text for hint in hints for written in _WRITTEN.get(hint, ()))
