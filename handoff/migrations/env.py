"""Alembic's entry: migrates the connection that `handoff.migrate` hands over."""

from __future__ import annotations

from alembic import context

from handoff.database import Moment, Table
from handoff.migrate import ALL_TABLES
from handoff.sealed import SealedBytes, SealedJson, SealedText

assert ALL_TABLES, "the tables are registered by importing them"


def render(kind: str, value: object, _context: object) -> str | bool:
    """A migration outlives our types: a moment, or what is sealed, is written as what it is in the database."""
    if kind == "type" and isinstance(value, SealedText):
        return "sa.Text()"
    if kind == "type" and isinstance(value, SealedBytes):
        return "sa.LargeBinary()"
    if kind == "type" and isinstance(value, SealedJson):
        return "sa.JSON()"
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(value, Moment) else False


connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Table.metadata, render_as_batch=True, compare_type=True, render_item=render)
with context.begin_transaction():
    context.run_migrations()
