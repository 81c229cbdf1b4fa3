"""Help while an agent writes: answers of the FAQ to what was asked last, and reply templates that know the conversation."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from bot.understanding import LANGUAGES, BotUnavailable, Candidate, Language, Reading, Understanding
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.console.seeing import seeing
from handoff.conversations import complaints, verification
from handoff.conversations.asked import Asked, asked
from handoff.conversations.facts import ORDER, facts
from handoff.dates import on_date
from handoff.errors import NotFound
from handoff.markdown import as_letter
from handoff.services import Services
from handoff.texts import Texts
from handoff.web import Guard
from handoff.writing import templates

MOST_OFFERS = 3
LEAST_PROBABILITY = 0.1  # below it an answer is hardly worth the agent's look
SURE = 0.8  # from here on the newest message says all by itself
ASK_SECONDS = 5
OWN_DATA = "my_data"  # the intent, as domain.yml has it
SURELY = 0.5
TEXTS = Texts(Path(__file__).parent / "texts")


class Offer(BaseModel):
    """An answer of the FAQ. `text` is ready to be sent, and empty where it is for verified customers: then it is asked for by itself, which checks that.

    `shown`: the bot has given it to the customer already. Words that are no entry's have neither `entry_id` nor `probability`.
    """

    entry_id: str | None
    question: str
    probability: float | None
    text: str
    shown: bool


class Ready(BaseModel):
    """A template in the conversation's language, or in `language` where it is not written in that.

    `locked`: it is for verified customers and this one is none; its text is not told.
    """

    id: str
    title: str
    shortcut: str
    text: str
    language: str
    tags: list[str]
    uses: int
    locked: bool


class Replies(BaseModel):
    """What can be put into the box, the likeliest first, and what is known to fill it with."""

    language: str
    values: dict[str, str]
    templates: list[Ready]


def router(services: Services, guard: Guard) -> APIRouter:
    """Templates for the box of one conversation."""
    api = APIRouter(prefix="/api/desk", tags=["desk"], dependencies=[Depends(seeing(services, guard))])
    database = services.database
    agent = Annotated[Person, Depends(guard.may(Permission.ANSWER))]

    @api.get("/conversations/{conversation_id}/replies")
    async def show_replies(conversation_id: str, person: agent) -> Replies:
        """All templates that the agent may use; where the customer complains, those for complaints first."""
        question = await asyncio.to_thread(asked, database, conversation_id)
        said = await order_said(services.bot, question)
        return await asyncio.to_thread(_replies, services, conversation_id, person, said)

    @api.get("/conversations/{conversation_id}/offers")
    async def show_offers(conversation_id: str, _person: agent) -> list[Offer]:
        """Up to three answers to what the customer asked last, the likeliest first; none while the bot is not there. To who asks for their own data,
        the way to the page of it comes first."""
        question = await asyncio.to_thread(asked, database, conversation_id)
        candidates = await likeliest(services.bot, question)
        own = [data_page(services, question)] if services.settings.sends_mail and await asks_for_data(services.bot, question) else []
        return (own + await asyncio.to_thread(_offers, services, question, candidates))[:MOST_OFFERS]

    @api.post("/replies/{template_id}/used", status_code=204)
    def count_use(template_id: str, person: agent) -> Response:
        """It was put into the box."""
        templates.used(database, template_id, person)
        return Response(status_code=204)

    return api


async def order_said(bot: Understanding, question: Asked) -> str | None:
    """The order number in the newest messages: while a person has the conversation, the bot reads them only now."""
    for text in question.texts:
        if any(map(str.isdigit, text)):
            with suppress(BotUnavailable, TimeoutError):
                reading = await _read(bot, text, question.language)
                for entity in reversed(reading.entities):
                    if entity.get("entity") == ORDER:
                        return str(entity["value"])
    return None


async def _read(bot: Understanding, text: str, language: str) -> Reading:
    """Raises `BotUnavailable`, and `TimeoutError` when it takes long."""
    async with asyncio.timeout(ASK_SECONDS):  # not wait_for: in Python 3.11 it forgets a cancellation
        return await bot.ask(text, language=_language(language))


def _replies(services: Services, conversation_id: str, person: Person, order: str | None) -> Replies:
    database, known = services.database, facts(services.database, conversation_id)
    complains = complaints.complaint(database, conversation_id, ZoneInfo(services.settings.time_zone))
    values = {
        "name": known.name.split()[0] if known.name and known.name.split() else None,
        "order": order or known.order,
        "contact": known.contact,
        "agent": person.name,
        "company": services.settings.company,
        "due": on_date(complains.due, _language(known.language)) if complains else None,
    }
    found = sorted(templates.usable(database, person), key=lambda one: complains is None or complaints.TAG not in one.tags)
    is_known = verification.is_verified(database, conversation_id)
    return Replies(
        language=known.language,
        values={name: value for name, value in values.items() if value},
        templates=[_ready(one, known.language, locked=one.needs_identity and not is_known) for one in found],
    )


async def likeliest(bot: Understanding, question: Asked) -> Sequence[Candidate]:
    """Candidates of the newest message alone and of the last ones together, each as likely as the surer of both makes it: people put one question
    into several messages, and end with „aitäh“ or „halloo?“. A message that is sure of itself is not read with those before it."""
    best: dict[str, Candidate] = {}
    for text in dict.fromkeys([*question.texts[:1], " ".join(reversed(question.texts))]):
        with suppress(BotUnavailable, TimeoutError):
            reading = await _read(bot, text, question.language)
            for one in reading.candidates:
                known = best.get(one.entry_id)
                best[one.entry_id] = one if known is None or one.probability > known.probability else known
        if any(one.probability >= SURE for one in best.values()):
            break
    return sorted(best.values(), key=lambda one: -one.probability)


async def asks_for_data(bot: Understanding, question: Asked) -> bool:
    """Whether the newest message asks what is held of its writer, or to have it erased."""
    with suppress(BotUnavailable, TimeoutError):
        for text in question.texts[:1]:
            reading = await _read(bot, text, question.language)
            return reading.intent == OWN_DATA and reading.intent_confidence >= SURELY
    return False


def data_page(services: Services, question: Asked) -> Offer:
    """Words that lead to the page on which people see to their own data."""
    language = _language(question.language)
    link = f"{services.settings.public_url}/privacy/request?lang={language}"
    title, text = TEXTS.say(language, "own_data.title"), TEXTS.say(language, "own_data.text", link=link)
    return Offer(entry_id=None, question=title, probability=None, text=text, shown=False)


def _offers(services: Services, question: Asked, candidates: Sequence[Candidate]) -> list[Offer]:
    found: list[Offer] = []
    for one in candidates:
        if one.probability < LEAST_PROBABILITY or len(found) == MOST_OFFERS:
            break
        with suppress(NotFound):  # taken out of the answers since
            answer, needs_identity = services.entries.answer(one.entry_id, question.language, site=services.settings.public_url)
            title = services.entries.question(one.entry_id, question.language)
            found.append(
                Offer(
                    entry_id=one.entry_id,
                    question=title,
                    probability=one.probability,
                    text="" if needs_identity else as_letter(answer),
                    shown=one.entry_id in question.shown,
                )
            )
    return found


def _language(told: str) -> Language:
    return next((one for one in LANGUAGES if one == told), "et")


def _ready(template: templates.Template, language: str, *, locked: bool) -> Ready:
    text, spoken = template.text(language)
    return Ready(
        id=template.id,
        title=template.title,
        shortcut=template.shortcut,
        text="" if locked else text,
        language=spoken,
        tags=list(template.tags),
        uses=template.uses,
        locked=locked,
    )
