"""Routes of this room: log-in in all its ways, one's own account, and the people with their teams, roles and trail."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter

from handoff.accounts.codes import Codes
from handoff.accounts.openid import OpenId, Provider
from handoff.accounts.seal import Seal
from handoff.people import account, administration, history, invitation, login, openid, second_step, teams, times
from handoff.people.room import Room
from handoff.services import Services
from handoff.settings import Settings, signing_key
from handoff.web import Guard, Pages, take_over


def router(services: Services) -> APIRouter:
    """All of the room; the log-in by OpenID only where a provider is set."""
    settings = services.settings

    def secret() -> str:
        return signing_key(settings)

    codes = Codes(services.database, Seal(secret, purpose="codes"))
    room = Room(services, Pages(Path(__file__).parent), Guard(services.database), codes, provider(settings), Seal(secret, purpose="openid"))
    whole = APIRouter()
    for part in (login, second_step, invitation, account, teams, times, history, administration):
        take_over(whole, part.router(room))
    if room.openid:
        take_over(whole, openid.router(room, room.openid))
    return whole


def provider(settings: Settings) -> OpenId | None:
    """The OpenID provider that the operator has set, if any."""
    if not settings.oidc_issuer:
        return None
    return OpenId(
        Provider(
            issuer=settings.oidc_issuer,
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret.get_secret_value(),
            scope=settings.oidc_scope,
            back=f"{settings.public_url}{openid.PATH}/back",
            acr=settings.oidc_acr,
            trust_email=settings.oidc_trust_email,
        )
    )
