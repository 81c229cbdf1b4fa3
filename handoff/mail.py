"""Letters over SMTP: what the outbox hands over is written as one message with a plain and a simple HTML side, and sent, in its thread and with its files.

MailError           with `permanent`: whether trying again can help
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from ipaddress import ip_address
from typing import Literal
from urllib.parse import unquote, urlsplit

from handoff.database import now
from handoff.own_letters import HEADER, OwnLetters

KIND = "mail"  # of an outbox row
TIMEOUT_SECONDS = 10  # for each step of the talk with the mail server
PORTS = {"smtps": 465, "smtp": 587}


@dataclass(frozen=True)
class Letter:
    """One letter. `conversation_id` is there for erasure: a letter that is not sent yet goes with its conversation.
    `until`, an ISO moment, is when it is worth nothing any more; `stop` the address that stops letters of this kind."""

    to: str
    subject: str
    text: str
    html: str
    language: str
    conversation_id: str
    until: str = ""
    stop: str = ""

    def as_payload(self) -> dict[str, str]:
        return {name: value for name, value in asdict(self).items() if value or name != "stop"}  # processes of the version before know of no such field


@dataclass(frozen=True)
class Thread:
    """Where a letter stands among those before it. `word` is the random one in the address that a reply comes to, where the box takes such addresses."""

    message_id: str
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    word: str = ""


@dataclass(frozen=True)
class Enclosed:
    """A file that goes with a letter."""

    name: str
    media: str
    content: bytes


Author = Literal["person", "bot", "house"]
AUTO = {"bot": "auto-replied", "house": "auto-generated"}  # RFC 3834: other machines do not answer these


class MailError(Exception):
    """A letter was not taken. The message names no person and no address; `permanent` means that no repeat helps."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class Mailer:
    """Sends through one server. Its method waits for the network: call it in a worker thread.

    `box` is where replies are read, and `plus` whether it takes `box+word@…` too, so that a reply names its conversation.
    `own` seals each letter, so that the box knows it again.
    """

    def __init__(self, url: str, *, sender: str, name: str, box: str = "", plus: bool = False, own: OwnLetters | None = None) -> None:
        parts = urlsplit(url)
        self._sealed = parts.scheme == "smtps"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or PORTS[parts.scheme]
        self._login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        self._sender, self._name = sender, name
        self._box, self._plus, self._own = box or sender, plus, own

    @property
    def domain(self) -> str:
        """Of the Message-IDs."""
        return self._sender.rpartition("@")[2]

    def send(self, payload: Mapping[str, str], *, key: str, thread: Thread | None = None, files: Sequence[Enclosed] = (), author: Author = "house") -> None:
        """Hand the letter to the server. The same `key` is the same Message-ID: a letter that goes out twice is shown once. Raises `MailError`."""
        message = self._write(Letter(**payload), thread or Thread(f"<{key}@{self.domain}>"), author)
        for file in files:
            kind, _, rest = file.media.partition(";")[0].partition("/")
            message.add_attachment(file.content, maintype=kind, subtype=rest or "octet-stream", filename=file.name)
        try:
            with self._open() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _said in error.recipients.values()]
            raise MailError(f"SMTP {max(codes)}", permanent=min(codes) >= 500) from None
        except smtplib.SMTPResponseException as error:
            raise MailError(f"SMTP {error.smtp_code}", permanent=isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500) from None
        except (smtplib.SMTPException, OSError) as error:
            raise MailError(type(error).__name__) from None

    def _open(self) -> smtplib.SMTP:
        if self._sealed:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_SECONDS)
        try:
            if not self._sealed:
                self._seal(server)
            if self._login:
                server.login(*self._login)
        except BaseException:
            server.close()
            raise
        return server

    def _seal(self, server: smtplib.SMTP) -> None:
        """Encrypt where the server can. Off this machine nothing goes in the clear."""
        server.ehlo_or_helo_if_needed()
        if server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
        elif not _is_here(self._host):
            raise MailError("the mail server offers no encryption")

    def _write(self, letter: Letter, thread: Thread, author: Author) -> EmailMessage:
        message = EmailMessage()
        message["From"] = formataddr((self._name, self._sender))
        message["To"] = letter.to
        if (reply_to := self._reply_to(thread)) != self._sender:
            message["Reply-To"] = formataddr((self._name, reply_to))
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(now())
        message["Message-ID"] = thread.message_id
        if thread.in_reply_to:
            message["In-Reply-To"] = thread.in_reply_to
            message["References"] = " ".join(thread.references)
        if author != "person":
            message["Auto-Submitted"] = AUTO[author]
            message["X-Auto-Response-Suppress"] = "All"  # the same for Exchange
        message["X-Loop"] = self._box
        if self._own is not None:
            message[HEADER] = self._own.seal(thread.message_id)
        if letter.stop:
            message["List-Unsubscribe"] = f"<{letter.stop}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
        message["Content-Language"] = letter.language
        message.set_content(letter.text)
        message.add_alternative(letter.html, subtype="html")
        return message

    def _reply_to(self, thread: Thread) -> str:
        name, _, domain = self._box.rpartition("@")
        return f"{name}+{thread.word}@{domain}" if self._plus and thread.word and name else self._box


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
