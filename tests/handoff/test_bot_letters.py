"""The bot answers letters of which it is sure, says what it is, and leaves the rest and every reply to people."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import select, update

from bot.understanding import BotUnavailable
from handoff.conversations import bot_letters, matters, posting
from handoff.conversations.arriving import Arrivals
from handoff.conversations.mail_tables import MailRow
from handoff.conversations.states import State
from handoff.conversations.tables import DecisionRow
from handoff.database import Database, now
from handoff.email.answering import Answering
from handoff.email.reading import read
from handoff.letters import Letters
from handoff.mail import Mailer
from handoff.outbox import OutboxRow
from handoff.services import Services
from handoff.settings import Settings, read_settings
from tests.fakes import FakeBot
from tests.handoff import talk
from tests.handoff.mails import BOX, mail
from tests.handoff.post import Post, outbox

SURE = "Kuidas kaupa tagastada?"
LONG = SURE + " Pikk lugu." * 200


class Killed(BaseException):
    """The process is gone, here."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    imap = SecretStr("imap://tugi:saladus@127.0.0.1:9/INBOX")
    return read_settings(data_dir=tmp_path, smtp_url=SecretStr("smtp://127.0.0.1:9"), mail_from=BOX, imap_url=imap, mail_answers="sure")


@pytest.fixture
async def known(app: FastAPI, services: Services, bot: FakeBot) -> Services:
    """The bot knows what is published; nothing runs by itself."""
    await bot.replace_entries(services.entries.published()[0], revision=1)
    return services


@pytest.fixture
def come(known: Services) -> Callable[..., str]:
    """A letter of Mari's comes; gives its conversation."""
    arrivals = Arrivals(known.database, known.attachments, known.links, known.notices, bot_looks=True)

    def take(text: str, **headers: str) -> str:
        taken = arrivals.take(read(mail(text, **headers).as_bytes(), ours={BOX}), box="tugi@kodu/INBOX", number=1)
        assert taken.conversation_id is not None
        return taken.conversation_id

    return take


def owed(database: Database) -> list[str]:
    with database.read() as session:
        return [key.split(":")[0] for key in session.scalars(select(OutboxRow.key).order_by(OutboxRow.made_at))]


async def test_what_the_bot_is_sure_of_is_answered_by_one_letter_that_says_so(known: Services, come: Callable[..., str], post: Post) -> None:
    ticket = come(SURE, subject="Küsimus")
    assert owed(known.database) == []  # until the bot has looked nobody is told anything
    assert await Answering(known).look()
    row = talk.row(known.database, ticket)
    assert (row.state, row.outcome) == (State.CLOSED, bot_letters.OUTCOME)
    with known.database.write() as session:
        assert session.scalars(select(DecisionRow.entry_id)).all() == ["kuidas-tagastada"]
        session.execute(update(OutboxRow).values(next_at=now()))
    assert owed(known.database) == ["answer"]
    await outbox(known.database, Mailer(post.url, sender=BOX, name="Kodukaup"), letters=Letters(known.settings)).deliver_one()
    (letter,) = post.got
    plain, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert (letter["Subject"], letter["In-Reply-To"], letter["Auto-Submitted"]) == ("Re: Küsimus", "<1@naide.ee>", "auto-replied")
    assert "Tooge kaup 14 päeva jooksul poodi tagasi." in plain.get_content()
    assert "automaatselt vestlusrobot (Kodukaup)" in plain.get_content()
    assert "vastake lihtsalt sellele kirjale" in plain.get_content()
    assert "<strong>poodi</strong>" in html.get_content()


async def test_a_reply_to_the_bot_is_a_persons(known: Services, come: Callable[..., str]) -> None:
    ticket = come(SURE)
    await Answering(known).look()
    assert come("Aga kuidas kaupa tagastada, kui karp on katki?", message_id="<2@naide.ee>", In_Reply_To="<1@naide.ee>") == ticket
    assert not await Answering(known).look()
    assert talk.row(known.database, ticket).state == State.TICKET
    assert len(talk.texts(known.database, ticket, "bot")) == 1


@pytest.mark.parametrize("text", ["Kas te müüte ka kasse?", "Tahan inimesega rääkida", LONG], ids=["unknown", "person", "long"])
async def test_the_rest_goes_to_people_and_its_writer_hears_that_it_has_come(known: Services, come: Callable[..., str], text: str) -> None:
    ticket = come(text)
    assert await Answering(known).look()
    assert not await Answering(known).look()
    assert talk.row(known.database, ticket).state == State.TICKET
    assert owed(known.database) == ["received"]


async def test_a_bot_that_is_away_delays_and_then_people_have_it(known: Services, come: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_given: object, **_named: object) -> None:
        raise BotUnavailable("away")

    monkeypatch.setattr(known.bot, "ask", away)
    ticket = come(SURE)
    assert await Answering(known).look()
    assert (owed(known.database), talk.row(known.database, ticket).state) == ([], State.TICKET)
    with known.database.write() as session:
        session.execute(update(MailRow).values(answer_due_at=now(), at=now() - bot_letters.PATIENCE))
    assert await Answering(known).look()
    assert owed(known.database) == ["received"]


async def test_who_is_killed_while_the_bot_thinks_is_followed_and_it_is_answered_once(known: Services, come: Callable[..., str]) -> None:
    ticket = come(SURE)
    for step in ("answer", "claim"):
        with pytest.MonkeyPatch.context() as patch:
            done = getattr(bot_letters, step)

            def killed(*given: object, _done: Callable[..., object] = done, **named: object) -> None:
                _done(*given, **named)
                raise Killed

            patch.setattr(bot_letters, step, killed)
            with pytest.raises(Killed):
                await Answering(known).look()
        with known.database.write() as session:  # the claim is over
            session.execute(update(MailRow).where(MailRow.answer_due_at.is_not(None)).values(answer_due_at=now()))
    await Answering(known).look()
    assert len(talk.texts(known.database, ticket, "bot")) == 1
    assert owed(known.database) == ["answer"]


async def test_a_machine_that_answers_the_bot_each_time_soon_meets_people(known: Services, come: Callable[..., str]) -> None:
    for number in range(8):
        come(SURE, message_id=f"<{number}@naide.ee>")
        await Answering(known).look()
    assert len(owed(known.database)) <= matters.MOST_RECEIVED


def test_without_the_wish_of_the_operator_the_bot_answers_no_letter(database: Database, tmp_path: Path) -> None:
    assert read_settings(data_dir=tmp_path).mail_answers == "people"
    assert posting.RULES not in database.about
