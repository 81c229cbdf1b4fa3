"""SQL that is put into words once a process, not once a database.

SQLAlchemy keeps the words of a statement with the engine, and each test has an engine of its own: some 0.04 s of each, for the statements
that every start asks. With one dialect for all SQLite engines they find each other's. What is asked of the database stays the same.

The key that seals what people write belongs to the dialect, so only houses with the key of the environment share one; a house that is given
its own key has its own dialect too.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from sqlalchemy import Dialect, Engine
from sqlalchemy.util import LRUCache

from handoff import database
from handoff.vault import SETTING, Vault

STATEMENTS = 2_000


def sql_put_into_words_once(patch: pytest.MonkeyPatch) -> None:
    """From now on, until `patch` is undone."""
    shared: dict[str, tuple[Dialect, LRUCache[Any, Any]]] = {}
    make, begin = database._engine, database.Database.__init__

    def made(url: str) -> Engine:
        engine = make(url)
        if engine.dialect.name == "sqlite":
            engine.dialect, engine._compiled_cache = shared.setdefault(os.environ.get(SETTING, ""), (engine.dialect, LRUCache(STATEMENTS)))
        return engine

    def begun(self: database.Database, url: str, vault: Vault | None = None) -> None:
        patch.setattr(database, "_engine", make if vault else made)
        begin(self, url, vault)

    patch.setattr(database.Database, "__init__", begun)
