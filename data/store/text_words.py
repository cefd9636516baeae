"""The full-text index of the stored texts: the table `text_words`, FTS5 in SQLite, a tsvector under GIN in PostgreSQL.

It holds the words of each text but for the commonest, and nothing of a report that is `rahasia`.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Float, Subquery, TextClause, bindparam, column, func, select, text

from classifier.normalise import Normaliser
from classifier.records import Complaint
from data.lexicon import read_lexicon
from data.store.database import BATCH
from data.store.tables import predictions, texts
from data.store.track import Track, untracked

MERGED = 500  # pages of 4 KB that one step of merging writes
MOST_WORDS = 64  # words indexed of one report, the first ones: it says early what it is about
# These stand in so many reports that they tell none apart.
COMMON_WORDS = Path(__file__).parents[1] / "reference" / "common_words.txt"

_WORD = re.compile("[a-z0-9]{0,39}[a-z][a-z0-9]{0,39}")

_KNOWN = {
    "sqlite": text("SELECT rowid FROM text_words WHERE rowid IN :ids").bindparams(bindparam("ids", expanding=True)),
    "postgresql": text("SELECT text_id FROM text_words WHERE text_id IN :ids").bindparams(
        bindparam("ids", expanding=True)
    ),
}
_INSERT = {
    "sqlite": text("INSERT INTO text_words (rowid, words) VALUES (:id, :words)"),
    "postgresql": text(
        "INSERT INTO text_words VALUES (:id, array_to_tsvector(string_to_array(:words, ' '))) ON CONFLICT DO NOTHING"
    ),
}
_DELETE = {
    "sqlite": text("DELETE FROM text_words WHERE rowid IN :ids").bindparams(bindparam("ids", expanding=True)),
    "postgresql": text("DELETE FROM text_words WHERE text_id IN :ids").bindparams(bindparam("ids", expanding=True)),
}
# SQLite counts rows, as far as it matters. PostgreSQL knows from its last ANALYZE how frequent the frequent words are.
_COUNT = {
    "sqlite": text(
        "SELECT value AS word, (SELECT count(*) FROM (SELECT 1 FROM text_words"
        " WHERE text_words MATCH '\"' || value || '\"' LIMIT :most)) AS found FROM json_each(:words)"
    ),
    "postgresql": text(
        "WITH common AS (SELECT word, share FROM pg_stats,"
        " unnest(most_common_elems::text::text[], most_common_elem_freqs) AS common (word, share)"
        " WHERE schemaname = current_schema AND tablename = 'text_words' AND attname = 'words')"
        " SELECT word, least(:most, :texts * coalesce(share, (SELECT min(share) / 2 FROM common), 0)) AS found"
        " FROM json_array_elements_text(CAST(:words AS json)) AS asked (word) LEFT JOIN common USING (word)"
    ),
}
_MATCH = {
    "sqlite": text(
        "SELECT text_words.rowid AS text_id, term.value AS weight FROM json_each(:weights) AS term"
        " CROSS JOIN text_words WHERE text_words MATCH term.key LIMIT :most"
    ),
    "postgresql": text(
        "SELECT text_id, term.value::float AS weight FROM json_each_text(CAST(:weights AS json)) AS term"
        " JOIN text_words ON words @@ term.key::tsquery LIMIT :most"
    ),
}

_NO_WHOLE_TABLES = select(
    *(func.set_config(name, "off", True) for name in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit"))
)


def words_of(title: str, text: str) -> list[str]:
    """Return the words that a report is found by, each once, in their order."""
    common, normalise = _common(), _normalise()
    written = dict.fromkeys(normalise(f"{title}\n{text}").split())
    return [word for word in written if len(word) > 2 and word not in common and _WORD.fullmatch(word)][:MOST_WORDS]


def index(connection: Connection, complaints: Mapping[int, Complaint]) -> None:
    """Let the texts with these ids be found; those of reports that are `rahasia` by now are no longer found."""
    hidden = {at for at, complaint in complaints.items() if complaint.visibility == "rahasia"}
    if hidden:
        remove(connection, hidden)
    shown = complaints.keys() - hidden
    if shown:
        new = shown - set(connection.scalars(_said(connection, _KNOWN), {"ids": list(shown)}))
        _insert(connection, [(at, complaints[at].title, complaints[at].text) for at in sorted(new)])


def remove(connection: Connection, text_ids: Iterable[int]) -> None:
    """Take texts out of the index."""
    connection.execute(_said(connection, _DELETE), {"ids": list(text_ids)})


def merge(connection: Connection, *, begin: bool) -> bool:
    """Take a step to a SQLite index of one piece, in which nothing is left of removed texts; False after the last."""
    before = connection.scalar(text("SELECT total_changes()"))
    step = {"pages": -MERGED if begin else MERGED}
    connection.execute(text("INSERT INTO text_words (text_words, rank) VALUES ('merge', :pages)"), step)
    # One row is this statement itself: https://www.sqlite.org/fts5.html#the_merge_command
    return int(connection.scalar(text("SELECT total_changes()"))) - int(before) > 1


def index_all(connection: Connection, track: Track = untracked) -> None:
    """Fill an empty index from the stored texts."""
    newest = select(func.max(predictions.c.id)).group_by(predictions.c.report_id)
    hidden = select(predictions.c.report_id).where(predictions.c.id.in_(newest), predictions.c.visibility == "rahasia")
    stored = select(texts.c.id, texts.c.title, texts.c.text).where(texts.c.report_id.not_in(hidden))
    total = connection.scalar(select(func.count()).select_from(stored.subquery())) or 0
    with connection.execute(stored.order_by(texts.c.id), execution_options={"yield_per": BATCH}) as rows:
        tracked = iter(track(rows, total, "search index"))
        while batch := list(islice(tracked, BATCH)):
            _insert(connection, batch)
    if connection.dialect.name == "postgresql":
        connection.execute(text("ANALYZE text_words"))


def count(connection: Connection, words: Sequence[str], stored: int, most: int) -> dict[str, float]:
    """Return how many of the `stored` texts have each word, about; no more than `most`."""
    asked = {"words": json.dumps(words), "texts": stored, "most": most}
    return {row.word: row.found for row in connection.execute(_said(connection, _COUNT), asked)}


def matches(connection: Connection, weights: Mapping[tuple[str, ...], float], most: int) -> Subquery:
    """Return rows of `text_id` and `weight`: one for each text that has all of some words, whose weight that is."""
    dialect = connection.dialect.name
    if dialect == "postgresql":  # its statistics lag behind a growing table, and it would read whole tables
        connection.execute(_NO_WHOLE_TABLES)
    quote, both = ('"', " AND ") if dialect == "sqlite" else ("'", " & ")
    asked = {both.join(f"{quote}{word}{quote}" for word in words): weight for words, weight in weights.items()}
    found = _said(connection, _MATCH).bindparams(weights=json.dumps(asked), most=most)
    return found.columns(column("text_id"), column("weight", Float)).subquery()


def _insert(connection: Connection, rows: Iterable[Any]) -> None:
    """Index rows of (id, title, text); a text of common words alone has a row too."""
    new = [{"id": at, "words": " ".join(words_of(title, written))} for at, title, written in rows]
    if new:
        connection.execute(_said(connection, _INSERT), new)


def _said(connection: Connection, statements: Mapping[str, TextClause]) -> TextClause:
    return statements[connection.dialect.name]


@cache
def _normalise() -> Normaliser:
    return Normaliser(read_lexicon())


@cache
def _common() -> frozenset[str]:
    return frozenset(COMMON_WORDS.read_text("utf-8").split())
