"""Names what the customer is doing: trained on any Rasa NLU file, kept without pickles."""

from __future__ import annotations

from typing import Any

import rasa.shared.utils.io
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.encoder_featurizer import QUESTION, EncoderFeaturizer
from bot.faq.evidence import Question
from bot.intents import IntentModel

INTENT_SCORES = "intent_scores"  # [(intent, probability), …] of all intents, for the components behind
RANKING_LENGTH = "ranking_length"
LEAST_INTENTS = 2


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent):
    """`bot.intents.IntentModel` in Rasa's graph."""

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, model: IntentModel | None = None) -> None:
        self._ranking_length = int(config[RANKING_LENGTH])
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @classmethod
    def required_components(cls) -> list[type[GraphComponent]]:
        return [EncoderFeaturizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`ranking_length`: intents shown in `intent_ranking`, as many as Rasa's own classifiers show."""
        return {RANKING_LENGTH: 10}

    @staticmethod
    def validate_config(config: dict[str, Any]) -> None:
        """Raises `InvalidConfigException` before anything is trained."""
        if not isinstance(config[RANKING_LENGTH], int) or config[RANKING_LENGTH] < 1:
            raise InvalidConfigException(f"IntentClassifier: {RANKING_LENGTH} must be a whole number from 1 up, not {config[RANKING_LENGTH]!r}")

    @staticmethod
    def supported_languages() -> list[str]:
        return ["et"]

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext) -> IntentClassifier:
        cls.validate_config(config)
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext, **kwargs: Any
    ) -> IntentClassifier:
        try:
            with model_storage.read_from(resource) as folder:
                return cls(config, model_storage, resource, IntentModel.load(folder))
        except ValueError:  # nothing was kept: there was too little to train on
            return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """With fewer than two intents there is nothing to tell apart: no model is kept and no intent is set."""
        examples = [message for message in training_data.intent_examples if message.get(TEXT)]
        labels = [str(message.get(INTENT)) for message in examples]
        if len(set(labels)) < LEAST_INTENTS:
            rasa.shared.utils.io.raise_warning("IntentClassifier: examples of at least two intents are needed; none will be recognised.")
            return self._resource
        self._model = IntentModel.fit([_question(message) for message in examples], labels)
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            scores = self._model.predict(_question(message)) if self._model else []
            ranking = [{INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: float(probability)} for name, probability in scores[: self._ranking_length]]
            message.set(INTENT_SCORES, scores)
            message.set(INTENT, ranking[0] if ranking else {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}, add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages


def _question(message: Message) -> Question:
    question: Question = message.get(QUESTION)
    return question
