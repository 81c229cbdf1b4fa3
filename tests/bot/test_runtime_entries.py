"""The running bot and the entries: asked without a conversation, given others, and kept from knowing what an earlier one was given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from rasa_sdk.executor import ActionExecutor

from bot.faq.entries import read_folder
from bot.runtime import RasaBot
from bot.understanding import FaqEntry
from tests.bot.mari import Mari

FAQ = Path(__file__).parents[2] / "data" / "faq"


async def test_asking_without_a_conversation_gives_a_reading(bot: RasaBot) -> None:
    reading = await bot.ask("kui kaua mul aega on kaup tagastada")
    assert reading.candidates[0].entry_id == "tagastamise-tahtaeg"
    assert len(reading.candidates) <= 10
    assert reading.why


async def test_asking_obeys_no_slash(bot: RasaBot) -> None:
    reading = await bot.ask("/restart")
    assert reading.intent != "restart"


@pytest.fixture
async def changed(bot: RasaBot) -> AsyncIterator[Sequence[FaqEntry]]:
    """Entries to play with; afterwards the starter entries are back."""
    entries = read_folder(FAQ)
    yield entries
    await bot.replace_entries(entries, revision=bot.revision + 1)


async def test_a_published_entry_answers_the_next_customer(bot: RasaBot, changed: Sequence[FaqEntry]) -> None:
    kala = FaqEntry("elus-kala", "Kas elusat kala saab tellida?", "Elusa kala toome **kolmapäeviti**.", ("kas teil elusat kala ka on",))
    await bot.replace_entries([*changed, kala], revision=bot.revision + 1)
    turn = await Mari(bot).writes("kas elusat kala saab tellida")
    assert turn.reading is not None
    assert turn.reading.candidates[0].entry_id == "elus-kala"
    assert "elus-kala" in str(turn.replies)


async def test_a_late_older_revision_is_ignored(bot: RasaBot, changed: Sequence[FaqEntry]) -> None:
    now = bot.revision + 5
    await bot.replace_entries(changed, revision=now)
    await bot.replace_entries([], revision=now - 1)
    assert bot.revision == now
    assert (await bot.ask("kui kaua mul aega on kaup tagastada")).candidates


async def test_an_empty_faq_offers_a_person(bot: RasaBot, changed: Sequence[FaqEntry]) -> None:
    await bot.replace_entries([], revision=bot.revision + 1)
    turn = await Mari(bot).writes("kui kaua mul aega on kaup tagastada")
    assert [button.payload for button in turn.replies[0].buttons] == ["/ask_human", "/deny"]


async def test_a_bot_that_starts_knows_nothing_that_an_earlier_one_was_given(bot: RasaBot, trained_model: Path) -> None:
    await bot.replace_entries([], revision=1_000_000)
    later = RasaBot(trained_model, ActionExecutor())
    later.start()
    try:
        assert later.revision < 0
    finally:
        later.stop()


async def test_an_answer_for_verified_customers_waits_for_them(bot: RasaBot) -> None:
    before, now = read_folder(FAQ), bot.revision
    kept = [replace(entry, needs_identity=True) if entry.id == "tagastamise-tahtaeg" else entry for entry in before]
    await bot.replace_entries(kept, revision=now + 1)
    try:
        choice = '/choose_entry{"entry": "tagastamise-tahtaeg"}'
        refused = await Mari(bot, may_get_code=True).writes("Mitu päeva on aega tagastada?", payload=choice)
        assert [(button.title, button.payload) for button in refused.replies[0].buttons] == [
            ("Saada kood e-postile", '/send_code{"entry": "tagastamise-tahtaeg"}'),
            ("Räägi inimesega", "/ask_human"),
        ]
        assert refused.replies[0].entry_id is None
        answered = await Mari(bot, "mari-2", verified=True).writes("••••••", payload=choice)
        assert [reply.entry_id for reply in answered.replies] == ["tagastamise-tahtaeg"]
    finally:
        await bot.replace_entries(before, revision=now + 2)
