"""What signs weigh together: how much a stretch asks, which parts ask for themselves, whether a short message leans on the one before."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.asking.cutting import Stretch
from bot.asking.signs import PAUSE, Word, all_signs, begins_with_a_question
from bot.estonian import Analysis

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

# A part with one of the first asks for itself; with one of the second only when it is joined to another as one more.
_OUTRIGHT = {"question mark", "begins with a question", "order"}
_COMPLAINTS = {"question word", "wish", "need", "negation", "trouble", "left undone"}

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

_OBLIQUE = re.compile(r"(?:ga|sse|le|lt|st|ni|l)$")


def strongest(pieces: Sequence[Stretch]) -> Stretch:
    """The one of several stretches that asks most; of equals the first."""
    return pieces[max(range(len(pieces)), key=lambda at: _score(pieces, at))]


def that_ask(pieces: Sequence[Stretch]) -> list[Stretch]:
    """The stretches that ask, wish, order or complain, in their order."""
    return [piece for at, piece in enumerate(pieces) if _score(pieces, at) >= _LEAST_TO_ASK]


def asked_for_themselves(parts: Sequence[Stretch]) -> list[Stretch]:
    """The parts that are questions of their own, not the reason of another."""
    signs = [_signs(parts, at) for at in range(len(parts))]
    outright = [bool(found & _OUTRIGHT) for found in signs]
    by_lines = any(part.joined == "line" for part in parts) and not any(outright)
    found: list[Stretch] = []
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


def _goes_on(parts: Sequence[Stretch], at: int, signs: set[str]) -> bool:
    """After a question a sentence asks for more when it says „ka“, or when it wishes and nothing else is told."""
    return any("aswell" in word.signs for word in parts[at].words[1:]) or (len(parts) == 2 and bool(signs & {"wish", "need", "question word"}))


def leans(said: Analysis, words: Sequence[Word]) -> bool:
    """Whether the words of a short message, at least one, are only understood with the message before."""
    return sum(LEANING[sign] for sign in _leaning(said, words)) >= _LEAST_TO_LEAN


# --- the signs of a stretch and of a short message


def _score(pieces: Sequence[Stretch], at: int) -> float:
    return sum(WEIGHTS[sign] for sign in _signs(pieces, at))


def _signs(pieces: Sequence[Stretch], at: int) -> set[str]:
    """The signs of one stretch among the others of its message; keys of `WEIGHTS`."""
    words = pieces[at].words
    listed = all_signs(words)
    negated = [place for place, word in enumerate(words) if "negation" in word.signs]
    after_no = frozenset[str]().union(*(all_signs(words[place + 1 : place + 4]) for place in negated))
    unwanted = bool(after_no & {"need", "wanted"})
    asks_first = begins_with_a_question(words)
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


def _leaning(said: Analysis, words: Sequence[Word]) -> set[str]:
    """The signs of a short message; keys of `LEANING`."""
    signs = all_signs(words)
    pointing = [at for at, word in enumerate(words) if "back" in word.signs and not _is_named_before(said, words, at)]
    at_things = [at for at in pointing if words[at].pos == "P" and at + 1 < len(words) and words[at + 1].pos in "SA"]
    # Only Estonian words are known as verbs or not.
    fragment = said.language in ("et", None) and len(words) < 5 and "verb" not in signs and said.normal.endswith("?")
    holds = {
        "joins on": "starter" in words[0].signs,
        "only a condition": "condition" in words[0].signs and "asks" not in words[0].signs and not PAUSE.search(said.normal),
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
        "complete": bool(signs & {"wish", "order", "you"}) and "condition" not in all_signs(words[:2]),
    }
    return {sign for sign, is_so in holds.items() if is_so}


def _is_thing(word: Word) -> bool:
    return word.pos in "SHYX" and len(word.form) > 1 and not word.signs & {"able", "asks", "back", "joiner", "filler", "light"}


def _is_named_before(said: Analysis, words: Sequence[Word], at: int) -> bool:
    """What the word points at stands in an earlier clause of the message itself."""
    things = [place for place in range(at) if _is_thing(words[place]) or (words[place].pos == "A" and "light" not in words[place].signs)]
    if not things:
        return False
    paused = PAUSE.search(said.normal[words[things[0]].end : words[at].start])
    return bool(paused) or bool(all_signs(words[things[0] + 1 : at]) & {"asks", "joiner"})
