"""Rasa's tracker store as a stage: it holds a conversation for the length of one turn and keeps nothing.

The history comes in with the message, the new events go out with the turn, and whoever called commits them. Asking for a
conversation that is not on the stage is an error: Rasa must never go on with an empty or a made-up history.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.understanding import TrackerEvents


class StagingError(Exception):
    """A conversation was asked for that is not on the stage, or was put there twice."""


@dataclass
class Stage:
    """One turn of one conversation: what was, what is new, and what the actions gave besides words."""

    history: list[Event]
    new_events: tuple[Mapping[str, Any], ...] = ()
    results: dict[str, Any] = field(default_factory=dict)  # "handoff", "contact", "feedback"


def _listens(events: list[Event]) -> bool:
    """Whether the last thing done was to wait for the customer."""
    last = next(event for event in reversed(events) if isinstance(event, ActionExecuted | UserUttered))
    return isinstance(last, ActionExecuted) and last.action_name == ACTION_LISTEN_NAME


@cache
def _kind(name: str) -> type[Event] | None:
    """Rasa looks through all its kinds of events for each event that it reads: a fifth of a millisecond in a long talk. Raises `ValueError`."""
    kind: type[Event] | None = Event.resolve_by_type(name)
    return kind


def _event(told: Mapping[str, Any]) -> Event | None:
    """As Rasa's `Event.from_parameters`."""
    kind = _kind(told["event"]) if told.get("event") else None
    return kind._from_parameters(dict(told)) if kind else None


def _events(history: TrackerEvents) -> list[Event]:
    """The history as Rasa's events. One without any action (a mere `resume`) is none: Rasa would wait for a session that never starts."""
    try:
        events = [event for event in map(_event, history) if event is not None]
    except (KeyError, TypeError, ValueError) as error:
        raise StagingError(f"the history holds an event that Rasa can't read: {type(error).__name__}") from error
    if len(events) != len(history):  # what is new would be counted wrongly
        raise StagingError("the history holds something that is no event")
    return events if any(isinstance(event, ActionExecuted) for event in events) else []


class StagingTrackerStore(TrackerStore):
    """Holds the conversations whose turns are under way, by id."""

    def __init__(self, domain: Domain | None = None) -> None:
        super().__init__(domain)
        self._stages: dict[str, Stage] = {}

    @contextmanager
    def stage(self, conversation_id: str, history: TrackerEvents) -> Iterator[Stage]:
        """Put a conversation on the stage for one turn. Raises `StagingError` when it is there already or can't be read."""
        if conversation_id in self._stages:
            raise StagingError(f"conversation {conversation_id} is already being answered")
        stage = Stage(_events(history))
        self._stages[conversation_id] = stage
        try:
            yield stage
        finally:
            del self._stages[conversation_id]

    def on_stage(self, conversation_id: str) -> Stage:
        """The turn under way. Raises `StagingError`."""
        try:
            return self._stages[conversation_id]
        except KeyError:
            raise StagingError(f"conversation {conversation_id} is not being answered") from None

    async def retrieve(self, sender_id: str) -> DialogueStateTracker:
        """The conversation as its history says, listening; a new one is an empty tracker."""
        history = self.on_stage(sender_id).history
        tracker = DialogueStateTracker.from_events(sender_id, history, self.domain.slots, domain=self.domain)
        if history and not _listens(history):  # a handoff ended the last turn: after a resume no rule would fit what follows
            tracker.update(ActionExecuted(ACTION_LISTEN_NAME), self.domain)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep what is new since the history, in order."""
        stage = self.on_stage(tracker.sender_id)
        stage.new_events = tuple(event.as_dict() for event in list(tracker.events)[len(stage.history) :])

    async def keys(self) -> Iterable[str]:
        """Ids of the conversations on the stage."""
        return list(self._stages)
