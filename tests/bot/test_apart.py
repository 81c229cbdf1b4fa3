"""The bot in a process of its own: what it promises holds, whatever becomes of the process."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bot import stages
from bot.apart import parent
from bot.apart.frames import Frames
from bot.apart.parent import BotApart
from bot.apart.said import REPLACE, Amended, Call
from bot.faq.entries import FaqError
from bot.understanding import BotUnavailable, FaqEntry, Incoming, Outcome
from tests.bot import apart_bot

PATIENCE = 30.0


@pytest.fixture
def little() -> Iterator[BotApart]:
    bot = BotApart(apart_bot.wake, tick_seconds=0.1)
    bot.start()
    yield bot
    bot.stop()


async def said(bot: BotApart, text: str) -> str:
    turn = await bot.reply([{"event": "action", "name": "action_listen"}], Incoming("mari", "1", text))
    assert turn.tracker_events == ({"event": "action", "name": "action_listen"},)
    return turn.replies[0].text


async def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it never came to that"
        await asyncio.sleep(0.02)


async def test_it_answers_from_another_process(little: BotApart) -> None:
    assert int(await said(little, "pid")) == little.pid != os.getpid()
    assert little.awake
    assert little.sketch_form == "little"
    assert await asyncio.gather(*(said(little, f"õäöü {number}") for number in range(50))) == [f"õäöü {number}" for number in range(50)]


async def test_a_folder_of_the_same_name_where_the_operator_stands_is_not_taken_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "__init__.py").write_text("raise SystemExit(9)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path] + [str(Path(apart_bot.__file__).parents[2])])
    bot = BotApart(apart_bot.wake)
    bot.start()
    try:
        assert await said(bot, "tere") == "tere"
    finally:
        bot.stop()


async def test_the_revision_that_is_answered_from_is_known_at_once(little: BotApart) -> None:
    assert little.revision == -1
    await little.replace_entries([FaqEntry("tarne", "Kuidas?", "Nii.")], revision=7)
    assert little.revision == 7
    assert await said(little, "entries") == "tarne"


async def test_of_many_entries_only_what_is_new_is_told(little: BotApart, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Amended] = []
    send = Frames.send

    def watched(frames: Frames, what: object) -> None:
        if isinstance(what, Call) and what.method == REPLACE:
            told.append(what.positional[0])
        send(frames, what)

    monkeypatch.setattr(Frames, "send", watched)
    many = [FaqEntry(str(number), "Kuidas?", "Nii.") for number in range(5)]
    await little.replace_entries(many, revision=1)
    renamed = replace(many[1], formerly=("vana",))
    await little.replace_entries([many[3], replace(many[0], answer="Naa."), renamed, FaqEntry("uus", "Kas?", "Jah.")], revision=2)
    assert await said(little, "entries") == "3,0,1,uus"
    assert [[entry.id for entry in one.new] for one in told] == [["0", "1", "2", "3", "4"], ["0", "1", "uus"]]


async def test_what_will_be_asked_is_told_ahead(little: BotApart) -> None:
    little.foresee("tere")
    assert await said(little, "foreseen") == "tere"


async def test_how_long_parts_took_is_told_here(little: BotApart) -> None:
    heard: list[str] = []
    deaf = stages.listen(lambda name, _seconds: heard.append(name))
    try:
        await said(little, "tere")
        await said(little, "tere")
    finally:
        deaf()
    assert heard == [stages.ENCODER] * 2


async def test_what_the_bot_raises_is_raised_here(little: BotApart) -> None:
    with pytest.raises(BotUnavailable, match="not today"):
        await said(little, "unavailable")
    with pytest.raises(BotUnavailable, match="Ill"):
        await said(little, "ill")
    assert await said(little, "tere") == "tere"


async def test_what_can_not_be_sent_harms_nobody_else(little: BotApart) -> None:
    with pytest.raises((TypeError, AttributeError)):  # pickle's own, which Python's versions name differently
        await little.reply([{"event": lambda: None}], Incoming("mari", "1", "tere"))
    assert await said(little, "tere") == "tere"


async def test_who_stops_waiting_stops_the_work(little: BotApart) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(0.2):
            await said(little, "slow")
    deadline = time.monotonic() + PATIENCE
    while await said(little, "cancelled") != "1":
        assert time.monotonic() < deadline


async def test_its_log_is_ours_without_what_an_error_quotes(little: BotApart, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        await said(little, "log")
    (record,) = [record for record in caplog.records if record.name == "bot.apart_bot"]
    assert record.levelno == logging.ERROR
    assert record.getMessage().startswith("that went wrong (ValueError at ")
    assert "Mari" not in caplog.text


@pytest.mark.parametrize("how", ["killed", "by itself"])
async def test_a_bot_that_ends_is_woken_anew_with_what_it_had(little: BotApart, how: str, caplog: pytest.LogCaptureFixture) -> None:
    await little.replace_entries([FaqEntry("tarne", "Kuidas?", "Nii.")], revision=7)
    await little.recalibrate([Outcome(0.5, right=True)] * 3)
    first = little.pid
    assert first is not None
    waiting = asyncio.create_task(said(little, "slow" if how == "killed" else "die"))
    await asyncio.sleep(0.1)
    if how == "killed":
        os.kill(first, signal.SIGKILL)
    with pytest.raises(BotUnavailable):
        await waiting
    await until(lambda: not little.awake)
    await little.replace_entries([FaqEntry("tarne", "Kuidas?", "Nii.")], revision=8)  # is noted for the next
    await until(lambda: little.awake and little.pid != first)
    assert [await said(little, what) for what in ("entries", "outcomes")] == ["tarne", "3"]
    assert little.revision == 8
    assert f"has ended ({'SIGKILL' if how == 'killed' else 'exit 3'})" in caplog.text


async def test_nobody_waits_for_a_bot_that_is_not_there(little: BotApart) -> None:
    os.kill(little.pid or 0, signal.SIGSTOP)  # a process that is there and does nothing
    first, waiting = little.pid, asyncio.create_task(said(little, "tere"))
    await until(waiting.done)  # stuck: it is ended for good
    assert isinstance(waiting.exception(), BotUnavailable)
    await until(lambda: little.awake and little.pid != first)
    assert await said(little, "tere") == "tere"


async def test_a_bot_that_hangs_is_ended_and_woken_anew(little: BotApart, caplog: pytest.LogCaptureFixture) -> None:
    first = little.pid
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await said(little, "hang")
    await until(lambda: little.awake and little.pid != first)
    assert "has been reading one text for" in caplog.text
    assert await said(little, "tere") == "tere"


async def test_one_that_dies_waking_again_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parent, "AGAIN_SECONDS", (0.0, 0.1))
    bot = BotApart(partial(apart_bot.wake_once, str(tmp_path)))
    bot.start()
    try:
        os.kill(bot.pid or 0, signal.SIGKILL)
        await until(lambda: len(list(tmp_path.iterdir())) == 3 and bot.awake)
        assert await said(bot, "tere") == "tere"
    finally:
        bot.stop()


def test_what_waking_it_raises_is_raised_here() -> None:
    with pytest.raises(FaqError) as refused:
        BotApart(apart_bot.refuse).start()
    assert str(refused.value) == "faq.yml:3: entry tarne: has no answer"
    with pytest.raises(BotUnavailable, match="ended while it woke"):
        BotApart(apart_bot.die_waking).start()


async def test_it_ends_with_the_house_and_not_with_a_signal_to_all(little: BotApart) -> None:
    pid = little.pid or 0
    for one in (signal.SIGINT, signal.SIGTERM):
        os.kill(pid, one)
    assert await said(little, "pid") == str(pid)
    little.stop()
    little.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(BotUnavailable):
        await said(little, "tere")


@pytest.mark.parametrize(("patience", "ended_by"), [(30, 0), (0.2, -signal.SIGKILL)])
def test_one_that_takes_its_time_to_end_is_waited_for_and_then_killed(patience: float, ended_by: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parent, "STOP_SECONDS", patience)
    bot = BotApart(apart_bot.wake_to_end_slowly)
    bot.start()
    process = bot._process
    monkeypatch.delattr(time, "sleep")  # told when it ends; a wait that looks again and again failed where a test sets the clock
    bot.stop()
    assert process is not None
    assert process.returncode == ended_by


async def test_spelling_wording_and_personal_data_are_looked_through_while_it_sleeps(little: BotApart) -> None:
    little.stop()
    assert [mark.word for mark in little.proofread("See on pakkk")] == ["pakkk"]
    assert little.wording("Kahjuks ei saa")
    assert little.mask("mari@naide.ee") == "[e-post]"
