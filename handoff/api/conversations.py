"""Conversations: found, read, taken, answered, passed on, tagged and ended, by the same rules as at the desk."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from pydantic import AwareDatetime

from handoff.accounts import teams, trail
from handoff.accounts.keys import Caller, Scope
from handoff.api import cursors, shapes
from handoff.api.door import Door
from handoff.conversations import agents, events, listing, passing, products, queue, tagging, workload
from handoff.conversations.agents import CLAIMABLE, Holder
from handoff.conversations.listing import Place, Wanted
from handoff.conversations.states import State
from handoff.conversations.tables import ConversationRow
from handoff.conversations.walls import check_visible
from handoff.covering import Cover, cover
from handoff.database import new_id, now
from handoff.errors import Unreadable
from handoff.services import Services

MOST = 100
COVERED = "•••"
PATH = "/conversations/{conversation_id}"
Key = Annotated[str | None, Header(alias="Idempotency-Key", description="the same again is the same request, for a day", min_length=8, max_length=200)]
Limit = Annotated[int, Query(ge=1, le=MOST)]


def router(services: Services, door: Door, api: APIRouter) -> None:
    """Add the routes of conversations."""
    _add_reading(services, door, api)
    _add_moves(services, door, api)
    _add_words(services, door, api)
    _add_product(services, door, api)


def _add_reading(services: Services, door: Door, api: APIRouter) -> None:
    database, covers = services.database, cover(services)
    reader = Annotated[Caller, Depends(door.may(Scope.READ))]

    @api.get("/conversations")
    def list_conversations(
        caller: reader,
        *,
        state: State | None = None,
        team_id: Annotated[str | None, Query(max_length=40)] = None,
        agent_id: Annotated[str | None, Query(max_length=40)] = None,
        tag: Annotated[str | None, Query(max_length=200)] = None,
        changed_since: AwareDatetime | None = None,
        cursor: Annotated[str | None, Query(max_length=400)] = None,
        limit: Limit = 50,
    ) -> shapes.Page[shapes.Conversation]:
        """Those that the key's person may see, the newest change first."""
        wanted = Wanted(state, team_id, agent_id, tag, changed_since)
        found = listing.page(database, caller.person.id, wanted, after=_place(cursor), limit=limit + 1)
        return shapes.Page(items=[_conversation(row, covers) for row in found[:limit]], next=_next(found, limit))

    @api.get(PATH)
    def read_conversation(conversation_id: str, caller: reader) -> shapes.Conversation:
        """One conversation as it stands."""
        _see(services, caller, conversation_id)
        return _conversation(listing.one(database, conversation_id), covers)

    @api.get(PATH + "/events")
    def read_events(
        conversation_id: str, caller: reader, *, cursor: Annotated[str | None, Query(max_length=100)] = None, limit: Limit = 100
    ) -> shapes.Page[shapes.Event]:
        """The numbered log, oldest first: all that was said and done, notes included."""
        _see(services, caller, conversation_id)
        (after,) = cursors.read(cursor, int) if cursor else (0,)
        _item, found = queue.events_since(database, conversation_id, after)
        views = [covers.event(events.for_agent(event)) for event in found[:limit]]
        shown = [shapes.Event.model_validate({name: view[name] for name in shapes.Event.model_fields if name in view}) for view in views]
        return shapes.Page(items=shown, next=cursors.written(shown[-1].number) if len(found) > limit else None)

    @api.get("/people")
    def list_people(_caller: reader) -> list[shapes.Colleague]:
        """Everybody who answers."""
        moment = now()
        return [shapes.Colleague(id=one.id, name=one.name, here=workload.is_here(one, moment)) for one in workload.everyone(database)]

    @api.get("/teams")
    def list_teams(_caller: reader) -> list[shapes.Team]:
        """All teams."""
        return [shapes.Team(id=team.id, name=team.name) for team in teams.teams(database)]


def _add_moves(services: Services, door: Door, api: APIRouter) -> None:
    database = services.database
    writer = Annotated[Caller, Depends(door.may(Scope.WRITE))]

    @api.post(PATH + "/claim")
    def claim(conversation_id: str, caller: writer, _key: Key = None) -> shapes.Standing:
        """Take it, in the name of the key's person. 409 `already_taken` with `holder` when somebody was first."""
        check_visible(database, conversation_id, caller.person.id)
        agents.claim(database, conversation_id, holder_of(caller))
        return after(services, conversation_id)

    @api.post(PATH + "/release")
    def release(conversation_id: str, caller: writer, _key: Key = None) -> shapes.Standing:
        """Let it go: it waits again, for anyone. Only the holder may."""
        check_visible(database, conversation_id, caller.person.id)
        agents.release(database, conversation_id, holder_of(caller))
        return after(services, conversation_id)

    @api.post(PATH + "/give-back")
    def give_back(conversation_id: str, caller: writer, _key: Key = None) -> shapes.Standing:
        """The bot goes on with it. Only the holder may."""
        check_visible(database, conversation_id, caller.person.id)
        agents.give_back(database, conversation_id, holder_of(caller))
        return after(services, conversation_id)

    @api.post(PATH + "/assign")
    def assign(conversation_id: str, to: shapes.Assign, caller: writer, _key: Key = None) -> shapes.Standing:
        """Give what waits, or what the key's person has, to a colleague or a team. 409 `colleague_away` where nobody would sit with the customer."""
        check_visible(database, conversation_id, caller.person.id)
        _assign(services, conversation_id, to, holder_of(caller))
        return after(services, conversation_id)

    @api.post(PATH + "/close")
    def close(conversation_id: str, ending: shapes.Ending, caller: writer, _key: Key = None) -> shapes.Standing:
        """End it with an outcome. Only the holder may."""
        check_visible(database, conversation_id, caller.person.id)
        agents.close(database, conversation_id, holder_of(caller), outcome=ending.outcome)
        return after(services, conversation_id)


