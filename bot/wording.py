"""Words that agents are asked to say warmer: Estonian ones that deny, blame, order, or sound like an office. A hint, never a gate.

The rules stand in `words/wording.yml`. A word of a rule is a form (`=kahjuks`) or a lemma, so that „saa“, „saanud“ and „saaks“ are all `saama`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import yaml

from bot import language
from bot.morphology import read_word
from bot.understanding import WordingMark

RULES = Path(__file__).parent / "words" / "wording.yml"
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_QUOTED = re.compile(r"„[^“”]*[“”]|\{\{.*?\}\}")
_APART = re.compile(r"[ \t\u00a0]+")


@dataclass(frozen=True)
class Rule:
    """`words` are forms with `=` before them, or lemmas."""

    words: tuple[str, ...]
    why: str
    say: str

    @property
    def swaps(self) -> bool:
        """Whether `say` can stand in the place of the words as it is."""
        return "…" not in self.say and all(word.startswith("=") for word in self.words)


@dataclass(frozen=True)
class _Token:
    start: int
    end: int
    signs: frozenset[str]  # what a rule may call it


@cache
def rules() -> Mapping[str, Sequence[Rule]]:
    """All rules by their first word, the longest first."""
    read: dict[str, list[dict[str, str]]] = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    found: dict[str, list[Rule]] = {}
    for why, items in read.items():
        for item in items:
            words = tuple(item["words"].split())
            found.setdefault(words[0], []).append(Rule(words, why, item["say"]))
    return {first: sorted(group, key=lambda rule: -len(rule.words)) for first, group in found.items()}


def wording(text: str) -> tuple[WordingMark, ...]:
    """What could be said warmer in an Estonian text; nothing of a text in another language, nor of what is quoted."""
    if language.detect(text) not in ("et", None):
        return ()
    quoted = [match.span() for match in _QUOTED.finditer(text)]
    tokens = [_token(match) for match in _WORD.finditer(text) if not any(begin <= match.start() < end for begin, end in quoted)]
    marks: list[WordingMark] = []
    at = 0
    while at < len(tokens):
        rule = _rule_at(text, tokens, at)
        if rule is None:
            at += 1
            continue
        start, end = tokens[at].start, tokens[at + len(rule.words) - 1].end
        marks.append(WordingMark(start, end, text[start:end], rule.why, rule.say, rule.swaps))
        at += len(rule.words)
    return tuple(marks)


def _token(match: re.Match[str]) -> _Token:
    form = match.group().lower()
    return _Token(match.start(), match.end(), frozenset((f"={form}", form, *read_word(form, correct=False).lemmas)))


def _rule_at(text: str, tokens: Sequence[_Token], at: int) -> Rule | None:
    """The longest rule that begins at this word; one of forms goes before one of lemmas."""
    fitting = [rule for sign in tokens[at].signs for rule in rules().get(sign, ()) if _fits(rule, text, tokens[at : at + len(rule.words)])]
    return max(fitting, key=lambda rule: (len(rule.words), sum(word.startswith("=") for word in rule.words), rule.say), default=None)


def _fits(rule: Rule, text: str, tokens: Sequence[_Token]) -> bool:
    if len(tokens) < len(rule.words) or not all(word in token.signs for word, token in zip(rule.words, tokens, strict=True)):
        return False
    return all(_APART.fullmatch(text[one.end : other.start]) for one, other in pairwise(tokens))
