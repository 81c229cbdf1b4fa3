"""An entry as it is said in a chat: the answer, its steps as a numbered list or the way to them, its pages and its video. One Markdown text.

A leaf like `bot.understanding`: the bot says it, the service shows it to those who write and to agents.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

from bot.understanding import FaqEntry, Step

FOLDER = Path(__file__).parent / "texts"


def spoken(entry: FaqEntry, language: str = "et", *, site: str = "") -> str:
    """All of the answer in one language, or in Estonian where it has no other.

    Links to the help page begin with `site`: without it they begin with a slash, which the chat takes for the service itself.
    """
    answer = entry.translations.get(language, {}).get("answer")
    said = language if answer else "et"
    pages = [f"[{button.title_in(said)}]({button.url})" for button in entry.buttons if button.url]
    film = [f"[{_texts(said)['video']}]({entry.video})"] if entry.video else []
    return "\n\n".join(part for part in (answer or entry.answer, _steps(entry, said, site), "\n".join([*pages, *film])) if part)


def answers(entry: FaqEntry, language: str) -> list[tuple[str, str]]:
    """Titles of the buttons that ask another entry, with that entry's id."""
    return [(button.title_in(language), button.entry) for button in entry.buttons if button.entry]


def _steps(entry: FaqEntry, language: str, site: str) -> str:
    """Plain steps stand in the chat. A guide that asks is gone through on the help page, where what is for verified customers only is not."""
    if entry.branches and not entry.needs_identity:
        return f"[{_texts(language)['together']}]({site}/help/{quote(entry.id)})"
    numbers = {step.id: number for number, step in enumerate(entry.steps, 1)}  # with ")": a list that ends the answer does not go on in this one
    return "\n".join(f"{number}) {_within(_step(step, language, numbers), len(f'{number}) '))}" for number, step in enumerate(entry.steps, 1))


def _step(step: Step, language: str, numbers: dict[str, int]) -> str:
    text = step.text_in(language)
    if not step.asks:
        return text
    return str(_texts(language)["question"]).format(text=text, yes=numbers.get(step.yes, "?"), no=numbers.get(step.no, "?"))


def _within(text: str, indent: int) -> str:
    """Further lines belong to the same item of the list."""
    return text.strip().replace("\n", "\n" + " " * indent)


@cache
def _texts(language: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{language}.yml").read_text(encoding="utf-8"))
    return found
