"""„Näita“: an agent asks for a message whose personal data is masked. That they did is in the trail, each time."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from handoff.accounts import trail
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.console import shapes
from handoff.console.seeing import inside
from handoff.conversations import events, store
from handoff.errors import NotFound
from handoff.services import Services
from handoff.web import Guard

REVEALED = "revealed_conversation"


def router(services: Services, guard: Guard) -> APIRouter:
    """The one route."""
    api = APIRouter(prefix="/api/desk", tags=["desk"], dependencies=[Depends(inside(services, guard))])

    @api.post("/conversations/{conversation_id}/events/{number}/reveal")
    def reveal(conversation_id: str, number: int, person: Annotated[Person, Depends(guard.may(Permission.ANSWER))]) -> shapes.Event:
        """The event as it was written. 404 where there is none with this number."""
        with services.database.write() as session:
            event = store.event_at(session, conversation_id, number)
            if event is None:
                raise NotFound(f"There is no event {number} in this conversation.")
            trail.write_down(session, person.id, REVEALED, f"{conversation_id} {number}")
        shown: dict[str, Any] = events.for_agent(event, supervises=person.supervises)
        return shapes.Event(event=shown)

    return api
