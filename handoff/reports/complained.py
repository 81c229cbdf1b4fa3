"""Whether a conversation is a complaint, and since which event: a call for a person with that reason, or an agent's tag, until somebody takes the tag off."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from handoff.contract import Reason
from handoff.conversations.complaints import TAG
from handoff.conversations.events import Kind


class Seen(Protocol):
    """What has to be known of an event."""

    @property
    def kind(self) -> str: ...

    @property
    def reason(self) -> str | None: ...

    @property
    def tag(self) -> str | None: ...


One = TypeVar("One", bound=Seen)


def complained(events: Iterable[One]) -> One | None:
    """The first event, of a conversation's in their order, by which it is a complaint; None where it is none (any more)."""
    first: One | None = None
    is_one = False
    for event in events:
        tagged = (event.tag or "").casefold() == TAG
        if (event.kind == Kind.HANDOFF_REQUESTED and event.reason == Reason.COMPLAINT) or (event.kind == Kind.TAGGED and tagged):
            first, is_one = first or event, True
        elif event.kind == Kind.UNTAGGED and tagged:
            is_one = False
    return first if is_one else None
