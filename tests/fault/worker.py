"""A process of the service that can be killed, hung and given a wrong clock."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests.ports import free_port

ROOT = Path(__file__).parents[2]
START_SECONDS = 300  # for each start; on a busy machine the imports alone take most of a minute
MOST_STARTS = 8
CLOCKS = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))  # Debian's package faketime


class Worker:
    """`python -m` a module that serves, on a port of its own; its clock is what a file says."""

    def __init__(self, name: str, folder: Path, settings: Mapping[str, str], *, wrong_clocks: bool = True, module: str = "tests.fault.serve") -> None:
        self.name, self._folder, self._module = name, folder, module
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._clock = folder / f"{name}.clock"
        self.set_clock(0)
        clock = {"LD_PRELOAD": str(CLOCKS[-1]), "FAKETIME_TIMESTAMP_FILE": str(self._clock)} if wrong_clocks and CLOCKS else {}
        clock |= {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_DISABLE_SHM": "1", "FAKETIME_CACHE_DURATION": "1"}
        self._environment = {**os.environ, **settings, **clock, "ABILINE_PORT": str(self.port), "ABILINE_PUBLIC_URL": self.url}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def memory(self) -> int:
        """Bytes that it has in memory now."""
        assert self._process is not None
        (line,) = [line for line in Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii").splitlines() if line.startswith("VmRSS")]
        return int(line.split()[1]) * 1024

    @property
    def log(self) -> str:
        """What it has written."""
        return (self._folder / f"{self.name}.log").read_text(encoding="utf-8")

    def start(self) -> None:
        """Begin to start; `await_answer` says when it has."""
        with (self._folder / f"{self.name}.log").open("ab") as output:
            self._process = subprocess.Popen([sys.executable, "-m", *self._module.split()], cwd=ROOT, env=self._environment, stdout=output, stderr=output)

    def await_answer(self) -> None:
        """Wait until it answers; started again when it ends, as systemd and Docker do. Raises `RuntimeError` with what it wrote last when it does not."""
        deadline, starts = time.monotonic() + START_SECONDS, 0
        while time.monotonic() < deadline and starts < MOST_STARTS:
            if self._process is None or self._process.poll() is not None:
                self.start()
                deadline, starts = time.monotonic() + START_SECONDS, starts + 1
            if self._answers():
                return
            time.sleep(0.1)
        self.tell_stacks()
        time.sleep(1)
        raise RuntimeError(f"{self.name} did not start:\n{self.log[-6_000:]}")

    def _answers(self) -> bool:
        """Asked without httpx, which reads certificates for each question."""
        asked = HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            asked.request("GET", "/health")
            return asked.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            asked.close()

    def kill(self) -> None:
        """No good-byes, as when the power goes; also a process that hangs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def kill_bot(self) -> None:
        """The bot's own process beside it, where there is one just now."""
        tasks = Path(f"/proc/{self._process.pid}/task") if self._process is not None else Path("nowhere")
        with suppress(OSError):  # both may be ending by themselves
            for pid in {int(pid) for task in tasks.glob("*") for pid in (task / "children").read_text().split()}:
                os.kill(pid, signal.SIGKILL)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def stop(self) -> int:
        """As systemd, Docker and Kubernetes stop a process; gives its exit code once it has gone."""
        assert self._process is not None
        self._process.terminate()
        code = self._process.wait(timeout=START_SECONDS)
        self._process = None
        return code

    def hang(self) -> None:
        """It keeps its connections and answers nobody."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def tell_stacks(self) -> None:
        """It writes down what each of its threads is doing, into its log."""
        self._signal(signal.SIGUSR1)

    def set_clock(self, wrong_by: float) -> None:
        """From now on its clock is wrong by so many seconds."""
        passing = self._clock.with_suffix(".part")
        passing.write_text(f"{wrong_by:+.0f}s", encoding="ascii")
        os.replace(passing, self._clock)

    def _signal(self, which: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(which)
