"""Failed log-ins, counted in memory: who guesses has to wait. Kept per process; a restart forgets them."""

from __future__ import annotations

import math
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable

from handoff.errors import TooMany

WINDOW_SECONDS = 15 * 60
PER_PERSON = 6  # from one address with one login
PER_ADDRESS = 40  # from one address with any login: an office behind one address has many people
MOST_KEYS = 20_000


class Attempts:
    """Failures of the last `WINDOW_SECONDS` by (address, login) and by address. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def check(self, address: str, login: str) -> None:
        """Raise `TooMany` while this address has guessed too often."""
        with self._lock:
            for key, most in (((address, login.lower()), PER_PERSON), ((address, ""), PER_ADDRESS)):
                recent = self._recent(key)
                if len(recent) >= most:
                    wait = math.ceil(recent[0] + WINDOW_SECONDS - self._clock())
                    raise TooMany("Too many wrong tries. Please wait a little.", retry_after=max(wait, 1))

    def failed(self, address: str, login: str) -> None:
        """Count one wrong try."""
        with self._lock:
            if len(self._failures) >= MOST_KEYS:
                self._drop_old()
            for key in ((address, login.lower()), (address, "")):
                self._recent(key).append(self._clock())

    def succeeded(self, address: str, login: str) -> None:
        """The right password forgets this person's slips."""
        with self._lock:
            self._failures.pop((address, login.lower()), None)

    def _recent(self, key: tuple[str, str]) -> deque[float]:
        failures = self._failures[key]
        while failures and failures[0] <= self._clock() - WINDOW_SECONDS:
            failures.popleft()
        return failures

    def _drop_old(self) -> None:
        for key in list(self._failures):
            if not self._recent(key):
                del self._failures[key]
