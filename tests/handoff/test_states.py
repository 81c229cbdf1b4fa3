"""The table of moves, and that random people making random moves never leave it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from bot.understanding import Contact, Reply, Turn
from handoff.accounts.tables import AgentRow, Role
from handoff.contract import HandoffRequest, Reason
from handoff.conversations import agents, amending, contacts, passing, service, snoozing, store, tagging, turns, undoing
from handoff.conversations.agents import Holder
from handoff.conversations.states import MOVES, State, bot_may_answer, check_move
from handoff.conversations.tables import ConversationRow, EventRow
from handoff.database import Database, Table, now
from handoff.errors import AbilineError, MoveRefused

pytestmark = pytest.mark.both_databases


@pytest.mark.parametrize(("before", "after"), sorted(MOVES))
def test_a_move_of_the_table_is_allowed(before: State, after: State) -> None:
    check_move(before, after)


@pytest.mark.parametrize(("before", "after"), sorted(set(itertools.product(State, State)) - MOVES))
def test_any_other_move_is_refused_naming_both_states(before: State, after: State) -> None:
    with pytest.raises(MoveRefused, match=f"from {before.value} to {after.value}"):
        check_move(before, after)


def test_every_state_can_be_reached_and_left_except_by_accident() -> None:
    assert {before for before, _ in MOVES} == set(State)
    assert {after for _, after in MOVES} == set(State)


@pytest.mark.parametrize("state", [State.WAITING, State.LIVE, State.SNOOZED, State.CLOSED])
def test_the_bot_is_silent_while_people_have_the_conversation(state: State) -> None:
    assert not bot_may_answer(state, "web")


def test_the_bot_answers_in_its_own_conversation() -> None:
    assert bot_may_answer(State.BOT, "web")


def test_the_bot_answers_who_left_a_contact_and_asks_on_in_the_chat() -> None:
    assert bot_may_answer(State.TICKET, "web")


def test_the_bot_keeps_out_of_an_email_ticket() -> None:
    assert not bot_may_answer(State.TICKET, "email")


PEOPLE = (("jaan", "Jaan"), ("kadri", "Kadri"))
LETTING_GO = ("release", "give_back", "close", "pass_on", "snooze")  # what only the holder may do with what is live
AGENT_MOVES = (*LETTING_GO, "claim", "answer", "note", "resume", "undo", "edit", "withdraw", "ask_contact", "tag")
SUPERVISOR_MOVES = ("take_over",)
CUSTOMER_MOVES = ("say", "say_contact", "back_to_bot", "end", "pay_answer", "pay_handoff", "pay_contact", "time_passes", "come", "leave")
STEPS = st.one_of(
    st.tuples(st.sampled_from((*AGENT_MOVES, *SUPERVISOR_MOVES)), st.sampled_from([0, 1])),
    st.tuples(st.sampled_from(CUSTOMER_MOVES), st.sampled_from([0, 1])),
)
ASKED = [("say", 0), ("pay_handoff", 0)]
CLAIMED = [("come", 0), ("come", 1), *ASKED, ("claim", 0)]
OPENINGS = st.sampled_from(
    [[], ASKED, CLAIMED, [*CLAIMED, ("close", 0)], [*CLAIMED, ("snooze", 0)], [*CLAIMED, ("pass_on", 0)], [("say", 0), ("pay_contact", 0)]]
)  # random steps alone rarely get far


class Play:
    """One conversation in a database of its own, moved by whoever comes."""

    def __init__(self, folder: Path) -> None:
        self.database = Database(f"sqlite:///{folder / 'play.db'}")
        Table.metadata.create_all(self.database.engine)
        with self.database.write() as session:
            session.add_all(AgentRow(id=login, login=login, name=name, role=Role.AGENT.value, password_hash="-") for login, name in PEOPLE)
        self.id = service.start(self.database, greeting="Tere!").conversation_id
        self.counter = itertools.count()

    def row(self) -> ConversationRow:
        with self.database.read() as session:
            return store.conversation(session, self.id)

    def numbers(self) -> list[int]:
        with self.database.read() as session:
            return list(session.scalars(select(EventRow.number).where(EventRow.conversation_id == self.id).order_by(EventRow.number)))

    def facts(self) -> list[tuple[int, str, str]]:
        """What happened, in order: this may grow and nothing else."""
        with self.database.read() as session:
            found = session.scalars(select(EventRow).where(EventRow.conversation_id == self.id).order_by(EventRow.number))
            return [(event.number, event.id, event.kind) for event in found]

    def step(self, move: str, who: int) -> None:
        agent = Holder(*PEOPLE[who])
        fresh = f"sonum-{next(self.counter)}"
        moves: dict[str, Callable[[], object]] = {
            "claim": lambda: agents.claim(self.database, self.id, agent),
            "answer": lambda: agents.answer(self.database, self.id, agent, client_id=fresh, text="Tere!"),
            "note": lambda: agents.note(self.database, self.id, agent, client_id=fresh, text="Kontrolli tellimust."),
            "release": lambda: agents.release(self.database, self.id, agent),
            "give_back": lambda: agents.give_back(self.database, self.id, agent),
            "close": lambda: agents.close(self.database, self.id, agent),
            "pass_on": lambda: passing.pass_to_agent(self.database, self.id, agent, PEOPLE[1 - who][0], note="Palun vaata."),
            "take_over": lambda: passing.take_over(self.database, self.id, agent),
            "snooze": lambda: snoozing.snooze(self.database, self.id, agent, now() + timedelta(hours=1)),
            "resume": lambda: snoozing.resume(self.database, self.id, agent),
            "undo": lambda: undoing.undo(self.database, self.id, agent),
            "edit": lambda: amending.edit(self.database, self.id, agent, self._last_of(agent), fresh),
            "withdraw": lambda: amending.withdraw(self.database, self.id, agent, self._last_of(agent)),
            "ask_contact": lambda: contacts.ask(self.database, self.id, agent, contact="email", client_id=fresh, text="Mis on teie e-post?"),
            "tag": lambda: tagging.add(self.database, self.id, agent, fresh),
            "say_contact": lambda: service.say(self.database, self.id, client_id=fresh, text="mari@naide.ee"),
            "time_passes": self._time_passes,
            "come": lambda: self._be_here(who, now()),
            "leave": lambda: self._be_here(who, None),
            "say": lambda: service.say(self.database, self.id, client_id=fresh, text="öötöö"),
            "back_to_bot": lambda: service.back_to_bot(self.database, self.id),
            "end": lambda: service.end(self.database, self.id),
            "pay_answer": lambda: self._pay(Turn((Reply("Pakk jõuab homme."),), ())),
            "pay_handoff": lambda: self._pay(Turn((Reply("Kutsun kolleegi."),), (), handoff=self._request())),
            "pay_contact": lambda: self._pay(Turn((Reply("Kirjutame teile."),), (), contact=Contact("email", "mari@naide.ee"))),
        }
        moves[move]()

    def _last_of(self, agent: Holder) -> int:
        with self.database.read() as session:
            said = select(EventRow.number).where(EventRow.kind == "message", EventRow.agent_id == agent.id)
            return session.scalar(said.order_by(EventRow.number.desc()).limit(1)) or 0

    def _time_passes(self) -> None:
        with self.database.write() as session:
            session.execute(update(ConversationRow).where(ConversationRow.snoozed_until.is_not(None)).values(snoozed_until=now()))
        snoozing.wake_due(self.database)

    def _be_here(self, who: int, seen_at: datetime | None) -> None:
        with self.database.write() as session:
            session.execute(update(AgentRow).where(AgentRow.id == PEOPLE[who][0]).values(availability="available", seen_at=seen_at))

    def _pay(self, turn: Turn) -> None:
        owed = turns.claim(self.database, self.id, people_available=True)
        if owed is not None:
            turns.pay(self.database, owed, turn)

    def _request(self) -> dict[str, object]:
        return HandoffRequest(conversation_id=self.id, reason=Reason.ASKED, requested_at=now(), messages=[]).model_dump(mode="json")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(opening=OPENINGS, more=st.lists(STEPS, max_size=20))
def test_random_moves_of_random_people_keep_to_the_table(opening: list[tuple[str, int]], more: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        play = Play(Path(folder))
        try:
            for move, who in [*opening, *more]:
                before, facts = play.row(), play.facts()
                try:
                    play.step(move, who)
                except AbilineError:
                    after = play.row()
                    assert (after.state, after.agent_id, after.last_number) == (before.state, before.agent_id, before.last_number), "a refusal changes nothing"
                    continue
                after = play.row()
                assert after.state == before.state or (State(before.state), State(after.state)) in MOVES, f"{move}: {before.state} → {after.state}"
                assert play.facts()[: len(facts)] == facts, "what has happened stays, under its number"
                assert (after.state, after.agent_id) == (before.state, before.agent_id) or after.last_number > before.last_number, "no move without its event"
                assert (after.state in (State.LIVE, State.SNOOZED)) <= (after.agent_id is not None), "what an agent has, has a holder"
                assert after.state not in (State.BOT, State.WAITING, State.TICKET) or after.agent_id is None, "nobody holds what is not live"
                assert after.due_at is None or after.state not in (State.BOT, State.CLOSED), "nobody owes words where no agent has it"
                assert (after.state == State.SNOOZED) == (after.snoozed_until is not None), "what is put off has its time, and nothing else"
                holds = before.agent_id == PEOPLE[who][0] and move in LETTING_GO
                if before.state == State.LIVE and not holds and move not in ("end", "take_over", "undo"):
                    assert (after.state, after.agent_id) == (State.LIVE, before.agent_id), "only the holder lets go"
            assert play.numbers() == list(range(1, play.row().last_number + 1))
        finally:
            play.database.close()
