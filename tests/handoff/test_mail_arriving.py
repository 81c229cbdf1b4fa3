"""Letters become messages: once, in their thread, with their files; machines wake nobody, and what bounces is shown."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select

from handoff.conversations import agents, erasure, finding, matters, verification
from handoff.conversations.agents import Holder
from handoff.conversations.arriving import AUTO_TAG, Arrivals, Taken
from handoff.conversations.mail_tables import MailRow, MailThreadRow
from handoff.conversations.parcels import hashed
from handoff.conversations.shelf import Shelf
from handoff.conversations.states import State
from handoff.conversations.tables import AttachmentRow, ConversationRow
from handoff.database import Database
from handoff.own_letters import OwnLetters
from handoff.settings import Settings
from tests.handoff import files, talk
from tests.handoff.arriving import Hand, arrivals_of, conversations, letters_owed, mailing_house, our_letter
from tests.handoff.mails import BOX, MARI, bounce, mail

_fresh = itertools.count()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return mailing_house(tmp_path)


@pytest.fixture
def arrivals(database: Database, shelf: Shelf, settings: Settings) -> Arrivals:
    return arrivals_of(database, shelf, settings)


@pytest.fixture
def hand(database: Database, arrivals: Arrivals) -> Hand:
    return Hand(database, arrivals)


@pytest.mark.both_databases
def test_a_mail_becomes_a_ticket_with_its_subject_and_its_writer_hears_of_it(hand: Hand, database: Database) -> None:
    ticket = hand.ticket(mail("Kus mu šokolaad on?\n\nLugupidamisega\nMari", subject="Tellimus 123"))
    row = talk.row(database, ticket)
    assert (row.state, row.channel, row.email, row.name) == (State.TICKET, "email", MARI, "Mari Maasikas")
    (event,) = [event for event in talk.events(database, ticket) if event.kind == "message"]
    assert (event.body["text"], event.body["subject"]) == ("Kus mu šokolaad on?", "Tellimus 123")
    assert event.body["folded"] == [{"kind": "signature", "text": "Lugupidamisega\nMari"}]
    assert letters_owed(database) == ["received"]
    with database.read() as session:
        assert session.scalars(select(ConversationRow.id).where(finding.has(session, "tellimus šokolaad"))).all() == [ticket]


@pytest.mark.both_databases
def test_the_same_mail_twice_is_one_message(hand: Hand, database: Database) -> None:
    assert hand.ticket() == conversations(database)[0].id
    assert hand.take(mail()) == Taken(None)
    assert len(conversations(database)) == 1


@pytest.mark.both_databases
def test_the_same_mail_in_another_box_is_taken_there_too(hand: Hand, database: Database) -> None:
    hand.ticket()
    assert hand.take(mail(), box="arved@kodu/INBOX").new
    assert len(conversations(database)) == 2


@pytest.mark.both_databases
@pytest.mark.parametrize("way", ["references", "in_reply_to", "word"])
def test_a_reply_finds_its_conversation(hand: Hand, database: Database, way: str) -> None:
    ticket = hand.ticket()
    ours = our_letter(database, ticket)
    with database.read() as session:
        word = session.get_one(MailThreadRow, ticket).word
    named: dict[str, dict[str, str]] = {
        "references": {"References": f"<võõras@x> {ours} <teine@y>"},
        "in_reply_to": {"In_Reply_To": ours},
        "word": {"To": BOX.replace("@", f"+{word}@")},
    }
    assert hand.take(mail("Veel üks asi.", message_id="<2@naide.ee>", **named[way])) == Taken(ticket)
    assert talk.texts(database, ticket, "customer")[-1] == "Veel üks asi."


@pytest.mark.both_databases
def test_a_reply_opens_what_was_closed(hand: Hand, database: Database, jaan: Holder) -> None:
    ticket = hand.ticket()
    agents.claim(database, ticket, jaan)
    agents.close(database, ticket, jaan)
    hand.take(mail("Ei tulnud!", message_id="<2@naide.ee>", In_Reply_To=our_letter(database, ticket)))
    assert talk.row(database, ticket).state == State.TICKET
    assert letters_owed(database) == ["received"]  # that it has come is told once


@pytest.mark.both_databases
def test_a_reply_from_another_address_says_so_and_brings_no_trust(hand: Hand, database: Database, jaan: Holder) -> None:
    ticket = hand.ticket()
    agents.claim(database, ticket, jaan)
    verification.check(database, ticket, jaan, "order")
    hand.take(mail("Mina ka!", message_id="<2@x>", From="peeter@naide.ee", In_Reply_To=our_letter(database, ticket)))
    event = talk.events(database, ticket)[-1]
    assert event.body["from"] == "peeter@naide.ee"
    assert talk.row(database, ticket).verified_how is None
    assert talk.row(database, ticket).email == MARI


@pytest.mark.both_databases
def test_a_reply_to_what_was_erased_begins_anew(hand: Hand, database: Database, shelf: Shelf) -> None:
    ticket = hand.ticket()
    ours = our_letter(database, ticket)
    erasure.erase(database, shelf, ticket)
    assert hand.take(mail()) == Taken(None)  # what was taken before does not come back
    assert hand.take(mail("Uuesti.", message_id="<2@x>", In_Reply_To=ours)).new
    with database.read() as session:
        assert {row.message_id for row in session.scalars(select(MailRow).where(MailRow.conversation_id == ticket))} == {""}


@pytest.mark.both_databases
def test_an_absence_assistant_is_shown_and_wakes_nobody(hand: Hand, database: Database, jaan: Holder) -> None:
    ticket = hand.ticket()
    agents.claim(database, ticket, jaan)
    agents.close(database, ticket, jaan)
    raw = mail("Olen puhkusel.", message_id="<2@x>", In_Reply_To=our_letter(database, ticket), Auto_Submitted="auto-replied")
    hand.take(raw)
    assert talk.row(database, ticket).state == State.CLOSED
    assert talk.events(database, ticket)[-1].body == {"text": "Olen puhkusel."}
    assert talk.kinds(database, ticket)[-1] == "auto_replied"


@pytest.mark.both_databases
def test_a_machine_gets_a_ticket_and_no_letter(hand: Hand, database: Database) -> None:
    ticket = hand.ticket(mail("Teie arve.", From="noreply@pank.ee"))
    assert talk.row(database, ticket).tags == [AUTO_TAG]
    assert letters_owed(database) == []


@pytest.mark.both_databases
def test_our_own_letter_that_comes_back_ends_there(hand: Hand, database: Database) -> None:
    seal = OwnLetters(database.vault).seal("<meie@kodukaup.example>")
    assert hand.take(mail(message_id="<meie@kodukaup.example>", X_Abiline_Letter=seal)) == Taken(None)
    assert conversations(database) == []
    assert hand.take(mail(X_Loop=BOX, X_Abiline_Letter=seal)).new  # anybody can write our address, and copy a seal


@pytest.mark.both_databases
def test_two_machines_do_not_talk_for_ever(hand: Hand, database: Database) -> None:
    for number in range(6):
        hand.take(mail(f"Kiri {number}", message_id=f"<{number}@naide.ee>"))
    assert len(letters_owed(database)) <= matters.MOST_RECEIVED


@pytest.mark.both_databases
def test_a_bounce_is_shown_at_the_message_and_opens_the_ticket_once(hand: Hand, database: Database, jaan: Holder) -> None:
    ticket = hand.ticket()
    agents.claim(database, ticket, jaan)
    agents.close(database, ticket, jaan)
    ours = our_letter(database, ticket)
    hand.take(bounce(ours))
    hand.take(bounce(ours, status="5.2.2"))
    assert talk.kinds(database, ticket).count("bounced") == 1
    assert talk.events(database, ticket)[-1].body == {"number": 1, "upto": 1, "why": "no_address"}
    assert talk.row(database, ticket).state == State.TICKET


@pytest.mark.both_databases
def test_a_bounce_of_somebody_elses_letter_stays_in_the_box(hand: Hand, database: Database) -> None:
    assert hand.take(bounce("<kellegi@teise.ee>")) == Taken(None, done=False)
    assert conversations(database) == []


@pytest.mark.both_databases
def test_files_are_kept_by_the_same_rules_as_in_the_chat(hand: Hand, database: Database, shelf: Shelf) -> None:
    made = mail("Vaadake pilti.")
    made.add_attachment(files.picture(), maintype="image", subtype="jpeg", filename="katki.jpg")
    made.add_attachment(b"MZ\x90\x00", maintype="application", subtype="pdf", filename="arve.pdf.exe")
    ticket = hand.ticket(made)
    (event,) = [event for event in talk.events(database, ticket) if event.kind == "message"]
    assert [file["name"] for file in event.body["files"]] == ["katki.jpg"]
    assert event.body["left_out"] == [{"name": "arve.pdf.exe", "why": "file_type"}]
    with database.read() as session:
        (kept,) = session.scalars(select(AttachmentRow)).all()
    assert shelf.size(kept.id) is not None
    assert letters_owed(database) == ["received", "left-out"]


@pytest.mark.both_databases
def test_files_of_a_mail_that_was_known_leave_no_bytes(hand: Hand, database: Database, tmp_path: Path) -> None:
    made = mail()
    made.add_attachment(files.picture(), maintype="image", subtype="jpeg", filename="katki.jpg")
    hand.take(made)
    before = sorted(path.name for path in (tmp_path / "attachments").iterdir())
    hand.take(made)
    assert sorted(path.name for path in (tmp_path / "attachments").iterdir()) == before


@given(st.lists(st.integers(0, 5), min_size=1, max_size=14))
@hypothesis_settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_order_and_however_often_each_letter_is_one_message(hand: Hand, database: Database, order: list[int]) -> None:
    """A thread of six letters, taken in any order, some again and again."""
    salt = next(_fresh)
    ids = [f"<{salt}-{one}@naide.ee>" for one in range(6)]
    before = len(conversations(database))
    for one in order:
        hand.take(mail(f"Kiri {one}", message_id=ids[one], References=" ".join(ids[:one])))
    with database.read() as session:
        marks = [hashed(one) for one in ids]
        kept = session.scalars(select(MailRow.mark).where(MailRow.mark.in_(marks))).all()
    assert sorted(kept) == sorted(hashed(ids[one]) for one in set(order))
    assert len(conversations(database)) - before <= len(set(order))
