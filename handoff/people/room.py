"""What the routes of this room share."""

from __future__ import annotations

from dataclasses import dataclass

from handoff.accounts.codes import Codes
from handoff.accounts.openid import OpenId
from handoff.accounts.seal import Seal
from handoff.services import Services
from handoff.web import Guard, Pages


@dataclass(frozen=True)
class Room:
    """`openid` is None where no provider is set; `seal` closes what its browsers keep for us meanwhile."""

    services: Services
    pages: Pages
    guard: Guard
    codes: Codes
    openid: OpenId | None
    seal: Seal
