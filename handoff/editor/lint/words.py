"""How it is said: spelling, cold words, sentences and answers that are too long. What customers write (other wordings) is left as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bot.understanding import SpellingMark, WordingMark
from handoff.editor.lint.finding import Finding, answers, fields

MOST_WORDS = 25  # of a sentence; plain-language guides say 15 to 20 on average
MOST_CHARACTERS = 1_000  # of an answer: about what the chat window shows without scrolling twice
MOST_SUGGESTIONS = 3
_SENTENCE = re.compile(r"[^\n]+?(?:[.!?…](?=\s|$)|$)", re.MULTILINE)
_ABBREVIATED = re.compile(r"(?:\b\d{1,4}|\b(?:nt|jne|lk|nr|tel|st|vt|kl|sh|u|ca|a|s|tk|e\.g|i\.e|т|г))\.$")
_LINK = re.compile(r"\]\([^)]*\)|https?://\S+")
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_MARKUP = re.compile(r"[*_`#>]+")


def spelling(content: Mapping[str, Any], proofread: Callable[[str], Sequence[SpellingMark]]) -> Iterator[Finding]:
    """Words of the Estonian question and answer that are none."""
    for one in fields(content):
        if one.name in ("question", "answer"):
            for mark in proofread(one.text):
                meant = ", ".join(f"„{word}“" for word in mark.suggestions[:MOST_SUGGESTIONS])
                yield Finding("spelling", one.name, mark.start, mark.end, {"word": mark.word, "meant": meant})


def cold(content: Mapping[str, Any], wording: Callable[[str], Sequence[WordingMark]]) -> Iterator[Finding]:
    """Words of the Estonian answer that deny, blame, order, or sound like an office."""
    for mark in wording(content["answer"]):
        yield Finding("wording", "answer", mark.start, mark.end, {"words": mark.words, "why": mark.why, "say": mark.say})


def long_sentences(content: Mapping[str, Any]) -> Iterator[Finding]:
    """Sentences of an answer that nobody reads to the end; an address counts as no word."""
    for one in answers(content):
        for start, end in _sentences(one.text):
            count = len(_WORD.findall(_LINK.sub("", _MARKUP.sub("", one.text[start:end]))))
            if count > MOST_WORDS:
                yield Finding("long_sentence", one.name, start, end, {"count": str(count), "most": str(MOST_WORDS)})


def too_long(content: Mapping[str, Any]) -> Iterator[Finding]:
    """Answers that fill the chat window more than once."""
    for one in answers(content):
        count = len(_LINK.sub("", one.text))
        if count > MOST_CHARACTERS:
            yield Finding("too_long", one.name, values={"count": str(count), "most": str(MOST_CHARACTERS)})


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """Places of sentences; each line is one at least, and a date or an abbreviation ends none."""
    began: int | None = None
    for match in _SENTENCE.finditer(text):
        start = match.start() + len(match.group()) - len(match.group().lstrip()) if began is None else began
        rest_of_line = text[match.end() :].split("\n", 1)[0]
        if _ABBREVIATED.search(match.group()) and rest_of_line.strip():
            began = start
            continue
        began = None
        yield start, match.end()
