"""Keeps the promises of `bot.understanding.Understanding` with a bot in a process of its own, and sees to it that there is one.

What people write is read there; spelling, wording and personal data are looked through here, as that is asked for in the middle of other work and takes little.
A bot that ends by itself, or that has not moved for half a minute, is ended for good and woken anew, with the entries and outcomes that it had. Until it
answers from them it is not there: `BotUnavailable`, at once.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar, cast

from bot import stages
from bot.apart.frames import Frames
from bot.apart.said import FORESEE, REPLACE, Amended, Asleep, Awake, Call, Done, GiveUp, Logged, Standing
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

if TYPE_CHECKING:
    from bot.runtime import RasaBot

log = logging.getLogger(__name__)
T = TypeVar("T")

START_SECONDS = 120
STOP_SECONDS = 10
TICK_SECONDS = 5.0
STUCK_TICKS = 6  # in a row, with one and the same text being read
AGAIN_SECONDS = (0.0, 1.0, 5.0, 15.0, 60.0)  # before waking it anew, the next time, …
READS = frozenset({"reply", "ask"})  # one after the other and each in milliseconds; others take their time beside them
NOT_YET = -1


class BotApart:
    """The bot. `begin` it early and `start` it before the first question, `stop` it at the end.

    `wake` gives a started bot, in the other process: a function of a module, or a `functools.partial` of one.
    """

    def __init__(self, wake: Callable[[], RasaBot], *, tick_seconds: float = TICK_SECONDS) -> None:
        self._wake = wake
        self._tick_seconds = tick_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._frames: Frames | None = None
        self._keeper: threading.Thread | None = None
        self._started: Future[None] = Future()
        self._ending = threading.Event()
        self._numbers = itertools.count()
        self._changing = threading.Lock()  # of what is waited for
        self._waiting: dict[int, Future[Any]] = {}
        self._under_way: dict[int, str] = {}  # what the bot has not said anything of, also where nobody waits
        self._standing = Standing(NOT_YET, "")
        self._awake = False
        self._entries: tuple[Sequence[FaqEntry], int] | None = None
        self._telling = threading.Lock()
        self._told: Mapping[str, FaqEntry] = {}  # to the bot that is there now
        self._outcomes: Sequence[Outcome] | None = None

    def begin(self) -> None:
        """Let it wake while others do something else."""
        self._keeper = threading.Thread(target=self._keep, name="bot", daemon=True)
        self._keeper.start()

    def start(self) -> None:
        """Wait until it is awake. Raises what waking it raised: `ModelMissing`, `FaqError`; `BotUnavailable` when it just ended."""
        if self._keeper is None:
            self.begin()
        try:
            self._started.result(START_SECONDS)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it. What is under way is unavailable. Stopping twice is the same as once."""
        self._ending.set()
        if self._frames is not None:
            self._frames.end()
        if self._keeper is not None:
            self._keeper.join(STOP_SECONDS + 5)

    async def reply(self, history: TrackerEvents, message: Incoming) -> Turn:
        return cast(Turn, await self._asked("reply", history, message))

    async def ask(self, text: str, *, language: Language | None = None) -> Reading:
        return cast(Reading, await self._asked("ask", text, language=language))

    def foresee(self, text: str) -> None:
        frames = self._frames
        if self._awake and frames is not None:
            with suppress(OSError):  # it has just ended: whoever asks it is told
                frames.send(Call(-1, FORESEE, (text,)))

    async def rehearse(
        self, probes: Sequence[Probe], *, draft: FaqEntry | None = None, others: Sequence[FaqEntry] = (), without: Sequence[str] = ()
    ) -> tuple[Reading, ...]:
        return cast(tuple[Reading, ...], await self._asked("rehearse", probes, draft=draft, others=others, without=without))

    async def grounds(self, text: str, entry_ids: Sequence[str], *, draft: FaqEntry | None = None) -> tuple[Ground, ...]:
        return cast(tuple[Ground, ...], await self._asked("grounds", text, entry_ids, draft=draft))

    async def sketches(self, texts: Sequence[str]) -> tuple[bytes | None, ...]:
        return cast(tuple[bytes | None, ...], await self._asked("sketches", texts))

    async def gather(self, sketches: Sequence[bytes], present: Sequence[str | None], known: Sequence[KnownGroup]) -> Gathering:
        return cast(Gathering, await self._asked("gather", sketches, present, known))

    @property
    def sketch_form(self) -> str:
        return self._standing.sketch_form

    async def replace_entries(self, entries: Sequence[FaqEntry], *, revision: int) -> None:
        """See `Understanding`. While it sleeps they are noted: a bot that is woken anew gets the newest of them first of all."""
        with self._changing:
            if self._entries is None or revision >= self._entries[1]:
                self._entries = (entries, revision)
        if not self._awake and self._started.done() and not self._ending.is_set():
            return
        await self._asked(REPLACE, entries, revision=revision)

    async def recalibrate(self, outcomes: Sequence[Outcome]) -> None:
        self._outcomes = outcomes
        await self._asked("recalibrate", outcomes)

    @property
    def awake(self) -> bool:
        return self._awake

    @property
    def revision(self) -> int:
        return self._standing.revision

    @property
    def pid(self) -> int | None:
        """See `Understanding`."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def proofread(self, text: str) -> tuple[SpellingMark, ...]:
        from bot import estonian

        return estonian.proofread(text)

    def wording(self, text: str) -> tuple[WordingMark, ...]:
        from bot.wording import wording

        return wording(text)

    def mask(self, text: str, kinds: Collection[str] | None = None, keep: Callable[[str], bool] | None = None) -> str:
        from bot import personal

        return personal.mask(text, kinds, keep)

    async def _asked(self, method: str, *positional: Any, **named: Any) -> Any:
        """What comes of a call. Raises `BotUnavailable`, and what the bot raised. Cancelling the wait cancels the work."""
        if not self._awake:
            raise BotUnavailable("the bot is not awake")
        number, waiting = self._noted(method)
        if method == REPLACE:  # they may be many
            await asyncio.to_thread(self._replace, number, *positional, **named)
        else:
            self._send(Call(number, method, positional, named))
        try:
            return await asyncio.wrap_future(waiting)
        except asyncio.CancelledError:
            self._send(GiveUp(number))
            raise

    def _noted(self, method: str) -> tuple[int, Future[Any]]:
        number, waiting = next(self._numbers), Future[Any]()
        with self._changing:
            self._waiting[number], self._under_way[number] = waiting, method
        return number, waiting

    def _replace(self, number: int, entries: Sequence[FaqEntry], *, revision: int) -> None:
        with self._telling:  # in the order in which they are compared
            amended = Amended.between(self._told, entries)
            self._send(Call(number, REPLACE, (amended,), {"revision": revision}))
            self._told = {entry.id: entry for entry in entries}

    def _send(self, what: Call | GiveUp) -> None:
        """Where the bot is gone `_lost` says so to whoever waits."""
        frames = self._frames
        try:
            if frames is None:
                raise OSError
            frames.send(what)
        except OSError:
            if isinstance(what, Call):
                self._settle(what.number, error=BotUnavailable("the bot has ended"))

    def _keep(self) -> None:
        """In a thread of its own, for as long as the house stands: a bot, and after it another."""
        failed = 0
        while not self._ending.wait(AGAIN_SECONDS[min(failed, len(AGAIN_SECONDS) - 1)]):
            failed = 0 if self._live() else failed + 1
            if not self._started.done():
                self._started.set_exception(BotUnavailable("the bot has ended while it woke: see what was said above"))
            if self._started.exception() is not None:
                return

    def _live(self) -> bool:
        """One bot from its beginning to its end. Whether it was ever awake."""
        ours, theirs = socket.socketpair()
        with self._telling:
            frames, self._told = Frames(ours), {}
            self._frames = frames
        paths = os.pathsep.join(path or os.getcwd() for path in sys.path)
        command = [sys.executable, "-P", "-m", "bot.apart.worker", str(theirs.fileno())]  # -P: a folder `bot` where the operator stands is not ours
        with theirs:
            process = subprocess.Popen(  # noqa: S603 - this Python and a file of ours
                command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": paths}
            )
        self._process = process
        try:
            if self._ending.is_set():  # said before there were frames that could be ended
                return False
            frames.send((self._wake, sys.getswitchinterval()))
            return self._listen(frames, process)
        except OSError:  # it ended before it listened
            return False
        finally:
            self._awake = False
            frames.close()
            self._bury(process)
            self._lost()

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        overdue = threading.Timer(STOP_SECONDS, process.kill)
        overdue.start()
        process.wait()  # told by the system; `wait(seconds)` looks again and again, and sleeps between
        overdue.cancel()
        if not self._ending.is_set() and self._started.done():
            code = process.returncode
            log.error("the bot's process has ended (%s); it is woken anew", signal.Signals(-code).name if code < 0 else f"exit {code}")

    def _listen(self, frames: Frames, process: subprocess.Popen[bytes]) -> bool:
        was_awake, stuck, reading, ticked = False, 0, None, time.monotonic()
        while True:
            if time.monotonic() - ticked >= self._tick_seconds:  # one at a time: a house that was stopped for a while itself blames nobody
                before, reading, ticked = reading, self._oldest_read(), time.monotonic()
                stuck = stuck + 1 if reading is not None and reading == before else 0
                if stuck == STUCK_TICKS:
                    log.error("the bot has been reading one text for %.0f s", stuck * self._tick_seconds)
                    process.kill()
            if not frames.held and not select.select([frames], [], [], self._tick_seconds)[0]:
                continue
            try:
                was_awake = self._hear(frames.receive()) or was_awake
            except EOFError:
                return was_awake

    def _oldest_read(self) -> int | None:
        with self._changing:
            return min((number for number, method in self._under_way.items() if method in READS), default=None)

    def _hear(self, said: Done | Awake | Asleep | Logged) -> bool:
        """Whether it is awake by that."""
        if isinstance(said, Done):
            self._standing = said.standing
            for name, seconds in said.parts:
                stages.tell(name, seconds)
            self._settle(said.number, said.value, said.error)
        elif isinstance(said, Logged):
            logger = logging.getLogger(said.logger)
            if logger.isEnabledFor(said.level):
                logger.log(said.level, "%s", said.message)
        elif isinstance(said, Asleep):
            if not self._started.done():
                self._started.set_exception(said.error)
            else:
                log.error("the bot can't be woken: %s", said.error)
        else:
            self._standing = said.standing
            self._remind()
            return True
        return False

    def _remind(self) -> None:
        """Give a bot that has just woken what the one before it had; then it is there."""
        before: list[Future[Any]] = []
        with self._changing:
            entries, outcomes = self._entries, self._outcomes
        if outcomes is not None:
            number, done = self._noted("recalibrate")
            before.append(done)
            self._send(Call(number, "recalibrate", (outcomes,)))
        if entries is not None:
            number, done = self._noted(REPLACE)
            before.append(done)
            self._replace(number, entries[0], revision=entries[1])
        left = len(before)

        def there(_done: Future[Any]) -> None:
            nonlocal left
            left -= 1  # all are settled by the thread that listens
            if left == 0:
                self._there()

        for done in before:
            done.add_done_callback(there)
        if not before:
            self._there()

    def _there(self) -> None:
        if not self._ending.is_set() and self._process is not None and self._process.poll() is None:
            self._awake = True
            if not self._started.done():
                self._started.set_result(None)

    def _settle(self, number: int, value: Any = None, error: Exception | None = None) -> None:
        with self._changing:
            self._under_way.pop(number, None)
            waiting = self._waiting.pop(number, None)
        if waiting is None or not waiting.set_running_or_notify_cancel():
            return
        if error is not None:
            waiting.set_exception(error)
        else:
            waiting.set_result(value)

    def _lost(self) -> None:
        """Nothing comes any more of what was asked."""
        with self._changing:
            numbers = list(self._under_way)
        for number in numbers:
            self._settle(number, error=BotUnavailable("the bot has ended"))
