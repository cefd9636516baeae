"""The full-text index that similar reports are found by."""

from alembic import op

revision = "0003"
down_revision = "0002"

# No positions and no sizes: which words stand in which text is all that is asked. PostgreSQL is to know the frequencies
# of 10,000 words.
SQLITE = [
    "CREATE VIRTUAL TABLE text_words USING fts5(words, tokenize = 'ascii', detail = none, columnsize = 0)",
]
POSTGRESQL = [
    "CREATE TABLE text_words"
    " (text_id bigint NOT NULL PRIMARY KEY REFERENCES texts (id) ON DELETE CASCADE, words tsvector NOT NULL)",
    "ALTER TABLE text_words ALTER COLUMN words SET STATISTICS 1000",
    # Every search reads all that waits to be sorted in, so little may wait.
    "CREATE INDEX ix_text_words_words ON text_words USING gin (words) WITH (gin_pending_list_limit = 256)",
]


def upgrade() -> None:
    """Make the index, and fill it from the texts that are there."""
    from data.store.text_words import index_all

    connection = op.get_bind()
    for statement in SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
    index_all(connection)
