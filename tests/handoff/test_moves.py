"""Passing on, taking over, putting off, writing again, taking back: each with its refusal."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handoff.conversations import (
    agents,
    passing,
    service,
    snoozing,
    undoing,
)
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.conversations.undoing import TooLate
from handoff.database import Database, now
from handoff.errors import MoveRefused, NotAllowed, NotFound, Unreadable
from tests.handoff import talk
from tests.handoff.talk import SOON, be_here, change, seen_by_customer, stands

pytestmark = pytest.mark.both_databases

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


# Asking for a contact


# Who has room
