"""The bytes of attachments on disk, outside of anything the web serves: one file an attachment, under its random id.

A file is written under a passing name, checked, then renamed; its row comes after it. A crash between leaves bytes that no
row names: `sweep` takes them away.
"""

from __future__ import annotations

import os
import re
import shutil
import time
import unicodedata
from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import anyio

from handoff.conversations import pictures
from handoff.conversations.filetypes import FileType, recognise
from handoff.database import new_id
from handoff.errors import Unreadable

PASSING, PREVIEW = ".part", ".webp"
LONGEST_NAME = 120
ROOM_LEFT = 500_000_000  # bytes of the disk that attachments never take
YOUNG_SECONDS = 3_600  # what is younger may still be on its way in


@dataclass(frozen=True)
class Stored:
    """A file that stands on the shelf and has no row yet. Width and height in pixels, for pictures."""

    id: str
    name: str
    type: str
    size: int
    width: int | None = None
    height: int | None = None


class Shelf:
    """One folder. Its own methods, but for `receive`, may wait for the disk: call them in a worker thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, file_id: str, *, preview: bool = False) -> Path:
        return self._folder / f"{file_id}{PREVIEW if preview else ''}"

    async def receive(self, chunks: AsyncIterator[bytes], *, most: int) -> Path:
        """Write what comes, as it comes, under a passing name. Raises `Unreadable` with code `file_too_large` past `most`
        bytes, or `file_no_room` on a full disk; nothing is left behind then."""
        path = self._passing(most)
        size = 0
        try:
            async with await anyio.open_file(path, "xb") as file:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > most:
                        raise Unreadable(f"The file is larger than {most} bytes.", code="file_too_large", field="file")
                    await file.write(chunk)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    def put(self, source: Path, *, name: str, allowed: frozenset[str]) -> Stored:
        """Recognise what was received, draw it anew when it is a picture, and give it its place. The source is gone
        afterwards. Raises `Unreadable` (see `recognise` and `redraw`)."""
        file_id = new_id()
        drawn, preview = source.with_suffix(".drawn" + PASSING), self.path(file_id, preview=True)
        try:
            kind = recognise(source, name=name, allowed=allowed)
            picture = pictures.redraw(source, drawn, preview) if kind.drawn else None
            ready = drawn if picture else source
            _to_disk(ready)
            os.replace(ready, self.path(file_id))
        except BaseException:
            self.drop([file_id])
            raise
        finally:
            for passing in (source, drawn):
                passing.unlink(missing_ok=True)
        shape = (picture.width, picture.height) if picture else (None, None)
        return Stored(file_id, own_name(name, kind), kind.media, self.path(file_id).stat().st_size, *shape)

    def drop(self, file_ids: Iterable[str]) -> None:
        """Take the files and their previews away; those that are gone already don't matter."""
        for file_id in file_ids:
            for preview in (False, True):
                self.path(file_id, preview=preview).unlink(missing_ok=True)

    def old(self) -> set[str]:
        """Ids of what has stood here, or has been on its way in, for longer than any upload takes."""
        before = time.time() - YOUNG_SECONDS
        return {path.name.split(".")[0] for path in self._files() if path.stat().st_mtime < before}

    def sweep(self, orphans: Collection[str]) -> int:
        """Take away everything that belongs to these ids; gives how many files went."""
        doomed = [path for path in self._files() if path.name.split(".")[0] in orphans]
        for path in doomed:
            path.unlink(missing_ok=True)
        return len(doomed)

    def _passing(self, most: int) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if shutil.disk_usage(self._folder).free < ROOM_LEFT + most:
            raise Unreadable("There is no room for files now.", code="file_no_room", field="file")
        return self._folder / f"{new_id()}{PASSING}"

    def _files(self) -> list[Path]:
        return [path for path in self._folder.iterdir() if path.is_file()] if self._folder.is_dir() else []


def own_name(name: str, kind: FileType) -> str:
    """The name without folders, control and direction signs, no longer than a line, with the ending of what the file is."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    readable = "".join(character for character in last if unicodedata.category(character)[0] != "C" and character not in '<>:"|?*')
    stem, dot, ending = readable.strip(" .").rpartition(".")
    known = dot and (f".{ending.lower()}" == kind.ending or (kind.name == "jpeg" and ending.lower() == "jpeg"))
    stem = stem if dot and (known or len(ending) <= 5) else readable.strip(" .")
    return f"{stem.strip(' .')[: LONGEST_NAME - 5] or 'fail'}{f'.{ending}' if known else kind.ending}"


def _to_disk(path: Path) -> None:
    """A message is acknowledged only once it is on disk, and so is its file."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
