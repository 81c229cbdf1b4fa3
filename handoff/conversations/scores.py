"""The scales of the question after a conversation, and what a customer's few words mean on them. Pure."""

from __future__ import annotations

import re
from enum import StrEnum

WORDS = {
    **dict.fromkeys(("null", "nulli", "zero", "ноль"), 0),
    **dict.fromkeys(("üks", "ühe", "one", "один", "единица", "единицу"), 1),
    **dict.fromkeys(("kaks", "kahe", "two", "два", "двойка", "двойку"), 2),
    **dict.fromkeys(("kolm", "kolme", "three", "три", "тройка", "тройку"), 3),
    **dict.fromkeys(("neli", "nelja", "four", "четыре", "четвёрка", "четверка", "четвёрку", "четверку"), 4),
    **dict.fromkeys(("viis", "viie", "five", "пять", "пятёрка", "пятерка", "пятёрку", "пятерку"), 5),
    **dict.fromkeys(("kuus", "kuue", "six", "шесть"), 6),
    **dict.fromkeys(("seitse", "seitsme", "seven", "семь"), 7),
    **dict.fromkeys(("kaheksa", "eight", "восемь"), 8),
    **dict.fromkeys(("üheksa", "nine", "девять"), 9),
    **dict.fromkeys(("kümme", "kümne", "ten", "десять"), 10),
}
AROUND = frozenset(  # what may stand beside a number that is a score
    {
        *("annan", "hindan", "hinne", "hindeks", "minu", "on", "see", "palli", "punkti", "pall", "kindel", "kindlasti", "aitäh", "ja", "suur", "tänan"),
        *("i", "give", "you", "a", "an", "it's", "it", "is", "my", "score", "rating", "points", "thanks", "thank", "definitely"),
        *("ставлю", "моя", "оценка", "балл", "балла", "баллов", "спасибо", "это", "твёрдая", "твердая"),
    }
)
_OF_MOST = re.compile(r"^(\d{1,2})\s*/\s*(\d{1,2})$")
_PIECE = re.compile(r"[\w']+")
_DECORATION = re.compile(r"[\ufe0f\u20e3\u2605\u2b50]")  # of a keycap, and stars
MOST_WORDS = 6


class Scale(StrEnum):
    """What is asked: satisfaction 1–5, whether they would recommend us 0–10, how easy it was 1–7."""

    CSAT = "csat"
    NPS = "nps"
    CES = "ces"

    @property
    def steps(self) -> range:
        """All scores, the worst first."""
        return {Scale.CSAT: range(1, 6), Scale.NPS: range(11), Scale.CES: range(1, 8)}[self]

    @property
    def low(self) -> int:
        """From here down somebody should look, where the operator says nothing else. NPS calls those detractors."""
        return {Scale.CSAT: 2, Scale.NPS: 6, Scale.CES: 3}[self]


def read(text: str, scale: Scale) -> int | None:
    """The score that a short message gives („5“, „viis!“, „annan 4“, „4/5“, „★★★★“), or None when it says something else."""
    words = text.casefold().strip(" \n\t.,!;:)(„“\"'")
    of_most = _OF_MOST.match(words)
    if of_most:
        return _on(int(of_most[1]), scale) if int(of_most[2]) == scale.steps[-1] else None
    stars = sum(words.count(star) for star in "\u2605\u2b50")
    bare = _DECORATION.sub("", words)
    if stars and not bare.strip():
        return _on(stars, scale)
    if "?" in bare or re.search(r"\d[.,:]\d", bare):
        return None
    pieces = _PIECE.findall(bare)
    numbers = [_number(piece) for piece in pieces if _number(piece) is not None]
    rest = [piece for piece in pieces if _number(piece) is None]
    if len(numbers) != 1 or numbers[0] is None or len(pieces) > MOST_WORDS or not AROUND.issuperset(rest):
        return None
    return _on(numbers[0], scale)


def _number(piece: str) -> int | None:
    if piece.isascii() and piece.isdigit():
        return int(piece) if len(piece) <= 2 else -1
    return WORDS.get(piece)


def _on(number: int, scale: Scale) -> int | None:
    return number if number in scale.steps else None
