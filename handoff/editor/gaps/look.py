"""The look for what is missing: in the background, some texts at a time, and by one worker of all. Customers are answered meanwhile."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence

from bot.understanding import BotUnavailable, Probe, Understanding
from handoff.database import Database, now
from handoff.editor.gaps import collecting
from handoff.editor.gaps.answering import closes, keep_asked, to_ask_again

log = logging.getLogger(__name__)

GLANCE_SECONDS = 2  # between two glances whether a look is due
BATCH = 8  # texts between two breaths
BREATH = 1.0  # of the time that a batch took, so that at most half of one thread is spent here


class Look:
    """Collects, puts together, asks again."""

    def __init__(self, database: Database, bot: Understanding) -> None:
        self._database, self._bot = database, bot

    async def run(self) -> None:
        """For as long as the service runs."""
        while True:
            await asyncio.sleep(GLANCE_SECONDS)
            try:
                if await asyncio.to_thread(collecting.is_due, self._database, self._bot.revision):
                    await self.look()
            except BotUnavailable:
                log.info("the bot is not there: what is missing is looked for later")
            except Exception:
                log.exception("what is missing was not looked for")

    async def look(self) -> bool:
        """Once; False where another worker is at it. Raises `BotUnavailable`: what was found until then is kept."""
        began, revision = now(), self._bot.revision
        since = await asyncio.to_thread(collecting.claim, self._database)
        if since is None:
            return False
        try:
            talks = await asyncio.to_thread(collecting.changed_since, self._database, since)
            for start in range(0, len(talks), collecting.AT_ONCE):
                await asyncio.to_thread(collecting.collect, self._database, talks[start : start + collecting.AT_ONCE])
            await asyncio.to_thread(collecting.let_go, self._database)
            if await self._read() or await asyncio.to_thread(collecting.untold, self._database):
                await self._gather()
            await self._ask_again(revision)
        except BaseException:
            await asyncio.to_thread(collecting.release, self._database)
            raise
        await asyncio.to_thread(collecting.release, self._database, began=began, revision=revision)
        return True

    async def _read(self) -> bool:
        """A sketch for every question that has none; what identifies a person is taken out before. False where all had one."""
        form = self._bot.sketch_form
        waiting = await asyncio.to_thread(collecting.unread, self._database, form)
        for start in range(0, len(waiting), BATCH):
            began, some = time.monotonic(), waiting[start : start + BATCH]
            texts = await asyncio.to_thread(self._masked, some)
            sketches = await self._bot.sketches(list(texts.values()))
            kept = dict.fromkeys(some) | dict(zip(texts, sketches, strict=True))
            await asyncio.to_thread(collecting.keep_sketches, self._database, form, kept)
            await asyncio.to_thread(collecting.tell, self._database, start + len(some), len(waiting))
            await asyncio.sleep((time.monotonic() - began) * BREATH)
        return bool(waiting)

    async def _gather(self) -> None:
        form = self._bot.sketch_form
        questions, settled = await asyncio.to_thread(collecting.standing, self._database, form)
        found = await self._bot.gather([one.sketch for one in questions], [one.gap_id for one in questions], settled)
        await asyncio.to_thread(collecting.keep_groups, self._database, form, questions, found)
        await asyncio.to_thread(collecting.let_go, self._database)

    async def _ask_again(self, revision: int) -> None:
        """What a customer would get now, for the largest groups that have changed, or all of them after the answers have; one that is answered is closed."""
        for again in await asyncio.to_thread(to_ask_again, self._database, revision):
            began = time.monotonic()
            texts = await asyncio.to_thread(self._masked, again.message_ids)
            readings = await self._bot.rehearse([Probe(text) for text in texts.values()]) if texts else ()
            await asyncio.to_thread(keep_asked, self._database, again, readings, revision, closed_by=closes(again, readings))
            await asyncio.sleep((time.monotonic() - began) * BREATH)

    def _masked(self, message_ids: Sequence[str]) -> dict[str, str]:
        with self._database.read() as session:
            found = collecting.words(session, message_ids)
        return {message_id: self._bot.mask(found[message_id]) for message_id in message_ids if message_id in found}
