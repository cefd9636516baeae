"""Phrases of normalised words, found in a text of such words."""

from collections.abc import Callable, Iterable, Iterator, Sequence

GAP, GAP_WORDS = "..", 3  # a gap in a phrase, and the most words that it skips
_ENDINGS = ("", "nya", "lah", "kah", "pun")  # "apinya" is "api"


class Phrases:
    """Phrases by their first word; an ending such as "-nya" may stand on the last word.

    `anchors`: the rarest word of each phrase -> the other words that a text must hold to hold the phrase; what `rarity`
    says of a word only decides how fast phrases are found.
    """

    def __init__(
        self, phrases: Iterable[str], normalise: Callable[[str], str], rarity: Callable[[str], float] = len
    ) -> None:
        self.tails: dict[str, list[tuple[str, ...]]] = {}
        self.anchors: dict[str, list[frozenset[str]]] = {}
        for phrase in phrases:
            parts = f" {GAP} ".join(normalise(part) for part in phrase.split(GAP)).split()
            for ending in _ENDINGS if parts else ():
                first, *tail = (*parts[:-1], parts[-1] + ending)
                self.tails.setdefault(first, []).append(tuple(tail))
                needed = frozenset([first, *tail]) - {GAP}
                rarest = max(needed, key=lambda word: (rarity(word), word))
                self.anchors.setdefault(rarest, []).append(needed - {rarest})
        self._firsts = frozenset(self.tails)

    def spans(self, words: Sequence[str], start: int, stop: int) -> Iterator[tuple[int, int]]:
        """Yield the first word and the end of phrases that begin in words[start:stop]."""
        tails, start = self.tails, max(0, start)
        for at, word in enumerate(words[start:stop], start):
            if word in tails:
                for tail in tails[word]:
                    if end := _end(words, at + 1, tail):
                        yield at, end

    def begin_in(self, words: Sequence[str], start: int, stop: int) -> bool:
        """Tell whether a phrase begins in words[start:stop]."""
        if self._firsts.isdisjoint(words[max(0, start) : stop]):
            return False
        return next(self.spans(words, start, stop), None) is not None


def _end(words: Sequence[str], at: int, tail: Sequence[str]) -> int | None:
    """Return where a phrase ends whose rest is `tail`, if that stands at words[at:]; None if it doesn't."""
    for number, part in enumerate(tail):
        if part == GAP:
            rest = tail[number + 1 :]
            ends = (_end(words, at + skipped, rest) for skipped in range(GAP_WORDS + 1))
            return next((end for end in ends if end), None)
        if at >= len(words) or words[at] != part:
            return None
        at += 1
    return at
