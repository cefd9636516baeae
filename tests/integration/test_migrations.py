"""The steps that bring a database up to date make what the tables say, from nothing and from every earlier state."""

from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from classifier.errors import StoreError
from data import migrations
from data.store.database import Store
from data.store.tables import metadata, waiting


def differences(store: Store) -> list[object]:
    """Return what differs, but for the search index: each kind of database has its own form of that."""

    def compared(name: str | None, kind: str, _parents: object) -> bool:
        return not (kind == "table" and name and name.startswith("text_words"))

    with store.read() as connection:
        return compare_metadata(MigrationContext.configure(connection, opts={"include_name": compared}), metadata)


def back_to_the_first_step(store: Store, *, numbered: bool) -> None:
    """Leave what the first release without numbered steps had made."""
    with store.write() as connection:
        for table in ("text_words", "sessions", "erasures", "waiting", "notes", "corrections", "alembic_version"):
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("DROP INDEX ix_texts_likeness"))
        connection.execute(text("DROP INDEX ix_predictions_made"))
        added = [("texts", "likeness"), *(("keys", name) for name in ("agency", "place", "confidential"))]
        added += [("predictions", name) for name in ("topic", "agency", "place", "action")]
        for table, column in added:
            connection.execute(text(f"ALTER TABLE {table} DROP COLUMN {column}"))
        if numbered:
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
            connection.execute(text("INSERT INTO alembic_version VALUES ('0001')"))


def test_an_empty_database_gets_the_tables_that_the_code_knows(database_url: str) -> None:
    with closing(Store.open(database_url)) as store:
        assert differences(store) == []


@pytest.mark.parametrize("numbered", [False, True])
def test_an_earlier_database_is_brought_up_to_date(database_url: str, numbered: bool) -> None:
    with closing(Store.open(database_url)) as store:
        back_to_the_first_step(store, numbered=numbered)
    with closing(Store.open(database_url)) as store:
        assert differences(store) == []


def test_a_step_that_fails_halfway_leaves_the_database_as_it_was(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Store.open(database_url)) as store:
        back_to_the_first_step(store, numbered=True)
        with store.write() as connection:  # the step's last table stands in the way
            connection.execute(text("CREATE TABLE sessions (id INTEGER)"))
    with pytest.raises(StoreError):
        Store.open(database_url)
    monkeypatch.setattr(migrations, "migrate", lambda _connection: None)
    monkeypatch.setattr("data.store.database.migrate", lambda _connection: None)
    with closing(Store.open(database_url)) as store, store.read() as connection:
        assert not inspect(connection).has_table(waiting.name)
        assert migrations.version(connection) == "0001"
