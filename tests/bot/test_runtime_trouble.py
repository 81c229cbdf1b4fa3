"""When something breaks inside: a kind word to the customer or a clear error to the house, never silence or made-up memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.faq import live
from bot.runtime import ModelMissing, RasaBot
from bot.understanding import BotUnavailable, Incoming


class Breaks:
    """Runs `action_read_language`, and fails at every other action."""

    async def run(self, action_call: Any) -> dict[str, Any]:
        if action_call["next_action"] == "action_read_language":
            return {"events": [], "responses": []}
        raise RuntimeError("the action is broken")


class _NoActions:
    async def run(self, action_call: Any) -> dict[str, Any]:
        raise AssertionError("no action is run here")


@pytest.fixture(scope="module")
def breaking(trained_model: Path) -> Iterator[RasaBot]:
    running = RasaBot(trained_model, Breaks(), bot_name="Kratt")
    running.start()
    yield running
    running.stop()


async def test_a_failing_action_still_gives_a_sentence_and_a_way_to_a_person(breaking: RasaBot) -> None:
    turn = await breaking.reply([], Incoming("mari-1", "m1", "kus mu pakk on"))
    (reply,) = turn.replies
    assert reply.text == "Minu poolel läks midagi viltu. Klienditeenindajad aitavad teid hea meelega edasi."
    assert [(button.title, button.payload) for button in reply.buttons] == [("Räägi inimesega", "/ask_human")]


async def test_a_failing_fallback_is_said_once(breaking: RasaBot) -> None:
    no_rule = [{"event": "action", "name": "action_unheard_of", "timestamp": 1.0}]  # a history that no rule goes on from
    turn = await breaking.reply(no_rule, Incoming("mari-1", "m1", "tere"))
    assert len(turn.replies) <= 1


async def test_an_unreadable_history_is_an_error_and_not_an_empty_one(breaking: RasaBot) -> None:
    with pytest.raises(BotUnavailable):
        await breaking.reply([{"event": "olematu"}], Incoming("mari-1", "m1", "tere"))
    turn = await breaking.reply([], Incoming("mari-1", "m2", "tere"))  # and the stage is free again
    assert turn.replies


async def test_the_bot_calls_itself_what_it_is_told(breaking: RasaBot) -> None:
    turn = await breaking.reply([], Incoming("mari-1", "m1", "kas sa oled robot?"))
    assert "Kratt" in turn.replies[0].text


def test_telemetry_is_off(breaking: RasaBot) -> None:
    from rasa import telemetry

    assert os.environ["RASA_TELEMETRY_ENABLED"] == "false"
    assert not telemetry.is_telemetry_enabled()


def test_rasa_keeps_its_conversations_on_our_stage(breaking: RasaBot) -> None:
    """Agent wraps its store in FailSafeTrackerStore, which goes on in memory when a store fails."""
    from bot.staging import StagingTrackerStore

    dialogue = breaking._dialogue
    assert dialogue is not None
    assert type(dialogue._processor.tracker_store) is StagingTrackerStore


async def test_a_stopped_bot_is_unavailable(trained_model: Path) -> None:
    bot = RasaBot(trained_model, Breaks())
    bot.start()
    bot.stop()
    bot.stop()  # twice is the same as once
    with pytest.raises(BotUnavailable, match="not started"):
        await bot.reply([], Incoming("mari-1", "m1", "tere"))


def test_a_missing_model_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="run `make run` or `abiline train`"):
        RasaBot(tmp_path, _NoActions()).start()


@pytest.fixture
def broken_models(tmp_path: Path, trained_model: Path) -> Iterator[Path]:
    """A folder whose model is cut off. Where models are is said for the whole process, and what this process answers from is shared: both are put back."""
    (tmp_path / "encoder").symlink_to(trained_model / "encoder")
    (tmp_path / "abiline.tar.gz").write_bytes((trained_model / "abiline.tar.gz").read_bytes()[:5000])
    yield tmp_path
    live.use(models=trained_model)
    live.forget()


def test_a_broken_model_says_what_to_do(broken_models: Path) -> None:
    broken = RasaBot(broken_models, _NoActions())
    with pytest.raises(ModelMissing, match=r"can't be loaded .*abiline train"):
        broken.start()


async def test_a_bot_that_is_not_started_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(BotUnavailable, match="not started"):
        await RasaBot(tmp_path, _NoActions()).ask("tere")
