"""Tries texts against what an editor is still writing, off Rasa's loop: customers are answered meanwhile, and from what is published."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from bot.faq.live import LiveFaq
from bot.faq.question import Question
from bot.intents import IntentModel
from bot.understand import INTENTS_FOLDER, Reader
from bot.understanding import FaqEntry, Ground, Probe, Reading

_KEPT = 4  # drafts that are written at the same time
_READ = 64  # texts whose vectors are kept
Change = tuple[tuple[FaqEntry, ...], tuple[str, ...]]  # entries as they would be, and ids of those that would be gone


class Rehearsal:
    """Reads with a copy in which some entries are others. The last copies are kept, so asking a draft again reads only the question."""

    def __init__(self, live: LiveFaq, model_dir: Path) -> None:
        self._live = live
        self._folder = model_dir / INTENTS_FOLDER
        self._intents: IntentModel | None = None
        self._copies: list[tuple[object, Change, Reader]] = []
        self._questions: dict[str, Question] = {}
        self._copying = threading.Lock()

    def read(self, probes: Sequence[Probe], draft: FaqEntry | None, others: Sequence[FaqEntry] = (), without: Sequence[str] = ()) -> tuple[Reading, ...]:
        """See `Understanding.rehearse`."""
        reader = self._reader((*others, *([draft] if draft else [])), tuple(without))
        return tuple((reader.as_if_new(probe.text, probe.of) if probe.of else reader).read(probe.text, question=self._question(probe.text)) for probe in probes)

    def grounds(self, text: str, entry_ids: Sequence[str], draft: FaqEntry | None) -> tuple[Ground, ...]:
        """See `Understanding.grounds`."""
        reader = self._reader((draft,) if draft else ())
        known, question = reader.by_id, self._question(text)
        return tuple(reader.evidence(question, entry_id) for entry_id in entry_ids if entry_id in known)

    def sketches(self, texts: Sequence[str]) -> tuple[bytes | None, ...]:
        """See `Understanding.sketches`."""
        reader = self._reader(())
        return tuple(reader.sketch(text) for text in texts)

    def _question(self, text: str) -> Question:
        """A text is read once for the FAQ as it is and as it would be."""
        found = self._questions.get(text) or self._live.reader().question(text)
        while len(self._questions) >= _READ:
            self._questions.pop(next(iter(self._questions)), None)
        self._questions[text] = found
        return found

    def _reader(self, changed: tuple[FaqEntry, ...], without: tuple[str, ...] = ()) -> Reader:
        live = self._live.reader()
        with self._copying:
            if self._intents is None and self._folder.is_dir():
                self._intents = IntentModel.load(self._folder)
            made = next((reader for published, one, reader in self._copies if published is live.published and one == (changed, without)), None)
            if made is None:
                made = live.rehearsing(changed, self._intents, without=without)
                self._copies = [(live.published, (changed, without), made), *self._copies[: _KEPT - 1]]
            return made
