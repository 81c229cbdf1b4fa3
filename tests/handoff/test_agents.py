"""Two agents and one conversation."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from handoff.accounts.tables import AgentRow
from handoff.conversations import agents, service, turns
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.conversations.states import State
from handoff.database import Database
from handoff.errors import AlreadyTaken, MoveRefused, NotAllowed, NotFound, Unreadable
from tests.handoff import talk

pytestmark = pytest.mark.both_databases


def _race(database: Database, conversation_id: str, crowd: list[Holder]) -> list[str | None]:
    """All claim at the same moment. Per agent: None for the winner, else the holder's name that they learnt."""
    start = Barrier(len(crowd))

    def claim(agent: Holder) -> str | None:
        start.wait()
        try:
            agents.claim(database, conversation_id, agent)
        except AlreadyTaken as refusal:
            return refusal.holder
        return None

    with ThreadPoolExecutor(len(crowd)) as threads:
        return list(threads.map(claim, crowd))


def test_of_two_who_claim_at_once_one_wins_and_the_other_learns_who(database: Database, mari: Started, jaan: Holder, kadri: Holder) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    outcome = _race(database, mari.conversation_id, [jaan, kadri])
    winner = (jaan, kadri)[outcome.index(None)]
    assert sorted(outcome, key=str) == sorted([None, winner.name], key=str)
    assert talk.row(database, mari.conversation_id).agent_id == winner.id


def test_of_fifty_who_claim_at_once_one_wins_and_all_others_learn_who(database: Database, mari: Started) -> None:
    crowd = [Holder(f"abi-{number}", f"Abi {number}") for number in range(50)]
    with database.write() as session:
        session.add_all(AgentRow(id=one.id, login=one.id, name=one.name, password_hash="-") for one in crowd)
    talk.wait_for_person(database, mari.conversation_id)
    outcome = _race(database, mari.conversation_id, crowd)
    winner = crowd[outcome.index(None)]
    assert outcome.count(None) == 1
    assert {name for name in outcome if name} == {winner.name}
    assert talk.kinds(database, mari.conversation_id).count("claimed") == 1
    assert talk.row(database, mari.conversation_id).agent_id == winner.id


def test_claiming_twice_oneself_is_once(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    agents.claim(database, mari.conversation_id, jaan)
    assert talk.kinds(database, mari.conversation_id).count("claimed") == 1


def test_claiming_answers_the_handoff(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    (handoff,) = talk.handoffs_of(database, mari.conversation_id)
    assert handoff.answered_at is not None


def test_what_waits_for_nobody_can_not_be_claimed(database: Database, mari: Started, jaan: Holder) -> None:
    with pytest.raises(MoveRefused, match="from bot to live"):
        agents.claim(database, mari.conversation_id, jaan)
    assert talk.row(database, mari.conversation_id).agent_id is None


def test_what_is_closed_can_not_be_claimed(database: Database, mari: Started, jaan: Holder) -> None:
    service.end(database, mari.conversation_id)
    with pytest.raises(MoveRefused, match="from closed to live"):
        agents.claim(database, mari.conversation_id, jaan)


def test_a_conversation_that_is_not_there_can_not_be_claimed(database: Database, jaan: Holder) -> None:
    with pytest.raises(NotFound):
        agents.claim(database, "pole-olemas", jaan)


def test_the_holder_answers(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    agents.answer(database, mari.conversation_id, jaan, client_id="vastus-1", text="Tere, Mari!")
    said = talk.events(database, mari.conversation_id)[-1]
    assert (said.actor, said.agent_id, said.body) == ("agent", jaan.id, {"text": "Tere, Mari!", "name": "Jaan"})


def test_the_same_answer_sent_twice_is_one(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    first = agents.answer(database, mari.conversation_id, jaan, client_id="vastus-1", text="Tere, Mari!")
    assert agents.answer(database, mari.conversation_id, jaan, client_id="vastus-1", text="Tere, Mari!") == first
    assert talk.texts(database, mari.conversation_id, "agent") == ["Tere, Mari!"]


def test_an_empty_answer_is_refused(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    with pytest.raises(Unreadable):
        agents.answer(database, mari.conversation_id, jaan, client_id="vastus-1", text=" \n ")


def test_nobody_answers_before_claiming(database: Database, mari: Started, jaan: Holder) -> None:
    talk.wait_for_person(database, mari.conversation_id)
    with pytest.raises(MoveRefused, match="claim it first"):
        agents.answer(database, mari.conversation_id, jaan, client_id="vastus-1", text="Tere!")


@pytest.mark.parametrize("act", ["answer", "release", "give_back", "close"])
def test_another_agent_may_do_none_of_it_and_learns_who_has_it(database: Database, mari: Started, jaan: Holder, kadri: Holder, act: str) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    acts: dict[str, Callable[[], object]] = {
        "answer": lambda: agents.answer(database, mari.conversation_id, kadri, client_id="vastus-1", text="Tere!"),
        "release": lambda: agents.release(database, mari.conversation_id, kadri),
        "give_back": lambda: agents.give_back(database, mari.conversation_id, kadri),
        "close": lambda: agents.close(database, mari.conversation_id, kadri),
    }
    with pytest.raises(NotAllowed, match="Jaan"):
        acts[act]()
    assert (talk.row(database, mari.conversation_id).state, talk.row(database, mari.conversation_id).agent_id) == ("live", jaan.id)


def test_any_agent_may_leave_a_note_once(database: Database, mari: Started, jaan: Holder, kadri: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    first = agents.note(database, mari.conversation_id, kadri, client_id="markus-1", text="Tellimus on laos.")
    assert agents.note(database, mari.conversation_id, kadri, client_id="markus-1", text="Tellimus on laos.") == first
    assert talk.kinds(database, mari.conversation_id).count("note") == 1


def test_a_released_conversation_waits_again_for_anyone(database: Database, mari: Started, jaan: Holder, kadri: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    agents.release(database, mari.conversation_id, jaan)
    row = talk.row(database, mari.conversation_id)
    assert (row.state, row.agent_id) == ("waiting", None)
    assert row.waiting_since is not None
    agents.claim(database, mari.conversation_id, kadri)
    assert talk.row(database, mari.conversation_id).agent_id == kadri.id


def test_a_conversation_given_back_is_answered_by_the_bot_again(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    agents.give_back(database, mari.conversation_id, jaan)
    assert talk.tracker(database, mari.conversation_id) == ["pause", "resume"]
    talk.say(database, mari.conversation_id, "Kus mu pakk on?")
    assert turns.unpaid(database) == [mari.conversation_id]
    assert talk.row(database, mari.conversation_id).agent_id is None


def test_the_holder_closes_with_an_outcome(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    agents.close(database, mari.conversation_id, jaan, outcome="not_solved")
    row = talk.row(database, mari.conversation_id)
    assert (row.state, row.outcome) == ("closed", "not_solved")
    assert row.closed_at is not None


def test_an_unknown_outcome_is_refused(database: Database, mari: Started, jaan: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    with pytest.raises(MoveRefused, match="solved, not_solved, spam"):
        agents.close(database, mari.conversation_id, jaan, outcome="tüütu")
    assert talk.row(database, mari.conversation_id).state == State.LIVE


def test_seen_counts_only_for_the_holder(database: Database, mari: Started, jaan: Holder, kadri: Holder) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    assert not agents.mark_seen(database, mari.conversation_id, kadri, 3)
    assert agents.mark_seen(database, mari.conversation_id, jaan, 3)
    assert not agents.mark_seen(database, mari.conversation_id, jaan, 2)
    assert talk.row(database, mari.conversation_id).seen_by_agent == 3
