"""Writes down who looks into which conversation: for every route that shows something of one, also those still to come."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from handoff.accounts import trail
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.conversations import queue
from handoff.services import Services
from handoff.web import Guard


def seeing(services: Services, guard: Guard) -> Callable[..., None]:
    """A dependency for routers whose GET routes with a `conversation_id` show that conversation. Raises `NotFound` for none, and then nobody saw it."""

    def write_down(request: Request, person: Annotated[Person, Depends(guard.may(Permission.ANSWER))]) -> None:
        conversation_id = request.path_params.get("conversation_id")
        if conversation_id is not None and request.method == "GET":
            queue.language(services.database, conversation_id)
            trail.saw(services.database, person.id, conversation_id)

    return write_down
