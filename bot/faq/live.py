"""The FAQ that is answered from now: one for the whole process, outside Rasa's model, replaced as a whole and at once.

Until somebody brings entries (the service, from its database) they are read from files, so that `rasa shell` and
`rasa run` answer too. Whoever reads takes `current()` once and keeps that snapshot for the turn.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from bot.encoder import Encoder, load_encoder
from bot.faq.entries import FileSource
from bot.faq.evidence import Evidence
from bot.faq.index import VectorCache
from bot.faq.matcher import Matcher, MatcherWeights
from bot.understanding import FaqEntry

MODEL_DIR_KEY, FAQ_DIR_KEY = "ABILINE_MODEL_DIR", "ABILINE_FAQ_DIR"
FROM_FILES = -1  # the revision while nobody has brought entries


@dataclass(frozen=True)
class Snapshot:
    """Entries ready to be asked; never changes."""

    matcher: Matcher
    revision: int

    @cached_property
    def by_id(self) -> Mapping[str, FaqEntry]:
        return {entry.id: entry for entry in self.matcher.evidence.entries}


class LiveFaq:
    """The holder. Reading is one attribute; replacing is one assignment, made by one thread at a time."""

    def __init__(self, encoder: Encoder, *, faq_dir: Path, cache_dir: Path | None = None) -> None:
        self._faq_dir = faq_dir
        self._weights = MatcherWeights.load()
        self._cache = VectorCache(encoder, cache_dir)
        self._snapshot: Snapshot | None = None
        self._replacing = threading.Lock()

    def current(self) -> Snapshot:
        """The entries of this moment; files are read the first time. Raises `bot.faq.entries.FaqError`."""
        if self._snapshot is None:
            with self._replacing:
                if self._snapshot is None:
                    self._snapshot = self._built(FileSource(self._faq_dir).entries() if self._faq_dir.exists() else [], FROM_FILES)
        return self._snapshot

    def replace(self, entries: Sequence[FaqEntry], *, revision: int) -> None:
        """Answer from these entries from now on. A revision older than the present one came late and is ignored."""
        with self._replacing:
            if revision >= self.revision:
                self._snapshot = self._built(entries, revision)

    @property
    def revision(self) -> int:
        return self._snapshot.revision if self._snapshot else FROM_FILES

    def _built(self, entries: Sequence[FaqEntry], revision: int) -> Snapshot:
        return Snapshot(Matcher(Evidence(entries, self._cache, self._weights.centre), self._weights), revision)


@cache
def faq() -> LiveFaq:
    """This process's holder. Raises `bot.encoder.EncoderMissing` and `bot.faq.matcher.WeightsUnreadable`."""
    folder = Path(os.environ.get(FAQ_DIR_KEY, "data/faq"))
    return LiveFaq(encoder(), faq_dir=folder, cache_dir=model_dir())


@cache
def encoder() -> Encoder:
    """This process's encoder, exported first where that was never done (`rasa train` in a fresh clone). Raises `EncoderMissing`."""
    from bot.training import ensure_encoder

    ensure_encoder(model_dir())
    return load_encoder(model_dir())


def use_folders(*, models: Path) -> None:
    """Say where models are, before anything is loaded. Through the environment: Rasa makes the components, so nothing can be handed to them."""
    os.environ[MODEL_DIR_KEY] = str(models)


def model_dir() -> Path:
    """Where models and the encoder are."""
    return Path(os.environ.get(MODEL_DIR_KEY, "models"))
