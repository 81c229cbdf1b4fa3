"""Decides what is done about a message, by `bot.faq.decision`, and lets the dialogue go on with the intent that fits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.encoder_featurizer import QUESTION
from bot.components.faq_matcher import CANDIDATES, READER, FaqMatcher
from bot.components.intent_classifier import INTENT_SCORES
from bot.estonian import Analysis
from bot.faq.decision import GIBBERISH, HUMAN, leading
from bot.parse_data import DECISION, decision_data
from bot.understand import Reader
from bot.understanding import Reading

QUESTION_INTENT = "question_intent"
CONTACT_INTENT = "contact_intent"
MOST_WORDS_OF_A_CONTACT = 3
OWN_WAY = frozenset({"smalltalk", "flow"})  # such an intent has a rule of its own


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class SupportDecision(GraphComponent):
    """Sets `decision` (see `bot.parse_data`) and, where the FAQ is to speak, the intent for questions.

    Training data without that intent is left alone: no decision, no intent changed.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        self._question_intent = config[QUESTION_INTENT]
        self._contact_intent = config[CONTACT_INTENT]

    @classmethod
    def required_components(cls) -> list[type[GraphComponent]]:
        return [FaqMatcher]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`question_intent`: the intent with which the dialogue asks the FAQ, the same as FaqMatcher's.

        `contact_intent`: what a bare address or number is, also a mistyped one, whatever the classifier takes it for.
        """
        return {QUESTION_INTENT: "ask_question", CONTACT_INTENT: "leave_contact"}

    @staticmethod
    def validate_config(config: dict[str, Any]) -> None:
        """Raises `InvalidConfigException` before anything is trained."""
        for key in (QUESTION_INTENT, CONTACT_INTENT):
            if not isinstance(config[key], str) or not config[key]:
                raise InvalidConfigException(f"SupportDecision: {key} must be an intent's name, not {config[key]!r}")

    @staticmethod
    def supported_languages() -> list[str]:
        return ["et"]

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext) -> SupportDecision:
        cls.validate_config(config)
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if message.get(READER) is not None:
                self._set_contact(message)
                reading = _decided(message, message.get(READER))
                message.set(DECISION, decision_data(reading, message.get(READER).by_id), add_to_output=True)
                self._set_intent(message, reading)
        return messages

    def _set_contact(self, message: Message) -> None:
        """What a rule can tell for sure is not left to likelihoods."""
        scores = dict(message.get(INTENT_SCORES))
        if self._contact_intent in scores and _is_bare_contact(message.get(QUESTION).analysis):
            certain = {name: float(name == self._contact_intent) for name in scores}
            message.set(INTENT_SCORES, sorted(certain.items(), key=lambda item: -item[1]))

    def _set_intent(self, message: Message, reading: Reading) -> None:
        """Clear intents keep their own rules; questions, and texts whose intent is not clear, go to the FAQ's action."""
        scores = message.get(INTENT_SCORES)
        intent, sure = leading(scores)
        asks_for_a_person = reading.action == "human" and intent in HUMAN and sure >= message.get(READER).policy.intent_at
        means_nothing = reading.action == "clarify" and intent == GIBBERISH
        wanted = intent if reading.action in OWN_WAY or asks_for_a_person or means_nothing else self._question_intent
        if wanted != message.get(INTENT)[INTENT_NAME_KEY]:
            message.set(INTENT, {INTENT_NAME_KEY: wanted, PREDICTED_CONFIDENCE_KEY: dict(scores)[wanted]}, add_to_output=True)


def _decided(message: Message, reader: Reader) -> Reading:
    question = message.get(QUESTION)
    reading = reader.conclude(message.get(TEXT), question, message.get(CANDIDATES), message.get(INTENT_SCORES))
    return replace(reading, language=question.analysis.language)


def _is_bare_contact(analysis: Analysis) -> bool:
    """An e-mail address or a phone number with hardly a word beside it, or what was meant to be an address."""
    found = any(entity.kind in ("email", "phone") for entity in analysis.entities) or "@" in analysis.normal
    return found and len(analysis.normal.split()) <= MOST_WORDS_OF_A_CONTACT
