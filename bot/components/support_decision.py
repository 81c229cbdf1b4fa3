"""Decides what is done about a message, by `bot.faq.decision`, and lets the dialogue go on with the intent that fits."""

from __future__ import annotations

import os
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.estonian_analyzer import ANALYSIS
from bot.components.faq_matcher import CANDIDATES, FAQ, FaqMatcher
from bot.components.intent_classifier import INTENT_SCORES
from bot.faq.decision import decide
from bot.parse_data import DECISION, decision_data
from bot.understanding import Reading

QUESTION_INTENT = "question_intent"
PRECISION = "answer_precision"
PRECISION_KEY = "ABILINE_ANSWER_PRECISION"
OWN_ACTIONS = frozenset({"smalltalk", "flow"})  # the intent has its own rule and goes on as it is


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class SupportDecision(GraphComponent):
    """Sets `decision` (see `bot.parse_data`) and, where the FAQ is to speak, the intent for questions."""
