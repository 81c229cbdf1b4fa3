"""One trained model and Rasa's `Agent` around it: a history and a message in, a turn out. Heavy to import.

`bot.runtime` imports this in the bot's own thread, after TensorFlow's stand-in is in place, and is the only one to use it.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.shared.core.constants import DEFAULT_INTENTS
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.asking import leans_on_the_one_before
from bot.channel import TurnChannel
from bot.components.faq_matcher import FOLLOW_UP
from bot.faq import live
from bot.graph_runner import GraphRunner
from bot.heard import Heard
from bot.local_actions import Executor, LocalActions
from bot.parse_data import DECISION, chosen, reading_of
from bot.stages import UNDERSTANDING, part
from bot.staging import Stage, StagingTrackerStore
from bot.understanding import BotUnavailable, Contact, Incoming, Language, Reading, TrackerEvents, Turn

CHANNEL = "abiline"
CHOOSE_ENTRY = "choose_entry"
FROM_THE_FAQ = frozenset({"answer", "suggest"})
ASKS_PERSON = "asks_person"  # how `bot.faq.decision` begins the reason of a handoff that the customer wished for
UNSURE = frozenset({"suggest", "clarify", "human", "answer"})  # decided by likelihood; what has a flow of its own is left alone
_MOST_FORESEEN = 64
_READERS = 2
_PAYLOAD = re.compile(r"/(?P<intent>\w+)(?P<values>\{.*\})?$")


class Dialogue:
    """Answers one message at a time for any number of conversations. Use it from one thread and loop only."""

    def __init__(self, model: Path, executor: Executor, *, bot_name: str) -> None:
        self._store = StagingTrackerStore()
        self._agent = Agent(action_endpoint=LocalActions(executor, self._store))
        # Agent wraps its store in FailSafeTrackerStore, which on an error silently goes on in memory: put ours in its place.
        self._agent.tracker_store = self._store
        self._agent.load_model(model)
        self._processor = self._agent.processor
        if self._processor.tracker_store is not self._store:
            raise BotUnavailable(f"Rasa keeps its conversations in {type(self._processor.tracker_store).__name__}, not on our stage: this Rasa is not 3.6")
        self._processor.graph_runner = GraphRunner(self._processor.graph_runner)
        for slot in self._processor.domain.slots:
            if slot.name == "bot_name":
                slot.initial_value = bot_name
        metadata = self._processor.model_metadata
        # The graph's last node obeys texts that begin with "/"; a customer's text stops at the node before it.
        self._foreseen: OrderedDict[str, tuple[object, Future[dict[str, Any]]]] = OrderedDict()
        self._heard = Heard()
        self._ahead = ThreadPoolExecutor(_READERS, "reading")
        self._text_target = metadata.predict_schema.nodes[metadata.nlu_target].needs["messages"]

    async def reply(self, history: TrackerEvents, message: Incoming) -> Turn:
        """One turn. Whatever goes wrong inside Rasa is raised as it is; nothing is kept."""
        with self._store.stage(message.conversation_id, history) as stage:
            with part(UNDERSTANDING):
                parsed = self._parse_payload(message) or await self._read_after(message.text, stage)
            channel = TurnChannel()
            said = UserMessage(message.text, channel, message.conversation_id, parsed, CHANNEL, message.message_id, _about(message))
            await self._agent.handle_message(said)
            contact = stage.results.get("contact")
            return Turn(
                replies=channel.replies(_spoken(stage) or message.language),
                tracker_events=stage.new_events,
                reading=reading_of(parsed),
                handoff=stage.results.get("handoff"),
                contact=Contact(**contact) if contact else None,
                feedback=stage.results.get("feedback"),
            )

    def read(self, text: str, *, follow_up: str = "") -> dict[str, Any]:
        """Rasa's parse data for a text alone; a slash at its beginning means nothing. `follow_up` is the new end of a text put together."""
        inputs = {
            PLACEHOLDER_MESSAGE: [UserMessage(text, metadata={FOLLOW_UP: follow_up} if follow_up else None)],
            PLACEHOLDER_TRACKER: DialogueStateTracker.from_events("", []),
        }
        (message,) = self._processor.graph_runner.run(inputs=inputs, targets=[self._text_target])[self._text_target]
        found: dict[str, Any] = message.as_dict(only_output_properties=True)
        return {"text": "", "intent": {"name": None, "confidence": 0.0}, "entities": []} | found

    def foresee(self, text: str) -> None:
        """Begin to read a text that will soon be asked. In threads of their own: while one text is with the encoder, which needs no Python, Rasa goes on
        with another."""
        published = live.faq().reader().published
        if self._heard.recall(text, published) is not None:
            return
        self._foreseen[text] = (published, self._ahead.submit(self.read, text))
        if len(self._foreseen) > _MOST_FORESEEN:  # they were not asked: a person has the conversation, or the message was refused
            self._foreseen.popitem(last=False)[1][1].cancel()

    async def _read_once(self, text: str) -> dict[str, Any]:
        """`read`, or what was read ahead or for others who said the same, while the same entries are answered from."""
        published = live.faq().reader().published
        before, ahead = self._foreseen.pop(text, (None, None))
        if (known := self._heard.recall(text, published)) is not None:
            return known
        found = await asyncio.wrap_future(ahead) if ahead is not None and before is published else self.read(text)
        self._heard.note(text, published, found)
        return found

    async def _read_after(self, text: str, stage: Stage) -> dict[str, Any]:
        """`read`, but a short follow-up („aga Soome?“) is understood with the question before it where that tells more than it does alone."""
        alone = await self._read_once(text)
        before = _question_before(stage)
        said = alone.get(DECISION)
        if before is None or said is None or said["action"] not in UNSURE or said["why"].startswith(ASKS_PERSON) or not leans_on_the_one_before(text):
            return alone
        joined = self.read(f"{before} {text}", follow_up=text)
        if joined[DECISION]["action"] not in FROM_THE_FAQ or not surer(joined[DECISION], said):
            return alone
        understood = {key: joined[key] for key in ("intent", "intent_ranking", DECISION) if key in joined}
        return alone | understood | {DECISION: joined[DECISION] | {"after": before, "language": said["language"] or joined[DECISION]["language"]}}

    def ask(self, text: str, language: Language | None) -> Reading:
        """How a text is understood. Raises `BotUnavailable` for a model without a decision."""
        reading = reading_of(self.read(text), language)
        if reading is None:
            raise BotUnavailable("the model was trained without the component SupportDecision: train it with this repository's config.yml")
        return reading

    def _parse_payload(self, message: Incoming) -> dict[str, Any] | None:
        """A button's payload stands for itself, and what it says is the button's title. None where there is none of ours."""
        named = _PAYLOAD.match(message.payload or "")
        if not named or named["intent"] in DEFAULT_INTENTS or named["intent"] not in self._processor.domain.intents:
            return None
        try:
            values: dict[str, Any] = json.loads(named["values"] or "{}")
        except ValueError:
            return None
        intent = {"name": named["intent"], "confidence": 1.0}
        entities = [{"entity": name, "value": value} for name, value in values.items()]
        parsed: dict[str, Any] = {"text": message.text, "intent": intent, "intent_ranking": [intent], "entities": entities}
        if named["intent"] == CHOOSE_ENTRY:
            parsed["decision"] = chosen(str(values.get("entry")), live.faq().reader().by_id)
        return parsed


