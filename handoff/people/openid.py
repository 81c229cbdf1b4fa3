"""Logging in at an OpenID provider and coming back. What belongs to the attempt is kept sealed in the browser that began it."""

import hmac
import json
import logging
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from handoff.accounts import identities
from handoff.accounts import service as accounts
from handoff.accounts.identities import Stranger
from handoff.accounts.openid import Asked, OpenId, ProviderTrouble, Unproved
from handoff.accounts.seal import Broken
from handoff.people.coming_in import give_cookies, home, own_path, show_login, this_browser
from handoff.people.room import Room
from handoff.web import page_language

log = logging.getLogger(__name__)

COOKIE = "abiline_openid"
PATH = "/login/openid"
MINUTES = 10  # to log in at the provider
CANCELLED = ("access_denied", "user_cancel", "login_required")


def router(room: Room, openid: OpenId) -> APIRouter:
    """`/login/openid`, and `/login/openid/back`, which the provider must know."""
    api = APIRouter(include_in_schema=False)
    services = room.services

    def again(request: Request, problem: str, status: int) -> Response:
        response = show_login(room, request, problem=f"openid.{problem}", status=status)
        response.delete_cookie(COOKIE, path=PATH)
        return response

    @api.get(PATH)
    def start(request: Request, next: str = "") -> Response:
        try:
            address, asked = openid.start(language=page_language(request))
        except ProviderTrouble as error:
            log.warning("log-in by OpenID: %s", error)
            return again(request, "trouble", error.status)
        response = RedirectResponse(address, status_code=303)
        kept = room.seal.close(json.dumps(asked.as_dict() | {"next": own_path(next)}))
        # not Strict: the way back begins at the provider's site
        response.set_cookie(COOKIE, kept, httponly=True, secure=services.settings.secure_cookies, samesite="lax", path=PATH, max_age=MINUTES * 60)
        return response

    @api.get(f"{PATH}/back")
    def back(request: Request, code: str = "", state: str = "", error: str = "") -> Response:
        kept = _kept(room, request)
        if kept is None or not hmac.compare_digest(kept["state"].encode(), state.encode()):
            return again(request, "again", 400)
        if error or not code:
            return again(request, "cancelled" if error in CANCELLED else "trouble", 400)
        try:
            claimed = openid.finish(code, Asked(kept["state"], kept["nonce"], kept["verifier"]))
            token = identities.log_in(services.database, claimed, domains=services.settings.oidc_domains, browser=this_browser(request))
        except Stranger as refusal:
            return again(request, "stranger", refusal.status)
        except (ProviderTrouble, Unproved) as trouble:
            log.warning("log-in by OpenID: %s", trouble)
            return again(request, "trouble", trouble.status)
        on = kept["next"] or home(accounts.whose(services.database, token))
        # A page of ours leads on: a redirect would still be the provider's navigation, and the log-in's cookie is for our own only.
        response = room.pages.page(request, "arrived.html", on=on)
        response.delete_cookie(COOKIE, path=PATH)
        return give_cookies(services, request, response, token)

    return api


def _kept(room: Room, request: Request) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(room.seal.open(request.cookies.get(COOKIE, ""), seconds=MINUTES * 60))
    except Broken:
        return None
    return found
