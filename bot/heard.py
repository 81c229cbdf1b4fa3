"""Readings of what more than one message says in the same words: greetings, thanks, „kus mu pakk on“. They are found again instead of read again.

Nobody's own words stay here: of what is said for the first time only a sum is kept, made with a key that this process forgets; what Rasa reads in it is kept
when the same comes once more, is short, and names nothing (no e-mail, no order). An hour later, and with every change of the entries, it is read anew.
"""

from __future__ import annotations

import pickle
import secrets
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

MOST = 1_000  # readings of a few kilobytes
MOST_ONCE = 10_000  # texts that may come again
LONGEST = 80  # characters: two people hardly ever write the same story
LASTS_SECONDS = 3600.0
_NAMES_NOTHING = {"language"}


class Heard:
    """For one thread."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._key = clock, secrets.token_bytes(16)
        self._once: OrderedDict[bytes, None] = OrderedDict()
        self._readings: OrderedDict[bytes, tuple[float, bytes]] = OrderedDict()
        self._against: Callable[[], object] = lambda: None  # weakly: an FAQ that has been replaced is gone

    def recall(self, text: str, against: object) -> dict[str, Any] | None:
        """The reading of this text against these very entries, the caller's own copy; None where it is to be read."""
        if against is not self._against():
            return None
        found = self._readings.get(self._sum(text))
        if found is None or self._clock() - found[0] > LASTS_SECONDS:
            return None
        reading: dict[str, Any] = pickle.loads(found[1])  # noqa: S301 - what `note` wrote, in this process
        return reading

    def note(self, text: str, against: object, reading: dict[str, Any]) -> None:
        """Say what was read in a text."""
        if len(text) > LONGEST or {entity["entity"] for entity in reading["entities"]} - _NAMES_NOTHING:
            return
        if against is not self._against():
            self._against = weakref.ref(against)
            self._readings.clear()
        heard = self._sum(text)
        if heard not in self._once:
            _put(self._once, heard, None, MOST_ONCE)
        else:
            _put(self._readings, heard, (self._clock(), pickle.dumps(reading)), MOST)

    def _sum(self, text: str) -> bytes:
        return blake2b(text.encode(), digest_size=16, key=self._key).digest()


def _put(kept: OrderedDict[bytes, Any], key: bytes, value: object, most: int) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > most:
        kept.popitem(last=False)
