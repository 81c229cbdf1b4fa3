"""What many tests share: the trained model, made once, and a running bot."""

from __future__ import annotations

import fcntl
import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# As many test processes as cores: numpy's threads on top of them would only wait for one another. Before numpy is imported.
for _threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

if TYPE_CHECKING:
    from bot.runtime import RasaBot

ROOT = Path(__file__).parents[1]
MODELS = ROOT / "models"
FAQ = ROOT / "data" / "faq"


@pytest.fixture(scope="session")
def trained_model() -> Path:
    """The folder with the model and the encoder; trained only where something it is made of has changed."""
    from bot.quiet import without_import_warnings
    from bot.training import train

    os.environ["ABILINE_FAQ_DIR"] = str(FAQ)
    MODELS.mkdir(exist_ok=True)
    with (MODELS / "training.lock").open("w") as lock, without_import_warnings():  # spaCy and Rasa pull in what today's Python calls deprecated
        fcntl.flock(lock, fcntl.LOCK_EX)  # the other test processes wait for the one that trains
        train(MODELS, root=ROOT)
    return MODELS


@pytest.fixture(scope="session")
def real_bot(trained_model: Path) -> Iterator[RasaBot]:
    """Rasa with the starter entries, running for the whole session: a test that changes them puts them back."""
    from rasa_sdk.executor import ActionExecutor

    from bot.runtime import RasaBot

    executor = ActionExecutor()
    executor.register_package("actions")
    running = RasaBot(trained_model, executor)
    running.start()
    gc.collect()
    gc.freeze()  # Rasa stays: nothing of it is looked through again each time that a test's house is cleared away
    yield running
    running.stop()


@pytest.fixture(scope="session")
def bot(real_bot: RasaBot) -> RasaBot:
    """The real bot, but for the tests of the service, which have a fake one of this name."""
    return real_bot
