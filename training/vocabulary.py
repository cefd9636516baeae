"""Learns the vocabulary: which words, word pieces and region parts the training reports hold, and how rare each is."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from classifier.features import (
    GRAM_BUCKETS,
    MIN_REPORTS,
    REGION_BUCKETS,
    Document,
    Floats,
    Integers,
    Vocabulary,
    gram_buckets,
    region_buckets,
    term_counts,
)

MOST_TERMS = 100_000  # the most frequent ones; a thousand classes have a weight for each
MOST_COUNTED = 4_000_000  # terms counted at a time, 1 GiB
SHARED = 2  # reports from which on a region part is a feature: one of a single report only learns that by heart

Key = TypeVar("Key", bound=Hashable)  # the type-parameter syntax needs Python 3.12


def learn_vocabulary(documents: Sequence[Document]) -> Vocabulary:
    """Return the vocabulary of training documents; the same documents in any order give the same one."""
    terms = _reports(term_counts(document) for document in documents)
    kept = sorted(_most_frequent({term: reports for term, reports in terms.items() if reports >= MIN_REPORTS}))
    grams = _reports({bucket for word in set(doc.words) for bucket in gram_buckets(word)} for doc in documents)
    regions = _reports(region_buckets(document) for document in documents)
    gram_columns = _columns(grams, GRAM_BUCKETS)
    return Vocabulary(
        terms={term: column for column, term in enumerate(kept)},
        term_idf=_idf([terms[term] for term in kept], len(documents)),
        grams=gram_columns,
        gram_idf=_idf([grams[int(bucket)] for bucket in np.flatnonzero(gram_columns >= 0)], len(documents)),
        regions=_columns([part for part, reports in regions.items() if reports >= SHARED], REGION_BUCKETS),
    )


def _reports(found: Iterable[Iterable[Key]]) -> Counter[Key]:
    """Count in how many reports each key stands.

    When they become too many, the rarest are forgotten and counted anew from then on: rare ones of millions of reports
    may be counted too low, never too high (Manku & Motwani, Approximate Frequency Counts over Data Streams, 2002).
    """
    reports, rare = Counter[Key](), 0
    for keys in found:
        reports.update(set(keys))
        if len(reports) > MOST_COUNTED:
            rare += 1
            reports = Counter({key: many for key, many in reports.items() if many > rare})
    return reports


def _most_frequent(reports: Mapping[str, int]) -> Iterable[str]:
    if len(reports) <= MOST_TERMS:
        return reports
    return sorted(reports, key=lambda term: (-reports[term], term))[:MOST_TERMS]


def _columns(seen: Collection[int], buckets: int) -> Integers:
    columns = np.full(buckets, -1, np.int32)
    columns[sorted(seen)] = np.arange(len(seen), dtype=np.int32)
    return columns


def _idf(reports: Sequence[int], total: int) -> Floats:
    """Inverse document frequency, smoothed as scikit-learn does: ln((1 + n) / (1 + df)) + 1."""
    return (np.log((1 + total) / (1 + np.asarray(reports, np.float64))) + 1).astype(np.float32)
