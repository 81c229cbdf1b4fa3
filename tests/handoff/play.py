"""What random moves are played on: one conversation, how it is looked at and tried, and what holds whatever happens to it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from datetime import timedelta

from hypothesis.stateful import RuleBasedStateMachine, invariant
from sqlalchemy import select

from bot.understanding import Button, Reply
from handoff.accounts import trail
from handoff.accounts.seal import Seal
from handoff.accounts.tables import AgentRow, Availability
from handoff.conversations import (
    matters,
)
from handoff.conversations.agents import Holder
from handoff.conversations.events import Kind
from handoff.conversations.links import Links
from handoff.conversations.sla import Goal
from handoff.conversations.states import MOVES, State
from handoff.conversations.tables import ConversationRow, EventRow, SlaClockRow
from handoff.database import Database, now
from handoff.errors import AbilineError
from tests.handoff import talk
from tests.handoff.chronicle import told_by

PEOPLE = ("Jaan", "Kadri", "Tiit")
HELD = (State.LIVE, State.SNOOZED)
LINKS = Links(Seal(lambda: "proovi-saladus", purpose="links to matters"))


class Tells:
    """Says the least."""

    def words(self, row: ConversationRow, stage: str, token: str) -> str:
        return f"{stage} {token}"

    def question(self, row: ConversationRow) -> Reply:
        return Reply("Kas kõik sai korda?", (Button("Jah", matters.ALL_WELL), Button("Ei", matters.NOT_WELL)))

    def letter(self, row: ConversationRow, stage: str, token: str) -> None:
        return None

    def received(self, row: ConversationRow, token: str) -> None:
        return None

    def question_letter(self, row: ConversationRow, token: str) -> None:
        return None

    def left_out(self, row: ConversationRow, names: Sequence[str]) -> None:
        return None


class Play(RuleBasedStateMachine):
    """One conversation and the people around it. Whoever plays sets `id`, `begins` and `kept` at the beginning."""

    database: Database
    ids: dict[str, str]
    team: str
    fresh = itertools.count()
    id: str
    begins: State
    kept: list[tuple[int, str, str, str]]

    # What holds whatever happens

    @invariant()
    def the_log_tells_how_it_stands(self) -> None:
        row, events = self.row, self.events()
        assert [event.number for event in events] == list(range(1, row.last_number + 1)), "no number is missing, none is there twice"
        assert (State(row.state), row.agent_id) in told_by(events, self.ids, begins=self.begins)

    @invariant()
    def whoever_has_it_is_in_the_row_and_nobody_else(self) -> None:
        row = self.row
        assert row.state not in HELD or row.agent_id is not None, "what an agent has, has a holder"
        assert row.state in (*HELD, State.CLOSED) or row.agent_id is None, "nobody holds what is not live"
        assert (row.state == State.SNOOZED) == (row.snoozed_until is not None), "what is put off has its time, and nothing else"
        assert (row.offered_to is None) == (row.offered_until is None)
        assert row.offered_to is None or row.state == State.WAITING, "only what waits is offered"
        assert row.state != State.WAITING or row.waiting_since is not None, "what waits knows since when"
        assert (row.state == State.CLOSED) == (row.closed_at is not None)

    @invariant()
    def what_is_owed_has_one_clock_and_what_is_late_one_event(self) -> None:
        row, clocks = self.row, self.clocks()
        going = [clock for clock in clocks if clock.ended_at is None]
        answers = [clock for clock in going if clock.goal != Goal.SOLUTION]
        assert len(answers) <= 1
        assert len(going) - len(answers) <= 1
        assert row.state not in (State.WAITING, State.TICKET) or (len(answers), len(going)) == (1, 2), "who waits is owed words and a solution"
        assert row.state not in (State.BOT, State.CLOSED) or not going, "where no agent has it nobody owes anything"
        assert row.state != State.SNOOZED or all(clock.due_at is None for clock in going), "what is put off stands still"
        running = {clock.due_at for clock in going if clock.due_at is not None}
        assert row.due_at in running or (row.due_at is None and not running), "the row shows one of the clocks"
        assert sum(clock.broken_at is not None for clock in clocks) == sum(event.kind == Kind.OVERDUE for event in self.events())
        assert all(clock.kept is False for clock in clocks if clock.broken_at is not None), "late stays late"

    def teardown(self) -> None:
        assert trail.check(self.database).broken_at is None, "whatever agents did is in the trail"

    # How it is told

    @property
    def row(self) -> ConversationRow:
        return talk.row(self.database, self.id)

    def events(self) -> list[EventRow]:
        return talk.events(self.database, self.id)

    def clocks(self) -> list[SlaClockRow]:
        with self.database.read() as session:
            return list(session.scalars(select(SlaClockRow).where(SlaClockRow.conversation_id == self.id)))

    def facts(self) -> list[tuple[int, str, str, str]]:
        """What happened, in order: this may grow and nothing else."""
        return [(event.number, event.id, event.kind, event.actor) for event in self.events()]

    @property
    def token(self) -> str:
        """Of the customer's link; a wrong one while there is none."""
        return LINKS.of(self.row) if self.row.link_hash else "puudub"

    def holds(self, name: str) -> bool:
        row = self.row
        return (row.state, row.agent_id) == (State.LIVE, self.ids[name])

    def person(self, name: str) -> Holder:
        return Holder(self.ids[name], name)

    def new(self) -> str:
        return f"sonum-{next(self.fresh)}"

    def is_here(self, name: str) -> bool:
        with self.database.read() as session:
            seen_at = session.get_one(AgentRow, self.ids[name]).seen_at
        return seen_at is not None and now() - seen_at < timedelta(seconds=30)

    def be_here(self, name: str, *, here: bool) -> None:
        with self.database.write() as session:
            row = session.get_one(AgentRow, self.ids[name], with_for_update=True)
            row.availability, row.seen_at = Availability.AVAILABLE.value, now() if here else None

    def tries(self, may: bool, move: Callable[[], object]) -> None:
        """The move is made if it may be, and refused if not; a refusal changes nothing, and what happened stays as it was."""
        before = self.row
        refusal = None
        try:
            move()
        except AbilineError as error:
            refusal = error
        assert (refusal is None) == may, f"refused: {refusal}" if may else "it had to be refused"
        after, facts = self.row, self.facts()
        assert may or (after.state, after.agent_id, facts) == (before.state, before.agent_id, self.kept), "a refusal changes nothing"
        assert facts[: len(self.kept)] == self.kept, "what has happened stays, under its number"
        assert len(facts) > len(self.kept) or (after.state, after.agent_id) == (before.state, before.agent_id), "no move without its event"
        assert len(facts) > len(self.kept) + 1 or after.state == before.state or (State(before.state), State(after.state)) in MOVES
        self.kept = facts
