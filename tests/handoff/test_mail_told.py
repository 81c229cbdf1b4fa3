"""A server that tells of new letters (IDLE) is heard at once, whenever it tells: while the house waits, just before, and with the answer to something else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Timer

import pytest
from imap_tools.mailbox import MailBoxUnencrypted

from handoff.email.box import Box, OpenBox
from tests import dovecot
from tests.dovecot import Dovecot
from tests.handoff.mails import mail


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    path = dovecot.program()
    if path is None:
        pytest.skip("there is no Dovecot: `make dovecot` gets it from Debian's packages")
    with Dovecot(path) as started:
        yield started


@contextmanager
def owner(server: Dovecot) -> Iterator[MailBoxUnencrypted]:
    box = server.mailbox()
    yield box
    box.logout()


def put(server: Dovecot, number: int) -> None:
    with owner(server) as box:
        box.append(mail(message_id=f"<{number}@naide.ee>").as_bytes(), "INBOX")


def end_of_wait(opened: OpenBox, *, patience: float) -> str:
    """Wait for an hour; gives what ended it: news, or the patience of the test."""
    closing = Event()
    timer = Timer(patience, closing.set)
    timer.start()
    opened.wait(3600, closing)
    timer.cancel()
    return "patience" if closing.is_set() else "news"


@pytest.mark.parametrize("moment", ["during the wait", "before the wait", "with another answer", "in place of another", "with two of which one goes"])
def test_a_letter_is_told_of_whenever_it_comes(server: Dovecot, moment: str) -> None:
    with owner(server) as box:
        box.delete(box.uids())
    put(server, 1)
    with Box(server.url, done="delete" if moment == "in place of another" else "keep").open() as opened:
        _validity, following = opened.standing()
        (number,) = opened.unseen()
        if moment == "during the wait":
            late = Timer(0.5, put, [server, 2])
            late.start()
            assert end_of_wait(opened, patience=30) == "news"
            late.join()
        elif moment == "in place of another":
            opened.is_done(number)
            put(server, 2)
            assert end_of_wait(opened, patience=30) == "news"
        else:
            put(server, 2)
            if moment == "with two of which one goes":
                with owner(server) as box:
                    box.delete(str(number))
            elif moment == "with another answer":
                opened.is_done(number)  # the server says with it that there are two, and not again
            assert end_of_wait(opened, patience=30) == "news"
        opened.standing()
        assert opened.after(following - 1) == [following]
        assert end_of_wait(opened, patience=1.5) == "patience", "what was looked for is no news again"


def test_who_opens_an_old_letter_wakes_nobody(server: Dovecot) -> None:
    def mark() -> None:
        with owner(server) as box:
            box.flag(box.uids(), "\\Seen", value=True)

    with owner(server) as box:
        box.delete(box.uids())
    put(server, 1)
    with Box(server.url).open() as opened:
        opened.standing()
        late = Timer(0.3, mark)
        late.start()
        assert end_of_wait(opened, patience=3) == "patience"
        late.join()
