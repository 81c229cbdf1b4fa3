"""The operator's mail box over IMAP: which letters there are, their bytes, what is marked. The only door to the IMAP library."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from imaplib import IMAP4
from io import BufferedReader
from ipaddress import ip_address
from threading import Event
from typing import cast
from urllib.parse import unquote, urlsplit

from imap_tools.errors import ImapToolsError, MailboxFetchError
from imap_tools.mailbox import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.query import AND, U

PORTS = {"imaps": 993, "imap": 143}
TIMEOUT_SECONDS = 30.0  # for each answer of the server
GLANCE_SECONDS = 1.0  # how soon a wait notices that the house closes
KEEP, DELETE = "keep", "delete"


class BoxError(Exception):
    """The box can't be reached or does not do as it is told. The message names no person."""


class BrokenLetter(Exception):
    """The server does not give this one letter out."""


class Box:
    """Where it is and how it is opened. `done` is what happens to a letter that was taken: `keep`, `delete`, or the folder it goes to."""

    def __init__(self, url: str, *, done: str = KEEP) -> None:
        parts = urlsplit(url)
        self._sealed = parts.scheme == "imaps"
        self._host, self._port = parts.hostname or "localhost", parts.port or PORTS[parts.scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._folder = unquote(parts.path.strip("/")) or "INBOX"
        self._done = done

    @property
    def id(self) -> str:
        """By which it is known to the database."""
        return f"{self._user}@{self._host}/{self._folder}"[:200]

    @contextmanager
    def open(self) -> Iterator[OpenBox]:
        """Raises `BoxError`, also for whatever goes wrong while it is open."""
        try:
            mailbox = self._connect()
            try:
                mailbox.login(self._user, self._password, initial_folder=self._folder)
                yield OpenBox(mailbox, self._folder, self._done)
            finally:
                with suppress(Exception):  # it was hung up already
                    mailbox.logout()
        except (ImapToolsError, IMAP4.error, OSError) as error:
            raise BoxError(type(error).__name__) from error

    def _connect(self) -> BaseMailBox:
        if self._sealed:
            return MailBox(self._host, self._port, timeout=TIMEOUT_SECONDS, ssl_context=ssl.create_default_context())
        if _is_here(self._host):
            return MailBoxUnencrypted(self._host, self._port, timeout=TIMEOUT_SECONDS)
        return MailBoxStartTls(self._host, self._port, timeout=TIMEOUT_SECONDS, ssl_context=ssl.create_default_context())


class OpenBox:
    """A connection. Letters have numbers (UIDs) that grow, as long as `validity` is the same."""

    def __init__(self, mailbox: BaseMailBox, folder: str, done: str) -> None:
        self._mailbox, self._folder, self._done = mailbox, folder, done
        self._count: int | None = None  # of letters, as the server said last; None where some have gone since

    def standing(self) -> tuple[int, int]:
        """The generation of the numbers, and the one that comes next. With it a look begins: what the server told before is no news after it."""
        self._mailbox.folder.set(self._folder)  # STATUS is for boxes that are not open, and would not say what has come to this one
        self._count = None
        self._has_news()
        told = cast(dict[str, list[bytes]], self._mailbox.client.untagged_responses)
        if not (told.get("UIDVALIDITY") and told.get("UIDNEXT")):  # an old server that says neither with the opening
            status = self._mailbox.folder.status(self._folder, ["UIDVALIDITY", "UIDNEXT"])
            return int(status["UIDVALIDITY"]), int(status["UIDNEXT"])
        return int(told["UIDVALIDITY"][-1]), int(told["UIDNEXT"][-1])

    def after(self, number: int) -> list[int]:
        """Numbers greater than this, growing."""
        return sorted(one for one in self._numbers(AND(uid=U(str(number + 1), "*"))) if one > number)

    def unseen(self) -> list[int]:
        """Letters that nobody has opened."""
        return sorted(self._numbers(AND(seen=False)))

    def since(self, day: date) -> list[int]:
        """Letters that came on this day or later."""
        return sorted(self._numbers(AND(date_gte=day)))

    def fetch(self, number: int, *, most: int) -> tuple[bytes, int]:
        """At most so many bytes of the letter, and how many it has. Raises `BrokenLetter`. It is not marked as seen by that."""
        try:
            typ, said = self._mailbox.client.uid("fetch", str(number), f"(RFC822.SIZE BODY.PEEK[]<0.{most}>)")
        except MailboxFetchError:
            raise BrokenLetter(str(number)) from None
        parts = [one for one in said if isinstance(one, tuple)]
        if typ != "OK" or not parts:
            raise BrokenLetter(str(number))
        size = re.search(rb"RFC822\.SIZE (\d+)", b" ".join(one if isinstance(one, bytes) else one[0] for one in said if one))
        return parts[0][1], int(size[1]) if size else len(parts[0][1])

    def is_done(self, number: int) -> None:
        """It was taken: nobody need look at it in the box again."""
        uid = str(number)
        self._mailbox.flag(uid, "\\Seen", value=True)
        if self._done == DELETE:
            self._mailbox.delete(uid)
        elif self._done != KEEP:
            self._mailbox.move(uid, self._done)
        if self._done != KEEP:
            self._count = None

    def wait(self, seconds: float, closing: Event) -> None:
        """Until something comes or has come since the look began, the house closes, or the time is up."""
        if "IDLE" not in self._mailbox.client.capabilities:
            closing.wait(seconds)
            return
        with self._mailbox.idle as idle:
            if self._has_news(self._told_with_the_start()):
                return
            while seconds > 0 and not closing.is_set():
                said = b"\n".join(idle.poll(timeout=GLANCE_SECONDS))
                self._has_news(said)  # and is none any more
                if re.search(rb" (EXISTS|BYE)\b", said):  # a mark on an old letter, or that the server is still there, is nothing to look for
                    return
                seconds -= GLANCE_SECONDS

    def _has_news(self, more: bytes = b"") -> bool:
        """Whether the server has said since the last time that there are other letters than before. It says so once, with the answer to whatever it
        was asked; a wait that begins afterwards would not hear it again."""
        told = self._mailbox.client.untagged_responses
        if told.pop("EXPUNGE", None) or b"EXPUNGE" in more:
            self._count = None
        counts = [*told.pop("EXISTS", []), *re.findall(rb"\* (\d+) EXISTS", more)]
        if not counts:
            return False
        before, self._count = self._count, int(counts[-1])
        return before != self._count

    def _told_with_the_start(self) -> bytes:
        """What came in one piece with „idling“ is in the buffer already, where no poll of the socket sees it. It stays there for the end of the wait."""
        client = self._mailbox.client
        sock = client.sock
        usual = sock.gettimeout()
        sock.settimeout(0)
        try:
            return cast(BufferedReader, client.file).peek()
        except OSError:  # nothing is there, says TLS
            return b""
        finally:
            sock.settimeout(usual)

    def _numbers(self, criteria: AND) -> list[int]:
        return [int(one) for one in self._mailbox.uids(criteria)]


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
