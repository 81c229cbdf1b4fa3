"""The rows of a conversation. Everything a person sees is an `EventRow`; the rest is there to owe, to claim and to remember."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from handoff.database import Table, new_id, now
from handoff.placing import NAMED_BY
from handoff.sealed import SealedJson, SealedText

CONVERSATION = "conversation.id"
_UNBROKEN = "ended_at IS NULL AND broken_at IS NULL"
# Facts about us that figures count; whatever else an event tells is sealed.
OPEN_IN_BODY = (
    *("entry_id", "probability", "language", "reason", "outcome", "stage", "goal", "tag", "contact", "how", "why", "left", "number", "agent_id"),
    *("scale", "score", "most", "low", "starts", "ends", "tries"),
)


class ConversationRow(Table):
    """One talk with one visitor. `last_number` is the number of its newest event; it grows by one under this row's lock."""

    __tablename__ = "conversation"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=new_id)
    secret_hash: Mapped[str] = mapped_column(String(64))  # the visitor proves with the secret; an id alone opens nothing
    state: Mapped[str] = mapped_column(String(12), default="bot")
    channel: Mapped[str] = mapped_column(String(50), default="web")
    language: Mapped[str] = mapped_column(String(2), default="et")
    last_number: Mapped[int] = mapped_column(default=0)
    agent_id: Mapped[str | None] = mapped_column(String(40), ForeignKey("agent.id"))
    reason: Mapped[str | None] = mapped_column(String(20))
    name: Mapped[str | None] = mapped_column(SealedText("conversation.name", 200))
    email: Mapped[str | None] = mapped_column(SealedText("conversation.email", 320))
    phone: Mapped[str | None] = mapped_column(SealedText("conversation.phone", 40))
    identity: Mapped[str | None] = mapped_column(SealedText("conversation.identity", 200))  # who is logged in at the site, by the site's own id and signature
    identified_at: Mapped[datetime | None]
    orders: Mapped[str | None] = mapped_column(SealedText("conversation.orders"))  # numbers of open orders with the site's signature, one a line
    email_signed: Mapped[bool | None]  # the address came with the site's signature, not from somebody's fingers
    verified_how: Mapped[str | None] = mapped_column(String(10))  # handoff.conversations.verification.How
    verified_what: Mapped[str | None] = mapped_column(SealedText("conversation.verified_what", 100))  # what an agent has checked
    verified_by: Mapped[str | None] = mapped_column(String(40), ForeignKey("agent.id"))
    verified_at: Mapped[datetime | None]
    consent: Mapped[str | None] = mapped_column(String(20))  # version of the privacy notice that the visitor agreed to
    consented_at: Mapped[datetime | None]
    page: Mapped[str | None] = mapped_column(SealedText("conversation.page"))
    device: Mapped[str | None] = mapped_column(SealedText("conversation.device", 400))
    tags: Mapped[list[str]] = mapped_column(default=list)
    product: Mapped[str | None] = mapped_column(String(60))  # which product it is about, as an agent named it (`products`)
    outcome: Mapped[str | None] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
    changed_at: Mapped[datetime] = mapped_column(default=now)
    waiting_since: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    seen_by_customer: Mapped[int] = mapped_column(default=0)  # number of the last event the customer has seen
    seen_by_agent: Mapped[int] = mapped_column(default=0)
    customer_at: Mapped[datetime | None]  # last sign of the page of a customer who waits
    left_at: Mapped[datetime | None]  # no sign for so long that the customer is taken to have left; None again when they are back
    late_at: Mapped[datetime | None]  # since when a promise to a customer who still waits is broken
    team_id: Mapped[str | None] = mapped_column(String(40), ForeignKey("team.id", ondelete="SET NULL"), index=True)  # who it is meant for
    snoozed_until: Mapped[datetime | None]
    offered_to: Mapped[str | None] = mapped_column(String(40), ForeignKey("agent.id"))  # whose turn it is while it waits
    offered_until: Mapped[datetime | None]
    due_at: Mapped[datetime | None]  # by when an agent is to answer or solve it (the clock that counts now); these four are `handoff.conversations.clocks`'
    due_soon_at: Mapped[datetime | None]  # when that comes near
    due_goal: Mapped[str | None] = mapped_column(String(10))  # handoff.conversations.sla.Goal
    overdue_at: Mapped[datetime | None]  # since when an answer or a solution that is still owed is late
    stage: Mapped[str | None] = mapped_column(String(40))  # where the matter stands, of handoff.stages; None until an agent says so
    stage_at: Mapped[datetime | None]
    link_hash: Mapped[str | None] = mapped_column(String(64), unique=True, index=True)  # of the customer's secret link to the matter's page
    link_sealed: Mapped[str | None] = mapped_column(String(300))  # the same, for letters still to be written
    follow_up: Mapped[str | None] = mapped_column(String(10))  # whether all is well: asked, yes, no
    follow_up_at: Mapped[datetime | None] = mapped_column(index=True)  # when that is to be asked
    again_at: Mapped[datetime | None]  # the customer said that it is not solved: first in line until somebody takes it
    survey_at: Mapped[datetime | None] = mapped_column(index=True)  # when the customer is to be asked how it was

    held_at: Mapped[datetime | None]  # since when nothing of it may be erased
    held_by: Mapped[str | None] = mapped_column(String(40))
    held_why: Mapped[str | None] = mapped_column(SealedText("conversation.held_why"))
    wished_gone_at: Mapped[datetime | None]  # the customer asked for its erasure while it was held

    __table_args__ = (Index("ix_conversation_state_waiting_since", "state", "waiting_since"), Index("ix_conversation_agent_id", "agent_id"))

    @property
    def open_orders(self) -> list[str]:
        """The numbers of the customer's open orders, as the site has signed them."""
        return self.orders.split("\n") if self.orders else []