def _about(message: Incoming) -> dict[str, Any]:
    """What actions may know besides the words."""
    return {
        "in_process": True,
        "people_available": message.people_available,
        "back_at": message.back_at,
        "language": message.language,
        "page": message.page,
        "name": message.name,
        "verified": message.verified,
        "may_get_code": message.may_get_code,
        "data_page": message.data_page,
    }


def _question_before(stage: Stage) -> str | None:
    """The customer's last question to the FAQ; of a follow-up the question that it followed. None when the last message was no question."""
    last = next((event for event in reversed(stage.history) if isinstance(event, UserUttered)), None)
    decision = (last.parse_data or {}).get(DECISION) or {} if last else {}
    if not last or not last.text or decision.get("action") not in FROM_THE_FAQ:
        return None
    return str(decision.get("after") or last.text)


def surer(joined: Mapping[str, Any], alone: Mapping[str, Any]) -> bool:
    """Whether a follow-up's best candidate is likelier with the question before it; an answer always is when alone there is none."""

    def best(decision: Mapping[str, Any]) -> float:
        return max((float(one["probability"]) for one in decision["candidates"]), default=0.0)

    return best(joined) > best(alone)


def _spoken(stage: Stage) -> Language | None:
    """The language of the conversation, this turn included; None when nothing has decided it yet."""
    now = (event["value"] for event in reversed(stage.new_events) if event.get("event") == "slot" and event.get("name") == "language")
    before = (event.value for event in reversed(stage.history) if isinstance(event, SlotSet) and event.key == "language")
    return next(now, None) or next(before, None)
