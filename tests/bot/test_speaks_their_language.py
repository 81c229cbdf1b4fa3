"""The trained bot in three languages: it says that it is a machine however it is asked, and keeps to the customer's language on every path."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.faq.entries import read_folder
from bot.language import detect
from bot.runtime import RasaBot
from bot.understanding import Language
from tests.bot.mari import Mari, said

FAQ = Path(__file__).parents[2] / "data" / "faq"
OTHERS: tuple[Language, ...] = ("en", "ru")
MACHINE = {"et": "tehisaru, mitte inimene", "en": "an AI assistant, not a human", "ru": "программа с искусственным интеллектом, а не человек"}
ARE_YOU_A_MACHINE: dict[Language, tuple[str, ...]] = {
    "et": (
        "kas sa oled robot või inimene",
        "kas ma räägin päris inimesega",
        "oled sa inimene?",
        "kas siin vastab inimene või masin?",
        "kas te olete tehisintellekt?",
        "ega sa robot ei ole",
        "Kas ma suhtlen elava inimesega?",
        "kas te olete päriselt klienditeenindaja",
        "oled sa masin",
        "kas see on mingi robot siin",
        "oled sa ai",
        "kellega ma räägin",
    ),
    "en": (
        "are you a real person",
        "are you a bot",
        "am I talking to a human?",
        "is this a real person or a robot",
        "are you human",
        "are you an AI",
        "am i chatting with a machine",
        "is anyone real there?",
        "do i talk to a real agent or AI",
        "is this automated",
        "you're a bot, right?",
        "who are you",
    ),
    "ru": (
        "ты робот?",
        "вы робот или человек",
        "я разговариваю с человеком?",
        "это бот?",
        "вы живой человек?",
        "мне отвечает человек или программа?",
        "с кем я говорю",
        "вы настоящий?",
        "ты машина",
        "это автоответчик?",
        "а вы реальный человек?",
        "это искусственный интеллект?",
    ),
}


@pytest.mark.parametrize(("language", "words"), [(language, words) for language, asked in ARE_YOU_A_MACHINE.items() for words in asked])
async def test_whoever_asks_whether_it_is_a_machine_is_told_so(bot: RasaBot, language: Language, words: str) -> None:
    turn = await Mari(bot, language=language).writes(words)
    assert MACHINE[language] in said(turn)
    assert turn.handoff is None


@pytest.mark.parametrize("language", OTHERS)
async def test_every_path_keeps_to_the_customers_language(bot: RasaBot, language: Language) -> None:
    """Small talk, an answer, a suggestion, an unclear text, an unknown question, a complaint, a person, a contact."""
    words = {
        "en": ["hello", "how are you", "tell me a joke", "how long does delivery take?", "my parcel", "asdfgh jkl", "do you sell parrots?", "no", "thanks"],
        "ru": ["привет", "как дела", "расскажи анекдот", "сколько идёт доставка?", "моя посылка", "фывапрол", "вы продаёте попугаев?", "нет", "спасибо"],
    }[language]
    mari = Mari(bot, language=language)
    for one in words:
        turn = await mari.writes(one)
        assert turn.replies, one
        for reply in turn.replies:
            assert detect(reply.text) in (language, None), (one, reply.text)
            assert [button.title for button in reply.buttons if detect(button.title) not in (language, None)] == [], one


@pytest.mark.parametrize(
    ("language", "words"), [("en", "I want to talk to a person"), ("ru", "позовите человека"), ("ru", "это безобразие, я жду уже две недели!")]
)
async def test_nobody_here_is_said_and_a_contact_is_taken_in_the_customers_language(bot: RasaBot, language: Language, words: str) -> None:
    mari = Mari(bot, language=language)
    asked = await mari.writes(words, people_available=False, back_at="2999-01-07T09:00:00+02:00")
    assert asked.handoff is None
    assert detect(said(asked)) == language
    assert ("on 7 January at 9:00" if language == "en" else "7 января в 9:00") in said(asked)
    wrong = await mari.writes("mari@näide", people_available=False)
    assert ("check the address" if language == "en" else "Проверьте") in said(wrong)
    left = await mari.writes("mari@example.ee", people_available=False)
    assert left.contact is not None
    assert said(left).startswith("Thank you!" if language == "en" else "Спасибо!")


@pytest.fixture
async def estonian_only(bot: RasaBot) -> AsyncIterator[None]:
    """The starter entries as a shop has them that writes Estonian alone; afterwards the translations are back."""
    entries = read_folder(FAQ)
    await bot.replace_entries([replace(entry, translations={}) for entry in entries], revision=bot.revision + 1)
    yield
    await bot.replace_entries(entries, revision=bot.revision + 1)


@pytest.mark.usefixtures("estonian_only")
@pytest.mark.parametrize(
    ("language", "question", "offer", "show"),
    [
        ("en", "how long does delivery take?", "in Estonian. **Shall I show it?**", "Show it in Estonian"),
        ("ru", "сколько времени идёт доставка?", "на эстонском языке. **Показать?**", "Показать на эстонском"),
    ],
)
async def test_an_answer_in_estonian_only_is_offered_and_shown_on_a_yes(bot: RasaBot, language: Language, question: str, offer: str, show: str) -> None:
    mari = Mari(bot, language="et")
    turn = await mari.writes(question)
    assert offer in said(turn)
    assert [reply.entry_id for reply in turn.replies] == [None]
    typed = Mari(bot, "mari-2")
    typed.history = list(mari.history)
    for answered in (await mari.taps(turn, show), await typed.writes("yes" if language == "en" else "да")):
        (shown,) = answered.replies
        assert (shown.entry_id, shown.language) == ("tarneaeg", "et")


async def test_a_switch_on_the_page_is_followed_until_words_decide(mari: Mari) -> None:
    await mari.writes("здравствуйте", language="et")
    assert said(await mari.writes("ok", language="et")).startswith("Хорошо")
    assert said(await mari.writes("ok", language="en")).startswith("Great")
    assert said(await mari.writes("tere päevast", language="en")).startswith("Tere")
    assert not said(await mari.writes("ok", language="en")).startswith("Great")


@pytest.fixture
def mari(bot: RasaBot) -> Mari:
    return Mari(bot)
