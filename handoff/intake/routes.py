"""The one way in for a bot that runs elsewhere: a separate Rasa, or anyone's."""

from __future__ import annotations

import asyncio
import hmac
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from handoff.contract import HandoffAccepted, HandoffRequest
from handoff.conversations import handoffs
from handoff.errors import NotLoggedIn
from handoff.services import Services

bearer = HTTPBearer(auto_error=False, description="The operator's ABILINE_INTAKE_TOKEN.")


def router(services: Services) -> APIRouter:
    """`POST /api/handoffs`."""
    routes = APIRouter(prefix="/api", tags=["handoffs"])
    expected = services.settings.intake_token.get_secret_value()

    def known_bot(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> None:
        given = credentials.credentials if credentials else ""
        if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
            raise NotLoggedIn("Send the intake token as a bearer token; the operator sets it as ABILINE_INTAKE_TOKEN.")

    @routes.post(
        "/handoffs",
        status_code=201,
        dependencies=[Depends(known_bot)],
        responses={
            200: {"model": HandoffAccepted, "description": "The same Idempotency-Key was accepted before."},
            401: {"description": "No token, or a wrong one."},
        },
    )
    async def accept(request: HandoffRequest, response: Response, idempotency_key: Annotated[str, Header(min_length=8, max_length=200)]) -> HandoffAccepted:
        """Hand a conversation to people. Repeat it with the same `Idempotency-Key` as often as needed: it is one handoff."""
        accepted = await asyncio.to_thread(
            lambda: handoffs.accept(services.database, request, key=f"intake:{idempotency_key}", forward_url=services.settings.forward_url)
        )
        if accepted.repeated:
            response.status_code = 200
        else:
            services.signals.changed(accepted.conversation_id)
            services.outbox.look_now()
        return accepted

    return routes
