"""The clocks of what agents owe: begun, stopped and ended by what happens in a conversation, in the same transaction.

Answer: it runs while the customer is owed words of a person, from their wish or their message to the agent's. Solution: from the wish to the end of the
conversation. Only words answer: whoever closes a conversation or gives it to the bot ends an answer's clock without a judgement, unless it was late already.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from handoff.conversations.events import Kind
from handoff.conversations.sla import SOON, Goal, Policy, hours_of, policy_for
from handoff.conversations.states import CHATS, State
from handoff.conversations.tables import ConversationRow, EventRow, SlaClockRow
from handoff.database import changed

NOBODYS = (State.BOT, State.CLOSED)  # no agent owes anything here
IN_LINE = (State.WAITING, State.TICKET)
OUTCOMES = ("solved", "not_solved")  # an end that an agent has made of the matter


def follow(session: Session, row: ConversationRow, event: EventRow) -> None:
    """Something has happened: bring the clocks in line with it. The row must be locked."""
    state = State(row.state)
    if event.actor == "bot" or (state is State.BOT and event.kind == Kind.MESSAGE) or event.kind == Kind.OVERDUE:
        return
    if event.kind == Kind.UNDONE:
        _open_again(session, row, event)
    clocks = _open(session, row.id)
    if state in NOBODYS:
        _end(clocks, event)
    else:
        clocks += _keep(session, row, event, clocks)
    _show(row, clocks)


def break_due(session: Session, row: ConversationRow, moment: datetime) -> list[Goal]:
    """Mark the clocks whose time is over, each once whoever looks; gives what they were for. The row must be locked."""
    if row.due_at is None:  # none runs
        return []
    clocks, broken = _open(session, row.id), []
    for clock in clocks:
        due = (SlaClockRow.due_at <= moment, SlaClockRow.broken_at.is_(None), SlaClockRow.ended_at.is_(None))
        mark = update(SlaClockRow).where(SlaClockRow.id == clock.id, *due).values(broken_at=SlaClockRow.due_at, kept=False)
        if changed(session, mark) == 1:
            session.refresh(clock)
            broken.append(Goal(clock.goal))
    if broken:
        _show(row, clocks)
    return broken


def _keep(session: Session, row: ConversationRow, event: EventRow, clocks: Sequence[SlaClockRow]) -> list[SlaClockRow]:
    """The conversation is with people: end what was answered, begin what is owed (given back), stop and go on by the policy."""
    state, policy = State(row.state), policy_for(session, row.team_id)
    goals = {clock.goal for clock in clocks}
    begun: list[SlaClockRow | None] = []
    if event.kind == Kind.PASSED:
        for clock in clocks:
            _aim_anew(session, row, clock, policy, event.at)
    if event.kind == Kind.MESSAGE and event.actor == "agent":
        for clock in clocks:
            if clock.goal != Goal.SOLUTION:
                _judge(clock, event.at, in_time=True)
    elif goals <= {Goal.SOLUTION} and (state in IN_LINE or (state is State.LIVE and event.kind == Kind.MESSAGE)):
        begun.append(_begin(session, row, Goal.NEXT if _has_answered(session, row) else Goal.FIRST, policy, event.at))
    if Goal.SOLUTION not in goals and state is not State.SNOOZED:
        begun.append(_begin(session, row, Goal.SOLUTION, policy, event.at))
    new = [clock for clock in begun if clock is not None]
    for clock in (*clocks, *new):
        stands = clock.ended_at is not None or _stands_still(session, row, clock, policy)
        (_stop if stands else _go_on)(session, clock, event.at)
    return new


def _begin(session: Session, row: ConversationRow, goal: Goal, policy: Policy, moment: datetime) -> SlaClockRow | None:
    """A new clock that does not run yet; None where nothing is promised."""
    in_chat = row.channel in CHATS and row.state != State.TICKET
    time = policy.time_for(goal, in_chat=in_chat)
    if time is None:
        return None
    seconds = int(time.total_seconds())
    clock = SlaClockRow(conversation_id=row.id, team_id=row.team_id, goal=goal.value, in_chat=in_chat, started_at=moment)
    clock.goal_seconds, clock.left_seconds = seconds, float(seconds)
    session.add(clock)
    return clock


def _stands_still(session: Session, row: ConversationRow, clock: SlaClockRow, policy: Policy) -> bool:
    """Put off, or the customer's turn, where the policy lets that stop the clock."""
    if row.state == State.SNOOZED and policy.stops_when_snoozed:
        return True
    return clock.goal == Goal.SOLUTION and policy.stops_for_customer and _customers_turn(session, row)


