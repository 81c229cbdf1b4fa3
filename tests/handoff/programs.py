"""Programs with a key of the API."""

from __future__ import annotations

from typing import Any

from handoff.accounts import keys
from handoff.accounts.keys import Scope, Wish
from handoff.database import Database


def key_of(database: Database, agent_id: str, *scopes: Scope, **more: Any) -> str:
    return keys.make(database, Wish("Kassa", agent_id, scopes or tuple(Scope), **more), by=None)[1]
