"""Processes that are measured: started in a group of their own, looked at through /proc, ended whole."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from bot.mendable import Mendable

LAST_LINES = 12
LEAN = {"tensorflow": "libtensorflow", "torch": "libtorch"}


class NotMeasured(Mendable):
    """Something that was to be measured did not start or stopped; the message ends with its own last words."""


class Running:
    """One program and all that it starts. `log` takes its output."""

    def __init__(self, command: Sequence[str], *, log: Path, cwd: Path, environment: Mapping[str, str]) -> None:
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                list(command), cwd=cwd, env=os.environ | dict(environment), stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Ask again and again. Raises `NotMeasured` when the program ends before or takes longer."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                why = "took too long" if self._process.poll() is None else f"ended with {self._process.returncode}"
                raise NotMeasured(f"{' '.join(map(str, self._process.args))[:120]} {why}:\n{self.last_words()}")  # type: ignore[arg-type]
            time.sleep(0.02)

    def finish(self, seconds: float) -> float:
        """Wait for its end; gives the processor seconds of it and all that it started. Raises `NotMeasured` when it fails or takes longer."""
        before = _processor_seconds()
        self.wait_until(lambda: self._process.poll() == 0, seconds)
        return _processor_seconds() - before

    def last_words(self) -> str:
        """The end of what it said."""
        return "\n".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:])

    def memory(self) -> int:
        """Bytes that it holds, shared pages divided among those who share them (PSS)."""
        return sum(_pss(pid) for pid in _family(self._process.pid))

    def loaded(self) -> list[str]:
        """Which of the heavy libraries are in its memory."""
        maps = "".join(_read(Path(f"/proc/{pid}/maps")) for pid in _family(self._process.pid))
        return [name for name, library in LEAN.items() if library in maps]

    @property
    def pid(self) -> int:
        """Of the program itself."""
        return self._process.pid

    def ask_to_end(self) -> None:
        """As Ctrl-C does, so that it writes what it has. Raises `subprocess.TimeoutExpired` when it does not end within a minute."""
        os.killpg(self._process.pid, signal.SIGINT)
        self._process.wait(60)

    def stop(self) -> None:
        """End all of it."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def _processor_seconds() -> float:
    """Of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*"):
        for child in _read(task / "children").split():
            yield from _family(int(child))


def _pss(pid: int) -> int:
    lines = _read(Path(f"/proc/{pid}/smaps_rollup")).splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it has ended meanwhile
        return ""
