"""Where a customer's message asks: the one stretch that says what is wanted, its separate questions, and whether it leans on the one before.

Everything is read off `bot.estonian.analyse`, which is made once per text; what comes back is always a piece of the text as it was typed.
The words that count as signs stand in `words/asking.txt`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import dropwhile

from bot.estonian import Analysis, analyse
from bot.words import lines

# What each sign of a stretch says for "this is what the customer wants".
WEIGHTS = {
    "question mark": 3.0,
    "begins with a question": 2.5,
    "question word": 0.8,
    "wish": 2.0,
    "order": 2.0,
    "need": 0.8,
    "able": 0.6,
    "conditional": 0.6,
    "negation": 0.8,
    "still not": 0.8,
    "unknowing": 1.0,
    "trouble": 1.6,
    "left undone": 1.6,
    "now": 0.5,
    "you": 0.3,
    "last": 0.2,
    "first": -0.2,
    "short": -0.3,
    "own past": -0.8,
    "greeting": -1.0,
    "self": -1.0,
    "well": -1.2,
    "but follows": -1.2,
    "few words": -1.5,
    "rhetorical": -2.0,
    "not wanted": -2.5,
}
_LEAST_TO_ASK = 1.0
_WORDS_OF_A_RUN_ON = 20  # one sentence so long is several without the full stops
_MOST_QUESTIONS = 3

# What each sign of a short message says for "only understood with the one before".
LEANING = {
    "joins on": 3.0,
    "points back": 1.5,
    "points at a thing": 1.0,
    "fragment": 1.0,
    "asking fragment": 0.6,
    "only a condition": 1.5,
    "also": 1.0,
    "also, in short": 0.6,
    "short": 0.5,
    "same": 1.0,
    "compared": 0.7,
    "left open": 0.8,
    "names nothing": 1.0,
    "complete": -1.0,
}
_LEAST_TO_LEAN = 1.5
_MOST_WORDS_THAT_LEAN = 9

# A part with one of the first asks for itself; with one of the second only when it is joined to another as one more.
_OUTRIGHT = {"question mark", "begins with a question", "order"}
_COMPLAINTS = {"question word", "wish", "need", "negation", "trouble", "left undone"}

_ORDER = re.compile(r"[^i][gk]e$")
_OWN_PAST = re.compile(r"(?<!k)(?:sin|sime)$")
_CONDITIONAL = re.compile(r"(?:ks|ksin|ksime)$")
_FINITE = re.compile(r"(?:b|vad|n|me|d|te|s|sid|ks|ti|di|kse|ge|ke|on|le|oli)$")
_NOT_FINITE = re.compile(r"(?:nud|tud|dud|mas|mast|des|tes)$")
_FINITE_ELSEWHERE = {
    "en": re.compile(r"..[^e]ed$"),
    "ru": re.compile(r".(?:[аеиыуя]л[аои]?|[аеиыуя]л[аои]?с[ья]|[еиёую]тс?я?|[аяу]ю)$"),
}
_OBLIQUE = re.compile(r"(?:ga|sse|le|lt|st|ni|l)$")
_LISTED = re.compile(r"(?<=\d\.)\s+(?=[A-ZÕÄÖÜА-Я])|\s+(?=\d\)\s)")
_NUMBER = re.compile(r"(?:^\d{1,2}[.)]|(?<=\s)\d\))(?=\s)", re.MULTILINE)
_PAUSE = re.compile(r"[,;.:–\n]| - ")


@dataclass(frozen=True)
class _Word:
    """One word of the normal text, in lower case as it was meant, with its signs."""

    start: int
    end: int
    form: str
    pos: str
    signs: frozenset[str]


@dataclass(frozen=True)
class _Stretch:
    """A piece of the normal text, characters start…end, and its words, at least one."""

    said: Analysis
    words: tuple[_Word, ...]
    start: int
    end: int
    joined: str = ""  # how it goes on from the one before: "and", "added", "pause", "line"

    @property
    def text(self) -> str:
        return self.said.normal[self.start : self.end]

    @property
    def typed(self) -> str:
        return _as_typed(self.said, self.start, self.end)


def asking_part(text: str) -> str:
    """The sentence of a message, or the clause of a run-on without full stops, that says what the customer wants; a message of one sentence whole."""
    pieces = _pieces(analyse(text))
    return pieces[max(range(len(pieces)), key=lambda at: _score(pieces, at))].typed if len(pieces) > 1 else text


def sentences_that_ask(text: str | Analysis) -> tuple[str, ...]:
    """All sentences (clauses of a run-on) that ask, wish, order or complain, in their order; empty when none does."""
    pieces = _pieces(analyse(text) if isinstance(text, str) else text)
    return tuple(piece.typed for at, piece in enumerate(pieces) if _score(pieces, at) >= _LEAST_TO_ASK)


def questions_in(text: str) -> tuple[str, ...]:
    """The separate questions of a message, in order, at most three; of a message that asks one thing, the whole text."""
    parts = [part for sentence in _sentences(analyse(text)) for part in _parts(sentence)]
    asked = _asked_for_themselves(parts)
    return tuple(part.typed for part in asked[:_MOST_QUESTIONS]) if len(asked) > 1 else (text,)


def leans_on_the_one_before(text: str) -> bool:
    """Whether a short message is understood only with the one before it („aga Soome?“). Greetings, thanks and a bare yes lean on nothing."""
    said = analyse(text)
    words = tuple(dropwhile(lambda word: word.signs & {"greeting", "heard"}, _words(said)))
    if not 0 < len(words) <= _MOST_WORDS_THAT_LEAN:
        return False
    return sum(LEANING[sign] for sign in _leaning(said, words)) >= _LEAST_TO_LEAN


# --- the words and their signs


def _words(said: Analysis) -> tuple[_Word, ...]:
    """The words of a text with what each says by itself, with the next one, and by its ending."""
    forms = [(token.word.text.lower(), token.word.corrected.lower()) for token in said.tokens]
    numbers = {match.start() for match in _NUMBER.finditer(said.normal)}
    pairs, _ = _lists()
    found: list[_Word] = []
    for token, (typed, form), (next_typed, next_form) in zip(said.tokens, forms, [*forms[1:], ("", "")], strict=False):
        pos, lemmas = token.word.pos, token.word.lemmas
        signs = _listed(typed) | _listed(form) | pairs.get(f"{typed}_{next_typed}", frozenset()) | pairs.get(f"{form}_{next_form}", frozenset())
        signs |= _of_ending(form, said.language or "et", is_verb=pos == "V")
        if pos == "V" or any(len(lemma) > 4 and lemma.endswith("ma") for lemma in lemmas):
            signs |= {"verb"}
        if pos == "V" and found and found[-1].form == "ei":
            signs |= {"finite"}
        begins = not found or bool(found[-1].signs & {"joiner", "greeting"}) or _PAUSE.search(said.normal[found[-1].end : token.start]) is not None
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
        found.append(_Word(token.start, token.end, form, pos, signs))
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


def _all_signs(words: Sequence[_Word]) -> frozenset[str]:
    return frozenset[str]().union(*(word.signs for word in words))


def _first_of_its_own(words: Sequence[_Word]) -> int:
    """How many words at the beginning only greet or join."""
    at = 0
    while at < len(words) and words[at].signs & {"joiner", "added", "filler", "greeting"} and "asks" not in words[at].signs:
        at += 1
    return at


def _begins_with_a_question(words: Sequence[_Word]) -> bool:
    at = _first_of_its_own(words)
    return at < len(words) and "asks" in words[at].signs


# --- how much a stretch asks


def _score(pieces: Sequence[_Stretch], at: int) -> float:
    return sum(WEIGHTS[sign] for sign in _signs(pieces, at))


def _signs(pieces: Sequence[_Stretch], at: int) -> set[str]:
    """The signs of one stretch among the others of its message; keys of `WEIGHTS`."""
    words = pieces[at].words
    listed = _all_signs(words)
    negated = [place for place, word in enumerate(words) if "negation" in word.signs]
    after_no = frozenset[str]().union(*(_all_signs(words[place + 1 : place + 4]) for place in negated))
    unwanted = bool(after_no & {"need", "wanted"})
    asks_first = _begins_with_a_question(words)
    holds = {
        "question mark": pieces[at].text.rstrip('"”“») ').endswith("?") or (len(words) > 1 and "particle" in words[-1].signs),
        "begins with a question": asks_first,
        "question word": not asks_first and any("asks" in word.signs and "relative" not in word.signs for word in words),
        "wish": "wish" in listed and not unwanted,
        "need": "need" in listed and "wish" not in listed and not unwanted,
        "not wanted": unwanted,
        "order": "order" in listed or "ordering" in words[0].signs,
        "conditional": any("conditional" in word.signs and not word.signs & {"wish", "able"} for word in words),
        "still not": bool(negated) and "still" in listed,
        "unknowing": "unknowing" in after_no,
        "left undone": {"undone", "remains"} <= listed,
        "rhetorical": "eks" in (words[0].form, words[-1].form),
        "but follows": at + 1 < len(pieces) and "but" in pieces[at + 1].words[0].signs,
        "first": at == 0,
        "last": at == len(pieces) - 1,
        "few words": len(words) < 4 and "trouble" not in listed,
        "short": 4 <= len(words) < 6,
    }
    plain = {"able", "negation", "trouble", "now", "you", "own past", "greeting", "self", "well"}
    return {sign for sign, is_so in holds.items() if is_so} | (plain & listed)


def _leaning(said: Analysis, words: Sequence[_Word]) -> set[str]:
    """The signs of a short message; keys of `LEANING`."""
    signs = _all_signs(words)
    pointing = [at for at, word in enumerate(words) if "back" in word.signs and not _is_named_before(said, words, at)]
    at_things = [at for at in pointing if words[at].pos == "P" and at + 1 < len(words) and words[at + 1].pos in "SA"]
    # Only Estonian words are known as verbs or not.
    fragment = said.language in ("et", None) and len(words) < 5 and "verb" not in signs and said.normal.endswith("?")
    holds = {
        "joins on": "starter" in words[0].signs,
        "only a condition": "condition" in words[0].signs and "asks" not in words[0].signs and not _PAUSE.search(said.normal),
        "points back": len(pointing) > len(at_things),
        "points at a thing": bool(at_things),
        "fragment": fragment,
        "asking fragment": fragment and ("asks" in words[0].signs or (len(words) < 4 and bool(_OBLIQUE.search(words[-1].form)))),
        "also": "aswell" in signs,
        "also, in short": "aswell" in signs and len(words) < 6,
        "short": len(words) < 5 and (bool(at_things) or "same" in signs or "topical" not in signs),
        "compared": "compared" in signs,
        "same": "same" in signs,
        "left open": "able" in words[-1].signs,
        "names nothing": not any(_is_thing(word) for word in words),
        "complete": bool(signs & {"wish", "order", "you"}) and "condition" not in _all_signs(words[:2]),
    }
    return {sign for sign, is_so in holds.items() if is_so}


def _is_thing(word: _Word) -> bool:
    return word.pos in "SHYX" and len(word.form) > 1 and not word.signs & {"able", "asks", "back", "joiner", "filler", "light"}


def _is_named_before(said: Analysis, words: Sequence[_Word], at: int) -> bool:
    """What the word points at stands in an earlier clause of the message itself."""
    things = [place for place in range(at) if _is_thing(words[place]) or (words[place].pos == "A" and "light" not in words[place].signs)]
    if not things:
        return False
    paused = _PAUSE.search(said.normal[words[things[0]].end : words[at].start])
    return bool(paused) or bool(_all_signs(words[things[0] + 1 : at]) & {"asks", "joiner"})


# --- where a message falls apart


def _pieces(said: Analysis) -> list[_Stretch]:
    """The sentences; those that are as long as several and hardly have a comma, in clauses."""
    return [piece for sentence in _sentences(said) for piece in (_clauses(sentence) if _runs_on(sentence) else [sentence])]


def _runs_on(sentence: _Stretch) -> bool:
    pauses = sum(bool(_PAUSE.search(_gap(sentence, at))) for at in range(1, len(sentence.words)))
    return len(sentence.words) >= max(_WORDS_OF_A_RUN_ON, 12 * pauses)


def _sentences(said: Analysis) -> list[_Stretch]:
    """Sentences with words in them, where they stand. A number ends one when a capital follows; „2)“ begins one."""
    found: list[_Stretch] = []
    words = _words(said)
    at = 0
    for piece in (piece for sentence in said.sentences for piece in _LISTED.split(sentence)):
        start, at = _place(piece, said.normal, at)
        inside = tuple(word for word in words if start <= word.start and word.end <= at)
        found += [_Stretch(said, inside, start, at)] if inside else []
    return found


def _place(piece: str, text: str, after: int) -> tuple[int, int]:
    """Where a sentence stands. `split_sentences` puts one space for what stood between two that it joined again („nr.“ at the end of a line)."""
    start = text.find(piece, after)
    if start >= 0:
        return start, start + len(piece)
    match = re.compile(r"[\"”“»)]*\s+".join(map(re.escape, piece.split()))).search(text, after)
    return match.span() if match else (after, after)


def _cut(whole: _Stretch, cuts: Sequence[int]) -> list[_Stretch]:
    """The stretch cut before the words of these places; a question mark stays with its part, other marks between parts go."""
    text, found = whole.said.normal, []
    for first, after in zip([0, *cuts], [*cuts, len(whole.words)], strict=True):
        words = whole.words[first:after]
        end = words[-1].end + (text[words[-1].end : words[-1].end + 1] in ("?", "!"))
        found.append(_Stretch(whole.said, words, words[0].start if first else whole.start, whole.end if after == len(whole.words) else end))
    return found


def _clauses(whole: _Stretch) -> list[_Stretch]:
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


def _boundary(whole: _Stretch, one: int, other: int) -> int | None:
    """The word that begins the clause of the verb `other`, after that of `one` (-1: the beginning), if it has one of its own."""
    words = whole.words
    between = range(one + 1, other + 1)
    asking = [at for at in between if "asks" in words[at].signs]
    paused = [at for at in between if at and _PAUSE.search(_gap(whole, at))]
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


def _gap(whole: _Stretch, at: int) -> str:
    """What stands between this word and the one before."""
    return whole.said.normal[whole.words[at - 1].end : whole.words[at].start]


def _forms(words: Sequence[_Word], first: int, last: int) -> set[str]:
    return {word.form for word in words[first : last + 1]}


def _before_its_subject(words: Sequence[_Word], one: int, other: int) -> int:
    """Where nothing marks the boundary: a wish begins with its verb, other clauses with the word before it."""
    at = other - 1 if words[other - 1].form == "ei" else other
    before = words[at - 1].pos
    if at - 1 > one and before != "V" and not ("wish" in words[other].signs and before == "S"):
        at -= 1
        at -= at - 1 > one and words[at - 1].pos in "PA"
    return at


def _is_led_to(words: Sequence[_Word], at: int) -> bool:
    """The words before make a subordinate clause of what would be a question: „ei tea kus“, „pole aimugi mis“."""
    return bool(_all_signs(words[max(0, at - 2) : at]) & {"unknowing", "knowing"})


# --- several questions in one message


def _parts(sentence: _Stretch) -> list[_Stretch]:
    """A sentence cut where something that asks for itself is joined on; each part without the words that join it."""
    cuts, joined = [0], [""]
    for at in range(2, len(sentence.words) - 1):
        how = _joint(sentence, cuts[-1], at)
        if how and at - cuts[-1] > 1:
            cuts.append(at)
            joined.append(how)
    return [_bare(part, how) for part, how in zip(_cut(sentence, cuts[1:]), joined, strict=True)]


def _joint(sentence: _Stretch, start: int, at: int) -> str:
    """How a part of its own begins at this word, after the last one at `start`: "and", "added", "pause" or not at all."""
    gap = _gap(sentence, at)
    paused = bool(_PAUSE.search(gap))
    if not paused and "and" not in sentence.words[at].signs:
        return ""
    before, after = sentence.words[start:at], sentence.words[at:]
    own = _first_of_its_own(after)
    joining, content = after[:own], after[own:]
    by_and = "and" in after[0].signs and own > 0
    if not _says_something(content) or (_is_led_to(sentence.words, at) and not (by_and and _begins_with_a_question(before))):
        return ""
    asks = "asks" in content[0].signs
    if _is_one_more(joining):
        return "added"
    if by_and and _is_joined_by_and(before, content, mark=sentence.text[-1:]):
        return "and"
    led = ":" in gap and (asks or bool(_all_signs(content[:2]) & {"wish", "order"}))
    another = paused and asks and "relative" not in content[0].signs and _begins_with_a_question(before) and len(before) > 2
    choice = content[0].form == "kas" and "või" in _forms(content, 0, len(content))
    return "pause" if led or (another and not choice) else ""


def _is_joined_by_and(before: Sequence[_Word], content: Sequence[_Word], *, mark: str) -> bool:
    """Whether what follows „ja“ is a question, a wish or a complaint of its own. `mark` ends the sentence."""
    if "asks" in content[0].signs or _all_signs(content[:4]) & {"wish", "order"}:
        return len(before) > 2 or _says_something(before)
    asked = _begins_with_a_question(before)
    if content[0].signs & {"able", "auxiliary"} and asked and mark == "?":
        return True
    return content[0].pos in "SH" and len(content) > 3 and _complains(content) and (asked or _complains(before))


def _says_something(words: Sequence[_Word]) -> bool:
    return len(words) > 3 or (len(words) > 1 and bool(_all_signs(words) & {"verb", "finite"}))


def _complains(words: Sequence[_Word]) -> bool:
    return bool(_all_signs(words) & {"wish", "negation", "trouble"})


def _is_one_more(joining: Sequence[_Word]) -> bool:
    """The joining words say that something else comes: „lisaks“, „ja veel“."""
    signs = _all_signs(joining)
    return "added" in signs or {"and", "more"} <= signs


def _bare(part: _Stretch, how: str) -> _Stretch:
    """The part without greeting and joining words at its beginning."""
    own = _first_of_its_own(part.words)
    if not how and _all_signs(part.words[:own]) & {"added", "more"}:
        how = "added"
    elif not how and part.said.normal[: part.start].endswith("\n"):
        how = "line"
    return replace(part, joined=how, words=part.words[own:], start=part.words[own].start) if 0 < own < len(part.words) else replace(part, joined=how)


def _asked_for_themselves(parts: Sequence[_Stretch]) -> list[_Stretch]:
    """The parts that are questions of their own, not the reason of another."""
    signs = [_signs(parts, at) for at in range(len(parts))]
    outright = [bool(found & _OUTRIGHT) for found in signs]
    by_lines = any(part.joined == "line" for part in parts) and not any(outright)
    found: list[_Stretch] = []
    for at, part in enumerate(parts):
        after = parts[at + 1].joined if at + 1 < len(parts) else "end"
        complains = bool(signs[at] & _COMPLAINTS)
        if outright[at] or (complains and found and _goes_on(parts, at, signs[at])):
            found.append(part)
        elif any(asks and (not after or not later.joined) for asks, later in zip(outright[at + 1 :], parts[at + 1 :], strict=True)):
            continue  # told before a question that stands in a sentence of its own: its reason
        elif "added" in (after, part.joined):
            found += [part] if complains or not signs[at] & {"few words", "greeting", "self", "own past"} else []
        elif complains and (by_lines or after == "and" or part.joined in ("and", "added", "pause")):
            found.append(part)
    return found


def _goes_on(parts: Sequence[_Stretch], at: int, signs: set[str]) -> bool:
    """After a question a sentence asks for more when it says „ka“, or when it wishes and nothing else is told."""
    return any("aswell" in word.signs for word in parts[at].words[1:]) or (len(parts) == 2 and bool(signs & {"wish", "need", "question word"}))


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
