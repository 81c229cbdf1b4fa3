"""The keys of the house and what is closed with them: AES-256-GCM, with a key of its own for each purpose, derived from the operator's by HKDF.

A sealed text reads `~2.<key id>.<base64 of nonce, content and tag>`. What it was sealed for (a table, its column, the key of the row) is authenticated
with it, so a value that was moved to another column or row does not open. What begins with `~1.` is bound to its column alone: so all values were
before, and so are those of rows that nothing names. The newest key seals, all of them open: that is how keys are changed while serving.

A file is sealed in chunks, so that a long one is never whole in memory: each file has a key of its own (HKDF with a random salt), each chunk its
number and whether it is the last one as the nonce, as in Tink's AES-GCM-HKDF streams. Cut off, reordered or renamed, it does not open.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import io
import os
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from handoff.errors import SettingsError, Unopenable

SETTING = "ABILINE_DATA_KEY"
KEY_BYTES, NONCE_BYTES, TAG_BYTES, SALT_BYTES = 32, 12, 16, 16
CHUNK = 64 * 1024
MAGIC = b"ABL1"
HEADER = len(MAGIC) + 4 + SALT_BYTES  # bytes before the first chunk: who sealed it, and the salt of its key
LOOK_SECONDS = 1.0  # how soon a running process sees that the file of keys has changed

BOUND = "~2."  # how a value begins that is sealed for one row

_SEALED = re.compile(r"~([12])\.([0-9a-f]{8})\.([A-Za-z0-9_-]+)")


@dataclass(frozen=True)
class Key:
    """One of the operator's keys with what is derived from it. `id` names it without telling anything of it."""

    id: str
    values: AESGCM = field(repr=False)
    files: bytes = field(repr=False)
    words: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: bytes) -> Key:
        name = hashlib.sha256(b"abiline key " + secret).hexdigest()[:8]
        return cls(name, AESGCM(_derived(secret, b"values")), _derived(secret, b"files"), _derived(secret, b"words"))


class Vault:
    """Seals and opens with the written keys, newest first, or with those of a file, which is read again when it changes.

    Raises `SettingsError` when there is no key, or none that can be used.
    """

    def __init__(self, written: str = "", *, file: Path | None = None) -> None:
        self.file = file
        self._keys: tuple[Key, ...] = read_keys(written) if written else ()
        self._seen: tuple[int, int] | None = None
        self._look_at = 0.0

    @property
    def keys(self) -> Sequence[Key]:
        """The keys now, the one that seals first."""
        if self.file is not None and time.monotonic() >= self._look_at:
            self._look(self.file)
        if not self._keys:
            raise SettingsError(f"{SETTING}: there is no key for the data. Set it, or {SETTING}_FILE, to the key that this house was begun with.")
        return self._keys

    @property
    def key_id(self) -> str:
        """Of the key that seals now."""
        return self.keys[0].id

    def seal(self, place: str, content: bytes, row: str = "") -> str:
        """The content, sealed for this place (`table.column`) and, where it has a key, this row."""
        key = self.keys[0]
        nonce = os.urandom(NONCE_BYTES)
        closed = nonce + key.values.encrypt(nonce, content, _bound_to(place, row))
        return f"{BOUND if row else '~1.'}{key.id}.{base64.urlsafe_b64encode(closed).decode().rstrip('=')}"

    def open(self, place: str, sealed: str, row: str = "") -> bytes:
        """The content again. Raises `Unopenable` when it was changed, sealed for another place or row, or with a key that is not here."""
        found = _SEALED.fullmatch(sealed)
        if found is None:
            raise Unopenable(f"{place} holds something that is not sealed as it should be.")
        key = self._key(found[2], place)
        try:
            closed = base64.b64decode(found[3] + "=" * (-len(found[3]) % 4), altchars=b"-_", validate=True)
            return key.values.decrypt(closed[:NONCE_BYTES], closed[NONCE_BYTES:], _bound_to(place, row if sealed.startswith(BOUND) else ""))
        except (InvalidTag, binascii.Error, ValueError):
            raise Unopenable(f"What {place} holds was changed, or sealed for another place.") from None

    def knows(self, value: str) -> bool:
        """Whether the text has the form of a sealed one."""
        return _SEALED.fullmatch(value) is not None

    def mark(self, purpose: str, word: str) -> int:
        """A number that only this house's key makes of the word: equal words are found by it, and nobody reads one from it."""
        return _mark(self.keys[0], purpose, word)

    def marks(self, purpose: str, word: str) -> list[int]:
        """The same by every key, for looking: rows that an older key has marked are found too."""
        return [_mark(key, purpose, word) for key in self.keys]

    def seal_file(self, name: str, source: BinaryIO, to: BinaryIO) -> None:
        """Write what `source` holds, sealed under this name."""
        sealing = Sealing(self.keys[0], name, to)
        while chunk := source.read(CHUNK):
            sealing.write(chunk)
        sealing.finish()

    def sealing(self, name: str, to: BinaryIO) -> Sealing:
        """The same for what comes bit by bit: write it, then `finish`."""
        return Sealing(self.keys[0], name, to)

    def open_file(self, name: str, source: BinaryIO) -> Iterator[bytes]:
        """The content, chunk by chunk. Raises `Unopenable`, before the first chunk for a wrong key or name and at the place of any change."""
        header = source.read(HEADER)
        if not header.startswith(MAGIC) or len(header) < HEADER:
            raise Unopenable(f"The file {name} is not sealed as it should be.")
        key = self._key(header[len(MAGIC) : len(MAGIC) + 4].hex(), name)
        box, number, chunk = _of_file(key, header[-SALT_BYTES:], name), 0, source.read(CHUNK + TAG_BYTES)
        while True:
            following = source.read(CHUNK + TAG_BYTES)
            try:
                yield box.decrypt(_nonce(number, last=not following), chunk, None)
            except (InvalidTag, ValueError):
                raise Unopenable(f"The file {name} was changed, cut off or renamed.") from None
            if not following:
                return
            number, chunk = number + 1, following

    def _key(self, name: str, place: str) -> Key:
        for again in (False, True):
            if again and self.file is not None:
                self._look(self.file)
            for key in self.keys:
                if key.id == name:
                    return key
        raise Unopenable(f"What {place} holds is sealed with the key {name}, and that one is not among the keys.")

    def _look(self, file: Path) -> None:
        """Take the keys of the file when it is another than before. One that is gone or broken while serving changes nothing: we have its keys."""
        self._look_at = time.monotonic() + LOOK_SECONDS
        try:
            stat = file.stat()
            if (seen := (stat.st_mtime_ns, stat.st_size)) == self._seen:
                return
            self._keys, self._seen = read_keys(file.read_text(encoding="utf-8")), seen
        except FileNotFoundError:
            return
        except (OSError, SettingsError) as error:
            if not self._keys:
                reason = error.strerror if isinstance(error, OSError) else error
                raise SettingsError(f"{SETTING}: {file} can't be read ({reason}).") from None


