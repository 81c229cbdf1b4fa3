"""A supervisor keeps a conversation from being erased, and lets it go again. Why it is kept, every agent sees; the customer never does."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.console import shapes
from handoff.console.changes import Strict, holder, standing_after
from handoff.console.seeing import inside
from handoff.conversations import erasure, holding
from handoff.services import Services
from handoff.web import Guard


class Reason(Strict):
    """Why it has to be kept, for colleagues."""

    why: str = Field(max_length=2_000)


def router(services: Services, guard: Guard) -> APIRouter:
    """`/api/desk/conversations/…/hold` and `/let-go`."""
    api = APIRouter(prefix="/api/desk/conversations/{conversation_id}", tags=["desk"], dependencies=[Depends(inside(services, guard))])
    supervisor = Annotated[Person, Depends(guard.may(Permission.HOLD))]

    @api.post("/hold")
    def hold(conversation_id: str, reason: Reason, person: supervisor) -> shapes.Standing:
        """Nothing of it is erased from now on, by the retention job or on the customer's wish. 422 `empty` without a reason."""
        holding.hold(services.database, conversation_id, holder(person), reason.why)
        return standing_after(services, conversation_id)

    @api.post("/let-go")
    def let_go(conversation_id: str, person: supervisor) -> shapes.Standing:
        """It goes as any other conversation does: at once where its customer has asked for that meanwhile."""
        if holding.let_go(services.database, conversation_id, holder(person)):
            erasure.erase(services.database, services.attachments.shelf, conversation_id)
        return standing_after(services, conversation_id)

    return api
