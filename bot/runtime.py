"""Keeps the promises of `bot.understanding.Understanding` with Rasa in this process, in a thread and a loop of its own.

    BotUnavailable
    └── ModelMissing        no model, or one that can't be loaded: the message says what to run

Rasa's loop is busy while it reads a text (milliseconds); the web's loop never is: every call hops over and back.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Collection, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bot import estonian, personal, without_tensorflow
from bot.faq import live
from bot.faq.entries import FaqError
from bot.faq.grouping import gathered
from bot.quiet import first_cause, hush, place, without_import_warnings
from bot.rehearsal import Rehearsal
from bot.training import MODEL_FILE
from bot.understanding import (
    BotUnavailable,
    FaqEntry,
    Gathering,
    Ground,
    Incoming,
    KnownGroup,
    Language,
    Outcome,
    Probe,
    Reading,
    SpellingMark,
    TrackerEvents,
    Turn,
    WordingMark,
)
from bot.wording import wording

if TYPE_CHECKING:
    from bot.dialogue import Dialogue
    from bot.local_actions import Executor

log = logging.getLogger(__name__)
T = TypeVar("T")

START_SECONDS = 120
STOP_SECONDS = 10


class ModelMissing(BotUnavailable):
    """There is no usable model."""


class RasaBot:
    """The bot. `start` it before the first question and `stop` it at the end; both wait until it is done.

    `executor` runs the custom actions (rasa-sdk's `ActionExecutor` with the package `actions` registered); `precision` is
    the share of answers that are to be right, by default ABILINE_ANSWER_PRECISION or the shipped one.
    """

    def __init__(self, model_dir: Path, executor: Executor, *, bot_name: str = "Abiline", precision: float | None = None) -> None:
        self._model_dir = model_dir
        self._model = model_dir / MODEL_FILE
        self._executor = executor
        self._bot_name = bot_name
        self._precision = precision
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._dialogue: Dialogue | None = None
        self._rehearsal: Rehearsal | None = None
        self._indexing: ThreadPoolExecutor | None = None

    def start(self) -> None:
        """Load the model: some seconds. Raises `ModelMissing`, and `bot.faq.entries.FaqError` for starter entries that can't be read."""
        if not self._model.is_file():
            raise ModelMissing(f"there is no model at {self._model}: run `make run` or `abiline train`")
        self._loop = asyncio.new_event_loop()
        self._indexing = ThreadPoolExecutor(1, "indexing")  # a thread of its own: reading thousands of entries takes minutes
        self._thread = threading.Thread(target=self._loop.run_forever, name="rasa", daemon=True)
        self._thread.start()
        try:
            self._dialogue = asyncio.run_coroutine_threadsafe(self._load(), self._loop).result(START_SECONDS)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the thread; what is under way is cancelled. Stopping twice is the same as once."""
        loop, thread, self._loop, self._thread, self._dialogue = self._loop, self._thread, None, None, None
        self._rehearsal = None
        if loop is None or thread is None:
            return
        live.give_up()
        if self._indexing:
            self._indexing.shutdown(wait=False, cancel_futures=True)
        asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result(STOP_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(STOP_SECONDS)
        loop.close()

    async def reply(self, history: TrackerEvents, message: Incoming) -> Turn:
        """See `Understanding`. The caller sees to it that a conversation is answered once at a time."""
        return await self._in_rasa(self._reply(history, message))

    def foresee(self, text: str) -> None:
        """See `Understanding`."""
        if self._dialogue is not None:
            self.soon(self._dialogue.foresee, text)

    def soon(self, work: Callable[..., object], *given: Any) -> None:
        """Do this in Rasa's loop, where nothing needs to be waited for. From any thread; nothing happens where the bot is not started."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(work, *given)

    async def ask(self, text: str, *, language: Language | None = None) -> Reading:
        """See `Understanding`."""
        return await self._in_rasa(self._ask(text, language))

    async def rehearse(
        self, probes: Sequence[Probe], *, draft: FaqEntry | None = None, others: Sequence[FaqEntry] = (), without: Sequence[str] = ()
    ) -> tuple[Reading, ...]:
        """See `Understanding`. In a worker thread: Rasa's loop goes on answering."""
        self._ready()
        return await asyncio.to_thread(self._trying().read, probes, draft, others, without)

    async def grounds(self, text: str, entry_ids: Sequence[str], *, draft: FaqEntry | None = None) -> tuple[Ground, ...]:
        """See `Understanding`. In a worker thread as well."""
        self._ready()
        return await asyncio.to_thread(self._trying().grounds, text, entry_ids, draft)

    async def sketches(self, texts: Sequence[str]) -> tuple[bytes | None, ...]:
        """See `Understanding`. In a worker thread as well."""
        self._ready()
        return await asyncio.to_thread(self._trying().sketches, texts)

    async def gather(self, sketches: Sequence[bytes], present: Sequence[str | None], known: Sequence[KnownGroup]) -> Gathering:
        """See `Understanding`. In a worker thread as well."""
        return await asyncio.to_thread(gathered, sketches, present, known)

    @property
    def sketch_form(self) -> str:
        return live.faq().reader().sketcher.name

    async def replace_entries(self, entries: Sequence[FaqEntry], *, revision: int) -> None:
        """See `Understanding`. Encoding happens in a worker thread; a revision older than the present one is ignored."""
        if self._indexing is None:
            raise BotUnavailable("the bot is not started")
        faq = await asyncio.to_thread(live.faq)
        faq.want(entries, revision=revision)
        await asyncio.get_running_loop().run_in_executor(self._indexing, faq.settle)

    async def recalibrate(self, outcomes: Sequence[Outcome]) -> None:
        """See `Understanding`."""
        shift = await asyncio.to_thread(live.faq().recalibrate, outcomes)
        log.info("%s outcomes move the probabilities by %+.2f", len(outcomes), shift)

    @property
    def awake(self) -> bool:
        return self._dialogue is not None and self._thread is not None and self._thread.is_alive()

    @property
    def revision(self) -> int:
        return live.faq().revision

    @property
    def pid(self) -> int | None:
        """None: it is this one."""
        return None

    def proofread(self, text: str) -> tuple[SpellingMark, ...]:
        return estonian.proofread(text)

    def wording(self, text: str) -> tuple[WordingMark, ...]:
        return wording(text)

    def mask(self, text: str, kinds: Collection[str] | None = None, keep: Callable[[str], bool] | None = None) -> str:
        return personal.mask(text, kinds, keep)

    async def _load(self) -> Dialogue:
        without_tensorflow.install()
        hush()
        with without_import_warnings():
            from bot.dialogue import Dialogue

            try:
                live.use(models=self._model_dir, precision=self._precision)
                live.forget()
                dialogue = Dialogue(self._model, self._executor, bot_name=self._bot_name)
                dialogue.read("tere")  # loads what is loaded with the first text, so that no customer waits for it
                return dialogue
            except (BotUnavailable, FaqError):
                raise
            except Exception as error:  # a cut-off archive, a component's own complaint, another Rasa's model: all end here
                raise ModelMissing(f"the model at {self._model} can't be loaded ({first_cause(error)}): run `abiline train`") from error

    async def _reply(self, history: TrackerEvents, message: Incoming) -> Turn:
        return await self._ready().reply(history, message)

    async def _ask(self, text: str, language: Language | None) -> Reading:
        return self._ready().ask(text, language)

    def _trying(self) -> Rehearsal:
        if self._rehearsal is None:
            self._rehearsal = Rehearsal(live.faq(), self._model_dir)
        return self._rehearsal

    def _ready(self) -> Dialogue:
        if self._dialogue is None:
            raise BotUnavailable("the bot is not started")
        return self._dialogue

    async def _in_rasa(self, work: Coroutine[Any, Any, T]) -> T:
        """Run in Rasa's loop, wait in the caller's. Cancelling the wait cancels the work."""
        if self._loop is None:
            work.close()
            raise BotUnavailable("the bot is not started")
        try:
            if asyncio.get_running_loop() is self._loop:
                return await work
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))
        except BotUnavailable:
            raise
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise BotUnavailable("the bot was stopped") from None
        except Exception as error:
            log.error("the bot failed: %s", place(error))
            raise BotUnavailable(f"the bot failed: {type(error).__name__}") from error


async def _cancel_all() -> None:
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
