"""Who is this? What agents do to be sure of it. As in `changes`, every route needs the CSRF header."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.console import views
from handoff.console.changes import Strict, holder, standing_after
from handoff.conversations import verification
from handoff.services import Services
from handoff.web import Guard


class Check(Strict):
    """What was checked: `order_and_name`, `called_back`, `details`, or words of one's own. Never the data themselves."""

    what: str = Field(max_length=1_000)


def router(services: Services, guard: Guard) -> APIRouter:
    """`…/verify` and what goes with it."""
    api = APIRouter(prefix="/conversations/{conversation_id}")
    database = services.database
    agent = Annotated[Person, Depends(guard.may(Permission.ANSWER))]

    @api.post("/verify")
    def verify(conversation_id: str, checked: Check, person: agent) -> views.Standing:
        """The holder has made sure who the customer is."""
        verification.check(database, conversation_id, holder(person), checked.what)
        return standing_after(services, conversation_id)

    @api.post("/unverify")
    def unverify(conversation_id: str, person: agent) -> views.Standing:
        """Who it is must be made sure anew."""
        verification.take_back(database, conversation_id, holder(person))
        return standing_after(services, conversation_id)

    return api
