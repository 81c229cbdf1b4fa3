"""The bot looks at new letters and answers those of which it is as sure as the operator wants it to be."""

from __future__ import annotations

import asyncio
import logging

from bot.understanding import BotUnavailable, Reading
from handoff.conversations import bot_letters
from handoff.conversations.bot_letters import PATIENCE, Due
from handoff.errors import NotFound
from handoff.services import Services

log = logging.getLogger(__name__)

GLANCE_SECONDS = 2.0
ASK_SECONDS = 20.0  # nobody waits at a screen


class Answering:
    """One look at a time."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def run(self) -> None:
        """For as long as the service runs."""
        while True:
            try:
                looked = await self.look()
            except Exception:
                log.exception("a letter was not looked at; trying again")
                looked = False
            if not looked:
                await asyncio.sleep(GLANCE_SECONDS)

    async def look(self) -> bool:
        """At the letter that has waited longest; False when none waits."""
        services = self._services
        due = await asyncio.to_thread(bot_letters.claim, services.database)
        if due is None:
            return False
        try:
            async with asyncio.timeout(ASK_SECONDS):  # not wait_for: in Python 3.11 it forgets a cancellation
                reading = await services.bot.ask(due.text, language=due.language) if due.answerable else None
        except (BotUnavailable, TimeoutError):
            if due.since < PATIENCE:
                return True  # it is claimed: the next look comes after a minute
            reading = None
        await asyncio.to_thread(self._settle, due, reading)
        services.signals.changed(due.conversation_id)
        return True

    def _settle(self, due: Due, reading: Reading | None) -> None:
        services = self._services
        text = self._answer(reading) if reading else ""
        if not (reading and text and bot_letters.answer(services.database, due, reading, text, entry_id=reading.candidates[0].entry_id)):
            bot_letters.leave(services.database, due, services.links, services.notices)

    def _answer(self, reading: Reading) -> str:
        """What the bot would say in the chat, where it answers there without asking back; empty where a person should. Of several questions each
        must have its answer."""
        if reading.action != "answer" or not reading.candidates:
            return ""
        sure = [part.candidates[0].entry_id for part in reading.parts if part.action == "answer" and part.candidates]
        if len(sure) < len(reading.parts):
            return ""
        answers: list[str] = []
        for entry_id in dict.fromkeys(sure or [reading.candidates[0].entry_id]):
            try:
                text, needs_identity = self._services.entries.answer(entry_id, reading.language, site=self._services.settings.public_url)
            except NotFound:
                return ""
            if needs_identity:
                return ""
            answers.append(text)
        return "\n\n".join(answers)
