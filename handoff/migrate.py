"""Brings the database to the form that this version needs; at every start, and safe to repeat."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

import handoff.accounts.tables
import handoff.conversations.tables
import handoff.entries.tables
import handoff.outbox
import handoff.writing.tables
from handoff.database import Database, Table
from handoff.errors import SettingsError

ALL_TABLES = (handoff.accounts.tables, handoff.conversations.tables, handoff.entries.tables, handoff.outbox, handoff.writing.tables)
ONE_AT_A_TIME = 0xAB111E  # names the lock for which workers that start together wait


def upgrade(database: Database) -> None:
    """Run the migrations that are missing. Raises `SettingsError` when the database can't be opened or written, or knows no letters."""
    try:
        with database.engine.execution_options(abiline_write=True).connect() as connection:
            if not database.is_sqlite:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))
                _check_letters(connection)
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


def alembic_config() -> Config:
    """Where the migrations are; the connection is added by the caller."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def differences(database: Database) -> list[object]:
    """What the tables in code have and the migrated database has not, or the other way round; empty when they agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with database.engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Table.metadata))
