"""Where a matter stands, as agents say it to the customer. As in `changes`, every route needs the CSRF header."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.console import shapes
from handoff.console.changes import Strict, holder, say_stage, standing_after
from handoff.console.seeing import inside
from handoff.conversations import matters
from handoff.services import Services
from handoff.web import Guard


class Moved(Strict):
    """Which stage (`handoff.stages`). `client_id` is made by the page: the same id again is the same notice."""

    stage: str = Field(max_length=40)
    client_id: str = Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")


class Link(BaseModel):
    """The address under which the customer sees the matter."""

    url: str


def router(services: Services, guard: Guard) -> APIRouter:
    """`…/stage` and `…/link`."""
    api = APIRouter(prefix="/api/desk/conversations/{conversation_id}", tags=["desk"], dependencies=[Depends(inside(services, guard))])
    database = services.database
    agent = Annotated[Person, Depends(guard.may(Permission.ANSWER))]

    @api.post("/stage")
    def stage(conversation_id: str, moved: Moved, person: agent) -> shapes.Standing:
        """Say where it stands: the customer hears of it once, in the chat and by letter. The stage that ends it closes the conversation as solved.
        Only the holder may; 404 for a stage that is not in the list."""
        say_stage(services, conversation_id, person, services.stages.get(moved.stage), moved.client_id)
        return standing_after(services, conversation_id)

    @api.post("/link")
    def link(conversation_id: str, person: agent, new: bool = False) -> Link:
        """The customer's link to the page of the matter; with `new`, another one, and the old one opens nothing any more."""
        url = services.notices.url(matters.link(database, conversation_id, holder(person), services.links, new=new))
        services.signals.changed(conversation_id)
        return Link(url=url)

    return api
