"""An encoder of ten lines: texts are alike as far as they share words; and the same in the shape that the shipped weights were learned for."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

import numpy as np

from bot.encoder import Encoded, Vectors, stacked
from bot.faq.matcher import MatcherWeights


class WordEncoder:
    """Each word is a fixed random direction; counts what it was asked to encode."""

    name = "words"
    dim = 64

    def __init__(self) -> None:
        self.encoded: list[str] = []  # passages
        self.asked: list[str] = []  # queries

    def read_queries(self, texts: Sequence[str]) -> list[Encoded]:
        self.asked += texts
        return [self._read(text) for text in texts]

    def read_passages(self, texts: Sequence[str]) -> list[Encoded]:
        self.encoded += texts
        return [self._read(text) for text in texts]

    def queries(self, texts: Sequence[str]) -> Vectors:
        return stacked(self.read_queries(texts), self.dim)

    def passages(self, texts: Sequence[str]) -> Vectors:
        return stacked(self.read_passages(texts), self.dim)

    def _read(self, text: str) -> Encoded:
        words = re.findall(r"\w+", text.lower()) or [""]
        tokens = np.stack([np.random.default_rng(zlib.crc32(word.encode())).normal(size=self.dim) for word in words]).astype(np.float32)
        total = tokens.sum(axis=0)
        return Encoded(total / np.linalg.norm(total), tokens)


class WideEncoder(WordEncoder):
    """Words as directions, in the shape that the shipped weights were learned for."""

    name = MatcherWeights.load().encoder
    dim = 384

    def _read(self, text: str) -> Encoded:
        read = super()._read(text)
        return Encoded(read.vector, read.tokens[:, :128])
