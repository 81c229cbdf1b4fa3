"""„Kõned“: whom agents have promised to call, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from bot.understanding import Language
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.call_times import CallTimes
from handoff.conversations import agents, calls
from handoff.conversations.agents import Holder
from handoff.conversations.call_tables import Step
from handoff.conversations.calls import Listed, Window
from handoff.conversations.signals import DESK
from handoff.conversations.snoozing import check_time
from handoff.database import now
from handoff.errors import AlreadyTaken, MoveRefused, NotAllowed, NotFound, Unreadable
from handoff.services import Services
from handoff.web import Guard, Pages, page_language

PATH = "/calls"
LONGEST = 2_000  # characters of a note
MOST_ASKED = 300  # characters of what the customer wrote
Said = Literal["taken", "again", "again_closed", "done", "unreached", "wrong", "gone", "time_gone", ""]


@dataclass(frozen=True)
class Shown:
    """One call. `phone` is empty while it is covered from who looks. `asked`: the customer's first words."""

    id: str
    conversation_id: str
    name: str
    phone: str
    when: str
    tries: int
    holder: str
    mine: bool
    asked: str


class Waits(BaseModel):
    """How many calls are due for this reader, as a number and in words."""

    count: int
    text: str


def router(services: Services, times: CallTimes, guard: Guard) -> APIRouter:
    """The list, and what an agent does with a call."""
    api = APIRouter(prefix=PATH, include_in_schema=False)
    database = services.database
    pages = Pages(Path(__file__).parent)
    agent = Annotated[Person, Depends(guard.may(Permission.ANSWER))]
    caller = Annotated[Person, Depends(guard.form(Permission.ANSWER))]

    @api.get("")
    def show(request: Request, person: agent, said: Said = "") -> Response:
        language = page_language(request)
        found, moment = calls.listed(database, person.id), now()
        late = [one for one in found if one.window.ends <= moment]
        at_once = [one for one in found if one.window.starts <= moment + calls.SOON and one not in late]
        later = [one for one in found if one not in late and one not in at_once]
        parts = [(name, _shown(ones, person, language)) for name, ones in (("late", late), ("now", at_once), ("later", later)) if ones]
        return pages.page(request, "calls.html", person=person, here="calls", parts=parts, days=times.offered(language), said=said)

    @api.get("/waits")
    def waits(request: Request, person: agent) -> Waits:
        """For the bar of every page."""
        count = calls.due(database, person.id)
        return Waits(count=count, text=pages.texts.say(page_language(request), "calls.waits", count=count))

    @api.post("/{call_id}/take")
    def take(call_id: str, person: caller) -> Response:
        try:
            conversation_id = calls.take(database, call_id, Holder(person.id, person.name))
        except (AlreadyTaken, MoveRefused, NotFound):
            return _back("gone")
        services.signals.changed(conversation_id)
        return _back("taken")

    @api.post("/{call_id}/again")
    def again(
        request: Request,
        call_id: str,
        *,
        person: caller,
        window: Annotated[str, Form(max_length=LONGEST)] = "",
        at: Annotated[str, Form(max_length=40)] = "",
        note: Annotated[str, Form(max_length=LONGEST)] = "",
    ) -> Response:
        """Nobody answered. `at` is a time of the agent's own; outside of working hours it holds too, and they are told."""
        language = page_language(request)
        try:
            chosen = times.at(at) if at else times.chosen(window)
            check_time(chosen.ends)
            written = _joined(pages.texts.say(language, "calls.wrote.again", when=times.when(chosen, language)), note)
            conversation_id = calls.no_answer(database, call_id, Holder(person.id, person.name), chosen, written, tell=_letter(chosen))
        except Unreadable:
            return _back("time_gone")
        except (MoveRefused, NotAllowed, NotFound):
            return _back("gone")
        services.signals.changed(conversation_id)
        return _back("again_closed" if at and not times.is_open(chosen) else "again")

    @api.post("/{call_id}/{what}")
    def finish(
        request: Request,
        call_id: str,
        what: Literal["done", "unreached", "wrong"],
        *,
        person: caller,
        note: Annotated[str, Form(max_length=LONGEST)] = "",
        close: Annotated[bool, Form()] = False,
    ) -> Response:
        """They have spoken, it is tried no more, or the number is wrong. With `close` the conversation ends too; a wrong number leaves it open."""
        holder = Holder(person.id, person.name)
        written = _joined(pages.texts.say(page_language(request), f"calls.wrote.{what}"), note)
        try:
            conversation_id = calls.finish(database, call_id, holder, written, Step(what))
            if close and what != "wrong":
                agents.close(database, conversation_id, holder, outcome="solved" if what == "done" else "not_solved")
        except (MoveRefused, NotAllowed, NotFound, Unreadable):
            return _back("gone")
        services.signals.changed(conversation_id)
        return _back(what)

    def _shown(found: Sequence[Listed], person: Person, language: Language) -> list[Shown]:
        covered = services.settings.mask_for_agents
        return [
            Shown(
                one.id,
                one.conversation_id,
                one.name or "",
                (one.phone or "") if one.holder_id == person.id or not covered else "",
                times.when(one.window, language),
                one.tries,
                one.holder or "",
                one.holder_id == person.id,
                _clipped(services.bot.mask(one.asked) if covered else one.asked),
            )
            for one in found
        ]

    def _letter(window: Window) -> calls.Tell:
        return lambda row: services.notices.call(row, services.links.of(row), "again", times.when(window, cast(Language, row.language)))

    def _back(said: str) -> Response:
        services.signals.notify(DESK)
        return RedirectResponse(f"{PATH}?said={said}", status_code=303)

    return api


def _clipped(words: str) -> str:
    return words if len(words) <= MOST_ASKED else words[:MOST_ASKED].rsplit(" ", 1)[0] + " …"


def _joined(sentence: str, note: str) -> str:
    return f"{sentence} {note.strip()}".strip()
