"""What an agent says reaches who reads by letter: once, in its thread, with its files, and never after it was taken back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update

from handoff.conversations import agents, amending, erasure, parcels, queue
from handoff.conversations.agents import Holder
from handoff.conversations.attachments import Allowed, Attachments
from handoff.conversations.mail_tables import MailRow
from handoff.conversations.shelf import Shelf
from handoff.conversations.states import State
from handoff.conversations.tables import ConversationRow
from handoff.database import Database
from handoff.letters import Letters
from handoff.mail import Mailer
from handoff.outbox import LAST_ATTEMPT, Outbox, OutboxRow
from handoff.settings import Settings, read_settings
from tests.handoff import files, talk
from tests.handoff.letters_house import MARI, SENDER, House, html, plain
from tests.handoff.post import Post

pytestmark = pytest.mark.both_databases


class Killed(BaseException):
    """The process is gone, here."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A house that sends letters and reads the replies."""
    imap = SecretStr("imap://tugi:saladus@127.0.0.1:9/INBOX")
    return read_settings(data_dir=tmp_path, smtp_url=SecretStr("smtp://127.0.0.1:9"), mail_from=SENDER, imap_url=imap, imap_plus=True)


@pytest.fixture
def house(database: Database, post: Post, jaan: Holder, settings: Settings, tmp_path: Path) -> House:
    return House(database, post, jaan, settings, tmp_path / "attachments")


async def test_an_answer_arrives_with_its_writers_name_the_question_and_a_way_back(house: House) -> None:
    ticket = house.ticket()
    house.answer(ticket, "Pakk jõuab homme.\n\nVaadake https://kodukaup.example/pakk <3")
    (letter,) = await house.deliver()
    assert (letter["To"], letter["From"]) == (MARI, f"Kodukaup <{SENDER}>")
    assert letter["Subject"] == "Vastus teie küsimusele (Kodukaup)"
    assert "Auto-Submitted" not in letter  # a person wrote it
    assert plain(letter).startswith("Tere, Mari!\n\nPakk jõuab homme.")
    assert "Jaan\nKodukaup" in plain(letter)
    assert "> Kus mu šokolaad on?" in plain(letter)
    assert 'href="https://kodukaup.example/pakk"' in html(letter)
    assert "&lt;3" in html(letter)
    assert letter["Reply-To"].startswith("Kodukaup <tugi+")


async def test_who_asked_to_be_called_and_left_an_address_gets_it_too_and_who_left_none_none(house: House) -> None:
    ticket, silent = house.ticket(), house.ticket()
    talk.change(house.database, ticket, channel="callback")
    talk.change(house.database, silent, channel="callback", email=None, phone="+372 5555 1234")
    number = house.answer(ticket, "Helistan teile kell kolm.")
    house.answer(silent, "Helistan teile kell neli.")
    (letter,) = await house.deliver()
    assert letter["To"] == MARI
    assert "kell kolm" in plain(letter)
    with pytest.raises(amending.AlreadySent):
        amending.withdraw(house.database, ticket, house.agent, number)


async def test_nothing_leaves_before_the_agent_could_take_it_back(house: House) -> None:
    ticket = house.ticket()
    house.answer(ticket, "Pakk jõuab homme.")
    assert not await house.outbox.deliver_one()
    number = house.answer(ticket, "Või ülehomme.")
    amending.withdraw(house.database, ticket, house.agent, number)
    (letter,) = await house.deliver()
    assert "Või ülehomme" not in plain(letter)


async def test_what_is_put_right_before_it_leaves_leaves_as_it_is_right(house: House) -> None:
    ticket = house.ticket()
    number = house.answer(ticket, "Pakk jõuab homme.")
    amending.edit(house.database, ticket, house.agent, number, "Pakk jõuab ülehomme.")
    (letter,) = await house.deliver()
    assert "Pakk jõuab ülehomme." in plain(letter)


async def test_what_has_left_can_no_longer_be_taken_back(house: House) -> None:
    ticket = house.ticket()
    number = house.answer(ticket, "Pakk jõuab homme.")
    assert queue.whole(house.database, ticket).item.gone == 0
    await house.deliver()
    assert queue.whole(house.database, ticket).item.gone == number
    assert queue.events_since(house.database, ticket, number)[0].gone == number
    with pytest.raises(amending.AlreadySent):
        amending.withdraw(house.database, ticket, house.agent, number)
    with pytest.raises(amending.AlreadySent):
        amending.edit(house.database, ticket, house.agent, number, "Pakk jõuab ülehomme.")


async def test_words_and_files_of_one_moment_go_in_one_letter(house: House, tmp_path: Path) -> None:
    ticket = house.ticket()
    house.answer(ticket, "Siin on arve.")
    source = tmp_path / "arve.part"
    source.write_bytes(files.picture())
    kept = Attachments(house.database, Shelf(house.folder, house.database.vault), Allowed(frozenset({"jpeg"}), 9**9, 9, 9**9))
    kept.from_agent(ticket, house.agent, client_id="fail-0001", name="arve.jpg", source=source)
    house.answer(ticket, "Head päeva!")
    (letter,) = await house.deliver()
    (file,) = letter.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("arve.jpg", "image/jpeg")
    assert plain(letter).index("Siin on arve.") < plain(letter).index("Head päeva!")


