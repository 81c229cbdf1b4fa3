"""Token by token: how well each word of a question is met by some word of an entry ("late interaction").

One vector for a whole text blurs it; comparing the vectors of single tokens keeps the detail. On unseen Estonian FAQs this
alone ranks about as well as the pooled vectors, and both together rank better. (Khattab and Zaharia 2020, ColBERT; the tokens
are trained so in `bot.adapt`, uncentred. Centring takes away what a whole FAQ has in common, and helps other encoders most.)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.encoder import Vectors

COLUMNS = ("aligned", "aligned_back", "aligned_example")
_MOST_TOKENS = 256


class Alignment:
    """Immutable: the tokens of some entries' passages, side by side in one matrix."""

    def __init__(self, passages: Sequence[tuple[int, Vectors]], entries: int, query_mean: Vectors, passage_mean: Vectors) -> None:
        """`passages` are (entry row, tokens); an entry may have several (translations), the best counts."""
        kept = [(entry, tokens[:_MOST_TOKENS]) for entry, tokens in passages if len(tokens)]
        self._entries = entries
        self._query_mean = query_mean
        self._owners = np.array([entry for entry, _ in kept], dtype=np.int64)
        lengths = np.array([len(tokens) for _, tokens in kept], dtype=np.int64)
        self._starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64) if kept else np.zeros(0, np.int64)
        self._lengths = lengths
        self._tokens = _unit(np.concatenate([tokens for _, tokens in kept]) - passage_mean) if kept else np.zeros((0, 1), np.float32)

    def scores(self, tokens: Vectors) -> Vectors:
        """(entries, 2): the mean over the question's tokens of their best match in the entry, and the other way round; -1 without a passage."""
        out = np.full((self._entries, 2), -1.0, dtype=np.float32)
        if not len(self._owners) or not len(tokens):
            return out
        similar = _unit(tokens - self._query_mean) @ self._tokens.T
        forth = np.maximum.reduceat(similar, self._starts, axis=1).mean(axis=0)
        back = np.add.reduceat(similar.max(axis=0), self._starts) / self._lengths
        np.maximum.at(out[:, 0], self._owners, forth)
        np.maximum.at(out[:, 1], self._owners, back)
        return out


def _unit(tokens: Vectors) -> Vectors:
    return np.asarray(tokens / np.maximum(np.linalg.norm(tokens, axis=1, keepdims=True), 1e-9), dtype=np.float32)
