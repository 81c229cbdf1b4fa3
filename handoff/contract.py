"""The shape in which a conversation leaves the bot for a person. A leaf: actions, client and intake all speak it.

The same JSON travels three ways: in the turn's result (our own process), over HTTP to `POST /api/handoffs` (a separate
Rasa, anyone's bot), and out of the outbox to another desk.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class Reason(StrEnum):
    """Why the conversation needs a person."""

    ASKED = "asked"  # the customer asked for a person
    COMPLAINT = "complaint"
    UNSURE = "unsure"  # the bot is not sure enough and the customer accepted a person
    NOT_HELPED = "not_helped"  # the answer was rated down, or none of the suggestions fitted
    BOT_FAILED = "bot_failed"
    CONTACT_LEFT = "contact_left"
    PERSONAL_DATA = "personal_data"  # access, erasure or another right of the person


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Said(Strict):
    """One message of the conversation so far."""

    who: Literal["customer", "bot", "agent"]
    text: str = Field(max_length=10_000)
    at: datetime | None = None


class IntentGuess(Strict):
    """An intent and how sure the classifier was, for one of the last customer messages."""

    text: str = Field(max_length=10_000)
    intent: str
    confidence: float = Field(ge=0, le=1)


class FaqCandidate(Strict):
    """An FAQ entry that the bot considered for the last question."""

    entry_id: str
    question: str
    probability: float = Field(ge=0, le=1)
    shown: bool = False  # the customer has already read this answer


class Entity(Strict):
    """Something found in the text: an order number, an e-mail address, a phone number."""

    kind: str
    value: str
    text: str | None = None


class HandoffRequest(Strict):
    """Everything a person needs to go on without asking again."""

    conversation_id: str = Field(min_length=1, max_length=200)
    reason: Reason
    requested_at: AwareDatetime
    messages: list[Said] = Field(max_length=2_000)
    intents: list[IntentGuess] = Field(default_factory=list, max_length=50)
    candidates: list[FaqCandidate] = Field(default_factory=list, max_length=50)
    entities: list[Entity] = Field(default_factory=list, max_length=200)
    name: str | None = Field(default=None, max_length=200)
    orders: list[str] = Field(default_factory=list, max_length=50)  # the customer's open orders, as the site has signed them
    tags: list[str] = Field(default_factory=list, max_length=50)
    language: Literal["et", "en", "ru"] = "et"
    page: str | None = Field(default=None, max_length=2_000)
    channel: str = Field(default="web", max_length=50)
    extra: dict[str, Any] = Field(default_factory=dict)


class HandoffAccepted(Strict):
    """The answer to a handoff: the same for a first delivery and for a repeat with the same idempotency key."""

    handoff_id: str
    conversation_id: str
    state: str
    repeated: bool = False
