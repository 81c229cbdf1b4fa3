"""The house of `tests/handoff` for stories about people, and the real bot for stories about understanding."""

from __future__ import annotations

from tests.handoff.conftest import app, bot, client, database, jaan, kadri, log_in, mari, password_hash, people, services, settings

__all__ = ["app", "bot", "client", "database", "jaan", "kadri", "log_in", "mari", "password_hash", "people", "services", "settings"]
