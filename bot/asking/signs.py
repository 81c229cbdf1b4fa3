"""The words of a message and their signs: what each says by itself, with the next one, and by its ending.

The words that count as signs stand in `bot/words/asking.txt`; what a sign weighs stands in `bot.asking.weighing`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from bot.estonian import Analysis
from bot.words import lines

_ORDER = re.compile(r"[^i][gk]e$")
_OWN_PAST = re.compile(r"(?<!k)(?:sin|sime)$")
_CONDITIONAL = re.compile(r"(?:ks|ksin|ksime)$")
_FINITE = re.compile(r"(?:b|vad|n|me|d|te|s|sid|ks|ti|di|kse|ge|ke|on|le|oli)$")
_NOT_FINITE = re.compile(r"(?:nud|tud|dud|mas|mast|des|tes)$")
_FINITE_ELSEWHERE = {
    "en": re.compile(r"..[^e]ed$"),
    "ru": re.compile(r".(?:[аеиыуя]л[аои]?|[аеиыуя]л[аои]?с[ья]|[еиёую]тс?я?|[аяу]ю)$"),
}
_NUMBER = re.compile(r"(?:^\d{1,2}[.)]|(?<=\s)\d\))(?=\s)", re.MULTILINE)
PAUSE = re.compile(r"[,;.:–\n]| - ")  # the marks that part clauses


@dataclass(frozen=True)
class Word:
    """One word of the normal text, in lower case as it was meant, with its signs."""

    start: int
    end: int
    form: str
    pos: str
    signs: frozenset[str]


def words_of(said: Analysis) -> tuple[Word, ...]:
    """The words of a text with what each says by itself, with the next one, and by its ending."""
    forms = [(token.word.text.lower(), token.word.corrected.lower()) for token in said.tokens]
    numbers = {match.start() for match in _NUMBER.finditer(said.normal)}
    pairs, _ = _lists()
    found: list[Word] = []
    for token, (typed, form), (next_typed, next_form) in zip(said.tokens, forms, [*forms[1:], ("", "")], strict=False):
        pos, lemmas = token.word.pos, token.word.lemmas
        signs = _listed(typed) | _listed(form) | pairs.get(f"{typed}_{next_typed}", frozenset()) | pairs.get(f"{form}_{next_form}", frozenset())
        signs |= _of_ending(form, said.language or "et", is_verb=pos == "V")
        if pos == "V" or any(len(lemma) > 4 and lemma.endswith("ma") for lemma in lemmas):
            signs |= {"verb"}
        if pos == "V" and found and found[-1].form == "ei":
            signs |= {"finite"}
        begins = not found or bool(found[-1].signs & {"joiner", "greeting"}) or PAUSE.search(said.normal[found[-1].end : token.start]) is not None
        if not token.is_stop and not signs & {"negation", "light", "measure"}:
            signs |= {"topical"}
        if "unmistakable" in signs:
            signs -= {"relative"}
        if said.language == "en" and "foreign" in signs:
            signs -= {"back"}
        if token.start in numbers:
            signs |= {"filler"}
        if "question" in signs or _asks_with(signs, form, next_form, begins=begins):
            signs |= {"asks"}
        found.append(Word(token.start, token.end, form, pos, signs))
    return tuple(found)


def _asks_with(signs: frozenset[str], form: str, after: str, *, begins: bool) -> bool:
    """Whether a word and the one after it begin a question together: „kui palju“, "do you", "is the", «есть ли»."""
    next_signs = _listed(after)
    inverted = "auxiliary" in signs and ("person" in next_signs or (begins and "determiner" in next_signs))
    return inverted or (form == "kui" and "measure" in next_signs) or after == "ли"


@lru_cache(maxsize=20_000)
def _listed(form: str) -> frozenset[str]:
    """The signs that `words/asking.txt` gives a word."""
    whole, beginnings = _lists()
    if not form.startswith(tuple(beginnings)):
        return whole.get(form, frozenset())
    return whole.get(form, frozenset()) | {sign for beginning, sign in beginnings.items() if form.startswith(beginning)}


@cache
def _lists() -> tuple[Mapping[str, frozenset[str]], Mapping[str, str]]:
    """(word, or two with a line between them → its signs; beginning of words marked with a star → its sign)."""
    whole: dict[str, frozenset[str]] = {}
    beginnings: dict[str, str] = {}
    for sign, *listed in (line.split() for line in lines("asking")):
        beginnings |= {word[:-1]: sign for word in listed if word.endswith("*")}
        whole |= {word: whole.get(word, frozenset()) | {sign} for word in listed if not word.endswith("*")}
    return whole, beginnings


@lru_cache(maxsize=20_000)
def _of_ending(form: str, language: str, *, is_verb: bool) -> frozenset[str]:
    """What the ending of a verb says. Vabamorf's forms are not kept in `bot.morphology.Word`, and it knows no English or Russian."""
    if language != "et":
        return frozenset({"finite"} if _FINITE_ELSEWHERE[language].search(form) else ())
    holds = {
        "order": _ORDER.search(form),
        "own past": _OWN_PAST.search(form),
        "conditional": _CONDITIONAL.search(form),
        "finite": _FINITE.search(form) and not _NOT_FINITE.search(form),
        "undone": form.endswith("mata"),
        "remains": form.startswith("jä"),
    }
    return frozenset(sign for sign, is_so in holds.items() if is_so and is_verb)


def all_signs(words: Sequence[Word]) -> frozenset[str]:
    return frozenset[str]().union(*(word.signs for word in words))


def first_of_its_own(words: Sequence[Word]) -> int:
    """How many words at the beginning only greet or join."""
    at = 0
    while at < len(words) and words[at].signs & {"joiner", "added", "filler", "greeting"} and "asks" not in words[at].signs:
        at += 1
    return at


def begins_with_a_question(words: Sequence[Word]) -> bool:
    at = first_of_its_own(words)
    return at < len(words) and "asks" in words[at].signs
