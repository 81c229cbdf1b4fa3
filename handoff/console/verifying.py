"""Who is this? What agents do to be sure of it. As in `changes`, every route needs the CSRF header."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.console import shapes
from handoff.console.changes import Strict, holder, standing_after
from handoff.console.seeing import inside
from handoff.conversations import codes, verification
from handoff.errors import Unreadable
from handoff.services import Services
from handoff.web import Guard


class Check(Strict):
    """What was checked: `order_and_name`, `called_back`, `details`, or words of one's own. Never the data themselves."""

    what: str = Field(max_length=1_000)


class Once(Strict):
    """`client_id` is made by the page: the same id again is the same letter."""

    client_id: str = Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")


def router(services: Services, guard: Guard) -> APIRouter:
    """`…/verify` and what goes with it."""
    api = APIRouter(prefix="/api/desk/conversations/{conversation_id}", tags=["desk"], dependencies=[Depends(inside(services, guard))])
    database = services.database
    agent = Annotated[Person, Depends(guard.may(Permission.ANSWER))]

    @api.post("/verify")
    def verify(conversation_id: str, checked: Check, person: agent) -> shapes.Standing:
        """The holder has made sure who the customer is."""
        verification.check(database, conversation_id, holder(person), checked.what)
        return standing_after(services, conversation_id)

    @api.post("/send-code", status_code=204)
    def send_code(conversation_id: str, asked: Once, person: agent) -> Response:
        """Send a code to the customer's e-mail address; who types it into the chat is verified, when the address was on file. 422 `no_address`,
        `no_mail`; 429 when enough were sent."""
        if not services.settings.sends_mail:
            raise Unreadable("There is no mail server to send a code by.", code="no_mail")
        letters = services.letters
        codes.send(database, conversation_id, cause=asked.client_id, write=letters.code, agent=holder(person), words=letters.code_words)
        services.signals.changed(conversation_id)
        return Response(status_code=204)

    @api.post("/unverify")
    def unverify(conversation_id: str, person: agent) -> shapes.Standing:
        """Who it is must be made sure anew."""
        verification.take_back(database, conversation_id, holder(person))
        return standing_after(services, conversation_id)

    return api
