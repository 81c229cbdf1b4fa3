"""What was erased, written down outside of the database, so that an older backup does not bring it back: its erasures are made again after a restore.

One line a conversation: the SHA-256 of its id, which was random, so that the list tells nothing to whoever has not the conversation before them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

FILE = "erased.log"


class Forgotten:
    """A file to which lines are added."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, conversation_id: str) -> None:
        """Write it down, and be sure that it is on the disk."""
        self.merge([mark_of(conversation_id)])

    def merge(self, marks: Iterable[str]) -> None:
        """Take over what another list knows."""
        fresh = [mark for mark in marks if mark]
        with self.path.open("a", encoding="ascii") as file:
            file.writelines(f"{mark}\n" for mark in fresh)
            file.flush()
            os.fsync(file.fileno())

    def marks(self) -> frozenset[str]:
        """Everything that was written down."""
        return frozenset(self.path.read_text(encoding="ascii").split()) if self.path.exists() else frozenset()


def mark_of(conversation_id: str) -> str:
    """As which a conversation stands in the list."""
    return hashlib.sha256(f"erased {conversation_id}".encode()).hexdigest()
