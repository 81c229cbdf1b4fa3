"""Passages read by the encoder, by content: only texts never met before are encoded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bot.encoder import Encoded, Encoder
from bot.faq.shelf import Shelf

_FILE = "vectors3.db"
_BEFORE = ("vectors2.db",)  # what earlier versions kept
_AT_ONCE = 64  # texts that are encoded before what was learned is written down


class VectorCache:
    """Vectors as float32 and tokens as float16, so that they are the same before and after a restart."""

    def __init__(self, encoder: Encoder, folder: Path | None = None, *, shelf: Shelf | None = None) -> None:
        self._encoder = encoder
        self._shelf = shelf or Shelf(folder / _FILE if folder else None, maker=encoder.name)
        for name in _BEFORE if folder else ():
            (folder / name).unlink(missing_ok=True)  # type: ignore[operator]

    @property
    def dim(self) -> int:
        return self._encoder.dim

    def scratch(self) -> VectorCache:
        """See `Shelf.scratch`."""
        return VectorCache(self._encoder, shelf=self._shelf.scratch())

    def passages(self, texts: Sequence[str]) -> list[Encoded]:
        """Answers, read as what is looked for."""
        return self._cached("passage", texts, self._encoder.read_passages)

    def wordings(self, texts: Sequence[str]) -> list[Encoded]:
        """Questions, read as what is asked: a question is nearer to its like than to any passage."""
        return self._cached("query", texts, self._encoder.read_queries)

    def lacking_passages(self, texts: Sequence[str]) -> set[str]:
        """The answers that were never read."""
        return self._lacking("passage", texts)

    def lacking_wordings(self, texts: Sequence[str]) -> set[str]:
        """The questions that were never read."""
        return self._lacking("query", texts)

    def _lacking(self, how: str, texts: Sequence[str]) -> set[str]:
        keys = {self._key(how, text): text for text in texts}
        return {keys[key] for key in self._shelf.lacking(keys)}

    def _key(self, how: str, text: str) -> str:
        return hashlib.sha256(f"{self._encoder.name}\0{how}\0{text}".encode()).hexdigest()

    def _cached(self, how: str, texts: Sequence[str], read_new: Callable[[Sequence[str]], list[Encoded]]) -> list[Encoded]:
        keys = [self._key(how, text) for text in texts]
        known = self._shelf.get(keys)
        new = [(key, text) for key, text in dict(zip(keys, texts, strict=True)).items() if key not in known]
        for at in range(0, len(new), _AT_ONCE):
            some = new[at : at + _AT_ONCE]
            made = {key: _packed(one) for (key, _), one in zip(some, read_new([text for _, text in some]), strict=True)}
            self._shelf.put(made)
            known |= made
        return [_unpacked(known[key], self.dim) for key in keys]


def _packed(one: Encoded) -> bytes:
    return one.vector.astype(np.float32).tobytes() + np.int32(one.tokens.shape[1]).tobytes() + one.tokens.astype(np.float16).tobytes()


def _unpacked(kept: bytes, dim: int) -> Encoded:
    (width,) = np.frombuffer(kept, np.int32, 1, offset=4 * dim)
    tokens = np.frombuffer(kept, np.float16, offset=4 * dim + 4).reshape(-1, int(width))
    return Encoded(np.frombuffer(kept, np.float32, dim), tokens)  # type: ignore[arg-type]  # halved tokens stay so until they are compared
