"""What many tests share: the trained model, made once, and a running bot."""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.keys import use_test_key

use_test_key()

# The same examples each time, so that nobody is stopped by what a change has not touched; `make test-long` looks for new ones.
settings.register_profile("same", derandomize=True)
settings.register_profile("new")
settings.load_profile(os.environ.get("ABILINE_EXAMPLES", "same"))

# As many test processes as cores: numpy's threads on top of them would only wait for one another. Before numpy is imported.
for _threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

if TYPE_CHECKING:
    from bot.runtime import RasaBot

ROOT = Path(__file__).parents[1]
BROWSER = ROOT / "tests" / "browser"
MEMORY = Path("/dev/shm")
ENOUGH = 4 * 1024**3  # bytes; a container's usual 64 MB are not
SELDOM = (10_000, 20, 20)  # things made between two looks for what can be thrown away, and such looks between thorough ones
MODELS = ROOT / "models"
FAQ = ROOT / "data" / "faq"


def pytest_configure() -> None:
    """The folders of tests lie in memory where there is room: a database waits at each commit until it is kept, and memory keeps at once."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Who leaves the browser out need not read its tests."""
    return True if collection_path == BROWSER and "not browser" in config.option.markexpr else None


def pytest_collection_finish() -> None:
    """What has been read by now stays: Python need not look through it again whenever it looks for what can be thrown away."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests have measured (`record_property`) and nobody asserts."""
    figures = [figure for report in terminalreporter.stats.get("passed", ()) for figure in getattr(report, "user_properties", ())]
    if figures:
        terminalreporter.section("measured")
    for name, value in figures:
        terminalreporter.write_line(f"{name}: {value}")


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
