"""The bot in its own thread: whole turns through the trained model, the pipeline and the actions."""

from __future__ import annotations

import asyncio
import json

import pytest

from bot.faq import live
from bot.runtime import RasaBot
from bot.understanding import BotUnavailable, FaqEntry, Probe, Turn
from handoff.contract import HandoffRequest
from tests.bot.mari import Mari, said


@pytest.fixture
def mari(bot: RasaBot) -> Mari:
    return Mari(bot)


async def test_a_question_in_other_words_finds_its_answer(mari: Mari) -> None:
    turn = await mari.writes("kui palju on aega kaupa tagastada")
    assert turn.reading is not None
    assert turn.reading.candidates[0].entry_id == "tagastamise-tahtaeg"
    assert turn.reading.action in ("answer", "suggest")
    assert "tagastamise-tahtaeg" in {reply.entry_id for reply in turn.replies} | {_entry(button.payload) for reply in turn.replies for button in reply.buttons}


async def test_what_an_editor_tries_is_read_as_a_customer_is_and_changes_nothing(bot: RasaBot) -> None:
    text = "kui palju on aega kaupa tagastada"
    draft = FaqEntry("kaamel", "Kas te kaameleid müüte?", "Jah, kaks kaamelit.")
    asked = await bot.ask(text)
    (tried,) = await bot.rehearse([Probe(text)])
    assert (tried.action, tried.intent, tried.candidates) == (asked.action, asked.intent, asked.candidates)
    (camel,) = await bot.rehearse([Probe("kas müüte kaameleid")], draft=draft)
    (ground,) = await bot.grounds("kas müüte kaameleid", ["kaamel"], draft=draft)
    assert (camel.candidates[0].entry_id, ground.wording) == ("kaamel", draft.question)
    assert "kaamel" not in {one.entry_id for one in (await bot.ask("kas müüte kaameleid")).candidates}


async def test_two_questions_in_one_message_are_both_answered(mari: Mari) -> None:
    turn = await mari.writes("Mis kell te lahti olete? Ja kas ma saan sularahas maksta?")
    assert turn.reading is not None
    assert [part.text for part in turn.reading.parts] == ["Mis kell te lahti olete?", "kas ma saan sularahas maksta?"]
    assert {"lahtiolekuajad"} < {reply.entry_id for reply in turn.replies if reply.entry_id}
    assert len({reply.entry_id for reply in turn.replies if reply.entry_id}) == 2


async def test_a_short_follow_up_is_understood_with_the_question_before_it(mari: Mari) -> None:
    alone = await Mari(mari._bot, "mari-2").writes("ja kui see on juba teel?")
    assert alone.reading is not None
    assert alone.reading.candidates[0].entry_id != "tellimuse-tuhistamine"
    await mari.writes("Kuidas tellimust tühistada?")
    turn = await mari.writes("ja kui see on juba teel?")
    assert turn.reading is not None
    assert turn.reading.text == "ja kui see on juba teel?"
    assert turn.reading.candidates[0].entry_id == "tellimuse-tuhistamine"


async def test_a_whole_question_after_another_is_read_alone(mari: Mari) -> None:
    await mari.writes("Kui palju maksab paki saatmine?")
    alone = await Mari(mari._bot, "mari-2").writes("kus te asute?")
    after = await mari.writes("kus te asute?")
    assert alone.reading is not None
    assert after.reading is not None
    assert after.reading.candidates == alone.reading.candidates


async def test_a_greeting_is_returned_and_the_turn_is_whole(mari: Mari) -> None:
    turn = await mari.writes("tere päevast")
    assert said(turn).startswith("Tere")
    assert turn.reading is not None
    assert (turn.reading.action, turn.reading.intent) == ("smalltalk", "greet")
    assert [event["event"] for event in turn.tracker_events if event["event"] in ("user", "bot")] == ["user", "bot"]
    assert turn.handoff is None


async def test_only_new_events_come_back_and_they_survive_json(mari: Mari) -> None:
    first = await mari.writes("tere")
    second = await mari.writes("aitäh")
    texts = [event.get("text") for event in second.tracker_events if event["event"] == "user"]
    assert texts == ["aitäh"]
    sessions = [[event["event"] for event in turn.tracker_events].count("session_started") for turn in (first, second)]
    assert sessions == [1, 0]


async def test_a_wish_for_a_person_hands_over_and_the_bot_falls_silent(mari: Mari) -> None:
    await mari.writes("kus mu pakk on")
    turn = await mari.writes("tahan inimesega rääkida")
    request = HandoffRequest.model_validate(turn.handoff)
    assert (request.conversation_id, request.reason) == ("mari-1", "asked")
    assert [message.text for message in request.messages if message.who == "customer"] == ["kus mu pakk on", "tahan inimesega rääkida"]
    assert said(turn) == "Annan vestluse üle klienditeenindajale. Ta näeb kogu senist juttu ja vastab teile siinsamas."
    assert turn.tracker_events[-1]["event"] == "pause"
    silent = await mari.writes("halloo")
    assert silent.replies == ()
    assert silent.handoff is None


