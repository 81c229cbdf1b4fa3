"""Passing on, taking over, putting off, taking back, putting right, asking for a contact, tags: each with its refusal."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from handoff.accounts.tables import AgentRow
from handoff.conversations import (
    agents,
    amending,
    contacts,
    events,
    history,
    lost,
    mentions,
    passing,
    reminders,
    rounds,
    service,
    snoozing,
    tagging,
    undoing,
    workload,
)
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.conversations.signals import Signals
from handoff.conversations.tables import ConversationRow
from handoff.conversations.undoing import TooLate
from handoff.database import Database, now
from handoff.errors import MoveRefused, NotAllowed, NotFound, Unreadable
from tests.handoff import talk

pytestmark = pytest.mark.both_databases

SOON = timedelta(hours=1)


def be_here(database: Database, *people: Holder, availability: str = "available", seen_at: datetime | None = None, capacity: int | None = None) -> None:
    """Their desks are open."""
    with database.write() as session:
        mine = update(AgentRow).where(AgentRow.id.in_([one.id for one in people]))
        session.execute(mine.values(availability=availability, seen_at=seen_at or now(), capacity=capacity))


def change(database: Database, conversation_id: str, **values: object) -> None:
    with database.write() as session:
        session.execute(update(ConversationRow).where(ConversationRow.id == conversation_id).values(**values))


def stands(database: Database, conversation_id: str) -> tuple[str, str | None]:
    row = talk.row(database, conversation_id)
    return row.state, row.agent_id


def seen_by_customer(database: Database, conversation_id: str) -> str:
    return repr([view for event in talk.events(database, conversation_id) if (view := events.for_customer(event)) is not None])


# Passing on


def test_the_holder_passes_it_to_a_colleague_with_a_note(database: Database, mari: Started, jaan: Holder, kadri: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    be_here(database, kadri)
    passing.pass_to_agent(database, mari.conversation_id, jaan, kadri.id, note="Arve on vale, palun vaata.")
    assert stands(database, mari.conversation_id) == ("live", kadri.id)
    note, passed = talk.events(database, mari.conversation_id)[-2:]
    assert (note.kind, note.body["text"], passed.kind, passed.body) == ("note", "Arve on vale, palun vaata.", "passed", {"name": "Kadri", "by": "Jaan"})
    assert "Arve on vale" not in seen_by_customer(database, mari.conversation_id)


def test_a_busy_colleague_who_is_here_may_get_it(database: Database, mari: Started, jaan: Holder, kadri: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    be_here(database, kadri, availability="busy")
    passing.pass_to_agent(database, mari.conversation_id, jaan, kadri.id)
    assert stands(database, mari.conversation_id) == ("live", kadri.id)


def test_it_is_not_passed_to_an_empty_chair(database: Database, mari: Started, jaan: Holder, kadri: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    be_here(database, kadri, seen_at=now() - timedelta(minutes=5))
    with pytest.raises(MoveRefused, match="Kadri is away"):
        passing.pass_to_agent(database, mari.conversation_id, jaan, kadri.id, note="Palun vaata.")
    assert stands(database, mari.conversation_id) == ("live", jaan.id)
    assert "note" not in talk.kinds(database, mari.conversation_id)


def test_a_ticket_may_wait_for_a_colleague_who_is_away(database: Database, mari: Started, jaan: Holder, kadri: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    change(database, mari.conversation_id, channel="email")
    passing.pass_to_agent(database, mari.conversation_id, jaan, kadri.id)
    assert stands(database, mari.conversation_id) == ("live", kadri.id)


def test_it_is_passed_to_nobody_who_does_not_answer(database: Database, mari: Started, jaan: Holder, people: dict[str, str]) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    for nobody in (people["liis"], jaan.id, "olematu"):
        with pytest.raises(NotFound):
            passing.pass_to_agent(database, mari.conversation_id, jaan, nobody)


def test_only_the_holder_passes_it_on(database: Database, mari: Started, jaan: Holder, kadri: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    be_here(database, kadri)
    with pytest.raises(NotAllowed, match="Jaan"):
        passing.pass_to_agent(database, mari.conversation_id, kadri, kadri.id)


def test_a_supervisor_takes_over_and_the_event_names_both(database: Database, mari: Started, jaan: Holder, people: dict[str, str]) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    passing.take_over(database, mari.conversation_id, Holder(people["tiit"], "Tiit"))
    assert stands(database, mari.conversation_id) == ("live", people["tiit"])
    assert talk.events(database, mari.conversation_id)[-1].body == {"name": "Tiit", "from": "Jaan"}
    with pytest.raises(NotAllowed, match="Tiit"):
        agents.answer(database, mari.conversation_id, jaan, client_id="vastus-1", text="Tere!")


def test_what_nobody_has_is_claimed_and_not_taken_over(database: Database, mari: Started, people: dict[str, str]) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    with pytest.raises(MoveRefused, match="waiting, not live"):
        passing.take_over(database, mari.conversation_id, Holder(people["tiit"], "Tiit"))


# Putting off


def test_what_is_put_off_stays_with_its_holder_and_the_customer_learns_until_when(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    until = now() + SOON
    snoozing.snooze(database, mari.conversation_id, jaan, until)
    assert stands(database, mari.conversation_id) == ("snoozed", jaan.id)
    assert talk.row(database, mari.conversation_id).snoozed_until == until
    assert talk.events(database, mari.conversation_id)[-1].body == {"name": "Jaan", "until": until.isoformat()}


@pytest.mark.parametrize("ahead", [timedelta(seconds=-1), timedelta(days=400)])
def test_a_time_that_is_over_or_very_far_is_refused(database: Database, mari: Started, jaan: Holder, ahead: timedelta) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    with pytest.raises(Unreadable) as refusal:
        snoozing.snooze(database, mari.conversation_id, jaan, now() + ahead)
    assert refusal.value.code == "bad_time"
    assert stands(database, mari.conversation_id) == ("live", jaan.id)


def test_only_the_holder_puts_it_off_and_goes_on_with_it(database: Database, mari: Started, jaan: Holder, kadri: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    with pytest.raises(NotAllowed):
        snoozing.snooze(database, mari.conversation_id, kadri, now() + SOON)
    snoozing.snooze(database, mari.conversation_id, jaan, now() + SOON)
    with pytest.raises(NotAllowed, match="Jaan"):
        snoozing.resume(database, mari.conversation_id, kadri)
    snoozing.resume(database, mari.conversation_id, jaan)
    assert stands(database, mari.conversation_id) == ("live", jaan.id)
    with pytest.raises(MoveRefused, match="not snoozed"):
        snoozing.resume(database, mari.conversation_id, jaan)


def test_when_the_time_is_up_it_goes_on_with_its_holder_who_is_here(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    snoozing.snooze(database, mari.conversation_id, jaan, now() + SOON)
    be_here(database, jaan)
    assert snoozing.wake_due(database) == []
    change(database, mari.conversation_id, snoozed_until=now())
    assert snoozing.wake_due(database) == [mari.conversation_id]
    assert snoozing.wake_due(database) == []
    assert stands(database, mari.conversation_id) == ("live", jaan.id)


def test_when_the_time_is_up_and_the_holder_is_gone_it_waits_for_anyone(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    snoozing.snooze(database, mari.conversation_id, jaan, now() + SOON)
    change(database, mari.conversation_id, snoozed_until=now())
    snoozing.wake_due(database)
    row = talk.row(database, mari.conversation_id)
    assert (row.state, row.agent_id, row.snoozed_until) == ("waiting", None, None)
    assert row.waiting_since is not None


def test_the_customers_word_wakes_it(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    snoozing.snooze(database, mari.conversation_id, jaan, now() + SOON)
    talk.say(database, mari.conversation_id, "Leidsin tšeki üles!")
    assert stands(database, mari.conversation_id) == ("waiting", None)
    assert talk.kinds(database, mari.conversation_id)[-2:] == ["woken", "message"]


def test_the_customer_may_end_what_is_put_off(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    snoozing.snooze(database, mari.conversation_id, jaan, now() + SOON)
    service.end(database, mari.conversation_id)
    assert talk.row(database, mari.conversation_id).state == "closed"


# Reopening


def test_who_writes_soon_after_the_end_meets_the_same_agent(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    agents.close(database, mari.conversation_id, jaan)
    be_here(database, jaan)
    kept = service.say(database, mari.conversation_id, client_id="mari-tagasi", text="Kood ei tööta")
    assert not kept.owed
    assert stands(database, mari.conversation_id) == ("live", jaan.id)


def test_without_that_agent_it_waits_for_a_colleague(database: Database, mari: Started, jaan: Holder, kadri: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    agents.close(database, mari.conversation_id, jaan)
    be_here(database, kadri)
    talk.say(database, mari.conversation_id, "Kood ei tööta")
    assert stands(database, mari.conversation_id) == ("waiting", None)


@pytest.mark.parametrize("case", ["spam", "long ago", "her own ending"])
def test_the_bot_answers_what_is_another_matter(database: Database, mari: Started, jaan: Holder, case: str) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    if case == "her own ending":
        service.end(database, mari.conversation_id)
    else:
        agents.close(database, mari.conversation_id, jaan, outcome="spam" if case == "spam" else "solved")
    if case == "long ago":
        change(database, mari.conversation_id, closed_at=now() - timedelta(days=2))
    be_here(database, jaan)
    talk.say(database, mari.conversation_id, "Mis kell te avate?")
    assert talk.row(database, mari.conversation_id).state == "bot"


# Taking back


@pytest.mark.parametrize("move", ["close", "snooze", "release", "pass"])
def test_the_last_move_is_taken_back(database: Database, mari: Started, jaan: Holder, kadri: Holder, move: str) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    be_here(database, kadri)
    moves = {
        "close": lambda: agents.close(database, mari.conversation_id, jaan),
        "snooze": lambda: snoozing.snooze(database, mari.conversation_id, jaan, now() + SOON),
        "release": lambda: agents.release(database, mari.conversation_id, jaan),
        "pass": lambda: passing.pass_to_agent(database, mari.conversation_id, jaan, kadri.id),
    }
    moves[move]()
    undoing.undo(database, mari.conversation_id, jaan)
    row = talk.row(database, mari.conversation_id)
    assert (row.state, row.agent_id, row.outcome, row.closed_at, row.snoozed_until, row.waiting_since) == ("live", jaan.id, None, None, None, None)
    assert talk.kinds(database, mari.conversation_id)[-1] == "undone"


def test_a_move_is_not_taken_back_once_something_has_happened_since(database: Database, mari: Started, jaan: Holder, kadri: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    agents.release(database, mari.conversation_id, jaan)
    agents.claim(database, mari.conversation_id, kadri)
    with pytest.raises(TooLate):
        undoing.undo(database, mari.conversation_id, jaan)
    assert stands(database, mari.conversation_id) == ("live", kadri.id)


def test_nobody_takes_back_the_move_of_another(database: Database, mari: Started, jaan: Holder, kadri: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    agents.close(database, mari.conversation_id, jaan)
    with pytest.raises(TooLate):
        undoing.undo(database, mari.conversation_id, kadri)


def test_a_move_is_not_taken_back_after_a_while(database: Database, mari: Started, jaan: Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    agents.close(database, mari.conversation_id, jaan)
    monkeypatch.setattr(undoing, "now", lambda: now() + timedelta(minutes=1))
    with pytest.raises(TooLate):
        undoing.undo(database, mari.conversation_id, jaan)


# Putting right


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


# Asking for a contact


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


# Tags, calls, reminders, earlier conversations


def test_tags_are_put_on_once_taken_off_and_suggested(database: Database, mari: Started, kadri: Holder) -> None:
    assert tagging.add(database, mari.conversation_id, kadri, " tarne ") == ["tarne"]
    assert tagging.add(database, mari.conversation_id, kadri, "Tarne") == ["tarne"]
    assert tagging.add(database, mari.conversation_id, kadri, "arve") == ["arve", "tarne"]
    assert set(tagging.suggestions(database)) == {"arve", "tarne"}
    assert tagging.remove(database, mari.conversation_id, kadri, "arve") == ["tarne"]
    assert talk.kinds(database, mari.conversation_id)[1:] == ["tagged", "tagged", "untagged"]
    with pytest.raises(Unreadable):
        tagging.add(database, mari.conversation_id, kadri, "x" * 41)


def test_a_note_calls_a_colleague_until_they_have_looked(database: Database, mari: Started, jaan: Holder, kadri: Holder, people: dict[str, str]) -> None:
    calls = [kadri.id, jaan.id, people["liis"], "olematu"]
    number = agents.note(database, mari.conversation_id, jaan, client_id="markus-1", text="@Kadri vaata palun", calls=calls)
    assert talk.events(database, mari.conversation_id)[-1].body["calls"] == [kadri.id, jaan.id]
    assert not mentions.mark_seen(database, mari.conversation_id, jaan.id, number)  # nobody calls oneself
    assert not mentions.mark_seen(database, mari.conversation_id, kadri.id, number - 1)
    assert mentions.mark_seen(database, mari.conversation_id, kadri.id, number)
    assert not mentions.mark_seen(database, mari.conversation_id, kadri.id, number)


def test_a_reminder_rings_once_when_it_is_due(database: Database, mari: Started, jaan: Holder) -> None:
    reminders.remind(database, mari.conversation_id, jaan, now() + SOON, "Helista üle")
    assert not reminders.ring(database)
    with pytest.raises(Unreadable):
        reminders.remind(database, mari.conversation_id, jaan, now() - SOON)
    with pytest.raises(NotFound):
        reminders.remind(database, "olematu", jaan, now() + SOON)
    reminders.forget(database, mari.conversation_id, jaan)
    assert not reminders.ring(database)


def test_earlier_conversations_are_of_the_same_person_only(database: Database, mari: Started) -> None:
    others = {
        name: service.start(database, greeting="Tere!").conversation_id for name in ("log-in", "e-mail", "phone", "stranger", "same e-mail, other log-in")
    }
    change(database, mari.conversation_id, identity="klient-7", email="mari@naide.ee", phone="+372 5123 4567")
    change(database, others["log-in"], identity="klient-7")
    change(database, others["e-mail"], email="mari@naide.ee")
    change(database, others["phone"], phone="+372 5123 4567")
    change(database, others["same e-mail, other log-in"], identity="klient-8", email="mari@naide.ee")
    found = {row.id for row in history.earlier(database, mari.conversation_id)}
    assert found == {others["log-in"], others["e-mail"], others["phone"]}
    assert history.earlier(database, others["stranger"]) == []


# Who has room


def test_who_has_as_many_as_they_can_is_not_offered_to_customers(database: Database, mari: Started, jaan: Holder) -> None:
    be_here(database, jaan, capacity=1)
    assert workload.free_agents(database) == 1
    talk.go_live(database, mari.conversation_id, jaan)
    assert workload.free_agents(database) == 0
    snoozing.snooze(database, mari.conversation_id, jaan, now() + SOON)
    assert workload.free_agents(database) == 1


def test_who_has_fewest_comes_first(database: Database, mari: Started, jaan: Holder, kadri: Holder) -> None:
    be_here(database, jaan, kadri)
    talk.go_live(database, mari.conversation_id, jaan)
    with database.read() as session:
        assert [one.id for one in workload.least_busy(session)] == [kadri.id, jaan.id]


def test_what_is_due_is_done_in_a_round(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    snoozing.snooze(database, mari.conversation_id, jaan, now() + SOON)
    change(database, mari.conversation_id, snoozed_until=now())
    rounds.once(database, Signals())
    assert stands(database, mari.conversation_id) == ("waiting", None)


@pytest.mark.parametrize(("gone", "answered", "state"), [(True, False, "waiting"), (False, False, "live"), (True, True, "live")])
def test_an_agent_who_is_gone_leaves_no_question_without_an_answer(
    database: Database, mari: Started, jaan: Holder, monkeypatch: pytest.MonkeyPatch, gone: bool, answered: bool, state: str
) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    talk.say(database, mari.conversation_id, "Halloo?")
    if answered:
        agents.answer(database, mari.conversation_id, jaan, client_id="vastus-1", text="Vaatan üle.")
    later = now() + lost.AFTER + timedelta(minutes=1)
    be_here(database, jaan, seen_at=now() if gone else later)
    assert lost.let_go(database) == []  # a moment is no absence
    monkeypatch.setattr(lost, "now", lambda: later)
    assert lost.let_go(database) == ([mari.conversation_id] if state == "waiting" else [])
    assert talk.row(database, mari.conversation_id).state == state
