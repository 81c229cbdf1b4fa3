"""How often somebody may ask something: a token bucket in memory, enough against floods by one sender.

With many processes each tells the others over Redis what was taken from a shared bucket (`Buckets`), so all of them count together and nobody
waits to be let in. While Redis is away each counts alone.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from handoff.errors import TooMany

MOST_KEYS = 50_000  # past this, buckets that are full again are forgotten


class Bucket:
    """One bucket a key: `burst` at once, then `per_second` again. Used in the web loop only, so it needs no lock."""

    def __init__(self, *, burst: int, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst = float(burst)
        self._per_second = per_second
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}  # key → (tokens, when counted)
        self.took: Callable[[str], None] = lambda _key: None  # told of each token, where other processes count too

    def take(self, key: str) -> None:
        """Use one token of the key. Raises `TooMany` with the seconds until the next one."""
        moment = self._clock()
        tokens = self._tokens(key, moment)
        if tokens < 1:
            raise TooMany("Too many requests. Please wait a moment.", retry_after=math.ceil((1 - tokens) / self._per_second))
        self._keep(key, tokens - 1, moment)
        self.took(key)

    def check(self, key: str) -> None:
        """Raises `TooMany` when the key has no token left; takes none."""
        tokens = self._tokens(key, self._clock())
        if tokens < 1:
            raise TooMany("Too many requests. Please wait a moment.", retry_after=math.ceil((1 - tokens) / self._per_second))

    def taken_elsewhere(self, key: str) -> None:
        """Another process has used a token of the key; where both were at once, there may be less than none, which time pays back."""
        moment = self._clock()
        self._keep(key, max(-self._burst, self._tokens(key, moment) - 1), moment)

    def _keep(self, key: str, tokens: float, moment: float) -> None:
        self._left[key] = (tokens, moment)
        if len(self._left) > MOST_KEYS:
            self._forget_full(moment)

    def _tokens(self, key: str, moment: float) -> float:
        tokens, counted = self._left.get(key, (self._burst, moment))
        return min(self._burst, tokens + (moment - counted) * self._per_second)

    def _forget_full(self, moment: float) -> None:
        self._left = {key: left for key, left in self._left.items() if self._tokens(key, moment) < self._burst}


class Buckets:
    """The buckets that all processes of the house count together, by name."""

    def __init__(self) -> None:
        self._named: dict[str, Bucket] = {}
        self.abroad: Callable[[tuple[str, str]], None] = lambda _taken: None  # tells other processes, where there are some

    def share(self, name: str, bucket: Bucket) -> Bucket:
        """The bucket, counted together with those that other processes know by this name."""
        self._named[name] = bucket
        bucket.took = lambda key: self.abroad((name, key))
        return bucket

    def taken_elsewhere(self, taken: list[Any]) -> None:
        """Names and keys of tokens that another process has used. Raises `ValueError` or `TypeError` for what is none."""
        for name, key in taken:
            if name in self._named:
                self._named[name].taken_elsewhere(key)
