"""The bot's reasons, said in the reader's language."""

from __future__ import annotations

from pathlib import Path

import pytest

import handoff.texts
from bot.faq.decision import Policy, decide
from bot.understanding import LANGUAGES, Candidate, Language
from handoff.explain import explain
from handoff.texts import Texts

TEXTS = Texts(Path(handoff.texts.__file__).parent / "texts")
POLICY = Policy(answer_at=0.8)
NEAR = [Candidate("a", "A?", 0.5), Candidate("b", "B?", 0.2)]


def test_chances_are_said_as_percentages() -> None:
    assert explain(TEXTS, "et", "answer best=0.91 threshold=0.80") == "Parim vastus sobib kindlusega 91%; bot vastab ise alates 80%."


def test_a_code_without_words_shows_itself_and_nothing_stays_nothing() -> None:
    assert explain(TEXTS, "et", "uus x=1") == "[?why.uus]"
    assert explain(TEXTS, "et", "") == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_decision_can_be_said_in_every_language(language: Language) -> None:
    intents: tuple[list[tuple[str, float]], ...] = [("ask_human", 0.9)], [("gibberish", 0.9)], [("greet", 0.9)], [("my_data", 0.9)], []
    reasons = [decide([], intent, POLICY).why for intent in intents]
    reasons += [decide(NEAR, [], POLICY).why, decide([Candidate("a", "A?", 0.9)], [], POLICY).why, decide([Candidate("a", "A?", 0.1)], [], POLICY).why]
    reasons.append(decide([], [], POLICY, has_words=False).why)

    said = [explain(TEXTS, language, why) for why in reasons]

    assert not [text for text in said if "[?" in text or "$" in text]
    assert len(set(said)) >= 8
