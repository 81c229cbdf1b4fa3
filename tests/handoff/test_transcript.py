"""The conversation to keep: a page for whoever has the secret, and a letter that a real mail server gets."""

from __future__ import annotations

import asyncio
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from pydantic import SecretStr
from sqlalchemy import select

from handoff.conversations import agents, erasure
from handoff.conversations.agents import Holder
from handoff.conversations.shelf import Shelf
from handoff.database import Database
from handoff.errors import SettingsError
from handoff.mail import KIND, Letter, Mailer, MailError, Thread
from handoff.outbox import OutboxRow, enqueue
from handoff.services import Services
from handoff.settings import Settings, read_settings
from tests.handoff import files, talk
from tests.handoff.post import Post, outbox
from tests.handoff.sender import Sender

SENDER = "tugi@kodukaup.example"
LETTER = Letter(to="mari@naide.ee", subject="Teie vestlus", text="Tere, õhtust!", html="<p>Tere</p>", language="et", conversation_id="c")


def mailer(post: Post) -> Mailer:
    return Mailer(post.url, sender=SENDER, name="Kodukaup")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A house that sends mail; nobody listens at this address, the letters wait."""
    return read_settings(data_dir=tmp_path, smtp_url=SecretStr("smtp://127.0.0.1:9"), mail_from=SENDER, reply_timeout=0.5)


@pytest.fixture
def sender(client: TestClient) -> Sender:
    return Sender(client, page="https://kodukaup.example/pood")


def page(sender: Sender, what: str = "", **form: Any) -> Response:
    data = {"secret": sender.secret} | form
    answer: Response = sender._client.post(f"/api/widget/conversations/{sender.id}/transcript{what}", data=data)
    return answer


def letters(database: Database) -> list[OutboxRow]:
    with database.read() as session:
        return list(session.scalars(select(OutboxRow).where(OutboxRow.kind == KIND)))


def owe(database: Database) -> None:
    with database.write() as session:
        enqueue(session, kind=KIND, url="outbox:mail", key="transcript:c:1", payload=LETTER.as_payload())


# The page


def test_the_page_says_who_said_what_and_when(sender: Sender, services: Services, jaan: Holder) -> None:
    sender.say("Millal pakk jõuab?")
    sender.answered()
    talk.go_live(services.database, sender.id, jaan)
    agents.answer(services.database, sender.id, jaan, client_id="jaan-0001", text="Tere, Mari!")
    shown = page(sender)
    words = unescape(re.sub(r"<[^>]+>", " ", shown.text))
    assert shown.status_code == 200
    for expected in (
        "Vestlus: Kodukaup",
        "Teie",
        "Millal pakk jõuab?",
        "Abiline · tehisaru",
        "kahe tööpäevaga",
        "Jaan · klienditeenindaja",
        "Jaan liitus vestlusega",
    ):
        assert expected in words
    assert re.search(r"\d{1,2}\. \w+ 2\d{3}", words)
    assert "[?" not in words


def test_hostile_words_are_only_words(sender: Sender) -> None:
    sender.say("<img src=x onerror=alert(1)> </div><script>alert(2)</script>")
    shown = page(sender)
    assert "<img src=x" not in shown.text
    assert "<script>alert" not in shown.text
    policy = shown.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_pictures_are_in_the_page_and_other_files_by_name(sender: Sender) -> None:
    sender.send(files.picture(), "kingad.jpg")
    sender.send(files.PDF, "arve <b>.pdf")
    shown = page(sender).text
    assert shown.count('src="data:image/webp;base64,') == 1
    assert "Fail: arve b.pdf (0,1\u00a0MB)" in shown


def test_notes_of_colleagues_are_not_in_the_page(sender: Sender, services: Services, jaan: Holder) -> None:
    talk.go_live(services.database, sender.id, jaan)
    agents.note(services.database, sender.id, jaan, client_id="jaan-0002", text="Ainult meile")
    assert "Ainult meile" not in page(sender).text


@pytest.mark.parametrize(("language", "words"), [("en", "Print or save as PDF"), ("ru", "Распечатать")])
def test_the_page_speaks_the_customers_language(client: TestClient, language: str, words: str) -> None:
    assert words in page(Sender(client, language=language)).text


def test_peeter_gets_no_page_and_no_letter(client: TestClient, sender: Sender) -> None:
    peeter = Sender(client)
    for what in ("", "/letter"):
        assert page(sender, what, secret=peeter.secret, email="peeter@naide.ee").status_code == 404
    assert client.get(f"/api/widget/conversations/{sender.id}/transcript?secret={sender.secret}").status_code == 405


def test_the_page_is_kept_nowhere(sender: Sender) -> None:
    headers = page(sender).headers
    assert headers["cache-control"] == "no-store"
    assert headers["cross-origin-opener-policy"] == "same-origin"


# By e-mail


def test_a_copy_is_owed_to_the_address_once(sender: Sender, database: Database) -> None:
    sender.say("Millal pakk jõuab?")
    for _ in range(2):
        answer = page(sender, "/letter", email=" Mari@Naide.EE ", letter_id="kiri-0001")
        assert "Saadame vestluse aadressile Mari@naide.ee." in answer.text
    (letter,) = letters(database)
    assert letter.payload["to"] == "Mari@naide.ee"
    assert "Millal pakk jõuab?" in letter.payload["text"]


def test_a_wrong_address_is_asked_again_and_kept_in_the_box(sender: Sender, database: Database) -> None:
    answer = page(sender, "/letter", email="mari@")
    assert (answer.status_code, letters(database)) == (422, [])
    assert 'value="mari@"' in answer.text
    assert "Palun vaadake aadress veel kord üle" in answer.text


def test_nobody_is_flooded_with_letters(sender: Sender, database: Database) -> None:
    for number in range(4):
        answer = page(sender, "/letter", email="mari@naide.ee", letter_id=f"kiri-000{number}")
    assert answer.status_code == 429
    assert "Mitu kirja on juba teel" in answer.text
    assert len(letters(database)) == 3


def test_a_house_without_a_mail_server_does_not_offer_it(app: FastAPI, sender: Sender, services: Services) -> None:
    from handoff.web import Pages
    from handoff.widget import copies
    from handoff.widget.limits import Limits
    from handoff.widget.origins import Origins
    from handoff.widget.routes import HERE

    small = FastAPI()
    small.exception_handlers.update(app.exception_handlers)
    bare = Services(**(vars(services) | {"settings": read_settings(data_dir=services.settings.data_dir)}))
    small.include_router(copies.router(bare, Pages(HERE), Origins("*", ""), Limits()))
    with TestClient(small) as browser:
        sender._client = browser
        assert "e-postiga" not in page(sender).text
        assert page(sender, "/letter", email="mari@naide.ee").status_code == 404


def test_erasure_takes_a_letter_that_has_not_gone_yet(sender: Sender, database: Database, shelf: Shelf) -> None:
    page(sender, "/letter", email="mari@naide.ee")
    erasure.erase(database, shelf, sender.id)
    (letter,) = letters(database)
    assert (letter.payload, letter.last_error) == ({}, "erased")


async def test_the_letter_arrives_as_people_read_it(database: Database, post: Post) -> None:
    owe(database)
    assert await outbox(database, mailer(post)).deliver_one()
    (got,) = post.got
    assert (got["To"], got["From"], got["Subject"]) == ("mari@naide.ee", f"Kodukaup <{SENDER}>", "Teie vestlus")
    assert got["Auto-Submitted"] == "auto-generated"
    plain, html = got.get_body(("plain",)), got.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().strip() == "Tere, õhtust!"
    assert "<p>Tere</p>" in html.get_content()


async def test_what_has_gone_is_no_longer_kept(database: Database, post: Post) -> None:
    owe(database)
    await outbox(database, mailer(post)).deliver_one()
    (letter,) = letters(database)
    assert letter.delivered_at is not None
    assert letter.payload == {}


@pytest.mark.parametrize("answer", ["451 hiljem", "421 kinni"])
async def test_a_busy_mail_server_gets_the_letter_later(database: Database, post: Post, answer: str) -> None:
    owe(database)
    post.answer = answer
    await outbox(database, mailer(post)).deliver_one()
    (letter,) = letters(database)
    assert (letter.delivered_at, letter.dead_at, letter.last_error) == (None, None, f"SMTP {answer[:3]}")
    assert letter.payload["to"] == "mari@naide.ee"


async def test_an_address_that_does_not_exist_is_not_tried_again_and_not_kept(database: Database, post: Post) -> None:
    owe(database)
    post.answer_to_address = "550 pole sellist"
    await outbox(database, mailer(post)).deliver_one()
    (letter,) = letters(database)
    assert letter.dead_at is not None
    assert letter.payload == {}


async def test_a_mail_server_that_is_away_delays_the_letter(database: Database) -> None:
    owe(database)
    await outbox(database, Mailer("smtp://127.0.0.1:9", sender=SENDER, name="Kodukaup")).deliver_one()
    (letter,) = letters(database)
    assert (letter.dead_at, letter.last_error) == (None, "ConnectionRefusedError")


async def test_off_this_machine_nothing_goes_in_the_clear(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handoff.mail._is_here", lambda _host: False)
    with pytest.raises(MailError, match="encryption"):
        await asyncio.to_thread(mailer(post).send, LETTER.as_payload(), key="k")
    assert post.got == []


@pytest.mark.parametrize("subject", ["Teie vestlus\r\nBcc: peeter@naide.ee"])
def test_a_line_break_makes_no_header(subject: str) -> None:
    letter = Letter(to="mari@naide.ee", subject=subject, text="", html="", language="et", conversation_id="c")
    with pytest.raises(ValueError, match="linefeed"):
        Mailer("smtp://127.0.0.1:9", sender=SENDER, name="Kodukaup")._write(letter, Thread("<k@kodukaup.example>"), "house")


# Settings


@pytest.mark.parametrize("url", ["post.example", "http://post.example", "smtp://:saladus@", "smtp://mari:saladus@post.example:auk"])
def test_a_wrong_mail_server_stops_the_start_and_is_not_shown(url: str) -> None:
    with pytest.raises(SettingsError, match="ABILINE_SMTP_URL") as refused:
        read_settings(smtp_url=SecretStr(url), mail_from=SENDER)
    assert url not in refused.value.message


@pytest.mark.parametrize("sender", ["", "tugi"])
def test_mail_needs_somebody_to_come_from(sender: str) -> None:
    with pytest.raises(SettingsError, match="ABILINE_MAIL_FROM"):
        read_settings(smtp_url=SecretStr("smtps://post.example"), mail_from=sender)
