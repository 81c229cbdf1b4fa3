"""A mail server that is ill: it keeps silent, hangs with the letter in its hands, or says „later“ for an hour. Nothing is lost, the operator sees it, and
once it is well again the letter arrives, as the same one."""

from __future__ import annotations

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from handoff.conversations import undelivered
from handoff.conversations.agents import Holder
from handoff.database import Database
from handoff.outbox import OutboxRow
from handoff.settings import Settings, read_settings
from tests.handoff.letters_house import SENDER, House, plain
from tests.handoff.post import Post

TRIES_OF_AN_HOUR = 10  # 5 s, 10 s, 20 s … are an hour with the tenth


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A house that sends letters and reads the replies."""
    imap = SecretStr("imap://tugi:saladus@127.0.0.1:9/INBOX")
    return read_settings(data_dir=tmp_path, smtp_url=SecretStr("smtp://127.0.0.1:9"), mail_from=SENDER, imap_url=imap, imap_plus=True)


@pytest.fixture
def house(database: Database, post: Post, jaan: Holder, settings: Settings, tmp_path: Path) -> House:
    return House(database, post, jaan, settings, tmp_path / "attachments")


class Ill(Post):
    """A server that hangs: before its first word, or when it has the whole letter. `letters` counts what it has taken into its hands."""

    def __init__(self) -> None:
        super().__init__()
        self.letters = 0


@contextmanager
def hanging(*, after_data: bool) -> Iterator[Ill]:
    made, over = Ill(), Event()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            if after_data:
                self._take_letter()
            over.wait(60)

        def _take_letter(self) -> None:
            self.wfile.write(b"220 post\r\n")
            while line := self.rfile.readline():
                if line.upper().startswith(b"DATA"):
                    break
                self.wfile.write(b"250 OK\r\n")
            self.wfile.write(b"354 edasi\r\n")
            while (line := self.rfile.readline()) and line != b".\r\n":
                pass
            made.letters += 1

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as served:
        thread = Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        made.url = f"smtp://127.0.0.1:{served.server_address[1]}"
        yield made
        over.set()
        served.shutdown()
        thread.join()


def rows(database: Database) -> list[OutboxRow]:
    with database.read() as session:
        return list(session.scalars(select(OutboxRow)))


@pytest.mark.parametrize("after_data", [False, True], ids=["no greeting", "hangs with the letter"])
async def test_a_server_that_hangs_delays_and_the_same_letter_arrives_when_it_is_well(
    house: House, database: Database, post: Post, monkeypatch: pytest.MonkeyPatch, after_data: bool
) -> None:
    monkeypatch.setattr("handoff.mail.TIMEOUT_SECONDS", 1)
    house.answer(house.ticket(), "Pakk jõuab homme.")
    with hanging(after_data=after_data) as ill:
        house.post = ill
        for tried in (1, 2):
            house.let_time_pass()
            assert await house.outbox.deliver_one()
            (row,) = rows(database)
            assert (row.attempts, row.delivered_at, row.dead_at) == (tried, None, None)
        assert ill.letters == (2 if after_data else 0)
    standing = undelivered.post(database)
    assert (standing.waiting, standing.problem) == (1, rows(database)[0].last_error)
    assert standing.problem
    house.post = post
    (letter,) = await house.deliver()
    assert "Pakk jõuab homme." in plain(letter)
    assert await house.deliver() == [letter]
    assert (undelivered.post(database).waiting, undelivered.post(database).problem) == (0, None)


async def test_a_server_that_says_later_for_an_hour_gets_the_letter_once(house: House, database: Database, post: Post) -> None:
    house.answer(house.ticket(), "Pakk jõuab homme.")
    post.answer = "451 Try again later"
    for _ in range(TRIES_OF_AN_HOUR):
        house.let_time_pass()
        assert await house.outbox.deliver_one()
    (row,) = rows(database)
    assert (row.attempts, row.dead_at, row.last_error) == (TRIES_OF_AN_HOUR, None, "SMTP 451")
    assert undelivered.post(database).problem == "SMTP 451"
    post.answer = "250 OK"
    (letter,) = await house.deliver()
    assert await house.deliver() == [letter]
