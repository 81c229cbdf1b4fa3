"""Who has a conversation, and which moves are allowed. Pure: the one table that every change is checked against."""

from __future__ import annotations

from enum import StrEnum

from handoff.errors import MoveRefused


class State(StrEnum):
    """Where a conversation stands."""

    BOT = "bot"
    WAITING = "waiting"  # wants a person; nobody has it
    LIVE = "live"  # one agent has it
    SNOOZED = "snoozed"  # an agent has put it off until a time or the customer's next word
    CLOSED = "closed"
    TICKET = "ticket"  # e-mail, call-back, offline form: answered later


MOVES: frozenset[tuple[State, State]] = frozenset(
    {
        (State.BOT, State.WAITING),  # a person was asked for
        (State.BOT, State.CLOSED),
        (State.BOT, State.TICKET),  # a contact was left while nobody is here
        (State.WAITING, State.LIVE),  # claimed, or assigned and accepted
        (State.WAITING, State.BOT),  # the customer goes back
        (State.WAITING, State.CLOSED),  # the customer is gone
        (State.WAITING, State.TICKET),  # the customer is gone and has left a contact
        (State.LIVE, State.LIVE),  # passed on, taken over
        (State.LIVE, State.WAITING),  # the agent is lost or let it go
        (State.LIVE, State.BOT),  # given back
        (State.LIVE, State.SNOOZED),
        (State.SNOOZED, State.WAITING),  # time is up, or the customer wrote
        (State.SNOOZED, State.LIVE),  # its holder goes on with it: before the time, or is here when it is up
        (State.SNOOZED, State.CLOSED),  # the customer ends the chat
        (State.LIVE, State.CLOSED),
        (State.CLOSED, State.BOT),  # the customer writes again
        (State.CLOSED, State.WAITING),
        (State.CLOSED, State.LIVE),  # the customer writes and finds who had it; or the agent takes the ending back
        (State.TICKET, State.LIVE),
        (State.TICKET, State.CLOSED),  # the customer ends the chat and needs no answer any more
        (State.TICKET, State.WAITING),  # the customer is back in the chat and asks for a person
        (State.CLOSED, State.TICKET),  # the customer answers a closed ticket
    }
)


CHATS = frozenset({"web", "telegram", "slack", "facebook"})  # channels where the customer reads at once and talks with the bot


def bot_may_answer(state: State, channel: str) -> bool:
    """Whether the bot owes an answer to what the customer writes. In a ticket only while the customer is in the chat:
    who has left an address and asks on must not meet silence."""
    return state is State.BOT or (state is State.TICKET and channel in CHATS)


def check_move(before: State, after: State) -> None:
    """Raise `MoveRefused`, naming both states, unless the move is in the table."""
    if (before, after) not in MOVES:
        raise MoveRefused(f"A conversation can't go from {before.value} to {after.value}.")
