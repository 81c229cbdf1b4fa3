"""Names what the customer is doing: trained on any Rasa NLU file, kept without pickles."""

from __future__ import annotations

from typing import Any

import numpy as np
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
from bot.encoder import Vectors
from bot.estonian import Analysis
from bot.intents import IntentModel

INTENT_SCORES = "intent_scores"  # [(intent, probability), …] of all intents, for the components behind
RANKING_LENGTH = "ranking_length"


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
        except ValueError:  # nothing was kept: there was nothing to train on
            return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Without a labelled example no model is kept and no intent is set."""
        examples = [message for message in training_data.intent_examples if message.get(TEXT)]
        if not examples:
            rasa.shared.utils.io.raise_warning("IntentClassifier: the training data has no example of an intent; none will be recognised.")
            return self._resource
        self._model = IntentModel()
        self._model.fit(_analyses(examples), [str(message.get(INTENT)) for message in examples], _vectors(examples))
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        predicted = self._model.predict(_analyses(messages), _vectors(messages)) if self._model and messages else [[] for _ in messages]
        for message, scores in zip(messages, predicted, strict=True):
            ranking = [{INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: float(probability)} for name, probability in scores[: self._ranking_length]]
            message.set(INTENT_SCORES, scores)
            message.set(INTENT, ranking[0] if ranking else {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}, add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages


def _analyses(messages: list[Message]) -> list[Analysis]:
    return [message.get(QUESTION).analysis for message in messages]


def _vectors(messages: list[Message]) -> Vectors:
    return np.stack([message.get(QUESTION).vector for message in messages])
