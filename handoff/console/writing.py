"""Help while an agent writes: reply templates that know the conversation."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.conversations import complaints
from handoff.conversations.facts import facts
from handoff.dates import as_date
from handoff.services import Services
from handoff.web import Guard
from handoff.writing import templates


class Ready(BaseModel):
    """A template in the conversation's language, or in `language` where it is not written in that."""

    id: str
    title: str
    shortcut: str
    text: str
    language: str
    tags: list[str]
    uses: int


class Replies(BaseModel):
    """What can be put into the box, the likeliest first, and what is known to fill it with."""

    language: str
    values: dict[str, str]
    templates: list[Ready]


def router(services: Services, guard: Guard) -> APIRouter:
    """Templates for the box of one conversation."""
    api = APIRouter()
    database = services.database
    agent = Annotated[Person, Depends(guard.may(Permission.ANSWER))]

    @api.get("/conversations/{conversation_id}/replies")
    def show_replies(conversation_id: str, person: agent) -> Replies:
        """All templates that the agent may use; where the customer complains, those for complaints first."""
        known = facts(database, conversation_id)
        complains = complaints.complaint(database, conversation_id, ZoneInfo(services.settings.time_zone))
        values = {
            "name": known.name.split()[0] if known.name and known.name.split() else None,
            "order": known.order,
            "contact": known.contact,
            "agent": person.name,
            "company": services.settings.company,
            "due": as_date(complains.due, known.language) if complains else None,  # type: ignore[arg-type]
        }
        found = sorted(templates.usable(database, person), key=lambda one: complains is None or complaints.TAG not in one.tags)
        return Replies(
            language=known.language, values={name: value for name, value in values.items() if value}, templates=[_ready(one, known.language) for one in found]
        )

    @api.post("/replies/{template_id}/used", status_code=204)
    def count_use(template_id: str, person: agent) -> Response:
        """It was put into the box."""
        templates.used(database, template_id, person)
        return Response(status_code=204)

    return api


def _ready(template: templates.Template, language: str) -> Ready:
    text, spoken = template.text(language)
    return Ready(id=template.id, title=template.title, shortcut=template.shortcut, text=text, language=spoken, tags=list(template.tags), uses=template.uses)
