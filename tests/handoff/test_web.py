"""What every room leans on: who is let in, and the stream of numbered events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, MutableMapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient

from bot.understanding import LANGUAGES
from handoff import web
from handoff.accounts import service as accounts
from handoff.accounts.permissions import Permission
from handoff.accounts.service import Person
from handoff.conversations import events, store
from handoff.conversations.service import Started
from handoff.conversations.signals import Signals, conversation_topic
from handoff.database import Database
from handoff.errors import AbilineError
from handoff.web import COOKIE, LANGUAGE_COOKIE, Guard, Pages, set_login_cookie, stream
from tests.handoff import talk
from tests.handoff.conftest import PASSWORD

EVERYONE = ("jaan", "kadri", "liis", "tiit")
ROOMS: dict[str, set[str]] = {
    "person": set(EVERYONE),
    "answer": {"jaan", "kadri", "tiit"},
    "edit": {"liis", "tiit"},
    "see_reports": {"tiit"},
    "manage_people": set(),
}


@pytest.fixture
def guarded(database: Database, people: dict[str, str]) -> Iterator[TestClient]:
    """A small house: a room for all who are logged in, one for each of some permissions, and one with a form."""
    app = FastAPI()
    guard = Guard(database)

    async def say(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, AbilineError)
        return JSONResponse({"code": error.code}, status_code=error.status)

    app.add_exception_handler(AbilineError, say)
    doors = {name: guard.person if name == "person" else guard.may(Permission(name)) for name in ROOMS} | {"form": guard.form()}
    for name, door in doors.items():
        who = Annotated[Person, Depends(door)]

        def room(person: who) -> str:
            return person.login

        room.__annotations__["person"] = who
        app.api_route(f"/{name}", methods=["GET", "POST", "PUT", "DELETE"])(room)
    with TestClient(app) as browser:
        yield browser


def _log_in(browser: TestClient, database: Database, login: str) -> str:
    """Log in and give the CSRF token."""
    token = accounts.log_in(database, login=login, password=PASSWORD)
    browser.cookies.set(COOKIE, token)
    return accounts.whose(database, token).csrf_token


@pytest.mark.parametrize("login", EVERYONE)
def test_a_role_opens_its_rooms_and_no_others(guarded: TestClient, database: Database, login: str) -> None:
    _log_in(guarded, database, login)
    assert {room for room in ROOMS if guarded.get(f"/{room}").status_code == 200} == {room for room, allowed in ROOMS.items() if login in allowed}
    assert {guarded.get(f"/{room}").status_code for room, allowed in ROOMS.items() if login not in allowed} <= {403}


@pytest.mark.parametrize("room", [*ROOMS, "form"])
def test_peeter_without_a_log_in_is_let_in_nowhere(guarded: TestClient, room: str) -> None:
    assert guarded.get(f"/{room}").status_code == 401
    guarded.cookies.set(COOKIE, "peetri-arvamus")
    assert guarded.post(f"/{room}", headers={"X-CSRF-Token": "x"}).status_code == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_change_with_the_token_is_let_in(guarded: TestClient, database: Database, method: str) -> None:
    token = _log_in(guarded, database, "tiit")
    assert {guarded.request(method, f"/{room}", headers={"X-CSRF-Token": token}).status_code for room, allowed in ROOMS.items() if "tiit" in allowed} == {200}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("headers", [{}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "arvatud"}, {"X-CSRF-Token": "õ".encode()}])
def test_a_change_without_the_token_is_refused(guarded: TestClient, database: Database, method: str, headers: dict[str, str]) -> None:
    _log_in(guarded, database, "tiit")
    assert {guarded.request(method, f"/{room}", headers=headers).status_code for room in ROOMS} == {403}


def test_a_form_carries_the_token_in_a_field(guarded: TestClient, database: Database) -> None:
    token = _log_in(guarded, database, "tiit")
    assert guarded.post("/form", data={"csrf_token": token}).text == '"tiit"'
    assert guarded.post("/form", data={"csrf_token": "arvatud"}).status_code == 403
    assert guarded.post("/form", headers={"X-CSRF-Token": token}).status_code == 403


def test_the_token_of_another_log_in_is_refused(guarded: TestClient, database: Database) -> None:
    kadris = _log_in(guarded, database, "kadri")
    _log_in(guarded, database, "jaan")
    assert guarded.post("/answer", headers={"X-CSRF-Token": kadris}).status_code == 403


def test_the_cookie_is_only_for_our_own_pages() -> None:
    response = JSONResponse({})
    set_login_cookie(response, "saladus", secure=True, lasts=timedelta(days=7))
    cookie = response.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "secure", "samesite=strict", "path=/"))


@pytest.mark.parametrize(
    ("query", "cookie", "shown"), [("", "", "et"), ("?lang=en", "", "en"), ("", "ru", "ru"), ("?lang=et", "ru", "et"), ("?lang=fi", "", "et")]
)
def test_a_page_speaks_the_language_that_was_chosen(quiet: TestClient, query: str, cookie: str, shown: str) -> None:
    headers = {"Cookie": f"{LANGUAGE_COOKIE}={cookie}"} if cookie else {}
    assert f'<html lang="{shown}"' in quiet.get(f"/contact{query}", headers=headers).text


def test_a_text_that_is_missing_in_a_template_shows_itself(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "p.html").write_text('{{ t("puudub") }} {{ nimi }}', encoding="utf-8")
    request = Request({"type": "http", "headers": [], "query_string": b""})
    page = Pages(tmp_path).page(request, "p.html", nimi="<b>Mari</b>")
    assert bytes(page.body).decode() == "[?puudub] &lt;b&gt;Mari&lt;/b&gt;"
    assert len(LANGUAGES) == 3


class Reader:
    """A browser at the other end of a stream."""

    def __init__(self, database: Database, conversation_id: str, signals: Signals) -> None:
        self._gone = asyncio.Event()
        self._database = database
        self._id = conversation_id
        self._signals = signals

    def open(self, after: int) -> AsyncIterator[bytes]:
        request = Request({"type": "http", "headers": []}, receive=self._receive)
        return stream(request, self._signals, conversation_topic(self._id), self.read, after=after)

    def read(self, number: int) -> Sequence[tuple[int, str, Any]]:
        with self._database.read() as session:
            seen = [(event.number, events.for_customer(event)) for event in store.events_after(session, self._id, number)]
        return [(number, "event", view) for number, view in seen if view is not None]

    def leave(self) -> None:
        self._gone.set()

    async def _receive(self) -> MutableMapping[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}


@pytest.fixture
async def reader(database: Database, mari: Started) -> Reader:
    signals = Signals()
    signals.attach(asyncio.get_running_loop())
    return Reader(database, mari.conversation_id, signals)


async def _next(chunks: AsyncIterator[bytes]) -> bytes:
    async with asyncio.timeout(30):
        return await anext(chunks)


async def _message(chunks: AsyncIterator[bytes]) -> tuple[int, str]:
    """Number and text of the next message on the stream."""
    fields = dict(line.split(": ", 1) for line in (await _next(chunks)).decode().strip().splitlines())
    return int(fields["id"]), json.loads(fields["data"])["body"]["text"]


async def test_a_stream_resumes_after_the_last_number(database: Database, mari: Started, reader: Reader) -> None:
    talk.say(database, mari.conversation_id, "teine")
    talk.say(database, mari.conversation_id, "kolmas: jäääär")
    chunks = reader.open(after=2)
    assert await _next(chunks) == b"retry: 2000\n\n"
    assert await _message(chunks) == (3, "kolmas: jäääär")


async def test_a_stream_from_the_beginning_gives_everything_in_order(database: Database, mari: Started, reader: Reader) -> None:
    talk.say(database, mari.conversation_id, "teine")
    chunks = reader.open(after=0)
    await _next(chunks)
    told = (await _next(chunks)).decode()
    assert [part.partition("\n")[0] for part in told.removesuffix("\n\n").split("\n\n")] == ["id: 1", "id: 2"]


async def test_what_happens_while_one_reads_comes_at_once(database: Database, mari: Started, reader: Reader) -> None:
    chunks = reader.open(after=1)
    await _next(chunks)
    waiting = asyncio.ensure_future(_message(chunks))
    await asyncio.sleep(0)
    talk.say(database, mari.conversation_id, "uus")
    reader._signals.changed(mari.conversation_id)
    assert await waiting == (2, "uus")


async def test_what_falls_between_looking_and_waiting_is_not_lost(database: Database, mari: Started) -> None:
    signals = Signals()
    signals.attach(asyncio.get_running_loop())

    class Unlucky(Reader):
        """Something is said right after it has looked."""

        looked = 0

        def read(self, number: int) -> Sequence[tuple[int, str, Any]]:
            found = super().read(number)
            self.looked += 1
            if self.looked == 1:
                talk.say(database, mari.conversation_id, "vahepeal")
                signals.changed(mari.conversation_id)
            return found

    chunks = Unlucky(database, mari.conversation_id, signals).open(after=1)
    await _next(chunks)
    assert await _message(chunks) == (2, "vahepeal")


async def test_two_readers_both_get_it(database: Database, mari: Started, reader: Reader) -> None:
    both = [reader.open(after=1), reader.open(after=1)]
    for chunks in both:
        await _next(chunks)
    waiting = [asyncio.ensure_future(_message(chunks)) for chunks in both]
    await asyncio.sleep(0)
    talk.say(database, mari.conversation_id, "uus")
    reader._signals.changed(mari.conversation_id)
    assert await asyncio.gather(*waiting) == [(2, "uus")] * 2


async def test_the_stream_ends_when_the_reader_is_gone(mari: Started, reader: Reader) -> None:
    chunks = reader.open(after=1)
    await _next(chunks)
    ending = asyncio.ensure_future(_next(chunks))
    await asyncio.sleep(0)
    reader.leave()
    reader._signals.changed(mari.conversation_id)
    with pytest.raises(StopAsyncIteration):
        await ending


async def test_a_reader_that_is_woken_all_the_time_for_nothing_still_gets_heartbeats(mari: Started, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "HEARTBEAT_SECONDS", 0.05)

    async def wake_for_nothing() -> None:
        while True:
            reader._signals.changed(mari.conversation_id)
            await asyncio.sleep(0.01)

    waking = asyncio.ensure_future(wake_for_nothing())
    chunks = reader.open(after=1)
    assert [await _next(chunks) for _ in range(3)] == [b"retry: 2000\n\n", b": beat\n\n", b": beat\n\n"]
    waking.cancel()


async def test_another_conversation_wakes_nobody_here(database: Database, mari: Started, reader: Reader) -> None:
    async with reader._signals.listen(conversation_topic(mari.conversation_id)) as woken:
        reader._signals.changed("peetri-vestlus")
        await asyncio.sleep(0)
        assert not woken.is_set()
        reader._signals.changed(mari.conversation_id)
        await asyncio.sleep(0)
        assert woken.is_set()
