"""Where a message falls apart: its sentences, the clauses of a run-on, and the parts of a sentence that are joined on.

Every stretch is a piece of the normal text and knows its words; `Stretch.typed` gives it back as it was typed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.asking.signs import PAUSE, Word, all_signs, begins_with_a_question, first_of_its_own, words_of
from bot.estonian import Analysis

_WORDS_OF_A_RUN_ON = 20  # one sentence so long is several without the full stops
_LISTED = re.compile(r"(?<=\d\.)\s+(?=[A-ZÕÄÖÜА-Я])|\s+(?=\d\)\s)")


@dataclass(frozen=True)
class Stretch:
    """A piece of the normal text, characters start…end, and its words, at least one."""

    said: Analysis
    words: tuple[Word, ...]
    start: int
    end: int
    joined: str = ""  # how it goes on from the one before: "and", "added", "pause", "line"

    @property
    def text(self) -> str:
        return self.said.normal[self.start : self.end]

    @property
    def typed(self) -> str:
        return _as_typed(self.said, self.start, self.end)


def pieces_of(said: Analysis) -> list[Stretch]:
    """The sentences; those that are as long as several and hardly have a comma, in clauses."""
    return [piece for sentence in sentences_of(said) for piece in (_clauses(sentence) if _runs_on(sentence) else [sentence])]


def _runs_on(sentence: Stretch) -> bool:
    pauses = sum(bool(PAUSE.search(_gap(sentence, at))) for at in range(1, len(sentence.words)))
    return len(sentence.words) >= max(_WORDS_OF_A_RUN_ON, 12 * pauses)


def sentences_of(said: Analysis) -> list[Stretch]:
    """Sentences with words in them, where they stand. A number ends one when a capital follows; „2)“ begins one."""
    found: list[Stretch] = []
    words = words_of(said)
    at = 0
    for piece in (piece for sentence in said.sentences for piece in _LISTED.split(sentence)):
        start, at = _place(piece, said.normal, at)
        inside = tuple(word for word in words if start <= word.start and word.end <= at)
        found += [Stretch(said, inside, start, at)] if inside else []
    return found


def _place(piece: str, text: str, after: int) -> tuple[int, int]:
    """Where a sentence stands. `split_sentences` puts one space for what stood between two that it joined again („nr.“ at the end of a line)."""
    start = text.find(piece, after)
    if start >= 0:
        return start, start + len(piece)
    match = re.compile(r"[\"”“»)]*\s+".join(map(re.escape, piece.split()))).search(text, after)
    return match.span() if match else (after, after)


def _cut(whole: Stretch, cuts: Sequence[int]) -> list[Stretch]:
    """The stretch cut before the words of these places; a question mark stays with its part, other marks between parts go."""
    text, found = whole.said.normal, []
    for first, after in zip([0, *cuts], [*cuts, len(whole.words)], strict=True):
        words = whole.words[first:after]
        end = words[-1].end + (text[words[-1].end : words[-1].end + 1] in ("?", "!"))
        found.append(Stretch(whole.said, words, words[0].start if first else whole.start, whole.end if after == len(whole.words) else end))
    return found


# --- a run-on in clauses


def _clauses(whole: Stretch) -> list[Stretch]:
    """The clauses of a run-on: between two finite verbs lies at most one boundary, at the clearest of its signs."""
    words = whole.words
    finite = [at for at, word in enumerate(words) if "finite" in word.signs]
    cuts: list[int] = []
    for one, other in zip([-1, *finite], finite, strict=False):
        cut = _boundary(whole, one, other)
        if cut is not None and cut > (cuts[-1] if cuts else 0):
            cuts.append(cut)
    last = max([*finite, *cuts, 0])
    cuts += [at for at in range(last + 1, len(words) - 1) if "asks" in words[at].signs and not _is_led_to(words, at)][:1]
    return _cut(whole, cuts)


def _boundary(whole: Stretch, one: int, other: int) -> int | None:
    """The word that begins the clause of the verb `other`, after that of `one` (-1: the beginning), if it has one of its own."""
    words = whole.words
    between = range(one + 1, other + 1)
    asking = [at for at in between if "asks" in words[at].signs]
    paused = [at for at in between if at and PAUSE.search(_gap(whole, at))]
    joining = [at for at in between if "joiner" in words[at].signs or ("opening" in words[at].signs and at > one + 1)]
    greeted = [at + 1 for at in between if one < 0 and "greeting" in words[at].signs]
    if asking:
        return None if _is_led_to(words, asking[0]) else asking[0]
    if paused:
        return paused[-1]
    if "siis" in _forms(words, one + 1, other) and "kui" in _forms(words, max(one - 3, 0), one):
        return None
    if joining:
        same_subject = joining[-1] == other - 1 and "and" in words[other - 1].signs
        return None if same_subject else joining[-1]
    # A wish is a clause of its own unless it is led to at once: „et tahaks“, „kui ma tahan“.
    near = range(other - 1 - (words[other - 1].pos == "P"), other) if "wish" in words[other].signs else between
    if one < 0 or other == one + 1 or any("subordinate" in words[at].signs for at in near):
        return max(greeted, default=None)
    return _before_its_subject(words, one, other)


def _gap(whole: Stretch, at: int) -> str:
    """What stands between this word and the one before."""
    return whole.said.normal[whole.words[at - 1].end : whole.words[at].start]


def _forms(words: Sequence[Word], first: int, last: int) -> set[str]:
    return {word.form for word in words[first : last + 1]}


def _before_its_subject(words: Sequence[Word], one: int, other: int) -> int:
    """Where nothing marks the boundary: a wish begins with its verb, other clauses with the word before it."""
    at = other - 1 if words[other - 1].form == "ei" else other
    before = words[at - 1].pos
    if at - 1 > one and before != "V" and not ("wish" in words[other].signs and before == "S"):
        at -= 1
        at -= at - 1 > one and words[at - 1].pos in "PA"
    return at


def _is_led_to(words: Sequence[Word], at: int) -> bool:
    """The words before make a subordinate clause of what would be a question: „ei tea kus“, „pole aimugi mis“."""
    return bool(all_signs(words[max(0, at - 2) : at]) & {"unknowing", "knowing"})


# --- a sentence in parts


def parts_of(sentence: Stretch) -> list[Stretch]:
    """A sentence cut where something that asks for itself is joined on; each part without the words that join it."""
    cuts, joined = [0], [""]
    for at in range(2, len(sentence.words) - 1):
        how = _joint(sentence, cuts[-1], at)
        if how and at - cuts[-1] > 1:
            cuts.append(at)
            joined.append(how)
    return [_bare(part, how) for part, how in zip(_cut(sentence, cuts[1:]), joined, strict=True)]


def _joint(sentence: Stretch, start: int, at: int) -> str:
    """How a part of its own begins at this word, after the last one at `start`: "and", "added", "pause" or not at all."""
    gap = _gap(sentence, at)
    paused = bool(PAUSE.search(gap))
    if not paused and "and" not in sentence.words[at].signs:
        return ""
    before, after = sentence.words[start:at], sentence.words[at:]
    own = first_of_its_own(after)
    joining, content = after[:own], after[own:]
    by_and = "and" in after[0].signs and own > 0
    if not _says_something(content) or (_is_led_to(sentence.words, at) and not (by_and and begins_with_a_question(before))):
        return ""
    asks = "asks" in content[0].signs
    if _is_one_more(joining):
        return "added"
    if by_and and _is_joined_by_and(before, content, mark=sentence.text[-1:]):
        return "and"
    led = ":" in gap and (asks or bool(all_signs(content[:2]) & {"wish", "order"}))
    another = paused and asks and "relative" not in content[0].signs and begins_with_a_question(before) and len(before) > 2
    choice = content[0].form == "kas" and "või" in _forms(content, 0, len(content))
    return "pause" if led or (another and not choice) else ""


def _is_joined_by_and(before: Sequence[Word], content: Sequence[Word], *, mark: str) -> bool:
    """Whether what follows „ja“ is a question, a wish or a complaint of its own. `mark` ends the sentence."""
    if "asks" in content[0].signs or all_signs(content[:4]) & {"wish", "order"}:
        return len(before) > 2 or _says_something(before)
    asked = begins_with_a_question(before)
    if content[0].signs & {"able", "auxiliary"} and asked and mark == "?":
        return True
    return content[0].pos in "SH" and len(content) > 3 and _complains(content) and (asked or _complains(before))


def _says_something(words: Sequence[Word]) -> bool:
    return len(words) > 3 or (len(words) > 1 and bool(all_signs(words) & {"verb", "finite"}))


def _complains(words: Sequence[Word]) -> bool:
    return bool(all_signs(words) & {"wish", "negation", "trouble"})


def _is_one_more(joining: Sequence[Word]) -> bool:
    """The joining words say that something else comes: „lisaks“, „ja veel“."""
    signs = all_signs(joining)
    return "added" in signs or {"and", "more"} <= signs


def _bare(part: Stretch, how: str) -> Stretch:
    """The part without greeting and joining words at its beginning."""
    own = first_of_its_own(part.words)
    if not how and all_signs(part.words[:own]) & {"added", "more"}:
        how = "added"
    elif not how and part.said.normal[: part.start].endswith("\n"):
        how = "line"
    return replace(part, joined=how, words=part.words[own:], start=part.words[own].start) if 0 < own < len(part.words) else replace(part, joined=how)


# --- the text as it was typed


def _as_typed(said: Analysis, start: int, end: int) -> str:
    """The piece of the typed text that became start…end of the normal one."""
    text, normal = said.text, said.normal
    at = text.find(normal)
    if at >= 0:
        return text[at + start : at + end]
    places = _places(text)
    first = sum(not letter.isspace() for letter in normal[:start])
    last = first + sum(not letter.isspace() for letter in normal[start:end]) - 1
    return text[places[first][0] : places[last][1]] if first <= last < len(places) else text


def _places(text: str) -> list[tuple[int, int]]:
    """Where each visible character of the normal form stands in the typed text; a letter and its marks become one."""
    found: list[tuple[int, int]] = []
    for match in re.finditer(r"(?s).[\u0300-\u036f]*", text):
        seen = [letter for letter in unicodedata.normalize("NFC", match.group()) if not letter.isspace() and letter != "\u200b"]
        found += [match.span() for letter in seen if unicodedata.category(letter) != "Cc"]
    return found
