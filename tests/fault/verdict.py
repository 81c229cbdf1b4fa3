"""What an oracle says: one thing that is wrong, and what a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.fault.journal import Journal
from tests.fault.ledger import Ledger


@dataclass(frozen=True)
class Wrong:
    """One thing that must not be: the rule that it breaks, where, and what is there."""

    rule: str
    where: str
    what: str


Rule = Callable[[Journal, Ledger], Iterator[Wrong]]
