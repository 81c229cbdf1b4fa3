"""The week's sample and the score card of one conversation, for who may review."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select

from handoff.accounts import trail
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.accounts.tables import AgentRow, TeamRow
from handoff.coaching import reviews
from handoff.coaching.criteria import MARKS
from handoff.coaching.reviews import Filled, Looked
from handoff.coaching.room import Room
from handoff.coaching.sample import LONG_WAIT, MOST_DRAWN, Drawn, Wanted, draw
from handoff.coaching.shown import talk
from handoff.coaching.week import monday
from handoff.conversations.feedback_tables import ReviewRow
from handoff.conversations.scores import Scale
from handoff.conversations.tables import ConversationRow
from handoff.database import now
from handoff.entries.tables import EntryRow
from handoff.errors import Unreadable

PATH = "/coaching/conversations/"
COUNTS = (3, 5, 10, MOST_DRAWN)
LONGEST_ASKED = 120
NOTE, MARK = "note-", "mark-"
Which = Literal["any", "low", "waited"]
Ticked = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True)
class Line:
    """One conversation of the sample."""

    row: ConversationRow
    agent: str
    when: str
    score: int | None
    most: int
    low: bool
    waited: int  # minutes, where that was long
    stands: str  # begun, shared or nothing
    asked: str  # what it is about, personal data covered


@dataclass(frozen=True)
class Written:
    """One review of the reviewer's own."""

    path: str
    name: str
    when: str
    shared: bool
    score: str
    replied: bool
    acknowledged: bool


def wish(*, agent: Ticked = "", team: Ticked = "", topic: Ticked = "", which: Which = "any", count: int = COUNTS[1]) -> Wanted:
    """What the filters say; a count that is not offered is the usual one."""
    return Wanted(team, agent, topic, which == "low", which == "waited", count if count in COUNTS else COUNTS[1])


async def filled(request: Request) -> Filled:
    """What the card's form says; a mark is 1–5 or did not apply."""
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    marks: dict[str, int | None] = {}
    for name, value in form.items():
        if name.startswith(MARK) and (value == "none" or value in map(str, MARKS)):
            marks[name.removeprefix(MARK)] = None if value == "none" else int(value)
    notes = {int(name.removeprefix(NOTE)): text for name, text in form.items() if name.startswith(NOTE) and name.removeprefix(NOTE).isdecimal()}
    return Filled(marks, form.get("words", ""), notes)


