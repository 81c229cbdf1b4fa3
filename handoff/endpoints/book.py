"""Endpoints as an admin sets them up, and what became of what they were owed."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.orm import Session

from handoff.accounts import trail
from handoff.database import Database, changed, now
from handoff.endpoints.addresses import checked
from handoff.endpoints.tables import WebhookRow
from handoff.endpoints.telling import ALL_GROUPS, KIND
from handoff.errors import NotFound, Unreadable
from handoff.outbox import OutboxRow

MOST = 20  # endpoints: each event is owed to each
BOTH_SIGN = timedelta(hours=24)
LONGEST_NAME = 100
SHOWN = 50


@dataclass(frozen=True)
class Wish:
    """What an endpoint is to be. No groups are all of them."""

    name: str
    url: str
    groups: Collection[str] = ()
    with_words: bool = False


@dataclass(frozen=True)
class Delivery:
    """What one endpoint was, or is to be, told. `event` is its type; None when the words were erased."""

    id: str
    event: str | None
    made_at: datetime
    attempts: int
    delivered_at: datetime | None
    dead_at: datetime | None
    next_at: datetime
    last_error: str | None


@dataclass(frozen=True)
class Counts:
    """Of one endpoint: what waits, what has arrived, what will not by itself."""

    waiting: int = 0
    delivered: int = 0
    dead: int = 0


def endpoints(database: Database) -> list[WebhookRow]:
    """All of them, by name."""
    with database.read() as session:
        return list(session.scalars(select(WebhookRow).order_by(WebhookRow.name, WebhookRow.id)))


def endpoint(database: Database, endpoint_id: str) -> WebhookRow:
    """One of them. Raises `NotFound`."""
    with database.read() as session:
        return _found(session, endpoint_id)


def make(database: Database, wish: Wish, *, inside: bool, by: str | None) -> tuple[str, str]:
    """Make an endpoint; gives its id and its secret, which nobody is told again. Raises `Unreadable`."""
    values = _values(wish, inside=inside)
    with database.write() as session:
        if (session.scalar(select(func.count()).select_from(WebhookRow)) or 0) >= MOST:
            raise Unreadable(f"There are {MOST} endpoints already.", code="too_many_endpoints", field="url")
        row = WebhookRow(secret=new_secret(), **values)
        session.add(row)
        session.flush()
        trail.write_down(session, by, "made_webhook", row.id)
        return row.id, row.secret


def change(database: Database, endpoint_id: str, wish: Wish, *, inside: bool, by: str | None) -> None:
    """Another name, address or choice of events. Raises `Unreadable`, `NotFound`."""
    values = _values(wish, inside=inside)
    with database.write() as session:
        row = _found(session, endpoint_id, lock=True)
        for name, value in values.items():
            setattr(row, name, value)
        trail.write_down(session, by, "changed_webhook", endpoint_id)


def rotate(database: Database, endpoint_id: str, *, by: str | None) -> str:
    """A new secret; the old one signs beside it for a day. Raises `NotFound`."""
    with database.write() as session:
        row = _found(session, endpoint_id, lock=True)
        row.old_secret, row.old_until = row.secret, now() + BOTH_SIGN
        row.secret = new_secret()
        trail.write_down(session, by, "rotated_webhook", endpoint_id)
        return row.secret


def pause(database: Database, endpoint_id: str, *, why: str = "by_hand", by: str | None) -> None:
    """Nothing is sent any more; what waits can be sent again later. Raises `NotFound`."""
    with database.write() as session:
        row = _found(session, endpoint_id, lock=True)
        if row.paused_at is None:
            row.paused_at, row.paused_why = now(), why
            waits = update(OutboxRow).where(OutboxRow.receiver == endpoint_id, OutboxRow.delivered_at.is_(None), OutboxRow.dead_at.is_(None))
            session.execute(waits.values(dead_at=now(), last_error="paused"))
            trail.write_down(session, by, "paused_webhook", endpoint_id)


def resume(database: Database, endpoint_id: str, *, by: str | None) -> None:
    """It is told again of what happens from now on. Raises `NotFound`."""
    with database.write() as session:
        row = _found(session, endpoint_id, lock=True)
        if row.paused_at is not None:
            row.paused_at = row.paused_why = None
            trail.write_down(session, by, "resumed_webhook", endpoint_id)


def remove(database: Database, endpoint_id: str, *, by: str | None) -> None:
    """The endpoint and all that was owed to it are no more. Raises `NotFound`."""
    with database.write() as session:
        session.delete(_found(session, endpoint_id, lock=True))
        session.execute(delete(OutboxRow).where(OutboxRow.kind == KIND, OutboxRow.receiver == endpoint_id))
        trail.write_down(session, by, "removed_webhook", endpoint_id)


def deliveries(database: Database, endpoint_id: str, *, limit: int = SHOWN) -> list[Delivery]:
    """What it was told last: first what did not arrive, then the newest."""
    first = case((OutboxRow.dead_at.is_not(None), 0), (OutboxRow.delivered_at.is_(None), 1), else_=2)
    with database.read() as session:
        _found(session, endpoint_id)
        query = select(OutboxRow).where(OutboxRow.kind == KIND, OutboxRow.receiver == endpoint_id).order_by(first, OutboxRow.made_at.desc())
        return [_as_delivery(row) for row in session.scalars(query.limit(limit))]


def counts(database: Database) -> dict[str, Counts]:
    """By endpoint, of all that is still remembered."""
    dead, arrived = OutboxRow.dead_at.is_not(None), OutboxRow.delivered_at.is_not(None)
    how = case((arrived, "delivered"), (dead, "dead"), else_="waiting").label("how")
    with database.read() as session:
        found = session.execute(select(OutboxRow.receiver, how, func.count()).where(OutboxRow.kind == KIND).group_by(OutboxRow.receiver, how)).all()
    by_endpoint: dict[str, dict[str, int]] = {}
    for receiver, name, count in found:
        by_endpoint.setdefault(receiver, {})[name] = count
    return {receiver: Counts(**numbers) for receiver, numbers in by_endpoint.items()}


def replay(database: Database, endpoint_id: str, delivery_ids: Sequence[str] | None = None, *, by: str | None) -> int:
    """Send what is dead again, all of it or these; gives how many. The receiver knows a repeat by its `Webhook-Id`. Raises `NotFound`."""
    with database.write() as session:
        _found(session, endpoint_id, lock=True)
        its_own = (OutboxRow.kind == KIND, OutboxRow.receiver == endpoint_id, OutboxRow.dead_at.is_not(None), OutboxRow.last_error != "erased")
        wanted = update(OutboxRow).where(*its_own)
        if delivery_ids is not None:
            wanted = wanted.where(OutboxRow.id.in_(delivery_ids))
        count = changed(session, wanted.values(dead_at=None, attempts=0, next_at=now()))
        if count:
            trail.write_down(session, by, "replayed_webhook", endpoint_id)
        return count


def new_secret() -> str:
    """256 random bits in the form of Standard Webhooks."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _found(session: Session, endpoint_id: str, *, lock: bool = False) -> WebhookRow:
    row = session.get(WebhookRow, endpoint_id, with_for_update=lock)
    if row is None:
        raise NotFound("There is no such endpoint.")
    return row


def _values(wish: Wish, *, inside: bool) -> dict[str, object]:
    name = " ".join(wish.name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Unreadable(f"The endpoint needs a name of up to {LONGEST_NAME} characters.", code="bad_name", field="name")
    if unknown := sorted(set(wish.groups) - set(ALL_GROUPS)):
        raise Unreadable(f"There are no events {unknown[0]!r}; choose of {', '.join(ALL_GROUPS)}.", code="unknown_events", field="events")
    groups = [one for one in ALL_GROUPS if one in wish.groups]
    return {
        "name": name,
        "url": checked(wish.url, inside=inside),
        "groups": [] if len(groups) == len(ALL_GROUPS) else groups,
        "with_words": wish.with_words,
    }


def _as_delivery(row: OutboxRow) -> Delivery:
    event = row.payload.get("told", {}).get("type")
    return Delivery(row.id, event, row.made_at, row.attempts, row.delivered_at, row.dead_at, row.next_at, row.last_error)
