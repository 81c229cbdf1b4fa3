"""Says in the reader's language why the bot decided as it did (`bot.understanding.Reading.why` is a code and its values)."""

from __future__ import annotations

import re

from bot.understanding import Language
from handoff.texts import Texts

_CHANCE = re.compile(r"[01]\.\d+")


def explain(texts: Texts, language: Language, why: str) -> str:
    """One sentence; chances are said as percentages. Nothing for nothing; a code that nobody has words for shows itself."""
    code, *pairs = why.split() or [""]
    if not code:
        return ""
    values = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    shown = {name: f"{float(value):.0%}" if _CHANCE.fullmatch(value) else value for name, value in values.items()}
    return texts.say(language, f"why.{code}", **shown)
