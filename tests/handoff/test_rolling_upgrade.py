"""Old and new code side by side on one database: migrations only add, and an older version serves on a newer form or says why it can't."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from handoff.conversations import service
from handoff.database import Database
from handoff.errors import SettingsError
from handoff.migrate import upgrade
from tests.handoff import talk

VERSIONS = sorted((Path(__file__).parents[2] / "handoff" / "migrations" / "versions").glob("[0-9]*.py"))
TAKES_AWAY = {"drop_table", "drop_column", "rename_table", "alter_column", "execute", "create_unique_constraint", "create_check_constraint"}
ADDING_SINCE = "0017"
REVIEWED: dict[str, str] = {}
"""Migrations that do more than add, by their file's name: why the version before still serves beside them."""


def beyond_adding(source: str) -> Iterator[str]:
    """What a migration does that the code before it may not survive, by the rule: only tables, indexes and columns that may be empty or have a default."""
    tree = ast.parse(source)
    for part in tree.body:
        if isinstance(part, ast.FunctionDef) and part.name != "downgrade":
            for call in (node for node in ast.walk(part) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
                if name in TAKES_AWAY:
                    yield name
                elif name == "add_column" and not _may_be_left_out(call):
                    yield "add_column without a default that the database knows"
                elif name == "create_index" and _is(call, "unique", value=True):
                    yield "unique index"


def _may_be_left_out(added: ast.Call) -> bool:
    column = next((one for one in added.args if isinstance(one, ast.Call)), None)
    return column is not None and (not _is(column, "nullable", value=False) or any(word.arg == "server_default" for word in column.keywords))


def _is(call: ast.Call, name: str, *, value: bool) -> bool:
    return any(word.arg == name and isinstance(word.value, ast.Constant) and word.value.value is value for word in call.keywords)


@pytest.mark.parametrize("path", [path for path in VERSIONS if path.name >= ADDING_SINCE], ids=lambda path: path.stem)
def test_a_migration_only_adds(path: Path) -> None:
    assert list(beyond_adding(path.read_text(encoding="utf-8"))) == [] or path.name in REVIEWED


@pytest.mark.parametrize(
    ("step", "found"),
    [
        ('op.drop_column("event", "body")', ["drop_column"]),
        ('op.alter_column("event", "body", nullable=False)', ["alter_column"]),
        ('op.execute("DELETE FROM event")', ["execute"]),
        ('op.add_column("event", sa.Column("a", sa.Text(), nullable=False))', ["add_column without a default that the database knows"]),
        ('op.add_column("event", sa.Column("a", sa.Text(), nullable=False, server_default=""))', []),
        ('op.add_column("event", sa.Column("a", sa.Text(), nullable=True))', []),
        ('op.create_index("ix_a", "event", ["a"], unique=True)', ["unique index"]),
        ('op.create_index("ix_a", "event", ["a"])', []),
    ],
)
def test_the_rule_finds_what_would_break_the_version_before(step: str, found: list[str]) -> None:
    assert list(beyond_adding(f"def upgrade():\n    {step}\n\ndef downgrade():\n    op.drop_table('a')")) == found


def newer(database: Database, *steps: str) -> None:
    """What a version that we don't know yet makes of the database."""
    upgrade(database)
    with database.engine.execution_options(abiline_write=True).begin() as connection:
        for step in (*steps, "UPDATE alembic_version SET version_num = '9999'"):
            connection.execute(text(step))


@pytest.mark.both_databases
def test_an_older_version_serves_on_a_newer_form_that_only_adds(empty: Database, caplog: pytest.LogCaptureFixture) -> None:
    newer(
        empty,
        "ALTER TABLE conversation ADD COLUMN mood VARCHAR(10)",
        "ALTER TABLE event ADD COLUMN weight INTEGER NOT NULL DEFAULT 0",
        "CREATE TABLE mood (id INTEGER PRIMARY KEY)",
    )
    upgrade(empty)
    assert "ahead of this version (9999)" in caplog.text
    mari = service.start(empty, greeting="Tere!")
    assert talk.texts(empty, mari.conversation_id, "bot") == ["Tere!"]


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("step", "lost"),
    [
        ("ALTER TABLE conversation DROP COLUMN page", "conversation.page"),
        ("ALTER TABLE outbox RENAME TO letters_out", "outbox"),
    ],
)
def test_where_something_it_needs_is_gone_it_stays_down_and_names_it(empty: Database, step: str, lost: str) -> None:
    newer(empty, step)
    with pytest.raises(SettingsError, match=rf"\(9999\).* {lost}\. Start the newer version"):
        upgrade(empty)
