"""A PostgreSQL of our own for a while: a cluster in a temporary folder, reached over its socket, gone afterwards."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from sqlalchemy import create_engine, text

UNPRIVILEGED = ("postgres", "nobody")  # the server refuses to be root's
SETTINGS = {
    "listen_addresses": "",  # nothing but the socket
    "fsync": "off",  # what a power cut does is PostgreSQL's to prove, not ours
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "120",
    "shared_buffers": "32MB",
    "log_min_messages": "panic",
}


def programs() -> Path | None:
    """The folder with `initdb` and `pg_ctl`: Debian keeps them out of the PATH. None where there is no PostgreSQL."""
    found = shutil.which("initdb")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    return Path(found).resolve().parent if found else installed[-1] if installed else None


class Cluster:
    """A server that lives while the block runs. `settings` say what is otherwise than in `SETTINGS`."""

    def __init__(self, bin_folder: Path, **settings: str) -> None:
        self._bin = bin_folder
        self._settings = SETTINGS | settings
        self._user = next(name for name in UNPRIVILEGED if _exists(name)) if os.geteuid() == 0 else None
        self._counter = itertools.count()

    def __enter__(self) -> Cluster:
        self.folder = Path(tempfile.mkdtemp(prefix="abiline-pg-"))
        if self._user is not None:
            shutil.chown(self.folder, self._user)
        self._run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-D", str(self._data))
        self.start()
        self._server = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT", pool_pre_ping=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.dispose()
        self.crash()
        shutil.rmtree(self.folder)

    def start(self) -> None:
        """Start the server; it is started already when the block begins."""
        options = " ".join(f"-c {name}={value or chr(39) * 2}" for name, value in self._settings.items())
        self._run("pg_ctl", "start", "--wait", "-D", str(self._data), "-l", str(self.folder / "log"), "-o", f"{options} -k {self.folder}")

    def crash(self) -> None:
        """Stop it in the middle of whatever it does."""
        self._run("pg_ctl", "stop", "--mode", "immediate", "-D", str(self._data))

    def url(self, name: str) -> str:
        """The address of one database."""
        return f"postgresql+psycopg2://postgres@/{name}?host={self.folder}"

    def fresh(self, *, locale: str = "C.UTF-8") -> str:
        """Make a database without a table; gives its address."""
        name = f"test_{next(self._counter)}"
        with self._server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE \"{name}\" LOCALE '{locale}' TEMPLATE template0"))
        return self.url(name)

    def drop(self, url: str) -> None:
        """Forget a database, whoever is still connected to it."""
        name = url.partition("@/")[2].partition("?")[0]
        with self._server.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _run(self, program: str, *words: str) -> None:
        subprocess.run([self._bin / program, *words], user=self._user, cwd=self.folder, check=True, stdout=subprocess.DEVNULL, timeout=60)


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True
