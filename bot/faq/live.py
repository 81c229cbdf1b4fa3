"""The FAQ that is answered from now: one for the whole process, outside Rasa's model, replaced as a whole and at once.

Until somebody brings entries (the service, from its database) they are read from files, so that `rasa shell` and
`rasa run` answer too. Rasa makes its components itself, so what they share can only be had from here.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from bot.encoder import Encoder, load_encoder
from bot.faq.entries import FileSource
from bot.faq.index import VectorCache
from bot.faq.matcher import MatcherWeights
from bot.understand import CACHE_FOLDER, SHIPPED_PRECISION, Reader
from bot.understanding import FaqEntry, Outcome

MODEL_DIR_KEY, FAQ_DIR_KEY, PRECISION_KEY = "ABILINE_MODEL_DIR", "ABILINE_FAQ_DIR", "ABILINE_ANSWER_PRECISION"
NOT_YET = -1  # the revision while nobody has brought entries


class LiveFaq:
    """Holds the reader. Reading it is one attribute; entries are replaced by one thread at a time."""

    def __init__(self, reader: Reader, faq_dir: Path) -> None:
        self._reader = reader
        self._faq_dir = faq_dir
        self._revision: int | None = None  # None: still empty
        self._changing = threading.Lock()

    @property
    def revision(self) -> int:
        """What is answered from now; `NOT_YET` for entries from files."""
        return NOT_YET if self._revision is None else self._revision

    def reader(self) -> Reader:
        """The reader with its entries; they are read from files if nobody has brought any. Raises `bot.faq.entries.FaqError`."""
        if self._revision is None:
            with self._changing:
                if self._revision is None:
                    self._put(FileSource(self._faq_dir).entries() if self._faq_dir.exists() else [], NOT_YET)
        return self._reader

    def replace(self, entries: Sequence[FaqEntry], *, revision: int) -> None:
        """Answer from these entries from now on. A revision older than the present one came late and is ignored."""
        with self._changing:
            if revision >= self.revision:
                self._put(entries, revision)

    def recalibrate(self, outcomes: Sequence[Outcome]) -> float:
        """Let the promised probabilities follow what people said of earlier ones; gives the shift."""
        return self._reader.recalibrate(outcomes)

    def _put(self, entries: Sequence[FaqEntry], revision: int) -> None:
        self._reader.replace_entries(entries, revision=max(revision, 0))
        self._revision = revision


@cache
def faq() -> LiveFaq:
    """This process's FAQ. Raises a `bot.mendable.Mendable`: no encoder, or weights that are not its own."""
    precision = float(os.environ.get(PRECISION_KEY, SHIPPED_PRECISION))
    reader = Reader(encoder(), MatcherWeights.load().fits(encoder().name), precision=precision, cache=VectorCache(encoder(), model_dir() / CACHE_FOLDER))
    return LiveFaq(reader, Path(os.environ.get(FAQ_DIR_KEY, "data/faq")))


def forget() -> None:
    """Begin anew: a bot that starts answers from nothing that an earlier one in this process was given."""
    faq.cache_clear()


@cache
def encoder() -> Encoder:
    """This process's encoder, exported first where that was never done (`rasa train` in a fresh clone). Raises a `bot.mendable.Mendable`."""
    from bot.training import ensure_encoder

    ensure_encoder(model_dir())
    return load_encoder(model_dir())


def model_dir() -> Path:
    """Where models and the encoder are."""
    return Path(os.environ.get(MODEL_DIR_KEY, "models"))


def use(*, models: Path, precision: float | None = None) -> None:
    """Say where models are and how sure answers must be, before anything is loaded; by the environment, as an operator of Rasa would.

    What is loaded already stays, but for a precision that has changed.
    """
    os.environ[MODEL_DIR_KEY] = str(models)
    if precision is not None and os.environ.get(PRECISION_KEY) != str(precision):
        os.environ[PRECISION_KEY] = str(precision)
        faq.cache_clear()
