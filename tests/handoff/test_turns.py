"""Answers that are owed: claimed by one, paid once, kept whole or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from pydantic import ValidationError
from sqlalchemy import select, update

from bot.understanding import Candidate, Contact, Reading, Reply, Turn
from handoff.contract import Reason
from handoff.conversations import agents, service, turns
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.conversations.tables import DecisionRow, EventRow, OwedReplyRow
from handoff.database import Database, now
from handoff.errors import NotFound
from tests.handoff import talk

pytestmark = pytest.mark.both_databases

ANSWER = Turn((Reply("Pakk jõuab homme."),), ({"event": "user"}, {"event": "bot"}))


def test_a_message_can_be_claimed_with_all_that_the_bot_needs(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id, "Kus mu pakk on?")
    turns.pay(database, talk.owed(database, mari.conversation_id), ANSWER)
    talk.say(database, mari.conversation_id, "Ja arve?")
    owed = talk.owed(database, mari.conversation_id)
    assert [event["event"] for event in owed.history] == ["user", "bot"]
    assert (owed.incoming.text, owed.incoming.language, owed.incoming.people_available) == ("Ja arve?", "et", True)


def test_a_claimed_answer_is_not_claimed_again(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id)
    talk.owed(database, mari.conversation_id)
    assert turns.claim(database, mari.conversation_id, people_available=True) is None


def test_nothing_is_claimed_where_nothing_is_owed(database: Database, mari: Started) -> None:
    assert turns.claim(database, mari.conversation_id, people_available=True) is None


def test_claiming_in_no_conversation_is_refused(database: Database) -> None:
    with pytest.raises(NotFound):
        turns.claim(database, "pole-olemas", people_available=True)


def test_of_many_payers_exactly_one_claims(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id)
    with ThreadPoolExecutor(16) as threads:
        claims = list(threads.map(lambda _: turns.claim(database, mari.conversation_id, people_available=True), range(32)))
    assert sum(claim is not None for claim in claims) == 1


def test_earlier_messages_are_answered_first(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id, "esimene")
    talk.say(database, mari.conversation_id, "teine")
    first = talk.owed(database, mari.conversation_id)
    assert turns.claim(database, mari.conversation_id, people_available=True) is None
    turns.pay(database, first, ANSWER)
    assert (first.incoming.text, talk.owed(database, mari.conversation_id).incoming.text) == ("esimene", "teine")


def test_a_turn_is_kept_whole(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id)
    reading = Reading("Kus mu pakk on?", "et", "answer", "ask_question", 0.9, (Candidate("pakk", "Millal pakk jõuab?", 0.93),), why="kindel")
    owed = talk.owed(database, mari.conversation_id)
    assert turns.pay(database, owed, Turn((Reply("Homme.", entry_id="pakk", probability=0.93),), ({"event": "user"},), reading))
    assert talk.texts(database, mari.conversation_id, "bot")[1:] == ["Homme."]
    assert talk.tracker(database, mari.conversation_id) == ["user"]
    with database.read() as session:
        decision = session.get_one(DecisionRow, owed.message_id)
    assert (decision.action, decision.entry_id, decision.probability, decision.reading["why"]) == ("answer", "pakk", 0.93, "kindel")
    assert talk.debts(database, mari.conversation_id)[0].paid_at is not None


def test_a_turn_is_paid_once(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id)
    owed = talk.owed(database, mari.conversation_id)
    assert turns.pay(database, owed, ANSWER)
    assert not turns.pay(database, owed, ANSWER)
    assert talk.texts(database, mari.conversation_id, "bot")[1:] == ["Pakk jõuab homme."]


def test_of_many_who_pay_the_same_debt_one_does(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id)
    owed = talk.owed(database, mari.conversation_id)
    with ThreadPoolExecutor(8) as threads:
        paid = list(threads.map(lambda _: turns.pay(database, owed, ANSWER), range(16)))
    assert paid.count(True) == 1
    assert talk.texts(database, mari.conversation_id, "bot")[1:] == ["Pakk jõuab homme."]


def test_a_payer_killed_after_its_claim_owes_still_and_pays_once(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id)
    killed = talk.owed(database, mari.conversation_id)
    assert turns.unpaid(database) == [mari.conversation_id]
    talk.make_claims_stale(database)
    after_restart = talk.owed(database, mari.conversation_id)
    assert after_restart.message_id == killed.message_id
    assert turns.pay(database, after_restart, ANSWER)
    assert not turns.pay(database, killed, ANSWER), "the one thought dead comes back: too late"
    assert talk.texts(database, mari.conversation_id, "bot")[1:] == ["Pakk jõuab homme."]
    assert turns.unpaid(database) == []


def test_a_claim_from_the_future_was_made_by_a_wrong_clock_and_keeps_nobody_waiting(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id)
    killed = talk.owed(database, mari.conversation_id)
    with database.write() as session:
        session.execute(update(OwedReplyRow).values(claimed_at=now() + timedelta(hours=2)))
    assert talk.owed(database, mari.conversation_id).message_id == killed.message_id


def test_a_released_claim_can_be_taken_at_once(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id)
    turns.release(database, talk.owed(database, mari.conversation_id).message_id)
    assert talk.owed(database, mari.conversation_id)


def test_releasing_what_is_paid_changes_nothing(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id)
    owed = talk.owed(database, mari.conversation_id)
    turns.pay(database, owed, ANSWER)
    turns.release(database, owed.message_id)
    assert turns.claim(database, mari.conversation_id, people_available=True) is None


def test_a_turn_paid_after_an_agent_took_over_says_nothing(database: Database, mari: Started, jaan: Holder) -> None:
    talk.say(database, mari.conversation_id, "Tahan inimesega rääkida")
    talk.say(database, mari.conversation_id, "Kus mu pakk on?")
    turns.pay(database, talk.owed(database, mari.conversation_id), talk.handing_over(mari.conversation_id))
    late = talk.owed(database, mari.conversation_id)
    agents.claim(database, mari.conversation_id, jaan)
    before = len(talk.events(database, mari.conversation_id))
    assert turns.pay(database, late, ANSWER)
    assert len(talk.events(database, mari.conversation_id)) == before
    assert talk.tracker(database, mari.conversation_id) == ["pause"]
    assert turns.unpaid(database) == []


def test_a_turn_paid_after_the_handoff_says_nothing(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id, "Tahan inimesega rääkida")
    talk.say(database, mari.conversation_id, "Halloo?")
    turns.pay(database, talk.owed(database, mari.conversation_id), talk.handing_over(mari.conversation_id))
    turns.pay(database, talk.owed(database, mari.conversation_id), ANSWER)
    assert talk.kinds(database, mari.conversation_id)[-1] == "handoff_requested"


def test_a_turn_paid_after_the_end_says_nothing(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id)
    owed = talk.owed(database, mari.conversation_id)
    service.end(database, mari.conversation_id)
    assert turns.pay(database, owed, ANSWER)
    assert talk.kinds(database, mari.conversation_id)[-1] == "closed"


def test_a_handoff_and_its_words_are_one(database: Database, mari: Started) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    assert talk.kinds(database, mari.conversation_id)[-2:] == ["message", "handoff_requested"]
    assert talk.row(database, mari.conversation_id).state == "waiting"
    assert len(talk.handoffs_of(database, mari.conversation_id)) == 1


def test_of_a_turn_with_an_invalid_handoff_nothing_is_kept(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id)
    owed = talk.owed(database, mari.conversation_id)
    reading = Reading("x", "et", "human", None, 0.1, (), why="ei tea")
    broken = Turn((Reply("Kutsun kolleegi."),), ({"event": "pause"},), reading, handoff={"conversation_id": mari.conversation_id, "reason": "tuju"})
    with pytest.raises(ValidationError):
        turns.pay(database, owed, broken)
    assert talk.kinds(database, mari.conversation_id) == ["message", "message"]
    assert talk.tracker(database, mari.conversation_id) == []
    assert talk.handoffs_of(database, mari.conversation_id) == []
    assert talk.row(database, mari.conversation_id).state == "bot"
    assert talk.debts(database, mari.conversation_id)[0].paid_at is None
    with database.read() as session:
        assert session.scalars(select(DecisionRow)).all() == []


def test_a_handoff_without_a_time_zone_is_invalid(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id)
    request = talk.request(mari.conversation_id).model_dump(mode="json") | {"requested_at": "2025-06-02T10:00:00"}
    with pytest.raises(ValidationError, match="requested_at"):
        turns.pay(database, talk.owed(database, mari.conversation_id), Turn((), (), handoff=request))


def test_a_left_contact_makes_a_ticket_and_its_value_stays_out_of_the_log(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id, "Jätan aadressi")
    turns.pay(database, talk.owed(database, mari.conversation_id), Turn((Reply("Kirjutame teile."),), (), contact=Contact("email", "mari@naide.ee")))
    row = talk.row(database, mari.conversation_id)
    assert (row.state, row.email) == ("ticket", "mari@naide.ee")
    left = talk.events(database, mari.conversation_id)[-1]
    assert (left.kind, left.body) == ("contact_left", {"contact": "email"})


def test_whoever_left_a_phone_and_asks_on_gets_an_answer(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id, "Jätan numbri")
    turns.pay(database, talk.owed(database, mari.conversation_id), Turn((), (), contact=Contact("phone", "+372 5555 1234")))
    talk.say(database, mari.conversation_id, "Kus mu pakk on?")
    turns.pay(database, talk.owed(database, mari.conversation_id), ANSWER)
    assert talk.texts(database, mari.conversation_id, "bot")[-1] == "Pakk jõuab homme."
    assert talk.row(database, mari.conversation_id).phone == "+372 5555 1234"


def test_a_contact_beside_a_handoff_waits_for_a_person(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id)
    turn = talk.handing_over(mari.conversation_id)
    turns.pay(database, talk.owed(database, mari.conversation_id), Turn(turn.replies, (), handoff=turn.handoff, contact=Contact("email", "mari@naide.ee")))
    assert talk.row(database, mari.conversation_id).state == "waiting"


def test_unpaid_names_each_conversation_once_the_longest_waiting_first(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id, "üks")
    other = service.start(database, greeting="Tere!")
    talk.say(database, other.conversation_id, "kaks")
    talk.say(database, mari.conversation_id, "kolm")
    assert turns.unpaid(database) == [mari.conversation_id, other.conversation_id]


def test_a_bare_handoff_tells_what_was_said_and_no_notes(database: Database, mari: Started, jaan: Holder) -> None:
    agents.note(database, mari.conversation_id, jaan, client_id="markus-1", text="Salajane")
    talk.say(database, mari.conversation_id, "Kus mu pakk on?")
    request = turns.bare_handoff(database, talk.owed(database, mari.conversation_id), Reason.BOT_FAILED)
    assert [(said["who"], said["text"]) for said in request["messages"]] == [("bot", "Tere! Mina olen Abiline, masin."), ("customer", "Kus mu pakk on?")]


def test_a_bare_handoff_of_a_very_long_talk_tells_its_end(database: Database, mari: Started) -> None:
    with database.write() as session:
        session.add_all(
            EventRow(conversation_id=mari.conversation_id, number=number, kind="message", actor="bot", body={"text": "õ" * 10_001}) for number in range(2, 602)
        )
    with database.write() as session:
        session.connection().exec_driver_sql("UPDATE conversation SET last_number = 601")
    talk.say(database, mari.conversation_id, "Kas keegi loeb?")
    request = turns.bare_handoff(database, talk.owed(database, mari.conversation_id), Reason.ASKED)
    assert request["messages"][-1]["text"] == "Kas keegi loeb?"


def keeping(database: Database, mari: Started, text: str) -> service.Kept:
    """Mari says something to the process that will answer it."""
    take = partial(turns.take, back_at="2999-01-07T09:00:00+02:00", sends_codes=False)
    return service.say(database, mari.conversation_id, client_id=f"mari-{text}", text=text, take=take)


def test_who_keeps_a_message_has_claimed_its_answer(database: Database, mari: Started) -> None:
    before = keeping(database, mari, "Tere")
    assert before.taken is not None
    turns.pay(database, before.taken, ANSWER)
    kept = keeping(database, mari, "Ja arve?")
    assert kept.taken is not None
    assert [event["event"] for event in kept.taken.history] == ["user", "bot"]
    assert (kept.taken.incoming.text, kept.taken.incoming.people_available, kept.taken.incoming.back_at) == ("Ja arve?", False, "2999-01-07T09:00:00+02:00")
    assert turns.claim(database, mari.conversation_id, people_available=True) is None
    assert turns.pay(database, kept.taken, ANSWER)
    assert turns.unpaid(database) == []


def test_who_keeps_a_message_behind_an_unanswered_one_claims_nothing(database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id, "esimene")
    kept = keeping(database, mari, "teine")
    assert (kept.owed, kept.taken) == (True, None)
    for text in ("esimene", "teine"):
        owed = talk.owed(database, mari.conversation_id)
        assert owed.incoming.text == text
        turns.pay(database, owed, ANSWER)


def test_the_same_message_again_claims_nothing(database: Database, mari: Started) -> None:
    keeping(database, mari, "Tere")
    again = keeping(database, mari, "Tere")
    assert (again.repeated, again.owed, again.taken) == (True, True, None)


def test_what_a_dead_process_had_claimed_with_the_message_is_claimed_again(database: Database, mari: Started) -> None:
    keeping(database, mari, "Tere")
    talk.make_claims_stale(database)
    assert talk.owed(database, mari.conversation_id).incoming.text == "Tere"
