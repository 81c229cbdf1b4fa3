"""What another desk or a messenger was, or is to be, sent, for the operator; what was given up can be sent again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select, update

from handoff.accounts import trail
from handoff.conversations.channel_debts import FETCH, SAY, TO_MESSENGER
from handoff.conversations.elsewhere import CHATWOOT, HANDOFF
from handoff.conversations.store import ERASED
from handoff.database import Database, changed, now
from handoff.outbox import OutboxRow

SHOWN = 50
LANE = "desk:"  # then the conversation's id
GONE = "gone"  # what it was is erased


@dataclass(frozen=True)
class Receiver:
    """Who is sent these kinds of things. `act`: how the trail calls a repeat; `tried`: tries that are counted already when it is sent again."""

    kinds: tuple[str, ...]
    act: str
    tried: int = 0


# whoever tries again first looks whether it is there
DESK = Receiver((CHATWOOT, HANDOFF), "sent_to_desk_again", tried=1)
MESSENGERS = Receiver((SAY, FETCH), "sent_to_messenger_again")


@dataclass(frozen=True)
class Delivery:
    """One thing that they get. `what`: handoff, said, look; of a messenger said, file (to be got from there), receipt (of a button); or gone where its words
    are erased. `where`: which messenger. `again`: it can be sent once more."""

    id: str
    what: str
    where: str
    conversation_id: str | None
    made_at: datetime
    attempts: int
    delivered_at: datetime | None
    dead_at: datetime | None
    last_error: str | None
    again: bool


@dataclass(frozen=True)
class Line:
    """How it stands: what waits, since when the oldest does, what arrived within a day, what was given up, and what went wrong last with what waits."""

    waiting: int
    oldest: datetime | None
    arrived: int
    dead: int
    problem: str | None


def line(database: Database, to: Receiver = DESK) -> Line:
    """How deliveries stand now."""
    theirs = OutboxRow.kind.in_(to.kinds)
    owed = (theirs, OutboxRow.delivered_at.is_(None), OutboxRow.dead_at.is_(None))
    with database.read() as session:
        waiting, oldest = session.execute(select(func.count(), func.min(OutboxRow.made_at)).where(*owed)).one()
        arrived = select(func.count()).select_from(OutboxRow).where(theirs, OutboxRow.delivered_at > now() - timedelta(days=1))
        dead = select(func.count()).select_from(OutboxRow).where(theirs, OutboxRow.dead_at.is_not(None), OutboxRow.last_error != ERASED)
        stuck = select(OutboxRow.last_error).where(*owed, OutboxRow.last_error.is_not(None)).order_by(OutboxRow.next_at.desc()).limit(1)
        return Line(waiting, oldest, session.scalar(arrived) or 0, session.scalar(dead) or 0, session.scalar(stuck))


def deliveries(database: Database, to: Receiver = DESK, *, limit: int = SHOWN) -> Sequence[Delivery]:
    """The last ones: first what was given up, then what waits, then the newest."""
    first = case(
        (OutboxRow.dead_at.is_not(None) & (OutboxRow.last_error != ERASED), 0), (OutboxRow.delivered_at.is_(None) & OutboxRow.dead_at.is_(None), 1), else_=2
    )
    with database.read() as session:
        found = session.scalars(select(OutboxRow).where(OutboxRow.kind.in_(to.kinds)).order_by(first, OutboxRow.made_at.desc()).limit(limit))
        return [_delivery(row) for row in found]


def send_again(database: Database, delivery_id: str | None = None, *, to: Receiver = DESK, by: str | None) -> int:
    """Owe what was given up once more, this one or all; gives how many. A desk knows a repeat by its id; a messenger goes on
    behind what has arrived."""
    wanted = update(OutboxRow).where(OutboxRow.kind.in_(to.kinds), OutboxRow.dead_at.is_not(None), OutboxRow.last_error != ERASED)
    if delivery_id is not None:
        wanted = wanted.where(OutboxRow.id == delivery_id)
    with database.write() as session:
        count = changed(session, wanted.values(dead_at=None, attempts=to.tried, next_at=now()))
        if count:
            trail.write_down(session, by, to.act, str(count))
        return count


def _delivery(row: OutboxRow) -> Delivery:
    told, lane = row.payload, row.lane or ""
    about = told.get("conversation_id") or (lane.removeprefix(LANE) if lane.startswith(LANE) else None)
    again = row.dead_at is not None and bool(told) and row.last_error != ERASED
    where = row.url.removeprefix(TO_MESSENGER) if row.url.startswith(TO_MESSENGER) else ""
    return Delivery(row.id, _what(row), where, about, row.made_at, row.attempts, row.delivered_at, row.dead_at, row.last_error, again)


def _what(row: OutboxRow) -> str:
    told = row.payload
    if not told:
        return GONE
    if row.kind == FETCH:
        return "file"
    if row.kind == SAY:
        return "receipt" if "receipt" in told else "said"
    return str(told.get("what", "handoff"))
