"""Token by token: how well each word of a question is met by some word of an entry ("late interaction").

One vector for a whole text blurs it; comparing the vectors of single tokens keeps the detail. On unseen Estonian FAQs this
alone ranks about as well as the pooled vectors, and both together rank better. (Khattab and Zaharia 2020, ColBERT; the tokens
are trained so in `bot.adapt`, uncentred. Centring takes away what a whole FAQ has in common, and helps other encoders most.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.encoder import Vectors
from bot.products import Products, Steps, in_steps

COLUMNS = ("aligned", "aligned_back", "aligned_example")


@dataclass(frozen=True, eq=False)
class Tokens:
    """The tokens of one passage, each of length one, in whole steps."""

    steps: Steps  # (tokens, dim)
    step: float  # what one is

    @staticmethod
    def of(tokens: Vectors) -> Tokens:
        return Tokens(*in_steps(tokens))


class Alignment:
    """Immutable: the tokens of some entries' passages, side by side in one matrix."""

    def __init__(self, passages: Sequence[tuple[int, Tokens]], entries: int) -> None:
        """`passages` are (entry row, tokens); an entry may have several, the best counts."""
        kept = [(entry, tokens) for entry, tokens in passages if len(tokens.steps)]
        self._entries = entries
        self._owners = np.array([entry for entry, _ in kept], dtype=np.int64)
        self._lengths = np.array([len(tokens.steps) for _, tokens in kept], dtype=np.int64)
        self._starts = np.cumsum([0, *self._lengths[:-1]]).astype(np.int64) if kept else np.zeros(0, np.int64)
        self._step = np.array([tokens.step for _, tokens in kept])
        self._products = Products(np.concatenate([tokens.steps for _, tokens in kept]) if kept else np.zeros((0, 1), np.int8))

    def scores(self, tokens: Vectors) -> Vectors:
        """(entries, 2): the mean over the question's tokens (centred, of length one) of their best match in the entry, and the other way round;
        -1 without a passage."""
        out = np.full((self._entries, 2), -1.0, dtype=np.float32)
        if not len(self._owners) or not len(tokens):
            return out
        asked, step = in_steps(tokens)
        similar, scale = self._products.of(asked), self._step * step
        forth = np.maximum.reduceat(similar, self._starts, axis=1).sum(axis=0) * scale / len(asked)
        back = np.add.reduceat(similar.max(axis=0), self._starts) * scale / self._lengths
        np.maximum.at(out[:, 0], self._owners, forth)
        np.maximum.at(out[:, 1], self._owners, back)
        return out
