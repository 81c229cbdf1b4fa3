"""Keeps Rasa from talking: customers' texts to the log, usage figures to its makers. For our own process only.

Rasa logs through structlog, which unconfigured prints every event with everything in it (parsed texts, slots) to stdout.
"""

from __future__ import annotations

import logging
import os
import traceback
import warnings
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog

TELEMETRY_KEY = "RASA_TELEMETRY_ENABLED"
CHATTY = ("rasa", "rasa_sdk", "matplotlib", "apscheduler")


def hush() -> None:
    """Warnings and errors only, of structlog's events only the name; no telemetry. Call it before Rasa works."""
    os.environ[TELEMETRY_KEY] = "false"
    structlog.configure(
        processors=[_name_only],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


@contextmanager
def without_import_warnings() -> Iterator[None]:
    """Rasa 3.6 and what it pulls in use things that today's libraries call deprecated; nobody here can mend that."""
    with warnings.catch_warnings(record=True):  # recorded, since some libraries put filters of their own before this one
        warnings.simplefilter("ignore")
        yield


def place(error: BaseException) -> str:
    """The kind of an error and where it happened; its message may quote a customer and stays out of the log."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} at {frames[-1].filename}:{frames[-1].lineno}" if frames else type(error).__name__


def first_cause(error: BaseException) -> str:
    """What it all began with, in one line: Rasa wraps a component's error in one that only names the component."""
    while error.__cause__ is not None:
        error = error.__cause__
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"


def _name_only(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
    return str(event.get("event"))
