"""Passwords: how long they must be, which are no good, and argon2, which keeps them."""

from __future__ import annotations

import secrets
from collections.abc import Collection

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from handoff.accounts.common import is_common
from handoff.errors import Unreadable

SHORTEST = 10
LONGEST = 1_000

_hasher = PasswordHasher()
_nobody = _hasher.hash(secrets.token_hex(16))  # an unknown login takes as long to refuse as a wrong password


def hashed(password: str, *, about: Collection[str] = ()) -> str:
    """What is kept of a new password. Raises `Unreadable` (field `password`) when it is too short, too long or one of those that are guessed first;
    `about` is what its person is called."""
    if len(password) < SHORTEST:
        raise Unreadable(f"The password needs at least {SHORTEST} characters.", code="short_password", field="password")
    if len(password) > LONGEST:
        raise Unreadable(f"The password may have up to {LONGEST} characters.", code="long_password", field="password")
    if is_common(password, about):
        raise Unreadable(
            "This password is among those that are guessed first. Several words that nobody else puts together are better.",
            code="common_password",
            field="password",
        )
    return _hasher.hash(password)


def fits(kept: str | None, password: str) -> bool:
    """Whether it is the password. Takes as long when nothing is kept, so nobody learns from the time which log-ins exist."""
    try:
        return _hasher.verify(kept or _nobody, password) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False
