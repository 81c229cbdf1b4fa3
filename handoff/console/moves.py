"""The less common moves of a conversation: passing on, putting off, taking back, putting right. As in `changes`, every route needs the CSRF header."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import AwareDatetime, Field, model_validator

from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.console import shapes
from handoff.console.changes import Number, Strict, Words, holder, standing_after
from handoff.console.seeing import inside
from handoff.conversations import amending, contacts, offers, passing, reminders, snoozing, tagging, undoing
from handoff.conversations.contacts import Contact
from handoff.conversations.signals import DESK
from handoff.services import Services
from handoff.web import Guard


class Passing(Strict):
    """To whom (a colleague or a team), and what they should know."""

    agent_id: str | None = Field(None, max_length=40)
    team_id: str | None = Field(None, max_length=40)
    note: str = Field("", max_length=100_000)

    @model_validator(mode="after")
    def _one_of_both(self) -> "Passing":
        if (self.agent_id is None) == (self.team_id is None):
            raise ValueError("give either agent_id or team_id")
        return self


class Until(Strict):
    """A moment with its zone."""

    until: AwareDatetime


class Remind(Until):
    """When, and what about."""

    about: str = Field("", max_length=reminders.LONGEST)


class Text(Strict):
    """What a message says from now on."""

    text: str = Field(max_length=100_000)


class AskContact(Words):
    """The question as the agent says it, and what it asks for."""

    contact: Contact


class Tag(Strict):
    """One tag."""

    tag: str = Field(min_length=1, max_length=200)


class Tags(Strict):
    """All tags of a conversation."""

    tags: list[str]


def router(services: Services, guard: Guard) -> APIRouter:
    """The rest of the changing half of `/api/desk`."""
    api = APIRouter(prefix="/api/desk/conversations/{conversation_id}", tags=["desk"], dependencies=[Depends(inside(services, guard))])
    database = services.database
    agent = Annotated[Person, Depends(guard.may(Permission.ANSWER))]

    @api.post("/pass")
    def pass_on(conversation_id: str, to: Passing, person: agent) -> shapes.Standing:
        """Give it to a colleague or to a team. Only the holder may; 409 `colleague_away` when nobody would sit with the customer."""
        if to.agent_id is not None:
            passing.pass_to_agent(database, conversation_id, holder(person), to.agent_id, note=to.note)
        else:
            passing.pass_to_team(database, conversation_id, holder(person), to.team_id or "", note=to.note)
        return standing_after(services, conversation_id)

    @api.post("/take-over")
    def take_over(conversation_id: str, person: Annotated[Person, Depends(guard.may(Permission.TAKE_OVER))]) -> shapes.Standing:
        """A supervisor takes what a colleague has; everyone sees it."""
        passing.take_over(database, conversation_id, holder(person))
        return standing_after(services, conversation_id)

    @api.post("/snooze")
    def snooze(conversation_id: str, time: Until, person: agent) -> shapes.Standing:
        """Put it off until a time or the customer's next word. Only the holder may."""
        snoozing.snooze(database, conversation_id, holder(person), time.until)
        return standing_after(services, conversation_id)

    @api.post("/resume")
    def resume(conversation_id: str, person: agent) -> shapes.Standing:
        """Go on with it before the time. Only the holder may."""
        snoozing.resume(database, conversation_id, holder(person))
        return standing_after(services, conversation_id)

    @api.post("/decline")
    def decline(conversation_id: str, person: agent) -> shapes.Standing:
        """Let what was offered go on to the next; 409 when it is not this agent's turn."""
        offers.decline(database, conversation_id, holder(person))
        return standing_after(services, conversation_id)

    @api.post("/undo")
    def undo(conversation_id: str, person: agent) -> shapes.Standing:
        """Take one's last move (closed, passed, snoozed, released) back; 409 `too_late` once something has happened since."""
        undoing.undo(database, conversation_id, holder(person))
        return standing_after(services, conversation_id)

    _add_words(api, services, guard)
    _add_marks(api, services, guard)
    return api


def _add_words(api: APIRouter, services: Services, guard: Guard) -> None:
    """What is said, put right, taken back and asked for."""
    database = services.database
    agent = Annotated[Person, Depends(guard.may(Permission.ANSWER))]

    @api.put("/messages/{number}", status_code=204)
    def edit(conversation_id: str, number: int, words: Text, person: agent) -> Response:
        """Put one's own last message right; 409 `not_last` for any other."""
        amending.edit(database, conversation_id, holder(person), number, words.text)
        services.signals.changed(conversation_id)
        return Response(status_code=204)

    @api.delete("/messages/{number}", status_code=204)
    def withdraw(conversation_id: str, number: int, person: agent) -> Response:
        """Take one's own last message back; 409 `not_last` for any other."""
        amending.withdraw(database, conversation_id, holder(person), number)
        services.signals.changed(conversation_id)
        return Response(status_code=204)

    @api.post("/ask-contact", status_code=201)
    def ask_contact(conversation_id: str, asked: AskContact, person: agent) -> Number:
        """Ask the customer for an e-mail address or a phone number; the answer is checked and kept."""
        number = contacts.ask(database, conversation_id, holder(person), contact=asked.contact, client_id=asked.client_id, text=asked.text)
        services.signals.changed(conversation_id)
        return Number(number=number)


def _add_marks(api: APIRouter, services: Services, guard: Guard) -> None:
    """Tags for everyone, reminders for oneself."""
    database = services.database
    agent = Annotated[Person, Depends(guard.may(Permission.ANSWER))]

    @api.post("/tags")
    def tag(conversation_id: str, wanted: Tag, person: agent) -> Tags:
        """Put a tag on it; any agent may."""
        tags = tagging.add(database, conversation_id, holder(person), wanted.tag)
        services.signals.changed(conversation_id)
        return Tags(tags=tags)

    @api.post("/untag")
    def untag(conversation_id: str, wanted: Tag, person: agent) -> Tags:
        """Take a tag off; any agent may."""
        tags = tagging.remove(database, conversation_id, holder(person), wanted.tag)
        services.signals.changed(conversation_id)
        return Tags(tags=tags)

    @api.post("/reminder", status_code=204)
    def remind(conversation_id: str, wish: Remind, person: agent) -> Response:
        """Show it in one's own list from this time on."""
        reminders.remind(database, conversation_id, holder(person), wish.until, wish.about)
        services.signals.notify(DESK)
        return Response(status_code=204)

    @api.delete("/reminder", status_code=204)
    def forget(conversation_id: str, person: agent) -> Response:
        """No reminder any more."""
        reminders.forget(database, conversation_id, holder(person))
        services.signals.notify(DESK)
        return Response(status_code=204)
