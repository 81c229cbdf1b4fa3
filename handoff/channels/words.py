"""What the house says of itself at a messenger, and what happens in a conversation, in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.understanding import Button, Language, Reply
from handoff.conversations.attachments import Allowed, Answer
from handoff.conversations.events import Kind
from handoff.conversations.hearing import Words
from handoff.conversations.service import ASK_HUMAN
from handoff.conversations.states import State
from handoff.conversations.tables import EventRow
from handoff.settings import Settings
from handoff.texts import Texts

TEXTS = Texts(Path(__file__).parent / "texts")
SILENT = ("deleted",)  # the agent sees it; there is nothing to answer


def words_of_house(settings: Settings) -> Words:
    """The first words and the answers to what has no words."""

    def greeting(language: Language) -> str:
        return TEXTS.say(language, "greeting", bot=settings.bot_name, company=settings.company, privacy=f"{settings.public_url}/privacy")

    def aside(language: Language, what: str) -> Reply:
        if what in SILENT:
            return Reply("")
        known = f"aside.{what}" if f"aside.{what}" in TEXTS.all(language) else "aside.other"
        return Reply(TEXTS.say(language, known), buttons=(Button(TEXTS.say(language, "talk_to_human"), ASK_HUMAN),))

    def noted(language: Language, what: str) -> str:
        known = f"noted.{what}" if f"noted.{what}" in TEXTS.all(language) else "noted.other"
        return TEXTS.say(language, known)

    return Words(greeting, aside, noted)


def told(event: EventRow, language: Language, bot_name: str) -> str:
    """What has happened, for the customer; empty where there is nothing to say."""
    if event.kind == Kind.EDITED:
        return TEXTS.say(language, "told.edited", text=event.body.get("text", ""))
    values = {"name": event.body.get("name", ""), "bot": bot_name, "left": event.body.get("left", "")}
    return TEXTS.say(language, f"told.{event.kind}", **values)


def about_file(language: Language, people_available: Callable[[], bool]) -> Callable[[State], Answer]:
    """What the bot says to a file: that a person looks at it."""

    def answer(state: State) -> Answer:
        if state is State.TICKET:
            return Answer(Reply(TEXTS.say(language, "file.ticket")), "utter_contact_known")
        if people_available():
            return Answer(Reply(TEXTS.say(language, "file.person"), buttons=(Button(TEXTS.say(language, "talk_to_human"), ASK_HUMAN),)), "utter_offer_human")
        return Answer(Reply(TEXTS.say(language, "file.contact")), "utter_offer_contact")

    return answer


def not_taken(name: str, allowed: Allowed) -> Callable[[Language], Reply]:
    """Why a file is not with us, and what to do instead."""

    def reply(language: Language) -> Reply:
        values: dict[str, Any] = {"name": name, **allowed.in_words}
        return Reply(TEXTS.say(language, "file.sort" if allowed.types else "file.none", **values))

    return reply
