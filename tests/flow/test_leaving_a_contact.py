"""The real bot asks where to answer: one thing at a time, checked, with a kind word for what is no address, and a way out."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.runtime import RasaBot
from bot.understanding import Contact, Incoming, Turn
from handoff.conversations.waiting import LEAVE_CONTACT

_fresh = itertools.count()
TOMORROW = (datetime.now(ZoneInfo("Europe/Tallinn")) + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
ASKS = {"et": "Kuhu saame teile vastata?", "en": "Where can we reply to you?", "ru": "Куда вам ответить?"}


class Evening:
    """A conversation with the bot while nobody is here."""

    def __init__(self, bot: RasaBot, *, people_available: bool = False) -> None:
        self._bot = bot
        self._id = f"ohtu-{next(_fresh)}"
        self._history: list[Mapping[str, Any]] = []
        self._people = people_available

    async def say(self, text: str, payload: str | None = None) -> Turn:
        back_at = None if self._people else TOMORROW.isoformat()
        number = len(self._history)
        turn = await self._bot.reply(self._history, Incoming(self._id, f"m{number}", text, payload=payload, people_available=self._people, back_at=back_at))
        self._history += turn.tracker_events
        return turn

    async def asked(self) -> None:
        """Mari has asked for a person and is asked where to answer."""
        turn = await self.say("Palun võtke minuga ühendust", "/ask_human")
        assert ASKS["et"] in said(turn)
        assert "homme kell 9.00" in said(turn)
        assert turn.handoff is None


def said(turn: Turn) -> str:
    return " ".join(reply.text for reply in turn.replies)


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        ("mari.maasikas@example.ee", Contact("email", "mari.maasikas@example.ee")),
        ("saatke palun Mari@Example.EE peale", Contact("email", "mari@example.ee")),
        ("5555 1234", Contact("phone", "+37255551234")),
        ("+372 5123 4567", Contact("phone", "+37251234567")),
        ("helistage 6 123 456", Contact("phone", "+3726123456")),
        ("+358 40 123 4567", Contact("phone", "+358401234567")),
    ],
)
async def test_an_address_or_a_number_is_taken_and_the_time_of_the_answer_is_told(real_bot: RasaBot, text: str, contact: Contact) -> None:
    mari = Evening(real_bot)
    await mari.asked()
    turn = await mari.say(text)
    assert turn.contact == contact
    assert "homme kell 9.00" in said(turn)


@pytest.mark.parametrize("text", ["mari@gmail", "mari@", "mari @ example . ee", "12345", "0401234567"])
async def test_what_is_no_address_gets_a_kind_word_and_the_next_try_counts(real_bot: RasaBot, text: str) -> None:
    mari = Evening(real_bot)
    await mari.asked()
    again = await mari.say(text)
    assert again.contact is None
    assert "veel kord" in said(again)
    assert (await mari.say("mari@example.ee")).contact == Contact("email", "mari@example.ee")


@pytest.mark.parametrize("text", ["pole vaja", "ei, aitäh", "ei soovi", "las olla"])
async def test_whoever_does_not_want_to_is_not_asked_again(real_bot: RasaBot, text: str) -> None:
    mari = Evening(real_bot)
    await mari.asked()
    turn = await mari.say(text)
    assert turn.contact is None
    assert ASKS["et"] not in said(turn)
    assert turn.replies


async def test_who_leaves_the_line_for_a_contact_is_asked_in_one_sentence(real_bot: RasaBot) -> None:
    mari = Evening(real_bot, people_available=True)
    turn = await mari.say("Jätan kontakti", LEAVE_CONTACT)
    assert ASKS["et"] in said(turn)
    turn = await mari.say("mari@example.ee")
    assert turn.contact == Contact("email", "mari@example.ee")
    assert "esimesel võimalusel" in said(turn)
