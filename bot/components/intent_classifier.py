"""Names what the customer is doing: trained on any Rasa NLU file, kept without pickles."""

from __future__ import annotations

from pathlib import Path
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
from bot.estonian import analyse
from bot.examples import Example, with_bank
from bot.faq import live
from bot.faq.question import Question, read_questions
from bot.intents import IntentModel

INTENT_SCORES = "intent_scores"  # [(intent, probability), …] of all intents, for the components behind
RANKING_LENGTH = "ranking_length"
BANK = "bank"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent):
    """`bot.intents.IntentModel` in Rasa's graph."""

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, model: IntentModel | None = None) -> None:
        self._ranking_length = int(config[RANKING_LENGTH])
        self._bank = Path(config[BANK]) if config[BANK] else None
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @classmethod
    def required_components(cls) -> list[type[GraphComponent]]:
        return [EncoderFeaturizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`ranking_length`: intents shown in `intent_ranking`, as many as Rasa's own classifiers show.

        `bank`: a folder of businesses' labelled questions that are more examples of our own intents; empty for none, and
        without effect on anybody else's intents.
        """
        return {RANKING_LENGTH: 10, BANK: ""}

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
        messages = [message for message in training_data.intent_examples if message.get(TEXT)]
        if not messages:
            rasa.shared.utils.io.raise_warning("IntentClassifier: the training data has no example of an intent; none will be recognised.")
            return self._resource
        examples = [Example(message.get(TEXT), str(message.get(INTENT))) for message in messages]
        more = with_bank(examples, self._bank)[len(examples) :] if self._bank else []
        questions = [message.get(QUESTION) for message in messages] + read_questions([analyse(example.text) for example in more], live.encoder())
        labels = [example.intent for example in [*examples, *more]]
        self._model = IntentModel()
        self._model.fit([question.analysis for question in questions], labels, np.stack([question.vector for question in questions]))
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            scores = self._scores(message.get(QUESTION))
            ranking = [{INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: float(probability)} for name, probability in scores[: self._ranking_length]]
            message.set(INTENT_SCORES, scores)
            message.set(INTENT, ranking[0] if ranking else {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}, add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _scores(self, question: Question) -> list[tuple[str, float]]:
        return self._model.predict([question.analysis], question.vector[None])[0] if self._model else []
