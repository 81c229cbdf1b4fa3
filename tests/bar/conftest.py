"""The house of `tests/handoff` for stories about people, and the real bot for stories about understanding."""

from __future__ import annotations

import pytest

from bot.faq.entries import read_folder
from bot.understanding import FaqEntry
from tests.conftest import FAQ
from tests.handoff.conftest import *  # noqa: F403  (fixtures need each other by name)


@pytest.fixture(scope="session")
def starter_entries() -> list[FaqEntry]:
    """The entries of `data/faq`."""
    return read_folder(FAQ)
