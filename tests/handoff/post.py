"""A mail server on this machine that keeps what it is given."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session


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
