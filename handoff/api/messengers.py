"""What messengers were sent, for a program that watches over it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from handoff.accounts.keys import Caller, Scope
from handoff.api import webhook_shapes
from handoff.api.conversations import Key
from handoff.api.door import Door
from handoff.api.shapes import ID, TIME, shown
from handoff.conversations import sent_elsewhere
from handoff.conversations.sent_elsewhere import MESSENGERS
from handoff.services import Services


class MessengerDelivery(BaseModel):
    """One thing that is sent to a messenger, or got from there. `what`: said, file, receipt, or gone where its words are erased; `again`: it was given up
    and can be sent again."""

    model_config = shown(
        id=ID,
        what="said",
        messenger="telegram",
        conversation_id=ID,
        made_at=TIME,
        attempts=14,
        delivered_at=None,
        dead_at=TIME,
        last_error="HTTP 500",
        again=True,
    )

    id: str
    what: str
    messenger: str
    conversation_id: str | None
    made_at: datetime
    attempts: int
    delivered_at: datetime | None
    dead_at: datetime | None
    last_error: str | None
    again: bool


def router(services: Services, door: Door, api: APIRouter) -> None:
    """Add the routes of messengers."""
    database = services.database
    manager = Annotated[Caller, Depends(door.may(Scope.WEBHOOKS))]

    @api.get("/messengers/deliveries")
    def list_messenger_deliveries(_caller: manager, limit: Annotated[int, Query(ge=1, le=100)] = 50) -> list[MessengerDelivery]:
        """First what was given up, then what waits, then the newest."""
        found = sent_elsewhere.deliveries(database, MESSENGERS, limit=limit)
        return [MessengerDelivery(messenger=one.where, **{name: value for name, value in vars(one).items() if name != "where"}) for one in found]

    @api.post("/messengers/replay")
    def replay_to_messengers(which: webhook_shapes.Replay, caller: manager, _key: Key = None) -> webhook_shapes.Count:
        """Send again what was given up; gives how many."""
        ids = [None] if which.deliveries is None else list(dict.fromkeys(which.deliveries))
        count = sum(sent_elsewhere.send_again(database, one, to=MESSENGERS, by=caller.person.id) for one in ids)
        services.outbox.look_now()
        return webhook_shapes.Count(count=count)
