"""The FAQ that is answered from now: one for the whole process, outside Rasa's model, replaced as a whole and at once.

Until somebody brings entries (the service, from its database) they are read from files, so that `rasa shell` and
`rasa run` answer too. Rasa makes its components itself, so what they share can only be had from here.
"""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.encoder import Encoder, load_encoder
from bot.faq.entries import FileSource
from bot.faq.facts import FactCache
from bot.faq.matcher import MatcherWeights
from bot.understand import CACHE_FOLDER, SHIPPED_PRECISION, Reader
from bot.understanding import FaqEntry, Outcome

MODEL_DIR_KEY, FAQ_DIR_KEY, PRECISION_KEY = "ABILINE_MODEL_DIR", "ABILINE_FAQ_DIR", "ABILINE_ANSWER_PRECISION"
AT_ONCE = 64  # entries that are read before anything is answered anew; some seconds
SHOW_SECONDS = 10
log = logging.getLogger(__name__)
NOT_YET = -1  # the revision while nobody has brought entries


@dataclass(frozen=True)
class _Wanted:
    entries: tuple[FaqEntry, ...]
    revision: int


class LiveFaq:
    """Holds the reader. Reading it is one attribute; entries are replaced by one thread at a time."""

    def __init__(self, reader: Reader, faq_dir: Path) -> None:
        self._reader = reader
        self._faq_dir = faq_dir
        self._revision: int | None = None
        self._answering = False  # from some entries, if not from all of a revision
        self._changing = threading.Lock()
        self._noting = threading.Lock()
        self._wanted: _Wanted | None = None
        self._ending = False

    @property
    def revision(self) -> int:
        """What is answered from now; `NOT_YET` for entries from files."""
        return NOT_YET if self._revision is None else self._revision

    def reader(self) -> Reader:
        """The reader with its entries; they are read from files if nobody has brought any. Raises `bot.faq.entries.FaqError`."""
        if not self._answering:
            with self._changing:
                if not self._answering:
                    self._put(_Wanted(tuple(FileSource(self._faq_dir).entries()) if self._faq_dir.exists() else (), NOT_YET))
        return self._reader

    def replace(self, entries: Sequence[FaqEntry], *, revision: int) -> None:
        """Answer from these entries from now on. A revision older than the present one came late and is ignored."""
        self.want(entries, revision=revision)
        self.settle()

    def want(self, entries: Sequence[FaqEntry], *, revision: int) -> None:
        """Note what is to be answered from. Of several changes that come at once only the last is worked off."""
        with self._noting:
            if self._wanted is None or revision >= self._wanted.revision:
                self._wanted = _Wanted(tuple(entries), revision)

    def settle(self) -> None:
        """Put what is wanted in place; nothing where that was done already."""
        with self._changing:
            while wanted := self._next():
                if wanted.revision >= self.revision:
                    self._put(wanted)

    def recalibrate(self, outcomes: Sequence[Outcome]) -> float:
        """Let the promised probabilities follow what people said of earlier ones; gives the shift."""
        return self._reader.recalibrate(outcomes)

    def _next(self) -> _Wanted | None:
        with self._noting:
            wanted, self._wanted = self._wanted, None
        return wanted

    def give_up(self) -> None:
        """Read no further: the process ends."""
        self._ending = True

    def _overtaken(self, wanted: _Wanted) -> bool:
        with self._noting:
            if self._wanted and self._wanted.revision == wanted.revision:
                self._wanted = None  # the same once more
            return self._ending or (self._wanted is not None and self._wanted.revision > wanted.revision)

    def _put(self, wanted: _Wanted) -> None:
        """At once where few entries are new. Many are read in portions, and what is there is answered from meanwhile."""
        unread = self._reader.unread(wanted.entries)
        if len(unread) > AT_ONCE and not self._read_ahead(wanted, unread):
            return
        self._answer_from(wanted.entries, wanted.revision)
        self._revision = wanted.revision

    def _read_ahead(self, wanted: _Wanted, unread: Sequence[FaqEntry]) -> bool:
        """Read entries portion by portion. False when a newer revision is wanted meanwhile: what was read is kept, the rest is left to it."""
        began, shown = time.monotonic(), -math.inf
        for at in range(0, len(unread), AT_ONCE):
            if self._overtaken(wanted):
                return False
            if time.monotonic() - shown > SHOW_SECONDS:
                self._answer_from(self._present(wanted, {entry.id for entry in unread[at:]}), wanted.revision)
                shown = time.monotonic()
                left = f", about {(shown - began) / at * (len(unread) - at) / 60:.0f} min more" if at else ""
                log.warning("reading new answers: %s of %s%s; what is read is answered from already", at, len(unread), left)
            self._reader.learn(unread[at : at + AT_ONCE])
        return True

    def _present(self, wanted: _Wanted, unread: Set[str]) -> list[FaqEntry]:
        """The entries as they are wanted, those not yet read as they were before, if they were."""
        before = self._reader.by_id
        forms = (before.get(entry.id) if entry.id in unread else entry for entry in wanted.entries)
        return [entry for entry in forms if entry]

    def _answer_from(self, entries: Sequence[FaqEntry], revision: int) -> None:
        self._reader.replace_entries(entries, revision=max(revision, 0))
        self._answering = True


@cache
def faq() -> LiveFaq:
    """This process's FAQ. Raises a `bot.mendable.Mendable`: no encoder, or weights that are not its own."""
    precision = float(os.environ.get(PRECISION_KEY, SHIPPED_PRECISION))
    reader = Reader(encoder(), MatcherWeights.load().fits(encoder().name), precision=precision, cache=FactCache(encoder(), model_dir() / CACHE_FOLDER))
    return LiveFaq(reader, Path(os.environ.get(FAQ_DIR_KEY, "data/faq")))


def give_up() -> None:
    """Let this process's FAQ, if it has one, read no further."""
    if faq.cache_info().currsize:
        faq().give_up()


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
