"""Which words of a complaint spoke most for its answers.

A score is a sum over words, so a word's weight is exactly its share of the score: what it adds to the answer's class
more than to the average class of the target. A pair of words gives half to each of its two.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from scipy import sparse

from classifier.features import LONGEST, Document, Features, Floats
from classifier.linear import Linear
from classifier.normalise import Normaliser, words
from classifier.records import Evidence, Field, Target
from classifier.redact import Redacted

SPANS = 3  # a reviewer takes in three at a glance
_TOKEN = re.compile(r"<(?:NIK|TELEPON|EMAIL|NOMOR)>|[^\W_]+(?:['’.-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Shares:
    """A document's features, and the part of each of its words in those of word pieces: read once, for all targets."""

    row: sparse.csr_array
    words: list[str]
    pieces: sparse.csr_array


class Explainer:
    """Finds evidence with the features and the model, of which each target has some columns."""

    def __init__(
        self, features: Features, normalise: Normaliser, linear: Linear, columns: Mapping[Target, slice]
    ) -> None:
        self._features, self._linear, self._columns = features, linear, columns
        self._words = lru_cache(16_384)(lambda token: words(normalise(token)))  # for the topic and for the agency
        self._means = {
            target: (linear.weights[:, part].mean(axis=1), linear.of_products(part).mean(axis=1))
            for target, part in columns.items()
        }
        self._names = features.vocabulary.names

    def shares(self, document: Document) -> Shares:
        """Read a document as `word_weights` and a call need it."""
        return Shares(self._features([document]), *self._features.gram_shares(document))

    def word_weights(self, target: Target, column: int, shares: Shares) -> Mapping[str, float]:
        """Return what each distinct word adds to the score of a class more than to that of the average class."""
        row, total, count = shares.row, defaultdict[str, float](float), len(self._names)
        gains = self._gains(target, column, row)
        for at, gain in zip(row.indices.tolist(), (row.data * gains[row.indices]).tolist(), strict=True):
            if at < count:  # a word or a pair; pieces and regions come behind
                parts = self._names[at].split(" ")
                for part in parts:
                    total[part] += gain / len(parts)
        in_pieces = shares.pieces @ gains[count : count + shares.pieces.shape[1]]
        for word, gain in zip(shares.words, in_pieces.tolist(), strict=True):
            total[word] += gain
        return total

    def __call__(self, target: Target, column: int, shares: Shares, fields: Mapping[Field, Redacted]) -> list[Evidence]:
        """Return the `SPANS` spans that spoke most for a class, best first; only weights above 0.

        A word that stands five times, however it is spelt, is one piece of evidence: its first span.
        """
        weights = self.word_weights(target, column, shares)
        first: dict[tuple[str, ...], Evidence] = {}
        for field, masked in fields.items():
            for said, span in self._spans(target, field, masked, weights):
                first.setdefault(said, span)
        return sorted(first.values(), key=lambda span: -span.weight)[:SPANS]

    def _gains(self, target: Target, column: int, row: sparse.csr_array) -> Floats:
        """Return what each feature of the row adds to a class more than to the average class."""
        (weights, pairs), at = self._means[target], self._columns[target].start + column
        own = self._linear.of_products(slice(at, at + 1))[:, 0]
        return self._linear.gains(row, self._linear.weights[:, at] - weights, own - pairs)

    def _spans(
        self, target: Target, field: Field, masked: Redacted, weights: Mapping[str, float]
    ) -> Iterator[tuple[tuple[str, ...], Evidence]]:
        """Yield spans that spoke for the class, each with the distinct normalised words that it says."""
        for token in _TOKEN.finditer(masked.text):
            if token[0].startswith("<") or len(token[0]) > LONGEST:
                continue
            said = tuple(dict.fromkeys(self._words(token[0])))
            weight = round(sum(weights.get(word, 0.0) for word in said), 4)
            if weight > 0:
                start, end = masked.to_original(token.start()), masked.to_original(token.end() - 1) + 1
                yield said, Evidence(target, field, start, end, token[0], weight)
