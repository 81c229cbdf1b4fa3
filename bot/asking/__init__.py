"""Where a customer's message asks: the one stretch that says what is wanted, its separate questions, and whether it leans on the one before.

Everything is read off `bot.estonian.analyse`, which is made once per text; what comes back is always a piece of the text as it was typed.
Words get their signs in `signs`, which `cutting` takes to cut a message apart and `weighing` to say which of the stretches ask.
"""

from __future__ import annotations

from itertools import dropwhile

from bot.asking.cutting import parts_of, pieces_of, sentences_of
from bot.asking.signs import words_of
from bot.asking.weighing import asked_for_themselves, leans, strongest, that_ask
from bot.estonian import Analysis, analyse

_MOST_QUESTIONS = 3
_MOST_WORDS_THAT_LEAN = 9


def asking_part(text: str) -> str:
    """The sentence of a message, or the clause of a run-on without full stops, that says what the customer wants; a message of one sentence whole."""
    pieces = pieces_of(analyse(text))
    return strongest(pieces).typed if len(pieces) > 1 else text


def sentences_that_ask(text: str | Analysis) -> tuple[str, ...]:
    """All sentences (clauses of a run-on) that ask, wish, order or complain, in their order; empty when none does."""
    return tuple(piece.typed for piece in that_ask(pieces_of(analyse(text) if isinstance(text, str) else text)))


def questions_in(text: str) -> tuple[str, ...]:
    """The separate questions of a message, in order, at most three; of a message that asks one thing, the whole text."""
    parts = [part for sentence in sentences_of(analyse(text)) for part in parts_of(sentence)]
    asked = asked_for_themselves(parts)
    return tuple(part.typed for part in asked[:_MOST_QUESTIONS]) if len(asked) > 1 else (text,)


def leans_on_the_one_before(text: str) -> bool:
    """Whether a short message is understood only with the one before it („aga Soome?“). Greetings, thanks and a bare yes lean on nothing."""
    said = analyse(text)
    words = tuple(dropwhile(lambda word: word.signs & {"greeting", "heard"}, words_of(said)))
    return 0 < len(words) <= _MOST_WORDS_THAT_LEAN and leans(said, words)