def _add_words(services: Services, door: Door, api: APIRouter) -> None:
    database = services.database
    writer = Annotated[Caller, Depends(door.may(Scope.WRITE))]

    @api.post(PATH + "/messages", status_code=201)
    def reply(conversation_id: str, words: shapes.Words, caller: writer, key: Key = None) -> shapes.Number:
        """Say something to the customer. Only the holder may."""
        check_visible(database, conversation_id, caller.person.id)
        number = agents.answer(database, conversation_id, holder_of(caller), client_id=_client_id(caller, key), text=words.text)
        services.signals.changed(conversation_id)
        return shapes.Number(number=number)

    @api.post(PATH + "/notes", status_code=201)
    def note(conversation_id: str, words: shapes.Words, caller: writer, key: Key = None) -> shapes.Number:
        """Write a note that only colleagues see."""
        check_visible(database, conversation_id, caller.person.id)
        number = agents.note(database, conversation_id, holder_of(caller), client_id=_client_id(caller, key), text=words.text)
        services.signals.changed(conversation_id)
        return shapes.Number(number=number)

    @api.post(PATH + "/tags")
    def add_tag(conversation_id: str, wanted: shapes.Tag, caller: writer, _key: Key = None) -> shapes.Tags:
        """Put a tag on it."""
        check_visible(database, conversation_id, caller.person.id)
        tags = tagging.add(database, conversation_id, holder_of(caller), wanted.tag)
        services.signals.changed(conversation_id)
        return shapes.Tags(tags=tags)

    @api.delete(PATH + "/tags/{tag}")
    def remove_tag(conversation_id: str, tag: str, caller: writer) -> shapes.Tags:
        """Take a tag off; one that is not there changes nothing."""
        check_visible(database, conversation_id, caller.person.id)
        tags = tagging.remove(database, conversation_id, holder_of(caller), tag)
        services.signals.changed(conversation_id)
        return shapes.Tags(tags=tags)


def _add_product(services: Services, door: Door, api: APIRouter) -> None:
    database, covers = services.database, cover(services)
    writer = Annotated[Caller, Depends(door.may(Scope.WRITE))]

    @api.put(PATH + "/product")
    def name_product(conversation_id: str, about: shapes.About, caller: writer) -> shapes.Conversation:
        """Say which product it is about. Personal data in the name is covered, and a name that is known keeps its spelling."""
        check_visible(database, conversation_id, caller.person.id)
        known = products.suggestions(database, caller.person.id, services.products)
        products.name(database, conversation_id, holder_of(caller), services.bot.mask(about.product), known=known)
        services.signals.changed(conversation_id)
        return _conversation(listing.one(database, conversation_id), covers)


def _assign(services: Services, conversation_id: str, to: shapes.Assign, holder: Holder) -> None:
    """Where nobody has it, it is taken first; if then it can't be passed on, it is let go again."""
    database = services.database
    waits = listing.one(database, conversation_id).state in CLAIMABLE
    if waits:
        agents.claim(database, conversation_id, holder)
    if to.agent_id == holder.id:
        agents.check_holder(database, conversation_id, holder)
        return
    try:
        if to.agent_id is not None:
            passing.pass_to_agent(database, conversation_id, holder, to.agent_id, note=to.note)
        else:
            passing.pass_to_team(database, conversation_id, holder, to.team_id or "", note=to.note)
    except Exception:
        if waits:
            agents.release(database, conversation_id, holder)
            services.signals.changed(conversation_id)
        raise


def _see(services: Services, caller: Caller, conversation_id: str) -> None:
    """The key's person looks at it. Raises `NotFound` also behind another team's wall."""
    check_visible(services.database, conversation_id, caller.person.id)
    trail.saw(services.database, caller.person.id, conversation_id)


def after(services: Services, conversation_id: str) -> shapes.Standing:
    """How it stands now; whoever looks is woken."""
    services.signals.changed(conversation_id)
    row = listing.one(services.database, conversation_id)
    return shapes.Standing(**{name: getattr(row, name) for name in shapes.Standing.model_fields})


def _conversation(row: ConversationRow, covers: Cover) -> shapes.Conversation:
    """With the contacts covered where agents see nobody's: a colleague at the desk needs one to call, a program would take them all along."""
    told = {name: getattr(row, name) for name in shapes.Conversation.model_fields} | {"orders": row.open_orders}
    hidden = {name: COVERED for name in ("email", "phone") if told[name]} if covers.mask else {}
    return shapes.Conversation(**told | hidden)


def _place(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    moment, last = cursors.read(cursor, str, str)
    try:
        return Place(datetime.fromisoformat(moment), last)
    except ValueError:
        raise Unreadable("This cursor is none of ours; begin without one.", code="bad_cursor", field="cursor") from None


def _next(found: Sequence[ConversationRow], limit: int) -> str | None:
    return cursors.written(found[limit - 1].changed_at.isoformat(), found[limit - 1].id) if len(found) > limit else None


def _client_id(caller: Caller, key: str | None) -> str:
    """What makes a repeat the same message, even where the kept answer was lost with a killed process."""
    return f"api-{hashlib.sha256(f'{caller.key_id} {key}'.encode()).hexdigest()[:48]}" if key else f"api-{new_id()}"


def holder_of(caller: Caller) -> Holder:
    """The key's person."""
    return Holder(caller.person.id, caller.person.name)
