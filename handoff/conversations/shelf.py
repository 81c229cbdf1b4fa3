"""The bytes of attachments on disk, outside of anything the web serves: one sealed file an attachment, under its random id.

A file is written under a passing name, checked, then sealed into its place; its row comes after it. Only what is on its way in stands there open, for as
long as it is looked at. A crash between leaves bytes that no row names: `sweep` takes them away.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import time
import unicodedata
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import anyio

from handoff.conversations import pictures
from handoff.conversations.filetypes import FileType, recognise
from handoff.database import new_id
from handoff.errors import Unreadable
from handoff.vault import CHUNK, HEADER, Chunks, Vault, file_sealed_with, plain_size

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
    """One folder, sealed with the vault; without one (for pictures that anybody may see) open. Its own methods, but for `receive`, may wait for
    the disk: call them in a worker thread."""

    def __init__(self, folder: Path, vault: Vault | None) -> None:
        self._folder = folder
        self._vault = vault

    def path(self, file_id: str, *, preview: bool = False) -> Path:
        return self._folder / f"{file_id}{PREVIEW if preview else ''}"

    def size(self, file_id: str, *, preview: bool = False) -> int | None:
        """How many bytes the file has; None where there is none."""
        path = self.path(file_id, preview=preview)
        if not path.is_file():
            return None
        with path.open("rb") as file:
            sealed = file_sealed_with(file.read(HEADER)) is not None
        return plain_size(path.stat().st_size) if sealed else path.stat().st_size

    def read(self, file_id: str, *, preview: bool = False) -> Iterator[bytes]:
        """What was sent, in chunks; a file from before there was a key as it stands. Raises `Unopenable` where it was changed."""
        path = self.path(file_id, preview=preview)
        with path.open("rb") as file:
            sealed = file_sealed_with(file.read(HEADER)) is not None
            file.seek(0)
            yield from self._vault.open_file(path.name, file) if sealed and self._vault else iter(lambda: file.read(CHUNK), b"")

    def reseal(self, *, progress: Callable[[int], None] = lambda _count: None) -> int:
        """Seal with the newest key whatever was sealed with another or stands open; gives how many files that were."""
        changed = 0
        for path in self._files():
            if path.name.endswith(PASSING) or not self._is_older(path):
                continue
            fresh = path.with_name(path.name + PASSING)
            try:
                chunks = self.read(path.name.removesuffix(PREVIEW), preview=path.name.endswith(PREVIEW))
                self._seal(io.BufferedReader(Chunks(chunks)), fresh, name=path.name)
                os.replace(fresh, path)
            except FileNotFoundError:
                continue  # erased meanwhile
            finally:
                fresh.unlink(missing_ok=True)
            changed += 1
            progress(changed)
        return changed

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

    def lay(self, content: bytes) -> Path:
        """What is whole already, under a passing name. Raises `Unreadable` with code `file_no_room` on a full disk."""
        path = self._passing(len(content))
        path.write_bytes(content)
        return path

    def put(self, source: Path, *, name: str, allowed: frozenset[str]) -> Stored:
        """Recognise what was received, draw it anew when it is a picture, and give it its place. The source is gone
        afterwards. Raises `Unreadable` (see `recognise` and `redraw`)."""
        file_id = new_id()
        drawn, small, sealed = (source.with_suffix(f".{what}{PASSING}") for what in ("drawn", "small", "sealed"))
        try:
            kind = recognise(source, name=name, allowed=allowed)
            picture = pictures.redraw(source, drawn, small) if kind.drawn else None
            ready = drawn if picture else source
            size = ready.stat().st_size
            for plain, place in ((ready, self.path(file_id)), *(((small, self.path(file_id, preview=True)),) if picture else ())):
                with plain.open("rb") as file:
                    self._seal(file, sealed, name=place.name)
                os.replace(sealed, place)
        except BaseException:
            self.drop([file_id])
            raise
        finally:
            for passing in (source, drawn, small, sealed):
                passing.unlink(missing_ok=True)
        shape = (picture.width, picture.height) if picture else (None, None)
        return Stored(file_id, own_name(name, kind), kind.media, size, *shape)

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

    def _seal(self, source: BinaryIO, to: Path, *, name: str) -> None:
        """A message is acknowledged only once it is on disk, and so is its file."""
        with to.open("wb") as file:
            if self._vault:
                self._vault.seal_file(name, source, file)
            else:
                shutil.copyfileobj(source, file)
            file.flush()
            os.fsync(file.fileno())

    def _is_older(self, path: Path) -> bool:
        try:
            with path.open("rb") as file:
                return self._vault is not None and file_sealed_with(file.read(HEADER)) != self._vault.key_id
        except FileNotFoundError:
            return False

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
