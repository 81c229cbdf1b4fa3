"""How often a visitor or an address may ask something of the widget: token buckets, and seats for what is kept open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields

from handoff.bucket import Bucket, Buckets
from handoff.errors import TooMany

SEAT_SECONDS = 5  # after which a seat may be free


class Seats:
    """How many requests of one key may wait at the same time. Used in the web loop only, so it needs no lock."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: Counter[str] = Counter()

    @contextmanager
    def taken(self, key: str) -> Iterator[None]:
        """Hold one seat while the block runs. Raises `TooMany` when there is none."""
        if self._taken[key] >= self._most:
            raise TooMany("Too many requests wait already.", retry_after=SEAT_SECONDS)
        self._taken[key] += 1
        try:
            yield
        finally:
            self._taken[key] -= 1
            if not self._taken[key]:
                del self._taken[key]


@dataclass(frozen=True)
class Limits:
    """The widget's limits. An address may be a whole school or office, so it gets far more than one visitor."""

    starts: Bucket = field(default_factory=lambda: Bucket(burst=60, per_second=1))  # new conversations of one address
    address: Bucket = field(default_factory=lambda: Bucket(burst=300, per_second=20))  # changes from one address
    visitor: Bucket = field(default_factory=lambda: Bucket(burst=20, per_second=1))  # messages in one conversation
    polls: Seats = field(default_factory=lambda: Seats(6))  # long polls of one conversation: as many as a browser opens to one host
    typing: Bucket = field(default_factory=lambda: Bucket(burst=5, per_second=0.5))  # signs of typing in one conversation
    letters: Bucket = field(default_factory=lambda: Bucket(burst=3, per_second=1 / 1200))  # copies by e-mail of one conversation
    letters_of_address: Bucket = field(default_factory=lambda: Bucket(burst=10, per_second=1 / 360))
    files: Bucket = field(default_factory=lambda: Bucket(burst=60, per_second=0.1))  # files from one address

    @classmethod
    def counted_by_all(cls, buckets: Buckets) -> Limits:
        """Those that all processes count together; seats are each process's own, as the requests that sit on them."""
        limits = cls()
        for one in fields(limits):
            if isinstance(bucket := getattr(limits, one.name), Bucket):
                buckets.share(f"widget, {one.name}", bucket)
        return limits
