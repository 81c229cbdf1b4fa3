"""What the log looks like: plain lines, or one JSON object a line. Both say which request and which conversation a line belongs to.

Ids are random and open nothing. What an error says may quote a customer, so of errors JSON tells the kind and the places alone.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import TextIO

from handoff.settings import Settings
from handoff.watch import conversation_now, request_now

MOST_PLACES = 20  # of an error's trace, the innermost
QUIETER = ("httpx", "httpcore", "sqlalchemy", "alembic", "multipart", "asyncio")  # addresses and statements of others' talk, told as warnings only


def begin(settings: Settings, to: TextIO | None = None) -> None:
    """From now on everything is logged so, uvicorn's lines too (it is told to have no configuration of its own)."""
    handler = logging.StreamHandler(to or sys.stderr)
    handler.addFilter(named)
    handler.setFormatter(AsJson() if settings.log_format == "json" else logging.Formatter("%(asctime)s %(levelname)s %(name)s%(about)s: %(message)s"))
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], force=True)
    for name in QUIETER:
        logging.getLogger(name).setLevel(logging.WARNING)


def named(record: logging.LogRecord) -> bool:
    """Put the ids on the record, in the thread that logs."""
    ids = {"request": request_now.get(), "conversation": conversation_now.get()}
    said = ", ".join(f"{name} {value}" for name, value in ids.items() if value)
    vars(record).update(ids, about=f" [{said}]" if said else "")
    return True


class AsJson(logging.Formatter):
    """One line, whatever was written: line ends of strangers stay inside their quotes."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        told |= {name: value for name in ("request", "conversation") if (value := getattr(record, name, None))}
        if record.exc_info and (error := record.exc_info[1]) is not None:
            frames = traceback.extract_tb(error.__traceback__)[-MOST_PLACES:]
            told |= {"error": type(error).__name__, "places": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]}
        return json.dumps(told, ensure_ascii=False)