class Sealing:
    """Seals what is written to it, chunk by chunk, under one name."""

    def __init__(self, key: Key, name: str, to: BinaryIO) -> None:
        salt = secrets.token_bytes(SALT_BYTES)
        self._box, self._to, self._number, self._left = _of_file(key, salt, name), to, 0, bytearray()
        to.write(MAGIC + bytes.fromhex(key.id) + salt)

    def write(self, content: bytes) -> int:
        self._left += content
        while len(self._left) > CHUNK:  # the last chunk is known only at the end
            self._put(bytes(self._left[:CHUNK]), last=False)
            del self._left[:CHUNK]
        return len(content)

    def finish(self) -> None:
        """That was all. Without it the file does not open."""
        self._put(bytes(self._left), last=True)

    def _put(self, chunk: bytes, *, last: bool) -> None:
        self._to.write(self._box.encrypt(_nonce(self._number, last=last), chunk, None))
        self._number += 1


class Chunks(io.RawIOBase):
    """Chunks of any length, read as a file is."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._left = chunks, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left and (chunk := next(self._chunks, None)) is not None:
            self._left = chunk
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count


def sealed_with(value: str) -> str | None:
    """The id of the key that sealed it; None for what is not sealed."""
    found = _SEALED.fullmatch(value)
    return found[2] if found else None


def file_sealed_with(header: bytes) -> str | None:
    """The id of the key that sealed a file beginning with these bytes; None for one that is not sealed."""
    return header[len(MAGIC) : len(MAGIC) + 4].hex() if header.startswith(MAGIC) and len(header) >= HEADER else None


def plain_size(sealed: int) -> int:
    """How many bytes a sealed file of so many bytes holds."""
    body = sealed - HEADER
    return body - max(-(-body // (CHUNK + TAG_BYTES)), 1) * TAG_BYTES


def new_key() -> str:
    """A key as it is written: Base64 of 32 random bytes."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def read_keys(written: str) -> tuple[Key, ...]:
    """Keys, one a line or separated by commas, each Base64 or hex of 32 bytes; `#` begins a remark. Raises `SettingsError`."""
    lines = [line.partition("#")[0] for line in written.splitlines()]
    keys = tuple(Key.of(_secret(word)) for word in " ".join(lines).replace(",", " ").split())
    if not keys:
        raise SettingsError(f"{SETTING}: there is no key in it.")
    return keys


def _secret(word: str) -> bytes:
    try:
        secret = bytes.fromhex(word) if len(word) == 2 * KEY_BYTES else base64.b64decode(word.replace("-", "+").replace("_", "/"), validate=True)
    except ValueError:
        secret = b""
    if len(secret) != KEY_BYTES:
        raise SettingsError(f"{SETTING}: a key is Base64 of 32 random bytes, as `openssl rand -base64 32` makes them.")
    return secret


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), length=KEY_BYTES, salt=None, info=b"abiline data " + purpose).derive(secret)


def _of_file(key: Key, salt: bytes, name: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), length=KEY_BYTES, salt=salt, info=b"abiline file " + name.encode()).derive(key.files))


def _bound_to(place: str, row: str) -> bytes:
    return f"{place}\0{row}".encode() if row else place.encode()


def _nonce(number: int, *, last: bool) -> bytes:
    return bytes([last]) + number.to_bytes(NONCE_BYTES - 1, "big")


def _mark(key: Key, purpose: str, word: str) -> int:
    return int.from_bytes(hmac.digest(key.words, f"{purpose}\0{word}".encode(), "sha256")[:8], "big", signed=True)
