"""Calls that customers wait for. They are taken with their conversation; what came of one is said at the desk."""

from typing import Annotated

from fastapi import APIRouter, Depends

from handoff.accounts.keys import Caller, Scope
from handoff.api import shapes
from handoff.api.conversations import COVERED
from handoff.api.door import Door
from handoff.conversations import calls
from handoff.covering import cover
from handoff.services import Services


def router(services: Services, door: Door, api: APIRouter) -> None:
    """Add the route of calls."""
    covers = cover(services)

    @api.get("/callbacks")
    def list_callbacks(caller: Annotated[Caller, Depends(door.may(Scope.READ))]) -> list[shapes.Callback]:
        """Open calls that the key's person may see, the earliest first, at most 200."""
        return [
            shapes.Callback(
                id=one.id,
                conversation_id=one.conversation_id,
                name=one.name,
                phone=COVERED if covers.mask and one.phone else one.phone,
                language=one.language,
                starts=one.window.starts,
                ends=one.window.ends,
                tries=one.tries,
                agent_id=one.holder_id,
            )
            for one in calls.listed(services.database, caller.person.id)
        ]
