"""Runs custom actions in this process instead of over HTTP: an `EndpointConfig` whose request is a function call."""

from __future__ import annotations

import logging
from typing import Any, Protocol

from rasa.core.actions.action import RemoteAction
from rasa.utils.endpoints import EndpointConfig

from bot.quiet import place
from bot.stages import ACTIONS, part
from bot.staging import StagingTrackerStore

log = logging.getLogger(__name__)

RESULTS = ("handoff", "contact", "feedback")  # what an action gives besides words, under these keys of `custom`
LISTEN = {"event": "followup", "name": "action_listen"}  # ends the turn, or a failing fallback would be tried ten times
NOTHING: dict[str, Any] = {"events": [], "responses": []}


class Executor(Protocol):
    """What is asked of rasa-sdk's `ActionExecutor`."""

    async def run(self, action_call: Any) -> dict[str, Any] | None: ...


class LocalActions(EndpointConfig):
    """Gives actions to the executor, takes their results off into the stage, and has a word for one that fails."""

    def __init__(self, executor: Executor, store: StagingTrackerStore) -> None:
        super().__init__(url="in this process", enable_selective_domain=True)  # the domain is sent to no action: nobody asks for it
        self._executor = executor
        self._store = store
        # Rasa checks every result against a JSON schema, and the schema too, which takes 13 ms of a message's 16; these results are our own.
        RemoteAction._validate_action_result = lambda _action, _result: True

    async def request(self, *_args: Any, json: dict[str, Any], **_options: Any) -> dict[str, Any]:
        """Run one action. After a handoff nothing more is done in the turn."""
        stage = self._store.on_stage(json["sender_id"])
        if "handoff" in stage.results:
            return dict(NOTHING)
        try:
            with part(ACTIONS):
                result = await self._executor.run(json) or dict(NOTHING)
        except Exception as error:  # Rasa would go on without a word to the customer
            log.error("%s failed: %s", json.get("next_action"), place(error))
            return {"events": [LISTEN], "responses": [{"response": "utter_trouble"}]}
        words: list[dict[str, Any]] = []
        for response in result["responses"]:
            given = {key: value for key, value in (response.get("custom") or {}).items() if key in RESULTS}
            stage.results.update(given)
            if not given:
                words.append(response)
        return {"events": result["events"], "responses": words}
