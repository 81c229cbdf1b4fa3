"""A busy house, made up: conversations of a year with everything that figures count, written in bulk. The same seed gives the same house.

`python -m tests.load.house FOLDER EVENTS` fills the database of a folder that `python -m tests.serve` has made.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from handoff.accounts.tables import AgentRow, TeamRow
from handoff.conversations.feedback_tables import SurveyRow
from handoff.conversations.outcomes import PICKED
from handoff.conversations.tables import ConversationRow, DecisionRow, EventRow, RatingRow, SlaClockRow
from handoff.database import Database
from handoff.entries.tables import EntryRow
from tests.keys import use_test_key

DAYS = 365
CHUNK = 2_000  # conversations in one transaction
HOURS = [1, 1, 1, 1, 1, 1, 2, 4, 9, 14, 16, 15, 12, 13, 14, 13, 11, 8, 7, 7, 6, 5, 3, 2]  # how the day's conversations are spread
REASONS = ("asked", "unsure", "not_helped", "complaint")
LANGUAGES = ("et",) * 8 + ("ru",) * 2 + ("en",)
Rows = dict[type[Any], list[dict[str, Any]]]


class House:
    """Writes conversations one after another; `events` says how many events there are by now."""

    def __init__(self, database: Database, *, seed: int, until: datetime) -> None:
        self._database, self._chance, self._until = database, random.Random(seed), until
        self.events = 0
        self._number = 0
        with database.read() as session:
            self._agents: list[str | None] = list(session.scalars(select(AgentRow.id).order_by(AgentRow.login))) or [None]
            self._teams: list[str | None] = [None, *session.scalars(select(TeamRow.id).order_by(TeamRow.name))]
            self._entries = session.scalars(select(EntryRow.id).order_by(EntryRow.id)).all() or [f"entry-{number}" for number in range(60)]

    def fill(self, events: int) -> None:
        """Write until there are so many events."""
        while self.events < events:
            rows: Rows = {ConversationRow: [], EventRow: [], DecisionRow: [], RatingRow: [], SurveyRow: [], SlaClockRow: []}
            for _ in range(CHUNK):
                if self.events < events:
                    self._talk(rows)
            with self._database.write() as session:
                for table, made in rows.items():
                    if made:
                        session.execute(insert(table.__table__), made)

    def _talk(self, rows: Rows) -> None:
        chance, self._number = self._chance, self._number + 1
        name, at = f"load-{self._number:07}", self._when()
        language, entry = chance.choice(LANGUAGES), self._entries[min(int(chance.expovariate(0.08)), len(self._entries) - 1)]
        calls = chance.random() < 0.35
        agent, team = (chance.choice(self._agents), chance.choice(self._teams)) if calls else (None, None)
        moment, events = at, list(self._said(chance, entry, calls=calls))
        for number, (after, kind, actor, body) in enumerate(events, 1):
            moment += timedelta(seconds=after)
            whose = agent if actor == "agent" else None
            own = {"id": f"{name}-{number}", "conversation_id": name, "number": number, "kind": kind, "actor": actor, "at": moment}
            hidden = {PICKED: self._picked(entry)} if whose and kind == "message" and chance.random() < 0.1 else {}
            rows[EventRow].append(own | {"agent_id": whose, "client_id": None, "body": body, "hidden": hidden})
        closed = moment if calls else None
        state = {"state": "closed" if calls else "bot", "language": language, "agent_id": agent, "team_id": team, "last_number": len(events)}
        rows[ConversationRow].append({"id": name, "secret_hash": "-", "created_at": at, "changed_at": moment, "closed_at": closed} | state)
        self._read(rows, name, at, entry, language, calls=calls)
        if calls and chance.random() < 0.3:
            score = chance.choice((5, 5, 5, 4, 4, 3, 1)) if chance.random() < 0.6 else None
            asked = {"id": name, "conversation_id": name, "asked_at": moment, "at": moment if score else None, "kind": "csat", "score": score}
            rows[SurveyRow].append(asked | {"language": language, "channel": "web", "team_id": team, "agent_id": agent, "closed_by": "agent"})
        if calls:
            self._timed(rows, name, at, moment, team)
        self.events += len(events)

    def _picked(self, entry: str) -> str:
        """The answer that an agent takes from the FAQ: mostly the one that the bot thought of."""
        return entry if self._chance.random() < 0.7 else self._chance.choice(self._entries)

    def _timed(self, rows: Rows, name: str, at: datetime, ended: datetime, team: str | None) -> None:
        """The times to answer and to solve, each kept or late."""
        for goal, seconds in (("first", 600), ("solution", 7200)):
            late = self._chance.random() < 0.12
            due = min(ended, at + timedelta(seconds=seconds))
            clock = {"id": f"{name}-{goal}", "conversation_id": name, "team_id": team, "goal": goal, "in_chat": True, "started_at": at}
            run = {"goal_seconds": seconds, "left_seconds": 0.0, "running_since": None, "due_at": None, "soon_at": None}
            rows[SlaClockRow].append(clock | run | {"broken_at": due if late else None, "ended_at": ended, "kept": not late})

    def _read(self, rows: Rows, name: str, at: datetime, entry: str, language: str, *, calls: bool) -> None:
        chance = self._chance
        probability = chance.betavariate(2, 3) if calls else chance.betavariate(9, 2)
        decision = {"message_id": f"{name}-2", "conversation_id": name, "action": "human" if calls else "answer", "intent": "ask_question"}
        seen = {"confidence": 0.9, "entry_id": entry, "probability": probability, "language": language, "reading": {}, "at": at}
        rows[DecisionRow].append(decision | seen)
        if not calls and chance.random() < 0.15:
            rated = {"id": name, "conversation_id": name, "event_id": f"{name}-3", "entry_id": entry, "score": None, "comment": None, "at": at}
            rows[RatingRow].append(rated | {"helpful": chance.random() < probability})

    def _when(self) -> datetime:
        while True:
            day = self._chance.randrange(DAYS)
            at = self._until - timedelta(days=day, hours=self._until.hour) + timedelta(hours=self._chance.choices(range(24), HOURS)[0] - 2)
            if (at.weekday() < 5 or self._chance.random() < 0.35) and at < self._until:
                return at + timedelta(seconds=self._chance.randrange(3600))

    @staticmethod
    def _said(chance: random.Random, entry: str, *, calls: bool) -> Iterator[tuple[float, str, str, dict[str, Any]]]:
        """(seconds after the one before, kind, actor, body)"""
        yield 0, "message", "bot", {}
        yield 5, "message", "customer", {}
        yield 1, "message", "bot", {} if calls else {"entry_id": entry}
        if calls:
            yield 2, "handoff_requested", "system", {"reason": chance.choice(REASONS)}
            if chance.random() < 0.07:
                yield 300, "customer_left", "system", {}
                yield 60, "closed", "system", {}
                return
            yield chance.lognormvariate(4, 0.9), "claimed", "agent", {}
            for _ in range(chance.randrange(3, 9)):
                yield 30, "message", "agent", {}
                yield chance.lognormvariate(3.5, 0.7), "message", "customer", {}
            yield 40, "closed", "agent", {}
        else:
            for _ in range(chance.randrange(5)):
                yield 30, "message", "customer", {}
                yield 1, "message", "bot", {}


def main(folder: Path, events: int) -> None:
    use_test_key()
    database = Database(f"sqlite:///{folder / 'abiline.db'}")
    House(database, seed=8, until=datetime.now(UTC)).fill(events)
    database.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
