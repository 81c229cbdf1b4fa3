"""Looks the question up in the live FAQ. The FAQ is not part of Rasa's model: an entry published now is found now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message

from bot.components.encoder_featurizer import QUESTION
from bot.components.intent_classifier import INTENT_SCORES, IntentClassifier
from bot.faq import live
from bot.faq.live import LiveFaq
from bot.faq.question import Question
from bot.understand import Reader

READER = "reader"  # the `bot.understand.Reader` that was asked; None where the bot has no use for one
CANDIDATES = "candidates"  # `bot.understanding.Candidate`s of the message, best first
QUESTION_INTENT = "question_intent"
METADATA, FOLLOW_UP = "metadata", "follow_up"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class FaqMatcher(GraphComponent):
    """Sets candidates with their probabilities. A bot without the intent for questions is left alone."""

    def __init__(self, config: dict[str, Any], faq: Callable[[], LiveFaq] = live.faq) -> None:
        self._question_intent = config[QUESTION_INTENT]
        self._faq = faq

    @classmethod
    def required_components(cls) -> list[type[GraphComponent]]:
        return [IntentClassifier]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`question_intent`: the intent whose examples are questions to the FAQ; training data without it wants no FAQ."""
        return {QUESTION_INTENT: "ask_question"}

    @staticmethod
    def validate_config(config: dict[str, Any]) -> None:
        """Raises `InvalidConfigException` before anything is trained."""
        if not isinstance(config[QUESTION_INTENT], str) or not config[QUESTION_INTENT]:
            raise InvalidConfigException(f"FaqMatcher: {QUESTION_INTENT} must be an intent's name, not {config[QUESTION_INTENT]!r}")

    @staticmethod
    def supported_languages() -> list[str]:
        return ["et"]

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext) -> FaqMatcher:
        cls.validate_config(config)
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            wanted = any(name == self._question_intent for name, _ in message.get(INTENT_SCORES))
            reader = self._faq().reader() if wanted else None
            message.set(READER, reader)
            message.set(CANDIDATES, reader.match(_asked(message, reader)) if reader else ())
        return messages


def _asked(message: Message, reader: Reader) -> Question:
    """The message's question; of a follow-up, which stands at the end of its text, also as it was typed."""
    question: Question = message.get(QUESTION)
    follow_up = (message.get(METADATA) or {}).get(FOLLOW_UP)
    return replace(question, follow_up=reader.question(follow_up)) if follow_up else question
