"""Custom actions in our own process."""

from __future__ import annotations

import tests.bot.load_rasa  # noqa: F401 - before Rasa itself

# isort: split
import logging
from typing import Any

import pytest
from rasa.core.actions.action import RemoteAction

from bot.channel import TurnChannel
from bot.local_actions import LocalActions
from bot.staging import StagingTrackerStore
from bot.understanding import Button, Reply

CALL = {"sender_id": "mari-1", "next_action": "action_answer_faq", "tracker": {}}


class Answers:
    """An executor that gives these responses, or raises."""

    def __init__(self, *responses: dict[str, Any], error: Exception | None = None) -> None:
        self._responses = responses
        self._error = error
        self.runs = 0

    async def run(self, action_call: Any) -> dict[str, Any]:
        self.runs += 1
        if self._error:
            raise self._error
        return {"events": [{"event": "pause"}], "responses": list(self._responses)}


async def test_words_go_on_and_results_go_to_the_stage() -> None:
    words = {"text": "Annan vestluse üle.", "custom": {}}
    store = StagingTrackerStore()
    actions = LocalActions(Answers({"custom": {"handoff": {"reason": "asked"}}}, words), store)
    with store.stage("mari-1", []) as stage:
        result = await actions.request(json=CALL)
    assert result == {"events": [{"event": "pause"}], "responses": [words]}
    assert stage.results == {"handoff": {"reason": "asked"}}


async def test_after_a_handoff_nothing_more_is_done_in_the_turn() -> None:
    executor = Answers({"custom": {"handoff": {"reason": "asked"}}})
    store = StagingTrackerStore()
    actions = LocalActions(executor, store)
    with store.stage("mari-1", []):
        await actions.request(json=CALL)
        again = await actions.request(json=CALL)
    assert again == {"events": [], "responses": []}
    assert executor.runs == 1


async def test_the_entry_an_answer_comes_from_stays_with_its_words() -> None:
    answer = {"text": "14 päeva", "custom": {"entry_id": "tagastamise-tahtaeg"}}
    store = StagingTrackerStore()
    with store.stage("mari-1", []):
        result = await LocalActions(Answers(answer), store).request(json=CALL)
    assert result["responses"] == [answer]


async def test_an_action_that_raises_still_has_a_word_for_the_customer(caplog: pytest.LogCaptureFixture) -> None:
    store = StagingTrackerStore()
    actions = LocalActions(Answers(error=ValueError("mari@example.ee ei sobi")), store)
    with store.stage("mari-1", []), caplog.at_level(logging.ERROR):
        result = await actions.request(json=CALL)
    assert result["responses"] == [{"response": "utter_trouble"}]
    assert result["events"] == [{"event": "followup", "name": "action_listen"}]  # and nothing else is tried in this turn
    assert "action_answer_faq failed: ValueError" in caplog.text
    assert "mari@example.ee" not in caplog.text  # an error's message may quote the customer


def test_results_are_not_checked_against_a_schema_each_time() -> None:
    LocalActions(Answers(), StagingTrackerStore())
    assert RemoteAction("action_answer_faq", None)._validate_action_result({"events": "none of Rasa's"})


async def test_a_message_stays_whole_on_its_way_to_the_customer() -> None:
    channel = TurnChannel()
    buttons = [{"title": "Jah", "payload": "/ask_human"}]
    await channel.send_response("mari-1", {"text": "Kas ühendan?", "buttons": buttons})
    await channel.send_response("mari-1", {"text": "14 päeva", "custom": {"entry_id": "e", "probability": 0.9, "language": "et"}})
    await channel.send_response("mari-1", {"custom": {"other": 1}})
    assert list(channel.replies("ru")) == [
        Reply("Kas ühendan?", (Button("Jah", "/ask_human"),), language="ru"),
        Reply("14 päeva", entry_id="e", probability=0.9, language="et"),
    ]
