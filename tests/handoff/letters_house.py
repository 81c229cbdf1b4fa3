"""Jaan answers by letter, and time passes."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from sqlalchemy import update

from handoff.conversations import agents, posting, tickets
from handoff.conversations.agents import Holder
from handoff.conversations.posting import Rules
from handoff.database import Database, now
from handoff.letters import Letters
from handoff.mail import Mailer
from handoff.outbox import Outbox, OutboxRow
from handoff.settings import Settings
from handoff.texts import Texts
from tests.handoff.post import Post, outbox

SENDER = "tugi@kodukaup.example"
MARI = "mari@naide.ee"
TEXTS = Texts(Path(posting.__file__).parents[1] / "texts")


class House:
    """Jaan answers, the outbox delivers."""

    def __init__(self, database: Database, post: Post, agent: Holder, settings: Settings, folder: Path) -> None:
        self.database, self.post, self.agent, self._settings, self.folder = database, post, agent, settings, folder
        posting.keep_rules(database, Rules(unread=timedelta(minutes=10)))
        self._number = 0
        folder.mkdir()

    @property
    def outbox(self) -> Outbox:
        """A fresh one, as after a restart."""
        made = Mailer(self.post.url, sender=SENDER, name="Kodukaup", plus=True)
        return outbox(self.database, made, letters=Letters(self._settings), files=self.folder)

    def ticket(self, text: str = "Kus mu šokolaad on?", **more: Any) -> str:
        made = tickets.open_ticket(self.database, channel="email", text=text, email=MARI, name="Mari Maasikas", **more)
        agents.claim(self.database, made, self.agent)
        return made

    def answer(self, conversation_id: str, text: str) -> int:
        self._number += 1
        return agents.answer(self.database, conversation_id, self.agent, client_id=f"jaan-{self._number:04}", text=text)

    async def deliver(self) -> list[EmailMessage]:
        """Time has passed; gives what has arrived since the beginning."""
        self.let_time_pass()
        while await self.outbox.deliver_one():
            pass
        return self.post.got

    def let_time_pass(self) -> None:
        with self.database.write() as session:
            session.execute(update(OutboxRow).values(next_at=now() - timedelta(seconds=1)))


def plain(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def html(letter: EmailMessage) -> str:
    part = letter.get_body(("html",))
    assert part is not None
    return str(part.get_content())