async def test_the_next_letter_stands_in_the_thread_of_the_first(house: House) -> None:
    ticket = house.ticket()
    house.answer(ticket, "Pakk jõuab homme.")
    await house.deliver()
    house.answer(ticket, "Tere! Pakk on teel.")
    first, second = await house.deliver()
    assert second["In-Reply-To"] == second["References"] == first["Message-ID"]
    assert plain(second).startswith("Tere! Pakk on teel.")  # who greets is not greeted for
    assert (first["Reply-To"], first["Message-ID"]) == (second["Reply-To"], first["Message-ID"])


async def test_where_a_matter_stands_has_its_own_letter_and_no_second_one(house: House, settings: Settings) -> None:
    ticket = house.ticket()
    with house.database.write() as session:
        row = session.get(ConversationRow, ticket)
        assert row is not None
        body = {"text": "Kus teie asi on: lahendatud.", "name": "Jaan", "stage": "solved"}
        agents.say(session, row, house.agent, "jaan-stage", body)
    assert await house.deliver() == []


def kill_before(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> None:
    def gone(*_given: object, **_named: object) -> None:
        raise Killed

    monkeypatch.setattr(owner, name, gone)


def kill_after(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> None:
    done: Callable[..., object] = getattr(owner, name)

    def gone(*given: object, **named: object) -> None:
        done(*given, **named)
        raise Killed

    monkeypatch.setattr(owner, name, gone)


@pytest.mark.parametrize("kill", [kill_before, kill_after])
@pytest.mark.parametrize(
    "step", [(parcels, "pack"), (Letters, "answer"), (Mailer, "send"), (parcels, "sent"), (Outbox, "_settle")], ids=["pack", "write", "send", "sent", "settle"]
)
async def test_killed_between_any_two_steps_it_is_one_letter(house: House, kill: Callable[..., None], step: tuple[object, str]) -> None:
    ticket = house.ticket()
    house.answer(ticket, "Pakk jõuab homme.")
    house.let_time_pass()
    with pytest.MonkeyPatch.context() as patch:
        kill(patch, *step)
        with pytest.raises(Killed):
            await house.outbox.deliver_one()
    house.answer(ticket, "Lisan: pärast lõunat.")  # said while nobody delivers
    arrived = await house.deliver()
    by_id = {letter["Message-ID"]: plain(letter) for letter in arrived}
    whole = "".join(by_id.values())
    assert (whole.count("Pakk jõuab homme."), whole.count("Lisan: pärast lõunat.")) == (1, 1)
    assert len(by_id) <= len(arrived) <= len(by_id) + 1  # only between the server's yes and ours may it go out twice, as the same letter


async def test_an_address_that_nobody_has_is_shown_at_the_message_and_opens_the_ticket_again(house: House) -> None:
    ticket = house.ticket()
    number = house.answer(ticket, "Pakk jõuab homme.")
    agents.close(house.database, ticket, house.agent)
    house.post.answer_to_address = "550 5.1.1 pole sellist"
    await house.deliver()
    events = {event.kind: event for event in talk.events(house.database, ticket)}
    assert events["bounced"].body == {"number": number, "upto": number, "why": "no_address"}
    assert talk.row(house.database, ticket).state == State.TICKET


async def test_a_server_that_is_away_delays_and_in_the_end_the_agent_knows(house: House) -> None:
    ticket = house.ticket()
    house.answer(ticket, "Pakk jõuab homme.")
    house.post.answer = "451 hiljem"
    await house.deliver()
    assert "bounced" not in talk.kinds(house.database, ticket)
    with house.database.write() as session:
        session.execute(update(OutboxRow).values(attempts=LAST_ATTEMPT))
    await house.deliver()
    assert talk.events(house.database, ticket)[-1].body["why"] == "gave_up"


async def test_a_letter_that_can_not_be_put_together_holds_up_no_other(house: House, tmp_path: Path) -> None:
    ticket, other = house.ticket(), house.ticket("Aga minu oma?")
    source = house.folder / "arve.part"
    source.write_bytes(files.picture())
    kept = Attachments(house.database, Shelf(house.folder, house.database.vault), Allowed(frozenset({"jpeg"}), 9**9, 9, 9**9))
    kept.from_agent(ticket, house.agent, client_id="fail-0001", name="arve.jpg", source=source)
    for path in house.folder.iterdir():
        path.write_bytes(path.read_bytes()[:-9])  # cut off on the disk
    house.answer(other, "Homme.")
    (letter,) = await house.deliver()
    assert "Homme." in plain(letter)
    assert talk.events(house.database, ticket)[-1].body["why"] == "unwritable"


async def test_after_an_erasure_nothing_leaves_and_nothing_is_left(house: House, shelf: Shelf) -> None:
    ticket = house.ticket()
    house.answer(ticket, "Pakk jõuab homme.")
    await house.deliver()
    assert erasure.export(house.database, ticket)["letters"][0]["direction"] == "out"
    house.answer(ticket, "Ja veel.")
    erasure.erase(house.database, shelf, ticket)
    assert len(await house.deliver()) == 1
    with house.database.read() as session:
        assert session.scalars(select(MailRow)).all() == []
