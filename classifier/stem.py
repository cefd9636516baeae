"""Root forms of Indonesian words; the only importer of PySastrawi."""

from functools import lru_cache

from Sastrawi.Dictionary.ArrayDictionary import ArrayDictionary
from Sastrawi.Stemmer.Stemmer import Stemmer as Sastrawi
from Sastrawi.Stemmer.StemmerFactory import StemmerFactory


class Stemmer:
    """Strips the affixes of a normalised word: "perbaikan" -> "baik"; a word without a known root comes back as it is.

    PySastrawi's own cache grows without end, so its stemmer stands here behind an LRU cache of `cache_size` words.
    """

    def __init__(self, cache_size: int = 65_536) -> None:
        self._roots = frozenset(word for word in StemmerFactory().get_words() if word)
        self._stem = lru_cache(cache_size)(Sastrawi(ArrayDictionary(self._roots)).stem_word)

    def __call__(self, word: str) -> str:
        """Return the root of `word`, which is lower-case and holds no space."""
        return str(self._stem(word))

    def is_root(self, word: str) -> bool:
        """Say whether `word` stands in PySastrawi's list of root words."""
        return word in self._roots

    def knows(self, word: str) -> bool:
        """Say whether `word` is standard Indonesian: a root word, or one with affixes on a root word."""
        return self.is_root(word) or self.is_root(self(word))
