"""„Minu nädal“ and the shared reviews: an agent's own, which nobody else sees in this form. And how much of this room waits for whom."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from sqlalchemy import select

from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.accounts.tables import AgentRow
from handoff.coaching import reviews
from handoff.coaching.heard import heard
from handoff.coaching.room import Room
from handoff.coaching.shown import talk
from handoff.coaching.week import DAYS, Week, monday, week
from handoff.conversations import low_scores
from handoff.conversations.feedback_tables import ReviewRow, SurveyRow
from handoff.conversations.scores import Scale
from handoff.database import now
from handoff.errors import NotFound


@dataclass(frozen=True)
class Listed:
    """One review in the agent's list."""

    id: str
    when: str
    by: str
    score: str
    is_new: bool


@dataclass(frozen=True)
class Heard:
    """What one customer said beside their score."""

    score: str
    low: bool
    when: str
    language: str
    words: str


class Waits(BaseModel):
    """How much waits for this reader, as a number and in words."""

    count: int
    text: str


def router(room: Room) -> APIRouter:
    """`/coaching/mine` and `/coaching/reviews/…`."""
    api = APIRouter(prefix="/coaching", include_in_schema=False)
    database = room.services.database
    agent = Annotated[Person, Depends(room.guard.may(Permission.ANSWER))]
    answering = Annotated[Person, Depends(room.guard.form(Permission.ANSWER))]

    @api.get("")
    def enter(person: agent) -> Response:
        """Where this person begins."""
        return RedirectResponse("/coaching/low" if person.may(Permission.REVIEW) else "/coaching/mine", status_code=303)

    @api.get("/waits")
    def waits(request: Request, person: agent) -> Waits:
        """Low scores for who looks after them, for others reviews that were shared with them."""
        kind = "low" if person.may(Permission.REVIEW) else "new"
        count = low_scores.waiting(database, person.id) if kind == "low" else reviews.new_ones(database, person.id)
        return Waits(count=count, text=room.words(request).say(f"waits.{kind}", count=count))

    @api.get("/mine")
    def mine(request: Request, person: agent) -> Response:
        words, moment = room.words(request), now()
        weeks = [week(database, person.id, moment, room.zone, weeks_ago=ago) for ago in (0, 1)]

        def listed(one: ReviewRow, by: str) -> Listed:
            return Listed(one.id, words.when(one.shared_at or one.created_at), by, words.number(one.score) if one.score else "", one.acknowledged_at is None)

        said = [_heard(one, room, words.when) for one in heard(database, person.id, monday(moment, room.zone, 1))]
        found = [listed(one, by) for one, by in reviews.of_agent(database, person.id)]
        return room.page(request, "mine.html", person, "mine", rows=words.figures(*weeks), days=[_days(one) for one in weeks], reviews=found, said=said)

    @api.get("/reviews/{review_id}")
    def review(request: Request, review_id: str, person: agent, done: bool = False, noted: bool = False) -> Response:
        looked, words = reviews.read(database, review_id, person.id, reviews=person.may(Permission.REVIEW)), room.words(request)
        found = looked.review
        if found is None:
            raise NotFound("There is no such review.")
        with database.read() as session:
            reviewer = session.scalar(select(AgentRow.name).where(AgentRow.id == found.reviewer_id)) or ""
        own = found.agent_id == person.id
        return room.page(
            request,
            "review.html",
            person,
            "mine" if own else "sample",
            id=found.id,
            agent=looked.agent,
            reviewer=reviewer,
            when=words.when(found.shared_at or found.created_at),
            score=words.number(found.score) if found.score else "",
            given=[(words.criterion(room.criteria, name), mark) for name, mark in found.marks.items()],
            words=found.words or "",
            reply=found.reply or "",
            came_by=found.came_by or "",
            acknowledged=words.when(found.acknowledged_at) if found.acknowledged_at else "",
            own=own,
            talk=talk(looked, words, room.covered),
            done=done,
            noted=noted,
        )

    @api.post("/reviews/{review_id}/acknowledge")
    def acknowledge(review_id: str, person: answering) -> Response:
        reviews.acknowledge(database, review_id, person.id)
        return RedirectResponse(f"/coaching/reviews/{review_id}?noted=1", status_code=303)

    @api.post("/reviews/{review_id}/reply")
    def answer(review_id: str, person: answering, text: Annotated[str, Form(max_length=10_000)] = "") -> Response:
        reviews.reply(database, review_id, person.id, text)
        return RedirectResponse(f"/coaching/reviews/{review_id}?done=1", status_code=303)

    return api


def _heard(one: SurveyRow, room: Room, when: Callable[[datetime], str]) -> Heard:
    low = one.follow_up is not None  # by the operator's own measure
    return Heard(f"{one.score} / {Scale(one.kind).steps[-1]}", low, when(one.at or one.asked_at), one.language, room.covered(one.comment or ""))


def _days(one: Week) -> str:
    """„16.–22.11“, the same in every language."""
    last = one.begins + timedelta(days=DAYS - 1)
    return f"{one.begins.day}.{one.begins.month:02}.–{last.day}.{last.month:02}."
