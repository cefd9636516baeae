"""Which words of a complaint spoke most for its answers.

A score is a sum over words, so a word's weight is exactly its share of the score: what it adds to the answer's class
more than to the average class of the target. A pair of words gives half to each of its two.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache

from scipy import sparse

from classifier.features import LONGEST, Document, Features, Floats
from classifier.linear import Linear
from classifier.normalise import Normaliser, words
from classifier.records import Evidence, Field, Target
from classifier.redact import Redacted

SPANS = 3  # a reviewer takes in three at a glance
_TOKEN = re.compile(r"<(?:NIK|TELEPON|EMAIL|NOMOR)>|[^\W_]+(?:['’.-][^\W_]+)*")


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

    def word_weights(self, target: Target, column: int, document: Document) -> Mapping[str, float]:
        """Return what each distinct word adds to the score of a class more than to that of the average class."""
        row, total = self._features([document]), defaultdict[str, float](float)
        all_gains = self._gains(target, column, row)
        block = self._features.term_block([document])
        gains = block.data * all_gains[block.indices]
        for at, gain in zip(block.indices, gains, strict=True):
            parts = self._names[at].split(" ")
            for part in parts:
                total[part] += float(gain) / len(parts)
        distinct, pieces = self._features.gram_shares(document)
        pieces.data *= all_gains[pieces.indices + len(self._names)]
        for word, gain in zip(distinct, pieces.sum(axis=1), strict=True):
            total[word] += float(gain)
        return total

    def __call__(
        self, target: Target, column: int, document: Document, fields: Mapping[Field, Redacted]
    ) -> list[Evidence]:
        """Return the `SPANS` spans that spoke most for a class, best first; only weights above 0.

        A word that stands five times, however it is spelt, is one piece of evidence: its first span.
        """
        weights = self.word_weights(target, column, document)
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
