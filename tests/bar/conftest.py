"""The house of `tests/handoff` for stories about people, and the real bot for stories about understanding."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from rasa_sdk.executor import ActionExecutor

from bot.faq.entries import read_folder
from bot.runtime import RasaBot
from bot.understanding import FaqEntry
from tests.conftest import FAQ
from tests.handoff.conftest import *  # noqa: F403  (fixtures need each other by name)


@pytest.fixture(scope="session")
def starter_entries() -> list[FaqEntry]:
    """The entries of `data/faq`."""
    return read_folder(FAQ)


@pytest.fixture(scope="session")
def real_bot(trained_model: Path) -> Iterator[RasaBot]:
    """Rasa with the starter entries; a test that changes them puts them back."""
    executor = ActionExecutor()
    executor.register_package("actions")
    running = RasaBot(trained_model, executor)
    running.start()
    yield running
    running.stop()
