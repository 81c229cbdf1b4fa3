"""An agent puts right or takes back what they said, and asks for a contact: each with its refusal."""

from __future__ import annotations

import pytest

from handoff.conversations import (
    agents,
    amending,
    contacts,
    events,
)
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.database import Database
from handoff.errors import MoveRefused, NotAllowed
from tests.handoff import talk
from tests.handoff.talk import seen_by_customer

pytestmark = pytest.mark.both_databases


def test_ones_own_last_message_is_put_right_and_the_old_text_is_for_supervisors(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    number = agents.answer(database, mari.conversation_id, jaan, client_id="vastus-1", text="Hind on 20 eurot.")
    amending.edit(database, mari.conversation_id, jaan, number, "Hind on 25 eurot.")
    amending.edit(database, mari.conversation_id, jaan, number, "Hind on 24 eurot.")
    said = talk.events(database, mari.conversation_id)[number - 1]
    assert said.body == {"text": "Hind on 24 eurot.", "name": "Jaan", "edited": True}
    for reader in (seen_by_customer(database, mari.conversation_id), repr([events.for_agent(one) for one in talk.events(database, mari.conversation_id)])):
        assert "20 eurot" not in reader
        assert "25 eurot" not in reader
    assert events.for_agent(said, supervises=True)["before"] == [{"text": "Hind on 20 eurot."}, {"text": "Hind on 25 eurot."}]


def test_a_message_taken_back_is_gone_for_everyone_but_supervisors(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    number = agents.answer(database, mari.conversation_id, jaan, client_id="vastus-1", text="Vale vestlus, vabandust")
    amending.edit(database, mari.conversation_id, jaan, number, "Vale aken")
    amending.withdraw(database, mari.conversation_id, jaan, number)
    assert "Vale" not in seen_by_customer(database, mari.conversation_id)
    assert talk.events(database, mari.conversation_id)[-1].body == {"number": number, "name": "Jaan"}
    assert talk.events(database, mari.conversation_id)[number - 1].body == {"text": "", "name": "Jaan", "withdrawn": True}
    with pytest.raises(MoveRefused):
        amending.edit(database, mari.conversation_id, jaan, number, "Uuesti")


def test_only_ones_own_last_message_is_changed(database: Database, mari: Started, jaan: Holder, kadri: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    first = agents.answer(database, mari.conversation_id, jaan, client_id="vastus-1", text="Tere!")
    customers = talk.say(database, mari.conversation_id, "Tere")
    agents.answer(database, mari.conversation_id, jaan, client_id="vastus-2", text="Kuidas saan aidata?")
    for number in (first, customers, 99):
        with pytest.raises(MoveRefused):
            amending.withdraw(database, mari.conversation_id, jaan, number)
    with pytest.raises(NotAllowed):
        amending.edit(database, mari.conversation_id, kadri, customers + 1, "Tere!")


def ask(database: Database, mari: Started, agent: Holder, contact: contacts.Contact = "email") -> int:
    return contacts.ask(database, mari.conversation_id, agent, contact=contact, client_id=f"kysin-{contact}", text="Kuhu saan teile kirjutada?")


def test_an_address_that_was_asked_for_is_checked_and_kept(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    assert ask(database, mari, jaan) == ask(database, mari, jaan)
    talk.say(database, mari.conversation_id, "Ikka, mari.õun@näide.ee.")
    assert talk.row(database, mari.conversation_id).email == "mari.õun@näide.ee"
    assert talk.kinds(database, mari.conversation_id)[-2:] == ["message", "contact_left"]
    talk.say(database, mari.conversation_id, "või hoopis muu@naide.ee")
    assert talk.row(database, mari.conversation_id).email == "mari.õun@näide.ee"


def test_what_is_nearly_an_address_is_asked_again_and_anything_else_is_left_alone(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    ask(database, mari, jaan)
    talk.say(database, mari.conversation_id, "milleks teile seda?")
    assert talk.kinds(database, mari.conversation_id)[-1] == "message"
    talk.say(database, mari.conversation_id, "mari@naide")
    assert talk.kinds(database, mari.conversation_id)[-1] == "contact_unclear"
    assert talk.row(database, mari.conversation_id).email is None


@pytest.mark.parametrize(("words", "phone"), [("minu nr on 5123 4567", "+372 5123 4567"), ("+358 40 1234567", "+358 40 1234567")])
def test_a_number_that_was_asked_for_is_kept_in_international_form(database: Database, mari: Started, jaan: Holder, words: str, phone: str) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    ask(database, mari, jaan, "phone")
    talk.say(database, mari.conversation_id, words)
    assert talk.row(database, mari.conversation_id).phone == phone


def test_an_address_nobody_asked_for_is_only_words(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    talk.say(database, mari.conversation_id, "mari@naide.ee")
    assert talk.row(database, mari.conversation_id).email is None


def test_only_the_holder_asks_for_a_contact(database: Database, mari: Started, jaan: Holder, kadri: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    with pytest.raises(NotAllowed):
        ask(database, mari, kadri)
