"""What each side did and saw while a chaos run was played, written down as it happened, by nobody who knows how the service works inside."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar


@dataclass(frozen=True)
class Sent:
    """Somebody is about to send a message; whether it arrives is not known yet. Without a text, the service finds the words itself."""

    who: str
    conversation: str
    client_id: str
    text: str | None


@dataclass(frozen=True)
class Kept:
    """The service has said that it keeps the message, under this number."""

    who: str
    conversation: str
    client_id: str
    number: int


@dataclass(frozen=True)
class Opened:
    """A reader begins to listen after this number. `reader` names one connection, `side` is customer or desk."""

    reader: str
    side: str
    conversation: str
    after: int


@dataclass(frozen=True)
class Saw:
    """An event as it came over a stream."""

    reader: str
    conversation: str
    number: int
    kind: str
    actor: str
    client_id: str | None
    text: str | None


@dataclass(frozen=True)
class Claimed:
    """The service has said that the agent has the conversation."""

    who: str
    conversation: str


@dataclass(frozen=True)
class Moving:
    """An agent is about to do something with the conversation itself: `way` is the kind of event that it becomes, `to` to which colleague it is passed,
    `words` what they are told."""

    who: str
    conversation: str
    way: str
    to: str | None = None
    words: str = ""


@dataclass(frozen=True)
class Moved:
    """The service has said that it is done."""

    who: str
    conversation: str
    way: str
    to: str | None = None


@dataclass(frozen=True)
class Erasing:
    """A customer is about to ask for everything to be erased."""

    who: str
    conversation: str


@dataclass(frozen=True)
class Erased:
    """The service has said that it is erased, or that there is no such conversation any more."""

    who: str
    conversation: str


@dataclass(frozen=True)
class Setting:
    """A supervisor is about to set how many minutes `whose` customers wait at most."""

    whose: str
    minutes: int


@dataclass(frozen=True)
class IsSet:
    """The service has said that it is so. `alone`: nothing else was asked for it, that a process which hung may still do later."""

    whose: str
    minutes: int
    alone: bool = True


@dataclass(frozen=True)
class Publishing:
    """An editor is about to publish these words."""

    entry: str
    answer: str


@dataclass(frozen=True)
class Published:
    """The service has said that they are published."""

    entry: str
    answer: str


@dataclass(frozen=True)
class Received:
    """Another system was given a delivery and has said „yes“."""

    delivery: str


@dataclass(frozen=True)
class BackupBegins:
    """A backup is about to be made; `number` counts them."""

    number: int


@dataclass(frozen=True)
class BackupMade:
    """It is there."""

    number: int


@dataclass(frozen=True)
class Fault:
    """What was done to the house."""

    what: str


Said = Sent | Kept | Opened | Saw | Erasing | Erased
Done = Claimed | Moving | Moved | Setting | IsSet | Publishing | Published
Note = Said | Done | Received | BackupBegins | BackupMade | Fault
One = TypeVar("One", bound=Note)


class Journal:
    """Notes in the order in which they were made; with a file, kept there line by line."""

    def __init__(self, *notes: Note, file: Path | None = None) -> None:
        self.notes: list[Note] = list(notes)
        self._began = time.monotonic()
        self._file = file.open("w", encoding="utf-8") if file else None

    def add(self, note: Note) -> None:
        self.notes.append(note)
        if self._file:
            line = {"at": round(time.monotonic() - self._began, 3), "note": type(note).__name__} | asdict(note)
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def of(self, kind: type[One]) -> Iterator[One]:
        """The notes of one kind, in order."""
        return (note for note in self.notes if isinstance(note, kind))

    def close(self) -> None:
        if self._file:
            self._file.close()
