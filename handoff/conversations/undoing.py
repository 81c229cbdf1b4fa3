"""Taking one's last move back while nothing has happened since."""

from __future__ import annotations

from datetime import timedelta

from handoff.conversations import store
from handoff.conversations.agents import Holder
from handoff.conversations.events import Kind
from handoff.conversations.states import State
from handoff.database import Database, now
from handoff.errors import MoveRefused

WITHIN = timedelta(seconds=30)  # the page offers it for less; the rest is for slow lines
UNDOABLE = frozenset({Kind.CLOSED, Kind.PASSED, Kind.SNOOZED, Kind.RELEASED})


class TooLate(MoveRefused):
    code = "too_late"


def undo(database: Database, conversation_id: str, agent: Holder) -> None:
    """The agent has the conversation again, as before their last move. Raises `TooLate` when something has happened since, or time has passed."""
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        last = store.last_event(session, conversation_id)
        mine = last is not None and last.agent_id == agent.id and last.kind in UNDOABLE
        if last is None or not mine or now() - last.at > WITHIN:
            raise TooLate("It has gone on since; this can't be taken back any more.")
        store.move(row, State.LIVE)
        row.agent_id, row.waiting_since = agent.id, None
        row.outcome = row.closed_at = None
        store.append(session, row, Kind.UNDONE, actor="agent", agent_id=agent.id, body={"name": agent.name, "what": last.kind})