def router(room: Room) -> APIRouter:
    """`/coaching/sample` and `/coaching/conversations/…`."""
    api = APIRouter(include_in_schema=False)
    database = room.services.database
    looker = Annotated[Person, Depends(room.guard.may(Permission.REVIEW))]
    changer = Annotated[Person, Depends(room.guard.form(Permission.REVIEW))]

    @api.get("/coaching/sample")
    def sample(request: Request, person: looker, wanted: Annotated[Wanted, Depends(wish)]) -> Response:
        found = [_line(one, room, request) for one in draw(database, person.id, wanted, week=monday(now(), room.zone))]
        mine = [_written(one, name, room, request) for one, name in reviews.of_reviewer(database, person.id)]
        shown = {
            "wanted": wanted,
            "chosen_which": "low" if wanted.low else "waited" if wanted.waited else "any",
            "found": found,
            "mine": mine,
            **_choices(room, request, person),
        }
        return room.page(request, "sample.html", person, "sample", **shown)

    @api.get(PATH + "{conversation_id}")
    def card(request: Request, conversation_id: str, person: looker, agent: Ticked = "", done: bool = False) -> Response:
        looked = reviews.look(database, conversation_id, person.id, agent)
        trail.saw(database, person.id, conversation_id)
        if looked.review is not None and looked.review.shared_at is not None:
            return RedirectResponse(f"/coaching/reviews/{looked.review.id}", status_code=303)
        return show(request, person, looked, done=done)

    @api.post(PATH + "{conversation_id}")
    def keep(
        request: Request,
        conversation_id: str,
        person: changer,
        *,
        written: Annotated[Filled, Depends(filled)],
        agent: Annotated[str, Form(max_length=100)] = "",
        act: Annotated[Literal["save", "share"], Form()] = "save",
    ) -> Response:
        try:
            review_id = reviews.save(
                database,
                conversation_id,
                person.id,
                agent_id=agent,
                filled=written,
                criteria=room.criteria,
                share=act == "share",
                week=monday(now(), room.zone),
            )
        except Unreadable as error:
            looked = reviews.look(database, conversation_id, person.id, agent)
            return show(request, person, looked, written=written, error=error)
        leads = f"/coaching/reviews/{review_id}" if act == "share" else f"{PATH}{conversation_id}?agent={agent}&done=1"
        return RedirectResponse(leads, status_code=303)

    def show(
        request: Request, person: Person, looked: Looked, *, written: Filled | None = None, done: bool = False, error: Unreadable | None = None
    ) -> Response:
        review = looked.review
        return room.page(
            request,
            "card.html",
            person,
            "sample",
            status=error.status if error else 200,
            agent=looked.agent,
            others=looked.others,
            path=PATH + looked.row.id,
            talk=talk(looked, room.words(request), room.covered),
            criteria=room.criteria,
            steps=MARKS,
            marks=written.marks if written else review.marks if review else {},
            words=written.words if written else (review.words or "") if review else "",
            done=done,
            problem=error.code if error else "",
        )

    return api


def _line(one: Drawn, room: Room, request: Request) -> Line:
    scale = Scale(one.kind) if one.kind else Scale.CSAT
    waited = int(one.waited.total_seconds() // 60) if one.waited and one.waited >= LONG_WAIT else 0
    stands = "" if one.review is None else "shared" if one.review.shared_at else "begun"
    when = room.words(request).when(one.row.closed_at or one.row.changed_at)
    return Line(
        one.row,
        one.agent,
        when,
        one.score,
        scale.steps[-1],
        one.score is not None and one.score <= scale.low,
        waited,
        stands,
        _clipped(room.services.bot.mask(one.asked)),
    )


def _clipped(text: str) -> str:
    return text if len(text) <= LONGEST_ASKED else text[:LONGEST_ASKED].rsplit(" ", 1)[0] + " …"


def _written(one: ReviewRow, name: str, room: Room, request: Request) -> Written:
    words, shared = room.words(request), one.shared_at is not None
    path = f"/coaching/reviews/{one.id}" if shared else f"{PATH}{one.conversation_id}?agent={one.agent_id}"
    when, score = words.when(one.shared_at or one.created_at), words.number(one.score) if one.score else ""
    return Written(path, name, when, shared, score, one.replied_at is not None, one.acknowledged_at is not None)


def _choices(room: Room, request: Request, person: Person) -> Mapping[str, Any]:
    """What the filters offer."""
    words = room.words(request)

    def say(key: str) -> str:
        return words.say(f"sample.{key}")

    with room.services.database.read() as session:
        agents = session.execute(select(AgentRow.id, AgentRow.name).where(AgentRow.active, AgentRow.id != person.id).order_by(AgentRow.name)).tuples().all()
        teams = session.execute(select(TeamRow.id, TeamRow.name).order_by(TeamRow.name)).tuples().all()
        topics = session.scalars(select(EntryRow.topic).where(EntryRow.topic != "").distinct().order_by(EntryRow.topic)).all()
    return {
        "agents": [("", say("everybody")), *agents],
        "teams": [("", say("all_teams")), *teams],
        "topics": [("", say("all_topics")), *((one, words.topic(one)) for one in topics)],
        "which": [(which, say(f"which_{which}")) for which in ("any", "low", "waited")],
        "counts": [(count, str(count)) for count in COUNTS],
    }
