"""Webhooks, set up by a program."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from handoff.accounts.keys import Caller, Scope
from handoff.api import webhook_shapes
from handoff.api.conversations import Key
from handoff.api.door import Door
from handoff.endpoints import book
from handoff.endpoints.book import Wish
from handoff.endpoints.tables import WebhookRow
from handoff.endpoints.telling import ALL_GROUPS
from handoff.services import Services

PATH = "/webhooks/{endpoint_id}"


def router(services: Services, door: Door, api: APIRouter) -> None:
    """Add the routes of webhooks."""
    database, inside = services.database, services.settings.webhooks_inside
    manager = Annotated[Caller, Depends(door.may(Scope.WEBHOOKS))]

    @api.get("/webhooks")
    def list_webhooks(_caller: manager) -> list[webhook_shapes.Webhook]:
        """All endpoints, by name."""
        return [_webhook(row) for row in book.endpoints(database)]

    @api.post("/webhooks", status_code=201)
    def make_webhook(wish: webhook_shapes.WebhookWish, caller: manager, _key: Key = None) -> webhook_shapes.Webhook:
        """A new endpoint. Its secret is told here and never again."""
        endpoint_id, secret = book.make(database, _wish(wish), inside=inside, by=caller.person.id)
        return _webhook(book.endpoint(database, endpoint_id), secret)

    @api.get(PATH)
    def read_webhook(endpoint_id: str, _caller: manager) -> webhook_shapes.Webhook:
        """One endpoint."""
        return _webhook(book.endpoint(database, endpoint_id))

    @api.put(PATH)
    def change_webhook(endpoint_id: str, wish: webhook_shapes.WebhookWish, caller: manager) -> webhook_shapes.Webhook:
        """Another name, address or choice of events."""
        book.change(database, endpoint_id, _wish(wish), inside=inside, by=caller.person.id)
        return _webhook(book.endpoint(database, endpoint_id))

    @api.delete(PATH, status_code=204)
    def remove_webhook(endpoint_id: str, caller: manager) -> Response:
        """The endpoint and all that was owed to it are no more."""
        book.remove(database, endpoint_id, by=caller.person.id)
        return Response(status_code=204)

    @api.post(PATH + "/secret")
    def renew_secret(endpoint_id: str, caller: manager, _key: Key = None) -> webhook_shapes.Webhook:
        """A new secret, told here and never again; the old one signs beside it for a day."""
        secret = book.rotate(database, endpoint_id, by=caller.person.id)
        return _webhook(book.endpoint(database, endpoint_id), secret)

    @api.get(PATH + "/deliveries")
    def list_deliveries(endpoint_id: str, _caller: manager, limit: Annotated[int, Query(ge=1, le=100)] = 50) -> list[webhook_shapes.Delivery]:
        """First what did not arrive, then the newest."""
        return [webhook_shapes.Delivery(**vars(one)) for one in book.deliveries(database, endpoint_id, limit=limit)]

    @api.post(PATH + "/replay")
    def replay(endpoint_id: str, which: webhook_shapes.Replay, caller: manager, _key: Key = None) -> webhook_shapes.Count:
        """Send again what did not arrive; gives how many."""
        count = book.replay(database, endpoint_id, which.deliveries, by=caller.person.id)
        services.outbox.look_now()
        return webhook_shapes.Count(count=count)


def _wish(wish: webhook_shapes.WebhookWish) -> Wish:
    return Wish(wish.name, wish.url, tuple(wish.events), wish.with_words)


def _webhook(row: WebhookRow, secret: str | None = None) -> webhook_shapes.Webhook:
    return webhook_shapes.Webhook(
        id=row.id,
        name=row.name,
        url=row.url,
        events=row.groups or list(ALL_GROUPS),
        with_words=row.with_words,
        paused_at=row.paused_at,
        made_at=row.made_at,
        secret=secret,
    )
