"""What can happen in a conversation, and what each reader gets to see of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import Row

from handoff.conversations.tables import EventRow


class Kind(StrEnum):
    """Facts, in the past tense."""

    MESSAGE = "message"  # body: text (may be empty where there are files), files, for the bot buttons (titles), entry_id, probability; for agents asks
    EDITED = "edited"  # body: `number` of the agent's message that was put right, its new text
    WITHDRAWN = "withdrawn"  # body: `number` of the agent's message that was taken back
    NOTE = "note"  # agents only; body: text
    HANDOFF_REQUESTED = "handoff_requested"  # body: reason
    CLAIMED = "claimed"  # body: name of the agent
    RELEASED = "released"  # the agent let it go; it waits again
    GIVEN_BACK = "given_back"  # the bot goes on
    TAKEN_BACK = "taken_back"  # the customer went back to the bot
    PASSED = "passed"  # body: name of the next agent or team, `by` whom
    TAKEN_OVER = "taken_over"  # body: name of the supervisor, `from` whom
    SNOOZED = "snoozed"  # body: name of the agent, `until` when
    WOKEN = "woken"  # agents only: the time is up, the customer wrote or the holder goes on; body: name of who had put it off
    UNDONE = "undone"  # the agent took the last move back; body: name, `what` kind of event
    CLOSED = "closed"  # body: outcome
    REOPENED = "reopened"
    CONTACT_UNCLEAR = "contact_unclear"  # an agent asked for a contact, and what the customer wrote is not one; body: contact
    CONTACT_LEFT = "contact_left"  # body: contact ("email" or "phone"); the value stays in the conversation's row
    TAGGED = "tagged"  # agents only, as untagged; body: tag, name
    UNTAGGED = "untagged"
    PRODUCT_NAMED = "product_named"  # agents only; body: product ("" for none), name
    OFFERED = "offered"  # agents only: it was this agent's turn; body: name
    DECLINED = "declined"  # agents only: they let it go on to the next (actor agent), or their time ran out (actor system); body: name
    IDENTIFIED = "identified"  # agents only: the site says who is logged in; who, stays in the conversation's row
    STAGED = "staged"  # agents only; body: stage (of handoff.stages) and the agent's name. The words to the customer are a message
    LINK_RENEWED = "link_renewed"  # agents only: the customer's link to the matter's page is another one now
    ADDED = "added"  # agents only: the customer writes on the matter's page; what the bot had is a ticket from here
    ALL_WELL = "all_well"  # the customer's answer to the question after the solution
    NOT_WELL = "not_well"
    SCORED = "scored"  # agents only: the customer said how it was; body: score, of `most` on the scale, low
    VERIFIED = "verified"  # agents only, but for a code; body: how, for agents what was checked and their name (handoff.conversations.verification)
    CODE_WRONG = "code_wrong"  # the customer typed another code than was sent; body: `left` tries
    CODE_OVER = "code_over"  # too late, too often, or replaced by a newer one
    UNVERIFIED = "unverified"  # agents only; body: why, the agent's name where one took it back
    PROMISE_MISSED = "promise_missed"  # agents only, as the next three: it takes longer than the customer was told; the words to them are a message
    LEFT_ALONE = "left_alone"  # nobody is here any more while the customer waits
    CUSTOMER_LEFT = "customer_left"  # no sign of the customer's page for some minutes of waiting
    CUSTOMER_BACK = "customer_back"
    HELD = "held"  # agents only, as the next: it is kept from erasure; body: name, `reason_given`
    LET_GO = "let_go"
    BOUNCED = "bounced"  # agents only: a letter will not arrive; body: `number` and `upto` of the messages in it (0: a notice), why (`parcels`)
    AUTO_REPLIED = "auto_replied"  # agents only: the customer's mail server or absence assistant wrote; body: text
    CALLBACK_REQUESTED = "callback_requested"  # agents only, as the next four; body: starts, ends (when they may be called), tries
    CALLBACK_MOVED = "callback_moved"  # by the customer, or after a try that nobody answered by the agent (name)
    CALLBACK_DONE = "callback_done"  # they have spoken; also name
    CALLBACK_UNREACHED = "callback_unreached"  # it is tried no more; also name, why where the number was wrong
    CALLBACK_CANCELLED = "callback_cancelled"  # by the customer
    OVERDUE = "overdue"  # agents only: an answer or a solution is late by the team's own promise; body: goal


FOR_AGENTS_ONLY = frozenset(
    {
        *(
            Kind.NOTE,
            Kind.WOKEN,
            Kind.TAGGED,
            Kind.UNTAGGED,
            Kind.PRODUCT_NAMED,
            Kind.OFFERED,
            Kind.DECLINED,
            Kind.IDENTIFIED,
            Kind.UNVERIFIED,
            Kind.STAGED,
            Kind.LINK_RENEWED,
            Kind.ADDED,
            Kind.SCORED,
            Kind.HELD,
            Kind.LET_GO,
        ),
        *(Kind.CALLBACK_REQUESTED, Kind.CALLBACK_MOVED, Kind.CALLBACK_DONE, Kind.CALLBACK_UNREACHED, Kind.CALLBACK_CANCELLED),
        *(Kind.PROMISE_MISSED, Kind.LEFT_ALONE, Kind.CUSTOMER_LEFT, Kind.CUSTOMER_BACK, Kind.OVERDUE),
    }
)

BY_CODE = ("code", "address")  # the customer has done something for it and hears that it worked
BEFORE = "before"  # in a message's hidden part: its earlier texts, oldest first


def words_of(message: EventRow) -> str:
    """What was said, in one text; of a message without words, the names of its files."""
    return message.body["text"] or ", ".join(file["name"] for file in message.body.get("files", ()))


def for_customer(event: EventRow | Row[Any]) -> dict[str, Any] | None:
    """The event as the customer's page gets it, or None when it is not theirs to see. Never the payload of a button."""
    if Kind(event.kind) in FOR_AGENTS_ONLY or (event.kind == Kind.VERIFIED and event.body.get("how") not in BY_CODE):
        return None
    body = {key: value for key, value in event.body.items() if key != "probability"}
    return _view(event, body)


def for_agent(event: EventRow, *, supervises: bool = False) -> dict[str, Any]:
    """The event as the desk gets it; what stood in a message before it was put right or taken back is for supervisors."""
    before = {"before": event.hidden[BEFORE]} if supervises and BEFORE in event.hidden else {}
    return _view(event, event.body) | {"agent_id": event.agent_id} | before


def _view(event: EventRow | Row[Any], body: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": event.number,
        "kind": event.kind,
        "actor": event.actor,
        "at": event.at.isoformat(),
        "client_id": event.client_id,
        "body": body,
    }