class EventRow(Table):
    """One numbered thing that happened. `client_id` is made by the sender, so that a retry is never a second message."""

    __tablename__ = "event"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(String(40), ForeignKey(CONVERSATION, ondelete="CASCADE"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(30))  # handoff.conversations.events.Kind
    actor: Mapped[str] = mapped_column(String(10))  # customer, bot, agent, system
    agent_id: Mapped[str | None] = mapped_column(String(40), ForeignKey("agent.id"))
    client_id: Mapped[str | None] = mapped_column(String(64))
    body: Mapped[dict[str, Any]] = mapped_column(SealedJson("event.body", open=OPEN_IN_BODY), default=dict)  # what readers get
    hidden: Mapped[dict[str, Any]] = mapped_column(SealedJson("event.hidden", open=("payload", "picked")), default=dict)  # what only the server may know
    at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (UniqueConstraint("conversation_id", "number"), UniqueConstraint("conversation_id", "client_id", name="uq_event_client"))


class OwedReplyRow(Table):
    """The bot owes an answer to this customer message. Claimed by one payer at a time, paid exactly once."""

    __tablename__ = "owed_reply"

    message_id: Mapped[str] = mapped_column(String(40), ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(40), ForeignKey(CONVERSATION, ondelete="CASCADE"))
    number: Mapped[int]  # of the customer's message: earlier ones are paid first
    owed_since: Mapped[datetime] = mapped_column(default=now)
    claimed_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    failed: Mapped[bool] = mapped_column(default=False)  # paid with an apology, not with an answer

    __table_args__ = (
        Index("ix_owed_reply_unpaid", "conversation_id", "number", sqlite_where=text("paid_at IS NULL"), postgresql_where=text("paid_at IS NULL")),
    )


class TrackerEventRow(Table):
    """One event of Rasa's tracker, in order; committed with the replies it belongs to, so a crash never splits them."""

    __tablename__ = "tracker_event"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(String(40), ForeignKey(CONVERSATION, ondelete="CASCADE"), index=True)
    message_id: Mapped[str] = mapped_column(String(40))  # the customer message (or the event) that made it
    ordinal: Mapped[int]
    data: Mapped[dict[str, Any]] = mapped_column(SealedJson("tracker_event.data", open=("event", "name")))

    __table_args__ = (UniqueConstraint("message_id", "ordinal"), {"info": {NAMED_BY: ("message_id", "ordinal")}})


class HandoffRow(Table):
    """A request for a person with its whole context, as `handoff.contract.HandoffRequest`."""

    __tablename__ = "handoff"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(String(40), ForeignKey(CONVERSATION, ondelete="CASCADE"), index=True)
    idempotency_key: Mapped[str] = mapped_column(String(240), unique=True)
    reason: Mapped[str] = mapped_column(String(20))
    request: Mapped[dict[str, Any]] = mapped_column(SealedJson("handoff.request"))
    requested_at: Mapped[datetime] = mapped_column(default=now)
    answered_at: Mapped[datetime | None]  # claimed by an agent


class PromiseRow(Table):
    """What a waiting customer was told at one moment, in which situation, and how it turned out: promises are judged by it, the next are learned from it."""

    __tablename__ = "promise"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(String(40), ForeignKey(CONVERSATION, ondelete="CASCADE"), index=True)
    waiting_since: Mapped[datetime]  # which of the conversation's waits it belongs to
    given_at: Mapped[datetime] = mapped_column(default=now)
    ahead: Mapped[int]  # customers before this one
    agents: Mapped[int]  # available
    held: Mapped[int]  # conversations that agents had
    promised_until: Mapped[datetime | None]  # None: too little was known, no time was told
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    picked_up: Mapped[bool | None]  # how the wait ended: with an agent, or without one
    kept: Mapped[bool | None]  # None while open, where no time was told, and where the customer went away before the time was up


class RatingRow(Table):
    """What the customer thought of one bot answer (`helpful`) or of the talk (`score` 1–5)."""

    __tablename__ = "rating"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(String(40), ForeignKey(CONVERSATION, ondelete="CASCADE"), index=True)
    event_id: Mapped[str | None] = mapped_column(String(40), ForeignKey("event.id", ondelete="CASCADE"), unique=True)
    entry_id: Mapped[str | None] = mapped_column(String(120))
    helpful: Mapped[bool | None]
    score: Mapped[int | None]
    comment: Mapped[str | None] = mapped_column(SealedText("rating.comment"))
    at: Mapped[datetime] = mapped_column(default=now, index=True)


class DecisionRow(Table):
    """What the bot made of one customer message: kept as columns so that figures need no text."""

    __tablename__ = "decision"

    message_id: Mapped[str] = mapped_column(String(40), ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(40), ForeignKey(CONVERSATION, ondelete="CASCADE"), index=True)
    action: Mapped[str] = mapped_column(String(12))
    intent: Mapped[str | None] = mapped_column(String(60))
    confidence: Mapped[float]
    entry_id: Mapped[str | None] = mapped_column(String(120))  # the best candidate
    probability: Mapped[float | None]
    language: Mapped[str] = mapped_column(String(2))
    reading: Mapped[dict[str, Any]] = mapped_column(SealedJson("decision.reading"), default=dict)  # candidates, entities and why, for agent and editor
    at: Mapped[datetime] = mapped_column(default=now, index=True)


class AttachmentRow(Table):
    """A file that was sent with a message. Its bytes stand under its id in `data_dir/attachments`; its name only here."""

    __tablename__ = "attachment"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(40), ForeignKey(CONVERSATION, ondelete="CASCADE"), index=True)
    event_id: Mapped[str] = mapped_column(String(40), ForeignKey("event.id", ondelete="CASCADE"))
    actor: Mapped[str] = mapped_column(String(10))  # customer, agent
    name: Mapped[str] = mapped_column(SealedText("attachment.name", 200))
    type: Mapped[str] = mapped_column(String(100))  # media type, by the bytes
    size: Mapped[int]
    width: Mapped[int | None]  # pixels, of pictures
    height: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(default=now)


