"""A database that can't be used: waited for while it is away, looked through after an unclean end, and what is wrong said with its mend."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from fastapi import Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from handoff.database import Database, is_away
from handoff.errors import SettingsError

PATIENCE_SECONDS = 60  # a database that starts beside us is up by then
AGAIN_SECONDS = 1
RETRY_SECONDS = 3  # what whoever asked is told to wait
COMING = "the database system is"  # starting up, shutting down, in recovery: PostgreSQL's own words
log = logging.getLogger(__name__)


def await_answer(
    database: Database,
    say: Callable[[str], None],
    *,
    patience: float = PATIENCE_SECONDS,
    clock: Callable[[], float] = time.monotonic,
    rest: Callable[[float], None] = time.sleep,
) -> None:
    """Wait until the database answers. Raises `SettingsError` when it does not in time, refuses us, or is no database any more."""
    ends, told = clock() + patience, False
    while True:
        try:
            with database.engine.connect():
                return
        except DBAPIError as error:
            if database.is_sqlite:
                raise _damaged(Path(database.engine.url.database or ""), str(error.orig)) from None
            if not _may_come(error) or clock() >= ends:
                raise SettingsError(f"ABILINE_DATABASE_URL: the database does not let us in ({_first_line(error)}). Start it or mend the address.") from None
        if not told:
            say("The database does not answer yet: waiting for it")
            told = True
        rest(AGAIN_SECONDS)


def look_through(url: str) -> bool:
    """Where SQLite was not closed the last time (killed, the power went), see that its file is whole; True when it was looked at.
    Raises `SettingsError` with the mend when it is not."""
    address = make_url(url)
    path = Path(address.database or "")
    log_ahead = path.with_name(path.name + "-wal")
    if address.get_backend_name() != "sqlite" or not log_ahead.exists() or not log_ahead.stat().st_size:
        return False
    try:
        with closing(sqlite3.connect(path)) as connection:
            (told,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        told = str(error)
    if told != "ok":
        raise _damaged(path, told)
    return True


async def say_away(request: Request, error: Exception) -> Response:
    """The answer while the database is away: come back in a moment. Pages and programs do so by themselves."""
    if not is_away(error):
        raise error
    route = getattr(request.scope.get("route"), "path", "")  # never the address itself: it may hold what only its reader may know
    why = _first_line(error) if isinstance(error, DBAPIError) else type(error).__name__  # the driver's words, never the statement's values
    log.warning("the database does not answer: %s %s (%s)", request.method, route, why)
    headers = {"Retry-After": str(RETRY_SECONDS)}
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        words = "Oleme hetke pärast tagasi. · We are back in a moment. · Мы вернёмся через минуту."
        return PlainTextResponse(words, status_code=503, headers=headers | {"Refresh": str(RETRY_SECONDS)})
    return JSONResponse({"code": "away", "message": "The database does not answer at the moment. Try again soon."}, status_code=503, headers=headers)


def in_words(error: DBAPIError) -> str:
    """One line for whoever gave a command while the database could not do it."""
    return f"the database can't do it now ({_first_line(error)}). Make room on the disk or start the database, then try again."


def _may_come(error: DBAPIError) -> bool:
    """Whether waiting can help: nobody answers, or the server says that it is not ready. A wrong password stays wrong."""
    told = str(error.orig)
    return "FATAL" not in told or COMING in told


def _damaged(path: Path, told: str) -> SettingsError:
    return SettingsError(
        f"{path} is damaged ({told}). Keep a copy of the folder as it is, then put your last backup in its place: abiline restore FILE --force. "
        "docs/reliability.md says how to save what was written since."
    )


def _first_line(error: DBAPIError) -> str:
    return (str(error.orig).strip().splitlines() or [type(error).__name__])[0]