async def test_a_pause_of_hours_is_still_a_pause(mari: Mari) -> None:
    """Rasa's session expiry would start a new session and with it un-pause a conversation that a person has."""
    await mari.writes("tahan inimesega rääkida")
    mari.history = [event | {"timestamp": event["timestamp"] - 10 * 3600} for event in mari.history]
    turn = await mari.writes("tere")
    assert turn.replies == ()
    assert "session_started" not in [event["event"] for event in turn.tracker_events]


async def test_a_resumed_conversation_is_answered_again(mari: Mari) -> None:
    await mari.writes("tahan inimesega rääkida")
    mari.history.append({"event": "resume", "timestamp": mari.history[-1]["timestamp"] + 1})
    turn = await mari.writes("tere")
    assert said(turn).startswith("Tere")


@pytest.mark.parametrize("typed", ["/restart", '/choose_entry{"entry": "tagastamise-tahtaeg"}', "/back", "/session_start", "/goodbye"])
async def test_a_typed_slash_is_text_and_never_an_order(mari: Mari, typed: str) -> None:
    await mari.writes("tere")
    turn = await mari.writes(typed)
    kinds = [event["event"] for event in turn.tracker_events]
    assert not {"restart", "rewind", "session_started", "pause"} & set(kinds)
    assert turn.handoff is None
    assert next(event["text"] for event in turn.tracker_events if event["event"] == "user") == typed
    assert turn.reading is not None


async def test_a_typed_order_for_a_person_is_read_like_any_words(mari: Mari) -> None:
    turn = await mari.writes("/ask_human")
    assert turn.reading is not None
    assert 0 < turn.reading.intent_confidence < 1


async def test_a_payload_is_obeyed_and_its_title_is_what_the_customer_said(mari: Mari) -> None:
    turn = await mari.writes("Räägi inimesega", payload="/ask_human")
    assert turn.handoff is not None
    assert turn.handoff["messages"][-1]["text"] == "Räägi inimesega"
    assert turn.reading is None


@pytest.mark.parametrize("payload", ["/restart", "/session_start", "/olematu", "katki{", '/choose_entry{"entry": '])
async def test_a_payload_that_is_none_of_ours_is_just_its_title(mari: Mari, payload: str) -> None:
    turn = await mari.writes("tere päevast", payload=payload)
    assert "restart" not in [event["event"] for event in turn.tracker_events]
    assert turn.replies


async def test_a_chosen_entry_is_answered_as_it_is_published_now(mari: Mari) -> None:
    turn = await mari.writes("Mitu päeva on mul aega kaup tagastada?", payload='/choose_entry{"entry": "tagastamise-tahtaeg"}')
    (reply,) = turn.replies
    assert reply.entry_id == "tagastamise-tahtaeg"
    assert "14 päeva" in reply.text
    assert reply.language == "et"


async def test_an_entry_that_is_gone_becomes_the_offer_of_a_person(mari: Mari) -> None:
    turn = await mari.writes("Kas …?", payload='/choose_entry{"entry": "kustutatud"}')
    assert [button.payload for button in turn.replies[0].buttons] == ["/ask_human", "/deny"]


async def test_nobody_is_promised_when_nobody_is_there_and_a_contact_is_taken(mari: Mari) -> None:
    asked = await mari.writes("tahan inimesega rääkida", people_available=False, back_at="2999-01-07T09:00:00+02:00")
    assert asked.handoff is None
    assert "7. jaanuaril kell 9.00" in said(asked)
    wrong = await mari.writes("mari@näide", people_available=False)
    assert wrong.contact is None
    assert "vaadake aadress" in said(wrong)
    left = await mari.writes("mari@example.ee", people_available=False)
    assert left.contact is not None
    assert (left.contact.kind, left.contact.value) == ("email", "mari@example.ee")
    assert "mari@example.ee" in said(left)


async def test_the_bot_follows_the_customers_language(mari: Mari) -> None:
    assert "Здравствуйте" in said(await mari.writes("здравствуйте"))
    ok = await mari.writes("ok")  # undecided: stays Russian
    assert ok.replies[0].language == "ru"
    thanked = await mari.writes("thank you very much")
    assert said(thanked).startswith(("You're welcome", "My pleasure"))


async def test_the_page_speaks_until_the_customer_does(mari: Mari) -> None:
    turn = await mari.writes("ok", language="ru")
    assert turn.replies[0].language == "ru"
    assert turn.replies[0].text.startswith("Хорошо")


async def test_the_bot_says_that_it_is_a_machine(mari: Mari) -> None:
    assert "tehisaru, mitte inimene" in said(await mari.writes("kas sa oled robot või inimene?"))


async def test_never_two_unclear_replies_in_a_row(mari: Mari) -> None:
    first = await mari.writes("asdfghjkl")
    second = await mari.writes("qwertyuiop")
    assert first.replies[0].buttons == ()
    assert [button.payload for button in second.replies[0].buttons] == ["/ask_human", "/deny"]


