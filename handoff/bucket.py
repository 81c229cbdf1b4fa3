"""How often somebody may ask something: a token bucket in memory, enough against floods by one sender."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from handoff.errors import TooMany

MOST_KEYS = 50_000  # past this, buckets that are full again are forgotten


class Bucket:
    """One bucket a key: `burst` at once, then `per_second` again. Used in the web loop only, so it needs no lock."""

    def __init__(self, *, burst: int, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst = float(burst)
        self._per_second = per_second
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}  # key → (tokens, when counted)

    def take(self, key: str) -> None:
        """Use one token of the key. Raises `TooMany` with the seconds until the next one."""
        moment = self._clock()
        tokens = self._tokens(key, moment)
        if tokens < 1:
            raise TooMany("Too many requests. Please wait a moment.", retry_after=math.ceil((1 - tokens) / self._per_second))
        self._left[key] = (tokens - 1, moment)
        if len(self._left) > MOST_KEYS:
            self._forget_full(moment)

    def check(self, key: str) -> None:
        """Raises `TooMany` when the key has no token left; takes none."""
        tokens = self._tokens(key, self._clock())
        if tokens < 1:
            raise TooMany("Too many requests. Please wait a moment.", retry_after=math.ceil((1 - tokens) / self._per_second))

    def _tokens(self, key: str, moment: float) -> float:
        tokens, counted = self._left.get(key, (self._burst, moment))
        return min(self._burst, tokens + (moment - counted) * self._per_second)

    def _forget_full(self, moment: float) -> None:
        self._left = {key: left for key, left in self._left.items() if self._tokens(key, moment) < self._burst}
