"""Who may look into which conversation, and that they did: for every route that is about one, also those still to come."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from handoff.accounts import trail
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.conversations.walls import check_visible
from handoff.services import Services
from handoff.web import Guard


def inside(services: Services, guard: Guard) -> Callable[..., None]:
    """A dependency for routers whose routes with a `conversation_id` are about that one. Raises `NotFound` where it is behind the wall of another team."""

    def look(request: Request, person: Annotated[Person, Depends(guard.may(Permission.ANSWER))]) -> None:
        conversation_id = request.path_params.get("conversation_id")
        if conversation_id is not None:
            check_visible(services.database, conversation_id, person.id)

    return look


def seeing(services: Services, guard: Guard) -> Callable[..., None]:
    """A dependency for routers whose GET routes with a `conversation_id` show that conversation. Raises `NotFound` for none, or where it
    is not for this person, and then nobody saw it."""

    def write_down(request: Request, person: Annotated[Person, Depends(guard.may(Permission.ANSWER))]) -> None:
        conversation_id = request.path_params.get("conversation_id")
        if conversation_id is None:
            return
        check_visible(services.database, conversation_id, person.id)
        if request.method == "GET":
            trail.saw(services.database, person.id, conversation_id)

    return write_down
