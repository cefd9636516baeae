"""Tells whether a complaint holds several matters, and the topic of each.

A text is cut where a sentence or point may begin another matter ("2.", "selain itu", "juga"), and what stands before a
seam is compared with what stands behind it: two matters are two main topics for two agencies, each of them likely. A
text without such a mark is not looked at: sentences of a long story are often of other topics than the story. The score
of several parts is the mean of theirs by their words, so that each is scored once.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.calibration import Calibration
from classifier.features import Document, Floats, Integers
from classifier.normalise import Normaliser, words
from classifier.records import ANSWERS, Label
from classifier.seams import Part, hints_of, may_be_marked, parts, says_also

MARKED, ALSO = 0.25, 0.45  # least probability of both main topics, by the seam; chosen on tests/alerts/dev.jsonl
TORN = 0.05  # least probability of other main topics in the whole text to let "juga" mark a seam

Read = tuple[str, Set[str]]  # a masked text, and those of its normalised words that are hints, maybe with others


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

    def __call__(self, texts: Sequence[Read], best: NDArray[np.integer], chances: Floats) -> dict[int, tuple[int, ...]]:
        """Return the topic columns of the matters of those texts, by number, that hold several.

        `best`: the columns of each text's likeliest topics, with their `chances`.
        """
        cuts = self._worth_a_look(texts, best, chances)
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

    def _worth_a_look(
        self, texts: Sequence[Read], best: NDArray[np.integer], chances: Floats
    ) -> Mapping[int, Sequence[Part]]:
        """Return the parts of the texts that mark a seam: strongly, where the best answers are of one main topic."""
        mains = self._main_of[best]
        others = np.where(mains != mains[:, :1], chances, 0).sum(axis=1)
        cuts = {}
        for row, ((text, said), other) in enumerate(zip(texts, others.tolist(), strict=True)):
            if hints := hints_of(said, strong=other == 0):
                also = says_also(hints) and other >= TORN
                if also or may_be_marked(text, hints):
                    cuts[row] = parts(text, also=also)
        return {row: cut for row, cut in cuts.items() if len(cut) > 1}

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
                if apart and chance >= (MARKED if cut[before + 1].marked else ALSO) and chance > best:
                    best, topics = chance, (int(sides.topics[before]), int(sides.topics[behind]))
        return self._with_points(topics, cut, sides) if topics else ()

    def _with_points(self, topics: tuple[int, ...], cut: Sequence[Part], sides: Sides) -> tuple[int, ...]:
        """Add the topics of marked points that are about yet another main topic, as many as fit among the answers."""
        for part, number in zip(cut[1:], range(2 * (len(cut) - 1), 3 * (len(cut) - 1)), strict=True):
            others = {int(self._main_of[topic]) for topic in topics}
            sure = part.marked and sides.chances[number] >= MARKED
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
