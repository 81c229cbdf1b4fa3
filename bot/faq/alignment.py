"""Token by token: how well each word of a question is met by some word of an entry ("late interaction").

One vector for a whole text blurs it; comparing the vectors of single tokens keeps the detail. On unseen Estonian FAQs this
alone ranks about as well as the pooled vectors, and both together rank better. (Khattab and Zaharia 2020, ColBERT; the tokens
are trained so in `bot.adapt`, uncentred. Centring takes away what a whole FAQ has in common, and helps other encoders most.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.encoder import Vectors

COLUMNS = ("aligned", "aligned_back", "aligned_example")
_MOST = 32_767  # of an int16


@dataclass(frozen=True, eq=False)
class Tokens:
    """The tokens of one passage, each of length one, in 16 bits: half the memory, and as whole numbers quick to be widened again."""

    steps: npt.NDArray[np.int16]  # (tokens, dim)
    scale: Vectors  # (tokens,) what one step is

    @staticmethod
    def of(tokens: Vectors) -> Tokens:
        scale = np.maximum(np.abs(tokens).max(axis=1), 1e-9) / _MOST
        return Tokens(np.round(tokens / scale[:, None]).astype(np.int16), scale.astype(np.float32))


class Alignment:
    """Immutable: the tokens of some entries' passages, side by side in one matrix."""

    def __init__(self, passages: Sequence[tuple[int, Tokens]], entries: int) -> None:
        """`passages` are (entry row, tokens); an entry may have several, the best counts."""
        kept = [(entry, tokens) for entry, tokens in passages if len(tokens.steps)]
        self._entries = entries
        self._owners = np.array([entry for entry, _ in kept], dtype=np.int64)
        self._lengths = np.array([len(tokens.steps) for _, tokens in kept], dtype=np.int64)
        self._starts = np.cumsum([0, *self._lengths[:-1]]).astype(np.int64) if kept else np.zeros(0, np.int64)
        self._tokens = np.concatenate([tokens.steps for _, tokens in kept]).astype(np.float32) if kept else np.zeros((0, 1), np.float32)
        self._tokens *= np.concatenate([tokens.scale for _, tokens in kept])[:, None] if kept else 1.0

    def scores(self, tokens: Vectors) -> Vectors:
        """(entries, 2): the mean over the question's tokens (centred, of length one) of their best match in the entry, and the other way round;
        -1 without a passage."""
        out = np.full((self._entries, 2), -1.0, dtype=np.float32)
        if not len(self._owners) or not len(tokens):
            return out
        similar = self._tokens @ tokens.T  # so, and not the other way round, BLAS is a tenth sooner
        forth = np.maximum.reduceat(similar, self._starts, axis=0).mean(axis=1)
        back = np.add.reduceat(np.maximum.reduce(np.ascontiguousarray(similar.T)), self._starts) / self._lengths
        np.maximum.at(out[:, 0], self._owners, forth)
        np.maximum.at(out[:, 1], self._owners, back)
        return out
