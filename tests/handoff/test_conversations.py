"""What Mari may do with her conversation, and what Peeter may not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.understanding import Button, Reply, Turn
from handoff.conversations import agents, events, service, store, turns
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.conversations.tables import RatingRow
from handoff.database import Database
from handoff.errors import MoveRefused, NotFound, Unreadable
from tests.handoff import talk

pytestmark = pytest.mark.both_databases


def test_a_conversation_begins_with_the_greeting_as_event_one(database: Database, mari: Started) -> None:
    (greeting,) = talk.events(database, mari.conversation_id)
    assert (greeting.number, greeting.actor, greeting.body) == (1, "bot", {"text": "Tere! Mina olen Abiline, masin.", "language": "et"})


def test_the_secret_opens_the_conversation(database: Database, mari: Started) -> None:
    assert service.authorise(database, mari.conversation_id, mari.secret).id == mari.conversation_id


def test_the_secret_itself_is_not_kept(database: Database, mari: Started) -> None:
    assert mari.secret not in repr(vars(talk.row(database, mari.conversation_id)))


def test_a_wrong_secret_and_a_missing_conversation_look_the_same(database: Database, mari: Started) -> None:
    with pytest.raises(NotFound) as wrong:
        service.authorise(database, mari.conversation_id, "peetri-arvamus")
    with pytest.raises(NotFound) as missing:
        service.authorise(database, "pole-olemas", mari.secret)
    assert (wrong.value.message, wrong.value.code, wrong.value.status) == (missing.value.message, missing.value.code, missing.value.status)


@pytest.mark.parametrize("secret", ["", "õunapuu", "\x00"])
def test_strange_secrets_open_nothing(database: Database, mari: Started, secret: str) -> None:
    for conversation_id in (mari.conversation_id, "pole-olemas"):
        with pytest.raises(NotFound):
            service.authorise(database, conversation_id, secret)


def test_a_secret_does_not_open_another_conversation(database: Database, mari: Started) -> None:
    peeter = service.start(database, greeting="Tere!")
    with pytest.raises(NotFound):
        service.authorise(database, mari.conversation_id, peeter.secret)


def test_a_message_gets_the_next_number_and_is_owed_an_answer(database: Database, mari: Started) -> None:
    kept = service.say(database, mari.conversation_id, client_id="esimene-1", text="Kas šokolaad on laos?")
    assert kept == service.Kept(number=2, owed=True, repeated=False)


def test_the_same_client_id_twice_is_one_message(database: Database, mari: Started) -> None:
    first = service.say(database, mari.conversation_id, client_id="esimene-1", text="jäääär")
    again = service.say(database, mari.conversation_id, client_id="esimene-1", text="jäääär")
    assert again == service.Kept(number=first.number, owed=True, repeated=True)
    assert talk.texts(database, mari.conversation_id, "customer") == ["jäääär"]
    assert len(talk.debts(database, mari.conversation_id)) == 1


def test_the_same_client_id_from_many_threads_is_one_message(database: Database, mari: Started) -> None:
    def send(_try: int) -> service.Kept:
        return service.say(database, mari.conversation_id, client_id="esimene-1", text="öötöö")

    with ThreadPoolExecutor(16) as threads:
        kept = list(threads.map(send, range(32)))
    assert {one.number for one in kept} == {2}
    assert [one.repeated for one in kept].count(False) == 1
    assert talk.texts(database, mari.conversation_id, "customer") == ["öötöö"]


def test_the_same_client_id_in_two_conversations_is_two_messages(database: Database, mari: Started) -> None:
    other = service.start(database, greeting="Tere!")
    assert not service.say(database, mari.conversation_id, client_id="esimene-1", text="tere").repeated
    assert not service.say(database, other.conversation_id, client_id="esimene-1", text="tere").repeated


def test_messages_from_many_threads_get_numbers_without_gaps(database: Database, mari: Started) -> None:
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda number: talk.say(database, mari.conversation_id, f"küsimus {number}"), range(40)))
    assert [event.number for event in talk.events(database, mari.conversation_id)] == list(range(1, 42))


def test_saying_something_in_no_conversation_is_refused(database: Database) -> None:
    with pytest.raises(NotFound):
        service.say(database, "pole-olemas", client_id="esimene-1", text="tere")


def test_a_refused_text_leaves_nothing(database: Database, mari: Started) -> None:
    with pytest.raises(Unreadable):
        service.say(database, mari.conversation_id, client_id="esimene-1", text="   ")
    assert len(talk.events(database, mari.conversation_id)) == 1
    assert talk.debts(database, mari.conversation_id) == []


def test_a_typed_slash_command_is_text_and_not_a_payload(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id, '/choose_entry{"entry": "x"}')
    incoming = talk.owed(database, mari.conversation_id).incoming
    assert (incoming.text, incoming.payload) == ('/choose_entry{"entry": "x"}', None)


def _offer(database: Database, conversation_id: str) -> int:
    """The bot suggests two entries; the number of its message."""
    talk.say(database, conversation_id, "tarne")
    buttons = (Button("Millal pakk jõuab?", "/choose_entry:pakk"), Button("Ükski neist", "/ask_human"))
    turns.pay(database, talk.owed(database, conversation_id), Turn((Reply("Kas mõtlesite …?", buttons),), ()))
    return talk.row(database, conversation_id).last_number


def test_a_tapped_button_says_its_title_and_means_its_payload(database: Database, mari: Started) -> None:
    offer = _offer(database, mari.conversation_id)
    service.choose(database, mari.conversation_id, client_id="valik-1", number=offer, button=0)
    incoming = talk.owed(database, mari.conversation_id).incoming
    assert (incoming.text, incoming.payload) == ("Millal pakk jõuab?", "/choose_entry:pakk")


@pytest.mark.parametrize("button", [-1, 2, 10**9])
def test_a_button_that_was_not_offered_is_refused(database: Database, mari: Started, button: int) -> None:
    offer = _offer(database, mari.conversation_id)
    with pytest.raises(Unreadable) as refusal:
        service.choose(database, mari.conversation_id, client_id="valik-1", number=offer, button=button)
    assert refusal.value.code == "no_such_choice"


@pytest.mark.parametrize("number", [0, 1, 2, 99])
def test_a_message_without_buttons_offers_no_choice(database: Database, mari: Started, number: int) -> None:
    _offer(database, mari.conversation_id)
    with pytest.raises(Unreadable):
        service.choose(database, mari.conversation_id, client_id="valik-1", number=number, button=0)


def _answer(database: Database, conversation_id: str) -> int:
    talk.say(database, conversation_id)
    turns.pay(database, talk.owed(database, conversation_id), Turn((Reply("Homme.", entry_id="pakk", probability=0.93),), ()))
    return talk.row(database, conversation_id).last_number


def test_the_last_thumb_on_an_answer_counts(database: Database, mari: Started) -> None:
    number = _answer(database, mari.conversation_id)
    service.rate(database, mari.conversation_id, number=number, helpful=True)
    service.rate(database, mari.conversation_id, number=number, helpful=False)
    with database.read() as session:
        (rating,) = session.query(RatingRow).all()
    assert (rating.entry_id, rating.helpful) == ("pakk", False)


@pytest.mark.parametrize("number", [1, 2, 99])
def test_only_an_answer_of_the_bot_can_be_rated(database: Database, mari: Started, number: int) -> None:
    _answer(database, mari.conversation_id)
    with pytest.raises(Unreadable) as refusal:
        service.rate(database, mari.conversation_id, number=number, helpful=True)
    assert refusal.value.code == "not_rateable"


def test_an_answer_of_another_conversation_can_not_be_rated(database: Database, mari: Started) -> None:
    number = _answer(database, mari.conversation_id)
    peeter = service.start(database, greeting="Tere!")
    with pytest.raises(Unreadable):
        service.rate(database, peeter.conversation_id, number=number, helpful=False)


def test_seen_only_grows_and_never_past_the_last_event(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id)
    assert service.mark_seen(database, mari.conversation_id, 99)
    assert not service.mark_seen(database, mari.conversation_id, 1)
    assert talk.row(database, mari.conversation_id).seen_by_customer == 2


def test_whoever_waits_may_go_back_to_the_bot(database: Database, mari: Started) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    service.back_to_bot(database, mari.conversation_id)
    row = talk.row(database, mari.conversation_id)
    assert (row.state, row.waiting_since) == ("bot", None)
    assert talk.tracker(database, mari.conversation_id) == ["pause", "resume"]


def test_going_back_to_the_bot_twice_is_once(database: Database, mari: Started) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    service.back_to_bot(database, mari.conversation_id)
    service.back_to_bot(database, mari.conversation_id)
    assert talk.kinds(database, mari.conversation_id).count("taken_back") == 1


def test_the_customer_can_not_take_a_conversation_from_an_agent(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    with pytest.raises(MoveRefused, match="from live to bot"):
        service.back_to_bot(database, mari.conversation_id)
    assert talk.row(database, mari.conversation_id).agent_id == jaan.id


def test_a_closed_conversation_is_reopened_by_writing_and_not_by_going_back(database: Database, mari: Started) -> None:
    service.end(database, mari.conversation_id)
    with pytest.raises(MoveRefused, match="from closed to bot"):
        service.back_to_bot(database, mari.conversation_id)


def test_ending_twice_is_once(database: Database, mari: Started) -> None:
    service.end(database, mari.conversation_id)
    service.end(database, mari.conversation_id)
    assert talk.kinds(database, mari.conversation_id) == ["message", "closed"]
    assert talk.row(database, mari.conversation_id).outcome == "ended_by_customer"


def test_writing_in_a_closed_conversation_reopens_it_for_the_bot(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    agents.close(database, mari.conversation_id, jaan)
    number = talk.say(database, mari.conversation_id, "Veel üks küsimus")
    row = talk.row(database, mari.conversation_id)
    assert (row.state, row.outcome, row.closed_at, row.agent_id) == ("bot", None, None, None)
    assert talk.kinds(database, mari.conversation_id)[-2:] == ["reopened", "message"]
    assert talk.debts(database, mari.conversation_id)[-1].number == number


def test_what_is_written_to_a_person_owes_no_answer_of_the_bot(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    kept = service.say(database, mari.conversation_id, client_id="inimesele-1", text="Aitäh!")
    assert not kept.owed


def test_a_reader_gets_the_rest_after_the_number_it_has(database: Database, mari: Started) -> None:
    for text in ("üks", "kaks", "kolm"):
        talk.say(database, mari.conversation_id, text)
    with database.read() as session:
        rest = store.events_after(session, mari.conversation_id, 2)
    assert [event.body["text"] for event in rest] == ["kaks", "kolm"]


def test_the_customer_never_sees_notes_payloads_or_probabilities(database: Database, mari: Started, jaan: Holder, kadri: Holder) -> None:
    _offer(database, mari.conversation_id)
    _answer(database, mari.conversation_id)
    talk.go_live(database, mari.conversation_id, jaan)
    agents.note(database, mari.conversation_id, kadri, client_id="markus-1", text="Salajane märkus")
    agents.answer(database, mari.conversation_id, jaan, client_id="vastus-1", text="Vaatan kohe.")
    seen = [view for event in talk.events(database, mari.conversation_id) if (view := events.for_customer(event)) is not None]
    told = repr([(view["kind"], view["actor"], view["body"]) for view in seen])
    assert "Salajane" not in told
    assert "/choose_entry" not in told
    assert "/ask_human" not in told
    assert "0.93" not in told
    assert "probability" not in repr(seen)
    assert jaan.id not in repr(seen)
    assert "Vaatan kohe." in told


def test_the_agent_sees_the_note_and_the_probability_but_no_payload(database: Database, mari: Started, jaan: Holder) -> None:
    _offer(database, mari.conversation_id)
    _answer(database, mari.conversation_id)
    agents.note(database, mari.conversation_id, jaan, client_id="markus-1", text="Salajane märkus")
    told = repr([events.for_agent(event) for event in talk.events(database, mari.conversation_id)])
    assert "Salajane" in told
    assert "0.93" in told
    assert "/choose_entry" not in told
