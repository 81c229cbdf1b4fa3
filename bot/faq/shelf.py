"""What took long to compute, by key, in a SQLite file beside the model, so that a restart computes nothing again.

Several processes may use one file. It stays bounded: what another maker left, what nobody has asked for in months and what is beyond the
most that is kept goes when the file is opened. All of it can be computed again, so a file that can't be read or written stops nothing.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

log = logging.getLogger(__name__)
T = TypeVar("T")
_PATIENCE = 10  # seconds for another process's write
_DAY = 86_400
_KEPT_DAYS = 60
_NOTED_DAYS = 7  # a use is noted again after so long: reading must not mean writing
_MOST = 400_000  # rows; some hundred thousand passages
_AT_ONCE = 500  # keys a query: SQLite takes a thousand
_WRITE = "INSERT OR IGNORE INTO kept VALUES (?, ?, ?, ?)"
_FORM = "CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, maker TEXT, seen INTEGER, made BLOB)"


class Shelf:
    """Bytes by key. Without a file they are kept in memory. Safe to use from several threads."""

    def __init__(self, file: Path | None = None, *, maker: str = "", below: Shelf | None = None) -> None:
        """`maker` changes whenever the same key would be made differently; `below` is read too and never written."""
        self._file, self._maker, self._below = file, maker, below
        self._memory: dict[str, bytes] = {}
        self._lock = threading.Lock()
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._sweep()

    def scratch(self) -> Shelf:
        """A shelf that finds what this one holds and forgets with its own end what is put on it: drafts are nobody's to keep."""
        return Shelf(below=self)

    def lacking(self, keys: Iterable[str]) -> set[str]:
        """Those of the keys that are not there; nothing is read but keys."""
        left = [key for key in dict.fromkeys(keys) if key not in self._memory]
        if self._below and left:
            left = list(self._below.lacking(left))
        if self._file and left:
            held = self._use(lambda connection: self._held(connection, left), list[str]())
            left = list(set(left).difference(held))
        return set(left)

    def get(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Those of the keys that are there."""
        wanted = list(dict.fromkeys(keys))
        found = {key: self._memory[key] for key in wanted if key in self._memory}
        rest = [key for key in wanted if key not in found]
        if self._below and rest:
            found |= self._below.get(rest)
        if self._file and rest:
            for at in range(0, len(rest), _AT_ONCE):
                found |= self._read(rest[at : at + _AT_ONCE])
        return found

    def put(self, made: Mapping[str, bytes]) -> None:
        """Keep these; what was there under the same keys is the same and stays."""
        if not made:
            return
        if self._file is None:
            with self._lock:
                self._memory.update(made)
            return
        rows = [(key, self._maker, _today(), value) for key, value in made.items()]
        self._use(lambda connection: connection.executemany(_WRITE, rows), None)

    def _held(self, connection: sqlite3.Connection, keys: Sequence[str]) -> list[str]:
        found: list[str] = []
        for at in range(0, len(keys), _AT_ONCE):
            some = keys[at : at + _AT_ONCE]
            query = f"SELECT key FROM kept WHERE maker = ? AND key IN ({','.join('?' * len(some))})"  # noqa: S608 - marks only
            found += [key for (key,) in connection.execute(query, [self._maker, *some])]
        return found

    def _read(self, keys: list[str]) -> dict[str, bytes]:
        query = f"SELECT key, seen, made FROM kept WHERE maker = ? AND key IN ({','.join('?' * len(keys))})"  # noqa: S608 - marks only

        def read(connection: sqlite3.Connection) -> list[tuple[str, int, bytes]]:
            rows = connection.execute(query, [self._maker, *keys]).fetchall()
            old = [(_today(), key) for key, seen, _ in rows if seen < _today() - _NOTED_DAYS]
            if old:
                connection.executemany("UPDATE kept SET seen = ? WHERE key = ?", old)
            return rows

        return {key: made for key, _, made in self._use(read, list[tuple[str, int, bytes]]())}

    def _sweep(self) -> None:
        def sweep(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM kept WHERE maker <> ? OR seen < ?", (self._maker, _today() - _KEPT_DAYS))
            (held,) = connection.execute("SELECT count(*) FROM kept").fetchone()
            if held > _MOST:
                connection.execute("DELETE FROM kept WHERE key IN (SELECT key FROM kept ORDER BY seen LIMIT ?)", (held - _MOST,))

        self._use(sweep, None)

    def _use(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """One transaction. A file that is no database is begun anew; one that can't be used just now is passed over."""
        file = self._file or Path()
        try:
            with closing(sqlite3.connect(str(file), timeout=_PATIENCE)) as connection, connection:
                connection.execute("PRAGMA synchronous=OFF")  # a power cut costs computing it again
                connection.execute(_FORM)
                return work(connection)
        except sqlite3.OperationalError as error:
            log.warning("%s can't be used (%s): what it would hold is computed", file.name, error)
        except sqlite3.DatabaseError as error:
            log.warning("%s can't be read (%s): what it held is computed again", file.name, error)
            file.unlink(missing_ok=True)
        return otherwise


def _today() -> int:
    return int(time.time() // _DAY)
