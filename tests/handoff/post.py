"""A mail server on this machine that keeps what it is given."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from handoff.accounts.seal import Seal
from handoff.conversations.links import Links
from handoff.conversations.shelf import Shelf
from handoff.database import Database
from handoff.letters import Letters
from handoff.mail import Mailer
from handoff.outbox import Outbox
from handoff.postman import Postman
from handoff.settings import Settings
from tests.ports import free_port


class Post:
    """A mail server's memory; `answer` is what it says to a letter."""

    def __init__(self) -> None:
        self.url = ""
        self.got: list[EmailMessage] = []
        self.answer = "250 OK"
        self.answer_to_address = "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if self.answer_to_address.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.answer_to_address

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer.startswith("2"):
            assert isinstance(envelope.content, bytes)
            message = email.message_from_bytes(envelope.content, policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            self.got.append(message)
        return self.answer


@contextmanager
def listening() -> Iterator[Post]:
    """The mail server, open on a port of its own."""
    made = Post()
    port = free_port()
    controller = Controller(made, hostname="127.0.0.1", port=port, ready_timeout=60)
    controller.start()
    made.url = f"smtp://127.0.0.1:{port}"
    yield made
    controller.stop()


def outbox(database: Database, mailer: Mailer, *, letters: Letters | None = None, files: Path = Path("nowhere")) -> Outbox:
    """An outbox whose letters this mailer takes."""
    links = Links(Seal(lambda: "proovi-saladus", purpose="links to matters"))
    postman = Postman(
        database,
        mailer,
        letters or Letters(Settings()),
        Shelf(files, database.vault),
        links,
        page=lambda token: f"http://kodukaup.example/asi/{token}",
        changed=lambda _conversation_id: None,
    )
    return Outbox(database, secret="", postman=postman)
