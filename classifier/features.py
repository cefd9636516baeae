"""From a complaint to the sparse numbers that a linear model reads.

A row has three blocks, each of about unit length times its own weight, so that no block drowns another:
words    single words and pairs of neighbours that stand in at least `MIN_REPORTS` reports; log term frequency x idf
grams    the four-letter pieces of every word, hashed; they read typing errors, affixes and words never seen
region   the parts of the region field ("Kec. Gubeng"), hashed

Nothing that a single person wrote can be read back: words of fewer reports live on as hashed pieces only.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise, repeat
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from classifier.normalise import Normaliser, words
from classifier.records import Complaint

MIN_REPORTS = 3  # a word of fewer reports could tell what one person wrote
GRAM = 4
LONGEST = 64  # letters of a word that are read; what is longer is no word, and would fill the cache
GRAM_BUCKETS = 1 << 15
REGION_BUCKETS = 1 << 13
WORD_WEIGHT, GRAM_WEIGHT, REGION_WEIGHT = 0.5, 0.5, 0.25  # of the squared length; chosen by the ablation in the README
UNKNOWN = -1  # the column of what the vocabulary does not hold

Floats = NDArray[np.float32]
Integers = NDArray[np.int32]


class Document(NamedTuple):
    """A complaint as the features see it: normalised words of title and text, and the parts of its region."""

    words: list[str]
    region: list[str]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the features know of the training reports.

    `terms` maps a word or a pair ("air bersih") to its column; `term_idf` has one value a term. `grams` and `regions`
    map a hash bucket to its column within the block, -1 for a bucket never seen; `gram_idf` has one value a column.
    """

    terms: Mapping[str, int]
    term_idf: Floats
    grams: Integers
    gram_idf: Floats
    regions: Integers

    @property
    def names(self) -> list[str]:
        """The terms in the order of their columns."""
        return list(self.terms)

    def rarity(self, word: str) -> float:
        """Return the idf of a word; infinity for one that it does not hold."""
        column = self.terms.get(word)
        return float("inf") if column is None else float(self.term_idf[column])

    @property
    def width(self) -> int:
        """The number of columns of all blocks together."""
        return len(self.terms) + len(self.gram_idf) + int(self.regions.max(initial=-1)) + 1


def read(complaint: Complaint, normalise: Normaliser) -> Document:
    """Return the words and region parts of a complaint whose title and text are masked already."""
    text = f"{complaint.title}\n{complaint.text}" if complaint.title else complaint.text
    region = [part.strip() for part in complaint.region.lower().split(",")]
    return Document(words(normalise(text)), [part for part in region if part])


def term_counts(document: Document) -> Counter[str]:
    """Count the words and the pairs of neighbouring words of a document."""
    counts = Counter(document.words)
    counts.update([f"{first} {second}" for first, second in pairwise(document.words)])
    return counts


def gram_buckets(word: str) -> tuple[int, ...]:
    """Return the hash buckets of the four-letter pieces of a word, its two ends marked by a space."""
    return _gram_buckets(word[:LONGEST])


@lru_cache(65_536)
def _gram_buckets(word: str) -> tuple[int, ...]:
    marked = f" {word} "
    return tuple(
        crc32(marked[start : start + GRAM].encode()) % GRAM_BUCKETS for start in range(max(1, len(marked) - GRAM + 1))
    )


def region_buckets(document: Document) -> list[int]:
    """Return the hash buckets of the distinct region parts."""
    return [crc32(part.encode()) % REGION_BUCKETS for part in dict.fromkeys(document.region)]


