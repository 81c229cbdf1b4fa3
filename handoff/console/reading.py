"""What the desk reads: lists, one conversation, and what changes while it looks."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse

from handoff.accounts import service as accounts
from handoff.accounts import teams
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.console import shapes, views
from handoff.console.naming import with_product
from handoff.console.seeing import seeing
from handoff.console.veil import veil
from handoff.conversations import complaints, events, history, queue, tagging, typists, verification, workload
from handoff.conversations.queue import ListName
from handoff.conversations.signals import DESK, conversation_topic
from handoff.conversations.walls import check_visible
from handoff.database import now
from handoff.errors import NotFound, NotLoggedIn
from handoff.explain import explain
from handoff.markdown import as_letter
from handoff.services import Services
from handoff.web import COOKIE, Guard, Pages, page_language, stream

PRESENCE_SECONDS = 15  # how often an open desk says so; the stream looks at least at every heartbeat
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
News = Sequence[tuple[int, str, Any]]


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """The reading half of `/api/desk`."""
    api = APIRouter(prefix="/api/desk", tags=["desk"], dependencies=[Depends(seeing(services, guard))])
    agent = Annotated[Person, Depends(guard.may(Permission.ANSWER))]
    covering = veil(services)

    @api.get("/queue")
    def show_queue(
        request: Request,
        person: agent,
        *,
        list: ListName = "waiting",
        search: Annotated[str, Query(max_length=200, description="in names, contacts, words; or an id")] = "",
        skip: Annotated[int, Query(ge=0)] = 0,
        pressing: Annotated[bool, Query(description="only what is to be answered or solved soon, or is late")] = False,
    ) -> shapes.Queue:
        """One list in the order in which it should be taken, and the lengths of all of them. Long ones come in parts: `skip` so many."""
        name = guest(request)
        lines = [covering.line(views.line(item, name)) for item in queue.items(services.database, list, person.id, search=search, skip=skip, pressing=pressing)]
        people = workload.free_agents(services.database)
        counts, soon = queue.counts(services.database, person.id), queue.pressing(services.database, list, person.id)
        return shapes.Queue(name=list, counts=counts, people=people, pressing=soon, most=queue.LONGEST_LIST, conversations=lines)

    @api.get("/conversations/{conversation_id}")
    def show_conversation(request: Request, conversation_id: str, person: agent) -> shapes.Opened:
        """Everything about one conversation: what was said, why it came here, what the bot made of it."""
        explained = partial(explain, pages.texts, page_language(request))
        whole = queue.whole(services.database, conversation_id, person.id)
        before = queue.lines_of(services.database, history.earlier(services.database, conversation_id, person.id))
        return _with_more(services, covering.opened(views.opened(whole, before, guest(request), explained, supervises=person.supervises)), person.id)

    @api.get("/conversations/{conversation_id}/events")
    def show_older(conversation_id: str, person: agent, before: Annotated[int, Query(ge=1)]) -> shapes.Events:
        """The events before a number, for whoever scrolls up."""
        older = queue.events_before(services.database, conversation_id, before)
        return shapes.Events(events=[covering.event(events.for_agent(event, supervises=person.supervises)) for event in older])

    @api.get("/colleagues")
    def show_colleagues(person: agent) -> list[shapes.Colleague]:
        """Everyone else who answers, those who are here first."""
        moment, others = now(), (one for one in workload.everyone(services.database) if one.id != person.id)
        known = (shapes.Colleague(id=one.id, name=one.name, here=workload.is_here(one, moment), availability=one.availability) for one in others)
        return sorted(known, key=lambda one: (not one.here, one.name.casefold()))

    @api.get("/teams")
    def show_teams(_person: agent) -> list[shapes.Team]:
        """The teams that a conversation may be passed to."""
        return [shapes.Team(id=team.id, name=team.name) for team in teams.teams(services.database)]

    @api.get("/tags")
    def show_tags(_person: agent) -> list[str]:
        """Tags used lately, the most used first."""
        return tagging.suggestions(services.database)

    @api.get("/conversations/{conversation_id}/answers/{entry_id}")
    def show_answer(conversation_id: str, entry_id: str, person: agent) -> shapes.Answer:
        """An entry's published answer as a person would type it, in the language of the conversation, or in Estonian where it has no other; 404 when
        it is not published, 403 `needs_identity` when it is for a verified customer only."""
        row = queue.whole(services.database, conversation_id).item.row
        text, needs_identity = services.entries.answer(entry_id, row.language, site=services.settings.public_url)
        if needs_identity:
            verification.check_verified(row)
        return shapes.Answer(entry_id=entry_id, text=as_letter(text))

    @api.get("/stream")
    async def follow_desk(request: Request, person: agent) -> StreamingResponse:
        """Server-sent `changed` messages with a growing number: look at the queue again. Says `logged_out` and ends when the log-in does."""

        shown = 0.0

        def read(_last: int) -> News:
            nonlocal shown
            here(request)
            if time.monotonic() - shown >= PRESENCE_SECONDS:
                accounts.seen(services.database, person.id)
                shown = time.monotonic()
            return [(int(now().timestamp() * 1000), "changed", {})]

        return _answer(until_logged_out(stream(request, services.signals, DESK, read, after=0)))

    @api.get("/conversations/{conversation_id}/stream")
    async def follow_conversation(
        request: Request, conversation_id: str, person: agent, after: int = 0, last_event_id: Annotated[int | None, Header()] = None
    ) -> StreamingResponse:
        """Server-sent `event` messages newer than `after` (or the header `Last-Event-ID`), and `standing` when state, holder or seen marks change,
        `typing` while the customer or a colleague writes to the other."""
        since = last_event_id if last_event_id is not None else after
        standing = standing_reader(services, conversation_id, partial(still_sees, services, request, conversation_id), supervises=person.supervises)
        read = typists.telling(standing, services.typists, conversation_id, whose=lambda typist: typist.agent_id != person.id, view=views.typing)
        return _answer(until_logged_out(stream(request, services.signals, conversation_topic(conversation_id), read, after=since)))

    def guest(request: Request) -> views.Guest:
        language = page_language(request)
        return lambda code: pages.texts.say(language, "desk.guest", code=code)

    def here(request: Request) -> None:
        accounts.whose(services.database, request.cookies.get(COOKIE))

    return api


def still_sees(services: Services, request: Request, conversation_id: str) -> None:
    """Whether whoever follows is logged in and may see it still. Raises `NotLoggedIn`, `NotFound`."""
    person = accounts.whose(services.database, request.cookies.get(COOKIE))
    check_visible(services.database, conversation_id, person.id)


def standing_reader(services: Services, conversation_id: str, check: Callable[[], None], *, supervises: bool = False) -> Callable[[int], News]:
    """Reads what one open stream has not told yet; remembers the standing it told last."""
    told: dict[str, Any] = {}
    covering = veil(services)

    def read(last: int) -> News:
        check()
        item, new = queue.events_since(services.database, conversation_id, last)
        news: list[tuple[int, str, Any]] = [(event.number, "event", covering.event(events.for_agent(event, supervises=supervises))) for event in new]
        standing = views.standing(item).model_dump(mode="json")
        if standing != told:
            told.update(standing)
            news.append((max(last, *(event.number for event in new), 0), "standing", standing))
        return news

    return read


async def until_logged_out(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The stream, ended with a word when the log-in it belongs to is over, and without one when the conversation went behind another team's wall."""
    try:
        async for chunk in chunks:
            yield chunk
    except NotLoggedIn:
        yield b"event: logged_out\ndata: {}\n\n"
    except NotFound:
        return


def _answer(chunks: AsyncIterator[bytes]) -> StreamingResponse:
    return StreamingResponse(chunks, media_type="text/event-stream", headers=STREAM_HEADERS)


def _with_more(services: Services, opened: shapes.Opened, agent_id: str) -> shapes.Opened:
    """What stands beside the conversation: its complaint and the entries that were made of it."""
    conversation_id = opened.conversation.id
    made = [shapes.Made(entry_id=one.id, question=one.content["question"], status=one.status) for one in services.entries.made_from(conversation_id)]
    zone = ZoneInfo(services.settings.time_zone)
    found = complaints.complaint(services.database, conversation_id, zone)
    complaint = shapes.Complaint(due=found.due, days_left=(found.due - now().astimezone(zone).date()).days) if found else None
    if complaint:
        complaint = with_product(services, complaint, opened, agent_id)
    return opened.model_copy(update={"complaint": complaint, "made": made})