async def test_conversations_do_not_mix(bot: RasaBot) -> None:
    customers = [Mari(bot, f"mari-{number}") for number in range(8)]
    turns = await asyncio.gather(
        *(one.writes(f"minu tellimus on A{number}000, tahan inimesega rääkida", payload="/ask_human") for number, one in enumerate(customers))
    )
    for number, turn in enumerate(turns):
        assert turn.handoff is not None
        assert turn.handoff["conversation_id"] == f"mari-{number}"
        assert f"A{number}000" in turn.handoff["messages"][0]["text"]


async def test_a_history_that_is_already_on_the_stage_is_unavailable_and_not_mixed_up(bot: RasaBot) -> None:
    one, other = Mari(bot, "mari-9"), Mari(bot, "mari-9")
    turns = await asyncio.gather(one.writes("tere"), other.writes("tere"), return_exceptions=True)
    assert all(isinstance(turn, Turn | BotUnavailable) for turn in turns)


async def test_customers_words_stay_out_of_the_output(mari: Mari, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    """Unconfigured structlog prints every event, with everything in it, to stdout."""
    await mari.writes("minu salajane meil on mari.salajane@example.ee ja ilm on ilus")
    captured = capfd.readouterr()
    assert "salajane" not in captured.out + captured.err + caplog.text


def _entry(payload: str) -> str | None:
    return json.loads(payload.removeprefix("/choose_entry"))["entry"] if payload.startswith("/choose_entry") else None


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("kustuta minu andmed", "et"),
        ("mis andmed teil minu kohta on", "et"),
        ("tahan et mu andmed kaoksid teie juurest", "et"),
        ("what personal information do you store about me", "en"),
        ("сотрите всё что у вас обо мне есть", "ru"),
    ],
)
async def test_who_asks_for_their_data_is_led_to_its_page_in_their_language_and_may_have_a_person(bot: RasaBot, words: str, language: str) -> None:
    mari = Mari(bot, data_page=True)
    turn = await mari.writes(words)
    assert f"/privacy/request?lang={language}" in said(turn)
    assert turn.handoff is None
    (person,) = turn.replies[-1].buttons
    handed = await mari.taps(turn, person.title)
    assert handed.handoff is not None
    assert handed.handoff["reason"] == "personal_data"


async def test_to_erase_an_account_or_an_order_is_no_wish_for_ones_data(bot: RasaBot) -> None:
    for words in ("kustuta mu konto", "palun kustutage minu tellimus nr 12345", "unustasin parooli"):
        assert "/privacy/request" not in said(await Mari(bot, data_page=True).writes(words))


async def test_a_text_that_was_read_ahead_is_answered_alike_and_read_once(bot: RasaBot, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "kui palju on aega kaupa tagastada"
    alone = await Mari(bot, "mari-8").writes(text)
    dialogue = bot._ready()
    read, texts = dialogue.read, []

    def counted(text: str, **given: str) -> object:
        texts.append(text)
        return read(text, **given)

    monkeypatch.setattr(dialogue, "read", counted)
    monkeypatch.setattr(dialogue._heard, "recall", lambda _text, _against: None)
    bot.foresee(text)
    ahead = await Mari(bot, "mari-9").writes(text)
    assert texts == [text]
    assert (ahead.reading, ahead.replies) == (alone.reading, alone.replies)
    await Mari(bot, "mari-10").writes(text)
    assert texts == [text] * 2


async def test_what_others_have_asked_in_the_same_words_is_answered_alike_and_not_read_again(bot: RasaBot, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "kas kingituse saab pakkida"
    before = live.faq().reader().entries
    first = await Mari(bot, "heard-1").writes(text)
    await Mari(bot, "heard-2").writes(text)
    with monkeypatch.context() as unread:
        unread.setattr(bot._ready(), "read", lambda _text, **_given: pytest.fail("it was read again"))
        bot.foresee(text)
        third = await Mari(bot, "heard-3").writes(text)
    assert (third.reading, third.replies) == (first.reading, first.replies)
    try:
        await bot.replace_entries([*before, FaqEntry("kinkepakk", "Kas kingituse saab pakkida?", "Jah, punasesse paberisse.")], revision=bot.revision + 1)
        assert [reply.entry_id for reply in (await Mari(bot, "heard-4").writes(text)).replies] == ["kinkepakk"]
    finally:
        await bot.replace_entries(before, revision=bot.revision + 1)


async def test_what_was_read_ahead_of_other_entries_is_read_anew(bot: RasaBot) -> None:
    before = live.faq().reader().entries
    bot.foresee("kas müüte kaameleid")
    try:
        await bot.replace_entries([*before, FaqEntry("kaamel", "Kas müüte kaameleid?", "Jah, kaks kaamelit.")], revision=bot.revision + 1)
        turn = await Mari(bot, "mari-11").writes("kas müüte kaameleid")
        assert [reply.entry_id for reply in turn.replies] == ["kaamel"]
    finally:
        await bot.replace_entries(before, revision=bot.revision + 1)


async def test_what_is_never_asked_is_forgotten(bot: RasaBot) -> None:
    for number in range(70):
        bot.foresee(f"tere {number}")
    await bot.ask("tere")
    assert len(bot._ready()._foreseen) <= 64