class Features:
    """Turns documents into rows of `vocabulary.width` columns."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._columns: dict[Sequence[str], int] = {  # looking up a tuple saves gluing each pair of each text
            tuple(term.split(" ")) if " " in term else term: column for term, column in vocabulary.terms.items()
        }

    def __call__(self, documents: Sequence[Document]) -> sparse.csr_array:
        """Return a float32 matrix, one row a document in order; rows of empty documents are empty."""
        blocks = [self.term_block(documents), self.gram_block(documents), self.region_block(documents)]
        return sparse.hstack(blocks, format="csr")

    def term_block(self, documents: Sequence[Document]) -> sparse.csr_array:
        """Return the block of words and pairs."""
        terms = chain.from_iterable(chain(document.words, pairwise(document.words)) for document in documents)
        lengths = [max(0, 2 * len(document.words) - 1) for document in documents]
        block = _counts(map(self._columns.get, terms, repeat(UNKNOWN)), lengths, len(self._columns))
        block.data = (1 + np.log(block.data)) * self.vocabulary.term_idf[block.indices]
        return _scaled(block, _lengths(block), WORD_WEIGHT)

    def gram_block(self, documents: Sequence[Document]) -> sparse.csr_array:
        """Return the block of word pieces: the sum of the words' own vectors, each by its log frequency.

        The length is that of the words' vectors if they were at right angles, so that a word's share needs no look at
        the other words.
        """
        distinct = sorted({word for document in documents for word in document.words})
        number = {word: at for at, word in enumerate(distinct)}  # in an order that no other document of the batch moves
        written = chain.from_iterable(document.words for document in documents)
        frequency = _counts(map(number.__getitem__, written), [len(doc.words) for doc in documents], len(distinct))
        frequency.data = 1 + np.log(frequency.data)
        pieces = self.word_pieces(distinct)
        squares = _lengths(pieces) ** 2
        lengths = np.sqrt(frequency.power(2) @ squares)
        return _scaled(frequency @ pieces, lengths, GRAM_WEIGHT)

    def gram_shares(self, document: Document) -> tuple[list[str], sparse.csr_array]:
        """Return the distinct words of one document and the share of each in its gram row, which they add up to."""
        counts = Counter(document.words)
        pieces = self.word_pieces(counts)
        frequency = 1 + np.log(np.fromiter(counts.values(), np.float32, len(counts)))
        length = float(np.linalg.norm(frequency * _lengths(pieces))) or 1.0
        pieces.data *= np.repeat(frequency * np.float32(np.sqrt(GRAM_WEIGHT) / length), np.diff(pieces.indptr))
        return list(counts), pieces

    def word_pieces(self, distinct: Iterable[str]) -> sparse.csr_array:
        """Return one row a word: how often each known piece stands in it, times the piece's idf."""
        pieces = _bucket_counts(list(map(gram_buckets, distinct)), self.vocabulary.grams)
        pieces.data *= self.vocabulary.gram_idf[pieces.indices]
        return pieces

    def region_block(self, documents: Sequence[Document]) -> sparse.csr_array:
        """Return the block of region parts."""
        block = _bucket_counts(list(map(region_buckets, documents)), self.vocabulary.regions)
        return _scaled(block, _lengths(block), REGION_WEIGHT)


def _counts(columns: Iterable[int], lengths: Sequence[int], width: int) -> sparse.csr_array:
    """Count how often each column stands in each row; `lengths` cuts `columns` into rows, UNKNOWN ones are left out."""
    flat = np.fromiter(columns, np.int32, sum(lengths))
    known = flat >= 0
    ends = np.concatenate([[0], np.cumsum(known)])[np.cumsum([0, *lengths])].astype(np.int32)
    counts = sparse.csr_array((np.ones(ends[-1], np.float32), flat[known], ends), shape=(len(lengths), width))
    counts.sum_duplicates()
    return counts


def _bucket_counts(rows: Sequence[Sequence[int]], columns: Integers) -> sparse.csr_array:
    """Count hash buckets by the columns that stand for them."""
    flat = np.fromiter(chain.from_iterable(rows), np.int32)
    return _counts(columns[flat], list(map(len, rows)), int(columns.max(initial=-1)) + 1)


def _lengths(block: sparse.csr_array) -> Floats:
    return np.sqrt(np.asarray(block.power(2).sum(axis=1), dtype=np.float32))


def _scaled(block: sparse.csr_array, lengths: Floats, weight: float) -> sparse.csr_array:
    """Divide each row by its length and give it the squared length `weight`."""
    factors = np.sqrt(weight) / np.where(lengths > 0, lengths, 1)
    block.data *= np.repeat(factors.astype(np.float32), np.diff(block.indptr))
    return block
