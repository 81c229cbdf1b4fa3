"""FAQs of any size, the same for the same seed, without hours of reading: questions and answers of the bank put together anew and numbered.

Words are read as ever. The vectors of a generated passage are made from those of its parts, which the real encoder has read, with a little
noise, so that they lie as thick as real ones; whatever was not generated the real encoder reads.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bot.encoder import Encoded, Encoder, Vectors, stacked
from bot.faq.bank import ENCODER, read_bank
from bot.understanding import FaqEntry

BANK = Path(__file__).parents[2] / "data" / "bank"
_NOISE = 0.25  # length of what sets two passages of the same parts apart; whole vectors have length one


class ManyEntries:
    """`entries(size)`; and an `Encoder` for them and for everything else."""

    def __init__(self, encoder: Encoder, *, parts: int = 120, seed: int = 0) -> None:
        """`parts` topics of the bank are what all entries are made of."""
        self._encoder = encoder
        self._dice = random.Random(seed)
        topics = [entry for business in read_bank(BANK, ENCODER) for entry in business.entries]
        self._topics = self._dice.sample(topics, parts)
        self._parts: dict[str, tuple[str, ...]] = {}
        self._read: dict[tuple[str, str], Encoded] = {}
        self.name, self.dim = encoder.name, encoder.dim

    def entries(self, size: int) -> list[FaqEntry]:
        """The first `size` of a row that never ends."""
        dice = random.Random(self._dice.random())
        return [self._entry(number, dice) for number in range(size)]

    def read_queries(self, texts: Sequence[str]) -> list[Encoded]:
        return [self._known("query", text, self._encoder.read_queries) for text in texts]

    def read_passages(self, texts: Sequence[str]) -> list[Encoded]:
        return [self._known("passage", text, self._encoder.read_passages) for text in texts]

    def queries(self, texts: Sequence[str]) -> Vectors:
        return stacked(self.read_queries(texts), self.dim)

    def passages(self, texts: Sequence[str]) -> Vectors:
        return stacked(self.read_passages(texts), self.dim)

    def _entry(self, number: int, dice: random.Random) -> FaqEntry:
        asked, said = dice.choice(self._topics), dice.choice(self._topics)
        question, answer = f"{asked.question.rstrip('?')} ({number})?", f"{said.answer} Vaadake ka punkti {number}."
        self._parts |= {question: (asked.question,), answer: (said.answer,), f"{question} {answer}": (asked.question, said.answer)}
        return FaqEntry(f"kirje-{number:05}", question, answer, topic=f"teema-{number % 40}")

    def _known(self, how: str, text: str, read: Callable[[Sequence[str]], list[Encoded]]) -> Encoded:
        if text not in self._parts:
            return read([text])[0]
        parts = []
        for part in self._parts[text]:
            if (how, part) not in self._read:
                self._read[how, part] = read([part])[0]
            parts.append(self._read[how, part])
        noise = np.random.default_rng(zlib.crc32(text.encode())).normal(scale=_NOISE / self.dim**0.5, size=self.dim)
        vector = sum(one.vector for one in parts) / len(parts) + noise
        return Encoded((vector / np.linalg.norm(vector)).astype(np.float32), np.concatenate([one.tokens for one in parts]))
