"""What agents are offered, with the real bot: the question counts, whatever was written after it."""

from __future__ import annotations

import asyncio

import pytest

from bot.runtime import RasaBot
from handoff.console.writing import LEAST_PROBABILITY, likeliest, order_said
from handoff.conversations.asked import Asked


def best(bot: RasaBot, *newest_first: str, language: str = "et") -> tuple[str, float]:
    found = asyncio.run(likeliest(bot, Asked(language, newest_first, frozenset())))
    return (found[0].entry_id, found[0].probability) if found else ("", 0.0)


@pytest.mark.parametrize("after", ["aitäh", "tahan inimesega rääkida", "halloo?", "ok, ootan"])
def test_the_question_before_small_talk_is_the_one_that_is_answered(bot: RasaBot, after: str) -> None:
    question = "kas ma saan kingad tagasi saata kui number ei sobi"
    entry, probability = best(bot, question)
    assert probability >= 3 * LEAST_PROBABILITY
    assert best(bot, after, question)[0] == entry


def test_a_question_in_russian_finds_the_same_answer(bot: RasaBot) -> None:
    assert best(bot, "как вернуть товар?", language="ru")[0] == best(bot, "kuidas kaupa tagastada?")[0]


def test_an_order_number_is_read_also_while_the_bot_is_silent(bot: RasaBot) -> None:
    said = ("aitäh", "minu tellimus on A-1042", "tere")
    assert asyncio.run(order_said(bot, Asked("et", said, frozenset()))) == "A-1042"
    assert asyncio.run(order_said(bot, Asked("et", ("tulen kell 5", "tere"), frozenset()))) is None


def test_questions_that_ask_the_same_are_put_together_in_any_language(bot: RasaBot) -> None:
    """By the bot that runs, as the look for what is missing asks it."""
    puppy, dog, paint, hello, russian = asyncio.run(
        bot.sketches(["kas kutsikas tohib kaasa tulla", "tohib koera kaasa võtta", "müüte värvi seintele", "tere", "можно с собакой прийти"])
    )
    assert hello is None
    found = asyncio.run(bot.gather([one for one in (puppy, dog, russian, paint) if one], [None] * 4, []))
    assert found.names[0] == found.names[1] == found.names[2] != found.names[3]
    assert bot.sketch_form