def _aim_anew(session: Session, row: ConversationRow, clock: SlaClockRow, policy: Policy, moment: datetime) -> None:
    """Another team has it now: its promise holds, counted from the same beginning."""
    if clock.team_id == row.team_id or clock.broken_at is not None:
        return
    time = policy.time_for(Goal(clock.goal), in_chat=clock.in_chat)
    if time is None:
        _judge(clock, moment, in_time=None)
        return
    _stop(session, clock, moment)
    clock.left_seconds += time.total_seconds() - clock.goal_seconds
    clock.team_id, clock.goal_seconds = row.team_id, int(time.total_seconds())


def _go_on(session: Session, clock: SlaClockRow, moment: datetime) -> None:
    if clock.running_since is not None:
        return
    hours, left = hours_of(session), timedelta(seconds=clock.left_seconds)
    near = left - timedelta(seconds=clock.goal_seconds * (1 - SOON))
    clock.running_since = moment
    clock.due_at = hours.after(moment, left) if left > timedelta() else moment
    clock.soon_at = hours.after(moment, near) if near > timedelta() else moment


def _stop(session: Session, clock: SlaClockRow, moment: datetime) -> None:
    if clock.running_since is None:
        return
    clock.left_seconds -= hours_of(session).between(clock.running_since, moment).total_seconds()
    clock.running_since = clock.due_at = clock.soon_at = None


def _end(running: Sequence[SlaClockRow], event: EventRow) -> None:
    """Closed, or the bot goes on."""
    solved = event.kind == Kind.CLOSED and event.actor == "agent" and event.body.get("outcome") in OUTCOMES
    for clock in running:
        _judge(clock, event.at, in_time=True if solved and clock.goal == Goal.SOLUTION else None)


def _judge(clock: SlaClockRow, moment: datetime, *, in_time: bool | None) -> None:
    """What was late stays late; `in_time` None: it came to nothing."""
    clock.ended_at = moment
    clock.kept = in_time if clock.broken_at is None else False


def _open_again(session: Session, row: ConversationRow, event: EventRow) -> None:
    """The last move was taken back, and with it the ends that it made."""
    moves = select(EventRow.at).where(EventRow.conversation_id == row.id, EventRow.kind == event.body["what"])
    undone = session.scalar(moves.order_by(EventRow.number.desc()).limit(1))
    for clock in session.scalars(select(SlaClockRow).where(SlaClockRow.conversation_id == row.id, SlaClockRow.ended_at == undone)):
        clock.ended_at = None
        clock.kept = None if clock.broken_at is None else False


def _show(row: ConversationRow, clocks: Sequence[SlaClockRow]) -> None:
    """What the lists need, on the conversation's own row: an answer that is owed counts before the solution."""
    going = sorted((clock for clock in clocks if clock.ended_at is None and clock.due_at is not None), key=lambda clock: clock.goal == Goal.SOLUTION)
    first = going[0] if going else None
    row.due_at, row.due_soon_at, row.due_goal = (first.due_at, first.soon_at, first.goal) if first else (None, None, None)
    row.overdue_at = min((clock.broken_at for clock in going if clock.broken_at is not None), default=None)


def _open(session: Session, conversation_id: str) -> list[SlaClockRow]:
    return list(session.scalars(select(SlaClockRow).where(SlaClockRow.conversation_id == conversation_id, SlaClockRow.ended_at.is_(None))))


def _has_answered(session: Session, row: ConversationRow) -> bool:
    """Whether an agent has spoken since a person was last asked for."""
    asked = select(func.max(EventRow.number)).where(EventRow.conversation_id == row.id, EventRow.kind == Kind.HANDOFF_REQUESTED.value)
    words = select(EventRow.id).where(EventRow.conversation_id == row.id, EventRow.kind == Kind.MESSAGE.value, EventRow.actor == "agent")
    return session.scalar(words.where(EventRow.number > func.coalesce(asked.scalar_subquery(), 0)).limit(1)) is not None


def _customers_turn(session: Session, row: ConversationRow) -> bool:
    """Whether an agent has it and has spoken last."""
    said = select(EventRow.actor).where(EventRow.conversation_id == row.id, EventRow.kind == Kind.MESSAGE.value, EventRow.actor.in_(("customer", "agent")))
    return row.state in (State.LIVE, State.SNOOZED) and session.scalar(said.order_by(EventRow.number.desc()).limit(1)) == "agent"
