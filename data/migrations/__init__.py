"""Brings the tables of a database up to date, in steps that each happen whole or not at all."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, inspect, select

SCHEMA_LOCK = 0x70696C6168  # "pilah": several workers may start at once
FIRST = "0001"


def migrate(connection: Connection) -> None:
    """Run the steps that the database has not seen yet, inside the caller's transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(SCHEMA_LOCK)))
    config = _config(connection)
    if version(connection) is None and inspect(connection).has_table("keys"):
        command.stamp(config, FIRST)  # made before the steps were numbered
    command.upgrade(config, "head")


def version(connection: Connection) -> str | None:
    """Return the step that the database has reached, None if its steps are not numbered."""
    return MigrationContext.configure(connection).get_current_revision()


def known() -> frozenset[str]:
    """Return all steps that there are."""
    scripts = ScriptDirectory(str(Path(__file__).parent))
    return frozenset(script.revision for script in scripts.walk_revisions())


def _config(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config
