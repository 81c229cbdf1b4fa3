"""The message as a vector: for the components behind, and as dense features for any of Rasa's own classifiers."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.estonian_analyzer import ANALYSIS, EstonianAnalyzer
from bot.encoder import Encoder
from bot.faq import live
from bot.faq.question import read_questions

QUESTION = "question"  # the message's `bot.faq.question.Question`: analysis and vectors
ORIGIN = "EncoderFeaturizer"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class EncoderFeaturizer(GraphComponent):
    """Encodes messages; the encoder itself is shared by the whole process and not part of Rasa's model."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    @classmethod
    def required_components(cls) -> list[type[GraphComponent]]:
        return [EstonianAnalyzer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """No keys: which encoder there is, is a setting of the whole process (ABILINE_ENCODER), not of one model."""
        return {}

    @staticmethod
    def supported_languages() -> list[str]:
        return ["et"]

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext) -> EncoderFeaturizer:
        return cls(live.encoder())

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process([message for message in training_data.training_examples if message.get(TEXT)])
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        for message, question in zip(messages, read_questions([message.get(ANALYSIS) for message in messages], self._encoder), strict=True):
            message.set(QUESTION, question)
            message.add_features(Features(question.vector[None], FEATURE_TYPE_SENTENCE, TEXT, ORIGIN))
        return messages
