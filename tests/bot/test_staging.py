"""The stage: it knows what it was given, gives back what is new, and makes up nothing."""

from __future__ import annotations

import tests.bot.load_rasa  # noqa: F401 - before Rasa itself

# isort: split
import pytest
from rasa.core.agent import Agent
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.events import ActionExecuted, UserUttered

from bot.staging import StagingError, StagingTrackerStore

HISTORY = [
    {"event": "action", "name": "action_listen", "timestamp": 1.0},
    {"event": "user", "text": "tere", "parse_data": {"intent": {"name": "greet"}, "entities": [], "text": "tere"}, "timestamp": 2.0},
    {"event": "pause", "timestamp": 3.0},
    {"event": "resume", "timestamp": 4.0},
]
LISTENING = [*HISTORY, {"event": "action", "name": "action_listen", "timestamp": 5.0}]


async def test_a_tracker_is_made_of_its_history() -> None:
    store = StagingTrackerStore()
    with store.stage("mari-1", HISTORY):
        tracker = await store.retrieve("mari-1")
    assert [event.type_name for event in tracker.events] == ["action", "user", "pause", "resume", "action"]
    assert tracker.latest_message.text == "tere"
    assert not tracker.is_paused()


async def test_a_new_conversation_is_an_empty_tracker() -> None:
    store = StagingTrackerStore()
    with store.stage("mari-1", []):
        tracker = await store.retrieve("mari-1")
    assert not tracker.events


async def test_only_new_events_come_back() -> None:
    store = StagingTrackerStore()
    with store.stage("mari-1", LISTENING) as stage:
        tracker = await store.retrieve("mari-1")
        tracker.update(UserUttered("kus mu pakk on"))
        await store.save(tracker)
    assert [(event["event"], event["text"]) for event in stage.new_events] == [("user", "kus mu pakk on")]


async def test_a_conversation_that_a_person_had_listens_again() -> None:
    """A handoff ends the turn without `action_listen`; after a resume no rule would fit what follows."""
    store = StagingTrackerStore()
    with store.stage("mari-1", HISTORY) as stage:
        await store.save(await store.retrieve("mari-1"))
    assert [(event["event"], event["name"]) for event in stage.new_events] == [("action", "action_listen")]


async def test_what_came_back_is_history_next_time() -> None:
    store = StagingTrackerStore()
    with store.stage("mari-1", HISTORY) as first:
        tracker = await store.retrieve("mari-1")
        tracker.update(UserUttered("kus mu pakk on"))
        tracker.update(ActionExecuted("action_listen"))
        await store.save(tracker)
    with store.stage("mari-1", [*HISTORY, *first.new_events]) as second:
        tracker = await store.retrieve("mari-1")
        await store.save(tracker)
    assert tracker.latest_message.text == "kus mu pakk on"
    assert second.new_events == ()


async def test_a_conversation_that_is_not_on_the_stage_is_an_error_and_never_an_empty_one() -> None:
    store = StagingTrackerStore()
    with pytest.raises(StagingError, match="not being answered"):
        await store.retrieve("mari-1")


async def test_a_history_that_is_only_a_resume_is_a_new_conversation() -> None:
    """The customer went back to the bot before it ever spoke: Rasa would wait for a session that never starts."""
    store = StagingTrackerStore()
    with store.stage("mari-1", [{"event": "resume", "timestamp": 1.0}]):
        tracker = await store.retrieve("mari-1")
    assert not tracker.events


async def test_an_event_that_rasa_does_not_know_is_an_error() -> None:
    with pytest.raises(StagingError, match="can't read"), StagingTrackerStore().stage("mari-1", [*HISTORY, {"event": "olematu"}]):
        pass


async def test_nothing_is_kept_after_the_turn() -> None:
    store = StagingTrackerStore()
    with store.stage("mari-1", HISTORY):
        assert list(await store.keys()) == ["mari-1"]
    assert list(await store.keys()) == []


async def test_a_turn_that_breaks_leaves_the_stage_too() -> None:
    store = StagingTrackerStore()
    with pytest.raises(ZeroDivisionError), store.stage("mari-1", HISTORY):
        raise ZeroDivisionError
    assert list(await store.keys()) == []


async def test_the_same_conversation_is_not_answered_twice_at_once() -> None:
    store = StagingTrackerStore()
    with store.stage("mari-1", HISTORY), pytest.raises(StagingError, match="already"), store.stage("mari-1", HISTORY):
        pass


def test_rasas_agent_wraps_any_store_it_is_given() -> None:
    """The trap that `bot.dialogue` steps around: in that wrapper a failing store is replaced by memory."""
    agent = Agent(tracker_store=StagingTrackerStore())
    assert isinstance(agent.tracker_store, FailSafeTrackerStore)
