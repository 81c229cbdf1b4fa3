"""What an agent's words look like before they are sent: slips, and what could be said warmer. Nothing of them is kept."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.console.changes import Strict
from handoff.console.seeing import inside
from handoff.conversations.facts import facts
from handoff.conversations.words import LONGEST
from handoff.places import as_browsers_count
from handoff.services import Services
from handoff.web import Guard
from handoff.writing import known_words


class Draft(Strict):
    """What stands in the box."""

    text: str = Field(max_length=100_000)


class Slip(Strict):
    """A word that is none, at `start` to `end` (exclusive) as browsers count: in UTF-16."""

    start: int
    end: int
    word: str
    suggestions: list[str]


class Hint(Strict):
    """Words that could be warmer, and why. With `swaps`, `say` can stand in their place."""

    start: int
    end: int
    words: str
    why: str
    say: str
    swaps: bool


class Looked(Strict):
    """What was found in the first 4000 characters."""

    spelling: list[Slip]
    wording: list[Hint]


class Word(Strict):
    """One word."""

    word: str = Field(max_length=200)


def router(services: Services, guard: Guard) -> APIRouter:
    """`POST /conversations/…/proofread` and the agent's own words."""
    api = APIRouter(prefix="/api/desk", tags=["desk"], dependencies=[Depends(inside(services, guard))])
    database = services.database
    agent = Annotated[Person, Depends(guard.may(Permission.ANSWER))]

    @api.post("/conversations/{conversation_id}/proofread")
    def proofread(conversation_id: str, draft: Draft, person: agent) -> Looked:
        """Look at a text. The names of the two who talk, and the words that the agent has taught us, are never slips."""
        text, place = draft.text[:LONGEST], as_browsers_count(draft.text[:LONGEST])
        known = set(known_words.known(database, person.id)) | _words(f"{facts(database, conversation_id).name or ''} {person.name} {services.settings.company}")
        spelling = [mark for mark in services.bot.proofread(text) if mark.word.lower() not in known]
        return Looked(
            spelling=[Slip(start=place(mark.start), end=place(mark.end), word=mark.word, suggestions=list(mark.suggestions)) for mark in spelling],
            wording=[
                Hint(start=place(mark.start), end=place(mark.end), words=mark.words, why=mark.why, say=mark.say, swaps=mark.swaps)
                for mark in services.bot.wording(text)
            ],
        )

    @api.post("/known-words", status_code=204)
    def learn(told: Word, person: agent) -> Response:
        """Pass over this word in the agent's texts from now on."""
        known_words.learn(database, person.id, told.word)
        return Response(status_code=204)

    return api


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", text.lower()))
