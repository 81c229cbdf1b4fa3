"""Reads the token with which a site says who is logged in there: a JWT signed with HS256 and the secret that both share.

The algorithm is fixed here, never read from the token. What is refused has a code for the site's developer; the chat goes on without a name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import jwt

from handoff.conversations.tickets import checked_email, checked_phone
from handoff.conversations.visitors import Identity
from handoff.errors import Unreadable

ALGORITHM = "HS256"
AUDIENCE = "abiline"
LONGEST_TOKEN = 4_000  # characters
LONGEST_LIFE = 24 * 3600  # seconds from `iat` to `exp`: a token that leaks is soon worth nothing
LEEWAY = 30  # seconds by which the site's clock may differ
LONGEST = 200  # characters of an id or a name
MOST_ORDERS = 20
LONGEST_ORDER = 40  # characters


def read(token: str, secret: str) -> Identity:
    """Who the token speaks of.

    Raises `Unreadable` with code `identity_off` (no secret is set), `identity_expired`, `identity_long_lived` (over 24 hours) or
    `identity_wrong` (another key, algorithm or audience, a part is missing, or no token at all).
    """
    if not secret:
        raise _refusal("identity_off", "This service has no ABILINE_IDENTITY_SECRET, so nobody can be identified.")
    if len(token) > LONGEST_TOKEN:
        raise _refusal("identity_wrong", f"The token is longer than {LONGEST_TOKEN} characters.")
    try:
        said = jwt.decode(token, secret, algorithms=[ALGORITHM], audience=AUDIENCE, leeway=LEEWAY, options={"require": ["sub", "exp", "iat", "aud"]})
    except jwt.ExpiredSignatureError:
        raise _refusal("identity_expired", "The token has expired: sign a new one for each page.") from None
    except (jwt.InvalidTokenError, OverflowError) as error:  # JSON in Python knows an infinite number, which is no time
        raise _refusal("identity_wrong", f"The token can't be used: {error}.") from None
    if not all(type(said[part]) in (int, float) for part in ("exp", "iat")):  # the library takes a text of digits too
        raise _refusal("identity_wrong", "`exp` and `iat` must be seconds since 1970, as numbers.")
    if said["exp"] - said["iat"] > LONGEST_LIFE:
        raise _refusal("identity_long_lived", "The token is valid for more than 24 hours.")
    subject = _short(said["sub"])
    if subject is None or len(said["sub"]) > LONGEST:
        raise _refusal("identity_wrong", f"`sub` must be 1 to {LONGEST} characters of text.")
    email, phone = _contact(said.get("email"), checked_email), _contact(said.get("phone"), checked_phone)
    return Identity(subject, _short(said.get("name")), email, phone, _orders(said.get("orders")))


def _refusal(code: str, message: str) -> Unreadable:
    return Unreadable(message, code=code, field="token")


def _short(value: object) -> str | None:
    """Printable text, cut to what the column holds."""
    if not isinstance(value, str):
        return None
    return "".join(character for character in value if unicodedata.category(character)[0] != "C").strip()[:LONGEST] or None


def _orders(value: object) -> tuple[str, ...] | None:
    """The first numbers, each once; a crooked one is left out. None where the site says nothing of orders."""
    if not isinstance(value, list):
        return None
    numbers = (_short(str(one) if type(one) is int else one) for one in value[: 10 * MOST_ORDERS])
    return tuple(dict.fromkeys(one for one in numbers if one is not None and len(one) <= LONGEST_ORDER))[:MOST_ORDERS]


def _contact(value: object, checked: Callable[[str], str]) -> str | None:
    """The contact in its usual form. A crooked one is left out: the person is who they are all the same."""
    try:
        return checked(value) if isinstance(value, str) else None
    except Unreadable:
        return None
