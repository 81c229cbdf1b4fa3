"""„Vajab järelvaatamist“: low scores, with what was said beside them, until somebody has looked after them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select

from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.accounts.tables import AgentRow
from handoff.coaching.room import Room
from handoff.conversations import low_scores
from handoff.conversations.agents import Holder
from handoff.conversations.feedback_tables import SurveyRow
from handoff.conversations.scores import Scale
from handoff.conversations.signals import DESK

PATH = "/coaching/low"
LONGEST = 4_000


@dataclass(frozen=True)
class Shown:
    """One low score; the comment's personal data are covered, the conversation itself shows them to whoever opens it."""

    id: str
    conversation_id: str
    score: int
    most: int
    who: str
    at: datetime
    when: str
    language: str
    comment: str
    reviewable: bool
    note: str
    by: str
    followed: str


def router(room: Room) -> APIRouter:
    """The list, and the two moves of what stands in it."""
    api = APIRouter(prefix=PATH, include_in_schema=False)
    database = room.services.database
    looker = Annotated[Person, Depends(room.guard.may(Permission.REVIEW))]
    changer = Annotated[Person, Depends(room.guard.form(Permission.REVIEW))]

    @api.get("")
    def show(request: Request, person: looker, done: bool = False, said: Literal["done", "undone", ""] = "") -> Response:
        words = room.words(request)
        with database.read() as session:
            names = dict(session.execute(select(AgentRow.id, AgentRow.name)).tuples().all())

        def shown(survey: SurveyRow) -> Shown:
            at = survey.at or survey.asked_at
            return Shown(
                survey.id,
                survey.conversation_id,
                survey.score or 0,
                Scale(survey.kind).steps[-1],
                names.get(survey.agent_id or "", ""),
                at,
                words.when(at),
                survey.language,
                room.services.bot.mask(survey.comment) if survey.comment else "",
                survey.agent_id is not None and survey.agent_id != person.id,
                survey.follow_note or "",
                names.get(survey.followed_by or "", ""),
                words.when(survey.followed_at) if survey.followed_at else "",
            )

        found = [shown(one) for one in low_scores.listed(database, person.id, done=done)]
        return room.page(request, "low.html", person, "low", found=found, done=done, said=said)

    @api.post("/{survey_id}/done")
    def finish(survey_id: str, person: changer, note: Annotated[str, Form(max_length=LONGEST)] = "") -> Response:
        low_scores.finish(database, survey_id, Holder(person.id, person.name), note)
        room.services.signals.notify(DESK)
        return RedirectResponse(f"{PATH}?said=done", status_code=303)

    @api.post("/{survey_id}/undo")
    def take_back(survey_id: str, person: changer) -> Response:
        low_scores.take_back(database, survey_id, Holder(person.id, person.name))
        room.services.signals.notify(DESK)
        return RedirectResponse(f"{PATH}?said=undone", status_code=303)

    return api
