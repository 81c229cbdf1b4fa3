"""Labelled texts for the intent classifier: Rasa's NLU files, and the bank's questions as more of the same."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.faq.bank import TEST, Business, read_bank
from bot.faq.decision import QUESTION
from bot.mendable import Mendable

_ANNOTATED = re.compile(r"\[(?P<text>[^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
_KIND_INTENTS = {"complaint": "complain", "human_request": "ask_human"}
_PER_BUSINESS = {"ask_question": 16, "complain": 8, "ask_human": 8}  # more would drown the intents that the bank knows nothing of


class ExamplesUnreadable(Mendable):
    """An NLU file can't be read; the message names it."""


@dataclass(frozen=True)
class Example:
    text: str
    intent: str


def read_nlu(path: Path) -> list[Example]:
    """The examples of one Rasa NLU file or of all in a folder. Raises `ExamplesUnreadable`."""
    files = sorted(path.rglob("*.yml")) if path.is_dir() else [path]
    return [example for file in files for example in _of_file(file)]


def from_bank(businesses: Sequence[Business], intents: frozenset[str]) -> list[Example]:
    """A sample of every business's questions, complaints and wishes for a person, as far as those intents are in use."""
    out = []
    for business in businesses:
        dice = random.Random(business.name)  # noqa: S311 - the same sample every time
        by_intent: dict[str, list[str]] = {}
        for one in business.asked:
            by_intent.setdefault(_KIND_INTENTS.get(one.kind, QUESTION), []).append(one.text)
        for intent, texts in by_intent.items():
            if intent in intents:
                out += [Example(text, intent) for text in dice.sample(texts, min(_PER_BUSINESS[intent], len(texts)))]
    return out


def with_bank(examples: Sequence[Example], bank: Path) -> list[Example]:
    """Examples and, where the bank is there and the intents are ours, the bank's."""
    intents = frozenset(example.intent for example in examples)
    if QUESTION not in intents or not bank.is_dir():
        return list(examples)
    return [*examples, *from_bank([business for business in read_bank(bank) if business.part != TEST], intents)]


def _of_file(path: Path) -> list[Example]:
    try:
        form = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        items = [item for item in form.get("nlu", ()) if "intent" in item]
        return [Example(text, item["intent"]) for item in items for text in _texts(item["examples"])]
    except (OSError, yaml.YAMLError, KeyError, AttributeError, TypeError) as error:
        raise ExamplesUnreadable(f"{path}: {type(error).__name__}: {error}") from error


def _texts(examples: str | list[dict[str, str] | str]) -> list[str]:
    raw = examples.splitlines() if isinstance(examples, str) else [one if isinstance(one, str) else one["text"] for one in examples]
    bare = (re.sub(r"^-\s+", "", line.strip()) for line in raw)
    return [_ANNOTATED.sub(lambda match: match["text"], text) for text in bare if text]
