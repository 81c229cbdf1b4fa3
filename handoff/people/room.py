"""What the routes of this room share."""

from __future__ import annotations

from dataclasses import dataclass

from handoff.accounts.codes import Codes
from handoff.accounts.openid import OpenId
from handoff.accounts.seal import Seal
from handoff.errors import Unreadable
from handoff.services import Services
from handoff.web import Guard, Pages


def number(written: str, code: str, field: str) -> int | None:
    """A whole number of a form, None for an empty field. Raises `Unreadable` with this code for anything else."""
    told = written.strip()
    if told and not (told.isascii() and told.isdigit()):
        raise Unreadable(f"{field} is a whole number or empty.", code=code, field=field)
    return int(told) if told else None


@dataclass(frozen=True)
class Room:
    """`openid` is None where no provider is set; `seal` closes what its browsers keep for us meanwhile."""

    services: Services
    pages: Pages
    guard: Guard
    codes: Codes
    openid: OpenId | None
    seal: Seal
