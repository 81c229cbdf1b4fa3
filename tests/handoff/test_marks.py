"""What agents put on a conversation and on themselves: tags, calls, reminders; who has room; what a round does by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handoff.conversations import (
    agents,
    finding,
    history,
    lost,
    mentions,
    reminders,
    rounds,
    service,
    snoozing,
    tagging,
    workload,
)
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.conversations.signals import Signals
from handoff.database import Database, now
from handoff.errors import NotFound, Unreadable
from tests.handoff import talk
from tests.handoff.talk import SOON, be_here, change, stands

pytestmark = pytest.mark.both_databases


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
    with database.write() as session:
        for one in (mari.conversation_id, *others.values()):
            finding.renew(session, one)
    found = {row.id for row in history.earlier(database, mari.conversation_id)}
    assert found == {others["log-in"], others["e-mail"], others["phone"]}
    assert history.earlier(database, others["stranger"]) == []


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
