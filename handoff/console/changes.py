"""What agents change. Every route needs the header `X-CSRF-Token`; after the commit the readers are woken."""

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from handoff.accounts import service as accounts
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.accounts.tables import Availability
from handoff.console import drafting, shapes, views
from handoff.console.seeing import inside
from handoff.conversations import agents, matters, mentions, queue
from handoff.conversations.agents import Holder
from handoff.conversations.signals import DESK, conversation_topic
from handoff.conversations.typists import Typist
from handoff.database import new_id
from handoff.errors import MoveRefused
from handoff.services import Services
from handoff.stages import Stage
from handoff.web import Guard


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Words(Strict):
    """A message or a note. `client_id` is made by the page: the same id again is the same message."""

    client_id: str = Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")
    text: str = Field(max_length=100_000)


class Reply(Words):
    """A message to the customer. `picked` is the entry whose answer it is, when it was taken over from the FAQ."""

    picked: str | None = Field(None, max_length=120)


class Note(Words):
    """A note for colleagues. `calls` are the ids of those whom it calls by name."""

    calls: list[str] = Field([], max_length=20)


class Number(BaseModel):
    """The number of an event in its conversation."""

    number: int = Field(ge=0)


class Ending(Strict):
    """How it ended."""

    outcome: Literal["solved", "not_solved", "spam"] = "solved"


class Choice(Strict):
    """Whether conversations may come."""

    availability: Availability


class DraftFrom(Strict):
    """The agent's reply to make an entry of; the last one when it is not named."""

    answer: int | None = None


class Draft(BaseModel):
    """A new entry that waits for an editor."""

    entry_id: str
    question: str
    answer: str


def router(services: Services, guard: Guard) -> APIRouter:
    """The changing half of `/api/desk`."""
    api = APIRouter(prefix="/api/desk", tags=["desk"], dependencies=[Depends(inside(services, guard))])
    database = services.database
    agent = Annotated[Person, Depends(guard.may(Permission.ANSWER))]

    def now_stands(conversation_id: str) -> shapes.Standing:
        return standing_after(services, conversation_id)

    @api.post("/conversations/{conversation_id}/claim")
    def claim(conversation_id: str, person: agent) -> shapes.Standing:
        """Take it. 409 `already_taken` with `holder` when somebody was first, 409 `move_refused` when it waits for nobody."""
        agents.claim(database, conversation_id, holder(person))
        return now_stands(conversation_id)

    @api.post("/conversations/{conversation_id}/messages", status_code=201)
    def answer(conversation_id: str, words: Reply, person: agent) -> Number:
        """Say something to the customer. Only the holder may (403)."""
        number = agents.answer(database, conversation_id, holder(person), client_id=words.client_id, text=words.text, picked=words.picked)
        services.typists.ended(conversation_id, Typist(person.id, person.name))
        services.signals.changed(conversation_id)
        return Number(number=number)

    @api.post("/conversations/{conversation_id}/notes", status_code=201)
    def note(conversation_id: str, words: Note, person: agent) -> Number:
        """Write a note that only colleagues see; any of them may."""
        number = agents.note(database, conversation_id, holder(person), client_id=words.client_id, text=words.text, calls=words.calls)
        services.signals.changed(conversation_id)
        return Number(number=number)

    @api.post("/conversations/{conversation_id}/release")
    def release(conversation_id: str, person: agent) -> shapes.Standing:
        """Let it go: it waits again, for anyone."""
        agents.release(database, conversation_id, holder(person))
        return now_stands(conversation_id)

    @api.post("/conversations/{conversation_id}/give-back")
    def give_back(conversation_id: str, person: agent) -> shapes.Standing:
        """The bot goes on with it."""
        agents.give_back(database, conversation_id, holder(person))
        return now_stands(conversation_id)

    @api.post("/conversations/{conversation_id}/close")
    def close(conversation_id: str, ending: Ending, person: agent) -> shapes.Standing:
        """End it with an outcome. Who follows the matter on its page hears when it is solved."""
        end = services.stages.end
        if ending.outcome == "solved" and end is not None and matters.is_followed(database, conversation_id):
            say_stage(services, conversation_id, person, end, new_id())  # who follows it hears of the end too
        else:
            agents.close(database, conversation_id, holder(person), outcome=ending.outcome)
        return now_stands(conversation_id)

    @api.post("/conversations/{conversation_id}/draft", status_code=201)
    def draft(conversation_id: str, wanted: DraftFrom, person: agent) -> Draft:
        """Keep the customer's question and the agent's reply as a draft entry, personal data masked. An editor publishes it."""
        pair = queue.question_and_answer(database, conversation_id, answer=wanted.answer)
        if pair is None:
            raise MoveRefused("An entry needs a question of the customer and a reply to it by a person.")
        entry = drafting.draft(services, conversation_id, *pair, by=person.id)
        accounts.audit(database, person.id, "draft_saved", conversation_id)  # the entry's id has the customer's words in it
        services.signals.changed(conversation_id)
        return Draft(entry_id=entry.id, question=entry.content["question"], answer=entry.content["answer"])

    @api.post("/availability", status_code=204)
    def availability(choice: Choice, person: agent) -> Response:
        """Say whether conversations may come."""
        accounts.set_availability(database, person.id, choice.availability)
        services.signals.notify(DESK)
        return Response(status_code=204)

    _add_signs(api, services, guard)
    return api


def _add_signs(api: APIRouter, services: Services, guard: Guard) -> None:
    """What the page tells by itself while an agent reads and types."""
    database = services.database
    agent = Annotated[Person, Depends(guard.may(Permission.ANSWER))]

    @api.post("/conversations/{conversation_id}/seen", status_code=204)
    def seen(conversation_id: str, shown: Number, person: agent) -> Response:
        """The page has shown everything up to this number. For the customer it counts when the holder has seen it; a note's call is answered by it."""
        called = mentions.mark_seen(database, conversation_id, person.id, shown.number)
        if agents.mark_seen(database, conversation_id, holder(person), shown.number) or called:
            services.signals.changed(conversation_id)
        return Response(status_code=204)

    @api.post("/conversations/{conversation_id}/typing", status_code=204)
    def typing(conversation_id: str, person: agent) -> Response:
        """The holder is typing to the customer, who sees that and not what. The sign lasts some seconds."""
        agents.check_holder(database, conversation_id, holder(person))
        if services.typists.began(conversation_id, Typist(person.id, person.name)):
            services.signals.notify(conversation_topic(conversation_id))
        return Response(status_code=204)


def standing_after(services: Services, conversation_id: str) -> shapes.Standing:
    """Wake the readers, and how it stands now."""
    services.signals.changed(conversation_id)
    return views.standing(queue.events_since(services.database, conversation_id, 1 << 30)[0])


def say_stage(services: Services, conversation_id: str, person: Person, stage: Stage, client_id: str) -> None:
    """Where the matter stands, told to its customer as the operator wants it."""
    matters.set_stage(
        services.database,
        conversation_id,
        holder(person),
        stage.id,
        ends=stage.ends,
        client_id=client_id,
        made=services.links,
        tells=services.notices,
        ask_after=timedelta(hours=services.settings.follow_up_hours) or None,
    )


def holder(person: Person) -> Holder:
    """The person as conversations know them."""
    return Holder(person.id, person.name)
