"""Reads a message's words once for all components behind it: language, tokens, lemmas, entities."""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, TEXT, TEXT_TOKENS
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.entities import Entity
from bot.estonian import Analysis, analyse

ANALYSIS = "analysis"  # the message's `bot.estonian.Analysis`, for the components behind
LANGUAGE = "language"  # what the words decide: et, en, ru, or None ("ok" changes no one's language); in the parse data too
KINDS = "entities"
EXTRACTOR = "EstonianAnalyzer"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class EstonianAnalyzer(GraphComponent):
    """Tokenizer and rule-based entity extractor in one, since both come of one reading."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`entities`: kinds to find by rule; an empty list leaves entities to other components."""
        return {KINDS: ["order_number", "email", "phone"]}

    @staticmethod
    def validate_config(config: dict[str, Any]) -> None:
        """Raises `InvalidConfigException` before anything is trained."""
        unknown = set(config[KINDS]) - set(EstonianAnalyzer.get_default_config()[KINDS])
        if unknown:
            raise InvalidConfigException(f"{EXTRACTOR}: {KINDS} may name order_number, email and phone, not {', '.join(sorted(unknown))}")

    def __init__(self, config: dict[str, Any]) -> None:
        self._kinds = frozenset(config[KINDS])

    @staticmethod
    def supported_languages() -> list[str]:
        return ["et"]

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext) -> EstonianAnalyzer:
        cls.validate_config(config)
        return cls(config)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Tokens and analyses only: the entities of training examples are the author's."""
        for message in training_data.training_examples:
            if message.get(TEXT):
                _set_words(message)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            analysis = _set_words(message)
            found = [_placed(entity, analysis) for entity in analysis.entities if entity.kind in self._kinds]
            message.set(ENTITIES, [*message.get(ENTITIES, []), *found], add_to_output=True)
            message.set(LANGUAGE, analysis.language, add_to_output=True)
        return messages


def _set_words(message: Message) -> Analysis:
    analysis = analyse(message.get(TEXT) or "")
    message.set(ANALYSIS, analysis)
    message.set(TEXT_TOKENS, [Token(token.word.text, token.start, token.end, lemma=token.word.lemmas[0]) for token in analysis.tokens])
    return analysis


def _placed(entity: Entity, analysis: Analysis) -> dict[str, Any]:
    """Its place in the text as it was written: the analysis counts in the normalised one, where runs of spaces are one."""
    written = analysis.normal[entity.start : entity.end]
    found = re.search(r"\s+".join(re.escape(part) for part in written.split()), analysis.text)
    start, end = found.span() if found else (entity.start, entity.end)
    return {"entity": entity.kind, "value": entity.value, "start": start, "end": end, "extractor": EXTRACTOR}
