"""A conversation goes from one agent to another: passed on with a note, or taken over by a supervisor. One transaction each."""

from __future__ import annotations

from sqlalchemy.orm import Session

from handoff.accounts.tables import AgentRow, TeamRow
from handoff.conversations import store, workload
from handoff.conversations.agents import Holder, held, holder_name
from handoff.conversations.events import Kind
from handoff.conversations.states import State
from handoff.conversations.tables import ConversationRow
from handoff.conversations.words import clean
from handoff.database import Database, now
from handoff.errors import MoveRefused, NotFound


class ColleagueAway(MoveRefused):
    """A customer in the chat would talk to nobody."""

    code = "colleague_away"


def pass_to_agent(database: Database, conversation_id: str, agent: Holder, to: str, *, note: str = "") -> None:
    """Give it to a colleague, with a note that only agents see. Only the holder may.

    Raises `NotFound` for nobody who answers, `ColleagueAway` when a customer waits in the chat and the colleague is not here.
    """
    with database.write() as session:
        row = held(session, conversation_id, agent)
        colleague = session.scalar(workload.answering().where(AgentRow.id == to))
        if colleague is None or colleague.id == agent.id:
            raise NotFound("There is no such colleague.")
        if row.channel == "web" and not workload.is_here(colleague, now()):
            raise ColleagueAway(f"{colleague.name} is away. Pass it to somebody who is here, or to a team.")
        _note(session, row, agent, note)
        store.move(row, State.LIVE)
        row.agent_id = colleague.id
        store.append(session, row, Kind.PASSED, actor="agent", agent_id=agent.id, body={"name": colleague.name, "by": agent.name})


def pass_to_team(database: Database, conversation_id: str, agent: Holder, team_id: str, *, note: str = "") -> None:
    """Give it to a team, with a note that only agents see: it waits for one of them. Only the holder may. Raises `NotFound` for no team."""
    with database.write() as session:
        row = held(session, conversation_id, agent)
        team = session.get(TeamRow, team_id)
        if team is None:
            raise NotFound("There is no such team.")
        _note(session, row, agent, note)
        store.move(row, State.WAITING)
        row.team_id = team.id
        store.append(session, row, Kind.PASSED, actor="agent", agent_id=agent.id, body={"name": team.name, "by": agent.name, "team": True})


def take_over(database: Database, conversation_id: str, supervisor: Holder) -> None:
    """Take what a colleague has; everyone sees from whom. Taking over what one has oneself changes nothing.

    Whether the person may is the caller's to know. Raises `MoveRefused` when nobody has it.
    """
    with database.write() as session:
        row = store.conversation(session, conversation_id, lock=True)
        if row.state not in (State.LIVE, State.SNOOZED):
            raise MoveRefused(f"The conversation is {row.state}, not live: nobody has it to take it over from.")
        if row.agent_id == supervisor.id:
            return
        before = holder_name(session, row)
        store.move(row, State.LIVE)
        row.agent_id = supervisor.id
        store.append(session, row, Kind.TAKEN_OVER, actor="agent", agent_id=supervisor.id, body={"name": supervisor.name, "from": before})


def _note(session: Session, row: ConversationRow, agent: Holder, text: str) -> None:
    if text.strip():
        store.append(session, row, Kind.NOTE, actor="agent", agent_id=agent.id, body={"text": clean(text), "name": agent.name})
