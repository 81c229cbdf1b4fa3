"""Brings the database to the form that this version needs; at every start, and safe to repeat.

While a new version is rolled out, processes of the old one may be started anew on a database that is ahead of them. Migrations only add
(`tests/handoff/test_rolling_upgrade.py`), so they serve on it; where one has taken away what the old version needs, it says so and stays down.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError

import handoff.accounts.kept_answers
import handoff.accounts.keys
import handoff.accounts.mailings
import handoff.accounts.tables
import handoff.conversations.calls
import handoff.conversations.channel_tables
import handoff.conversations.elsewhere
import handoff.conversations.fact_tables
import handoff.conversations.feedback_tables
import handoff.conversations.gap_tables
import handoff.conversations.mail_tables
import handoff.conversations.notice
import handoff.conversations.tables
import handoff.endpoints.tables
import handoff.entries.tables
import handoff.keys
import handoff.outbox
import handoff.writing.tables
from handoff.database import Database, Table
from handoff.errors import SettingsError

ALL_TABLES = (
    handoff.accounts.kept_answers,
    handoff.accounts.keys,
    handoff.accounts.mailings,
    handoff.accounts.tables,
    handoff.conversations.calls,
    handoff.conversations.channel_tables,
    handoff.conversations.elsewhere,
    handoff.conversations.fact_tables,
    handoff.conversations.feedback_tables,
    handoff.conversations.gap_tables,
    handoff.conversations.mail_tables,
    handoff.conversations.notice,
    handoff.conversations.tables,
    handoff.endpoints.tables,
    handoff.entries.tables,
    handoff.keys,
    handoff.outbox,
    handoff.writing.tables,
)
log = logging.getLogger(__name__)
ONE_AT_A_TIME = 0xAB111E  # names the lock for which workers that start together wait


def upgrade(database: Database) -> None:
    """Run the migrations that are missing; none where a newer version has run more than we know.

    Raises `SettingsError` when the database can't be opened or written, knows no letters, or has lost what this version needs.
    """
    try:
        with database.engine.execution_options(abiline_write=True).connect() as connection:
            if not database.is_sqlite:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))
                _check_letters(connection)
            if (ahead := _form_of(connection)) not in (None, *known_revisions()):
                _check_serves(connection, str(ahead))
                return
            config = alembic_config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    except OperationalError as error:
        raise SettingsError(f"ABILINE_DATA_DIR or ABILINE_DATABASE_URL: the database can't be used ({error.orig}).") from None


def _check_letters(connection: Connection) -> None:
    """A PostgreSQL made without a locale, or not in UTF-8, finds no „šokolaad“ where „ŠOKOLAAD“ is looked for, and says nothing."""
    encoding = connection.scalar(text("SHOW server_encoding"))
    if encoding != "UTF8" or connection.scalar(text("SELECT lower('ŠÕÄÖÜЖ')")) != "šõäöüж":
        raise SettingsError(
            "ABILINE_DATABASE_URL: this database does not know letters like õ and ž. Make one that does:"
            " CREATE DATABASE abiline ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0;"
        )


def _form_of(connection: Connection) -> str | None:
    """The newest migration that was run here; None in an empty database."""
    from alembic.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def _check_serves(connection: Connection, ahead: str) -> None:
    """Raises `SettingsError` where a newer version has made a form in which this one can't read or write."""
    if lost := sorted(_lost(connection)):
        raise SettingsError(
            f"ABILINE_DATABASE_URL: a newer version of Abiline has made this database's form ({ahead}), and this version can't work with its {', '.join(lost)}."
            " Start the newer version."
        )
    log.warning("the database is ahead of this version (%s): nothing to migrate", ahead)


def _lost(connection: Connection) -> Iterator[str]:
    """What our tables have and the database has no longer, and what it asks of new rows that we don't know."""
    there = inspect(connection)
    names = set(there.get_table_names())
    for table in Table.metadata.tables.values():
        if table.name not in names:
            yield table.name
            continue
        columns = {str(column["name"]): column for column in there.get_columns(table.name)}
        yield from (f"{table.name}.{one.name}" for one in table.columns if one.name not in columns)
        unknown = (column for name, column in columns.items() if name not in table.columns)
        yield from (f"{table.name}.{column['name']}" for column in unknown if not column["nullable"] and column["default"] is None)


def alembic_config() -> Config:
    """Where the migrations are; the connection is added by the caller."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def known_revisions() -> tuple[str, ...]:
    """The forms of the database that this version knows, the newest first."""
    from alembic.script import ScriptDirectory

    return tuple(one.revision for one in ScriptDirectory.from_config(alembic_config()).walk_revisions())


def differences(database: Database) -> list[object]:
    """What the tables in code have and the migrated database has not, or the other way round; empty when they agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with database.engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Table.metadata))
