"""What the API takes and gives of webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from handoff.api.shapes import ID, TIME, shown
from handoff.endpoints.telling import ALL_GROUPS


class WebhookWish(BaseModel):
    """What an endpoint is to be. No events: all of them."""

    model_config = shown(name="Kassa", url="https://pood.ee/abiline", events=["messages"], with_words=False)

    name: str = Field(min_length=1, max_length=100)
    url: str = Field(min_length=1, max_length=2_000)
    events: list[Literal[*ALL_GROUPS]] = []  # type: ignore[valid-type]
    with_words: bool = False


class Webhook(BaseModel):
    """An endpoint. `secret` is told when it is made or renewed, and never again."""

    model_config = shown(id=ID, name="Kassa", url="https://pood.ee/abiline", events=["messages"], with_words=False, paused_at=None, made_at=TIME, secret=None)

    id: str
    name: str
    url: str
    events: list[str]
    with_words: bool
    paused_at: datetime | None
    made_at: datetime
    secret: str | None = None


class Delivery(BaseModel):
    """One thing that an endpoint was told, or is to be told."""

    model_config = shown(id=ID, event="conversation.message", made_at=TIME, attempts=2, delivered_at=TIME, dead_at=None, next_at=TIME, last_error=None)

    id: str
    event: str | None
    made_at: datetime
    attempts: int
    delivered_at: datetime | None
    dead_at: datetime | None
    next_at: datetime
    last_error: str | None


class Replay(BaseModel):
    """Which deliveries are to be sent again; None: all that are dead."""

    model_config = shown(deliveries=[ID])

    deliveries: list[str] | None = Field(None, max_length=1_000)


class Count(BaseModel):
    """How many."""

    model_config = shown(count=1)

    count: int
