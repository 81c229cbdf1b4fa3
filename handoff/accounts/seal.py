"""Seals what only this house may read: encrypted and signed with a key of its own that comes from the house's secret."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import cached_property

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Broken(Exception):
    """Sealed by somebody else or for another purpose, changed, or too old."""


class Seal:
    """`purpose` sets keys apart: what was sealed for one can't be opened for another. The secret is read at the first use."""

    def __init__(self, secret: Callable[[], str], *, purpose: str) -> None:
        self._secret, self._purpose = secret, purpose

    def close(self, text: str) -> str:
        """The text, sealed; safe in a cookie and in a column."""
        return self._box.encrypt(text.encode()).decode()

    def open(self, sealed: str, *, seconds: int | None = None) -> str:
        """The text again. Raises `Broken`, also when it was sealed longer than `seconds` ago."""
        try:
            return self._box.decrypt(sealed.encode(), ttl=seconds).decode()
        except InvalidToken:
            raise Broken("the seal is broken") from None

    @cached_property
    def _box(self) -> Fernet:
        key = HKDF(SHA256(), length=32, salt=None, info=f"abiline {self._purpose}".encode()).derive(self._secret().encode())
        return Fernet(base64.urlsafe_b64encode(key))
