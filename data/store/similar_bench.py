"""How long finding similar reports takes: python -m data.store.similar_bench DATABASE_URL REPORTS.

Fills an empty database with reports made of the corpus's words, with a long tail of names that few have, and searches
for 300 of them. The database stays, to be deleted by whoever made it.
"""

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

import numpy as np
from rich.console import Console
from rich.progress import track

from classifier.records import Complaint
from data.dataset import read_corpus
from data.store.database import BATCH, Store
from data.store.keys import Keys
from data.store.predictions import Asked, Predictions
from data.store.similar import Similar

SEARCHES = 300
WORDS = 40  # words a report, on average
NAMES = 2  # of them names, drawn from a million
NOW = datetime(2025, 1, 1, tzinfo=UTC)


def main(url: str, reports: int) -> None:
    """Fill the database, search and print what both took."""
    store = Store.open(url)
    key, _ = Keys(store).create("bench", "router", NOW)
    made, kept = _reports(), []
    adding = 0.0
    for _ in track(range(reports // BATCH), console=Console(stderr=True)):
        batch = list(islice(made, BATCH))
        kept += batch[: 1 + SEARCHES * BATCH // reports]
        start = time.perf_counter()
        Predictions(store).add(key.id, [Asked(complaint, {"evidence": []}) for complaint in batch], "m", NOW)
        adding += time.perf_counter() - start
    print(f"{reports:,} reports, {1000 * adding / (reports / BATCH):.0f} ms for {BATCH}")  # noqa: T201
    for name, words in (("whole reports", 1000), ("three words", 3)):
        taken = [_search(store, " ".join(complaint.text.split()[:words])) for complaint in kept[-SEARCHES:]]
        p50, p95, worst = (1000 * np.quantile(taken, share) for share in (0.5, 0.95, 1))
        print(f"similar to {name}: p50 {p50:.1f} ms, p95 {p95:.1f} ms, longest {worst:.1f} ms")  # noqa: T201
    store.close()


def _search(store: Store, text: str) -> float:
    start = time.perf_counter()
    Similar(store).find("", text)
    return time.perf_counter() - start


def _reports() -> Iterator[Complaint]:
    random = np.random.default_rng(20261125)
    texts = [complaint.text.split() for complaint in read_corpus()]
    words = [word for text in texts for word in text]
    for number in range(sys.maxsize):
        length = max(6, int(random.lognormal(np.log(WORDS), 0.6)))
        drawn = [words[at] for at in random.integers(len(words), size=length)]
        own = texts[random.integers(len(texts))]  # words that go together, beside those drawn one by one
        names = [f"nama{'abcdefghij'[at % 10]}{at:x}" for at in random.zipf(1.2, size=NAMES) % 1_000_000]
        yield Complaint(f"L-{number}", " ".join([*own[: length // 2], *drawn[: length // 2], *names]))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