class SearchMarkRow(Table):
    """Something of this conversation by which it is found: a word's beginning, a contact, as a number that only the house's key makes (`finding`)."""

    __tablename__ = "search_mark"

    mark: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    conversation_id: Mapped[str] = mapped_column(String(40), ForeignKey(CONVERSATION, ondelete="CASCADE"), primary_key=True, index=True)

    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  (SQLAlchemy reads it so)


class MentionRow(Table):
    """A note calls an agent by name. `seen_at` is when that agent opened the conversation after it."""

    __tablename__ = "mention"

    event_id: Mapped[str] = mapped_column(String(40), ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    agent_id: Mapped[str] = mapped_column(String(40), ForeignKey("agent.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(40), ForeignKey(CONVERSATION, ondelete="CASCADE"), index=True)
    seen_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_mention_unseen", "agent_id", sqlite_where=text("seen_at IS NULL"), postgresql_where=text("seen_at IS NULL")),)


class ReminderRow(Table):
    """An agent wants to come back to a conversation at a time. Nobody else sees it; one for each agent and conversation."""

    __tablename__ = "reminder"

    conversation_id: Mapped[str] = mapped_column(String(40), ForeignKey(CONVERSATION, ondelete="CASCADE"), primary_key=True)
    agent_id: Mapped[str] = mapped_column(String(40), ForeignKey("agent.id", ondelete="CASCADE"), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(index=True)
    about: Mapped[str] = mapped_column(SealedText("reminder.about", 200), default="")
    rung_at: Mapped[datetime | None]  # the desk was woken for it


class VerificationCodeRow(Table):
    """A code of six digits that was sent to a customer's address. Of the code and the address only hashes are kept; the newest one counts."""

    __tablename__ = "verification_code"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(String(40), ForeignKey(CONVERSATION, ondelete="CASCADE"), index=True)
    cause: Mapped[str] = mapped_column(String(120), unique=True)  # what asked for it: the same again is the same code
    code_hash: Mapped[str] = mapped_column(String(200))
    address_hash: Mapped[str] = mapped_column(String(64), index=True)
    on_file: Mapped[bool]  # the address was known before this conversation, or the site has signed it
    entry_id: Mapped[str | None] = mapped_column(String(120))  # the answer that waits for it
    sent_at: Mapped[datetime] = mapped_column(default=now)
    tries_left: Mapped[int]
    ended_at: Mapped[datetime | None]  # used, tried too often or replaced by a newer one
    right: Mapped[bool | None]  # how it ended


class SlaPolicyRow(Table):
    """How soon a team answers and solves. Its id is the team's, or `default` for whoever has none of their own.
    Minutes are working time; None: nothing is promised."""

    __tablename__ = "sla_policy"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    team_id: Mapped[str | None] = mapped_column(String(40), ForeignKey("team.id", ondelete="CASCADE"))  # only so that it goes with the team
    active: Mapped[bool]
    first_minutes: Mapped[int | None]  # in the chat, from the wish for a person to a person's first words
    next_minutes: Mapped[int | None]  # in the chat, from the customer's words to the answer
    letter_minutes: Mapped[int | None]  # of what is answered later, by e-mail or phone
    solution_minutes: Mapped[int | None]
    stops_when_snoozed: Mapped[bool]
    stops_for_customer: Mapped[bool]  # the solution's clock, while the customer owes the next word


class SlaClockRow(Table):
    """One thing that was to be done by a time, and how it turned out. Reports count these; what stands on the conversation is taken from them."""

    __tablename__ = "sla_clock"

    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(String(40), ForeignKey(CONVERSATION, ondelete="CASCADE"))
    team_id: Mapped[str | None] = mapped_column(String(40), ForeignKey("team.id", ondelete="SET NULL"))  # whose promise it is
    goal: Mapped[str] = mapped_column(String(10))  # handoff.conversations.sla.Goal
    in_chat: Mapped[bool]
    started_at: Mapped[datetime]
    goal_seconds: Mapped[int]  # of working time, as the next
    left_seconds: Mapped[float]  # at `running_since`, or where it was stopped
    running_since: Mapped[datetime | None]  # None: stopped, and without a due time
    due_at: Mapped[datetime | None]
    soon_at: Mapped[datetime | None]
    broken_at: Mapped[datetime | None]  # its due time, once that was over
    ended_at: Mapped[datetime | None]
    kept: Mapped[bool | None]  # None while open, and where it came to nothing: the customer went away, the bot went on

    __table_args__ = (
        Index("ix_sla_clock_open", "conversation_id", sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL")),
        Index("ix_sla_clock_due", "due_at", sqlite_where=text(_UNBROKEN), postgresql_where=text(_UNBROKEN)),
        Index("ix_sla_clock_ended_at", "ended_at"),
    )
