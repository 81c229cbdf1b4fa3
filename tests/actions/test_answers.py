"""Answering as surely as the bot is."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk import Action

from actions.affirm import ActionAffirm
from actions.answer_entry import ActionAnswerEntry
from actions.answer_faq import ActionAnswerFaq
from actions.clarify import ActionClarify
from actions.deny import ActionDeny, ActionNoneOfThese
from tests.actions.talk import DELIVERY, RETURNS, Talk, decided

QUESTION = "kas ma saan kingad tagasi saata kui number ei sobi"
YES_NO = [("Jah, palun", "/ask_human"), ("Ei, aitäh", "/deny")]


async def test_a_sure_answer_is_given_with_the_entry_it_comes_from() -> None:
    done = await Talk().mari(QUESTION, decision=decided("answer", RETURNS)).does(ActionAnswerFaq())
    assert done.texts == ["Tagastada saate **14 päeva jooksul**."]
    assert done.custom == {"entry_id": "tagastamise-tahtaeg", "probability": 0.93, "language": "et"}
    assert done.buttons == []


ONWARD = RETURNS | {"buttons": [{"entry": "tarneaeg", "titles": {"et": "Tarneaeg", "en": "Delivery", "ru": "Доставка"}}]}


async def test_an_answer_offers_the_entries_that_its_buttons_name() -> None:
    done = await Talk(language="ru").mari("как вернуть", decision=decided("answer", ONWARD)).does(ActionAnswerFaq())
    assert done.buttons == [("Доставка", '/choose_entry{"entry": "tarneaeg"}')]


async def test_a_separate_rasa_which_could_not_look_them_up_offers_none() -> None:
    done = await Talk(in_process=False).mari(QUESTION, decision=decided("answer", ONWARD)).does(ActionAnswerFaq())
    assert done.buttons == []


async def test_an_answer_comes_in_the_customers_language_where_the_entry_has_it() -> None:
    done = await Talk(language="ru").mari("как вернуть", decision=decided("answer", RETURNS)).does(ActionAnswerFaq())
    assert done.texts == ["Вернуть товар можно **в течение 14 дней**."]
    assert done.responses == []


SHOW = '/choose_entry{"entry": "tarneaeg"}'


def asked_in_english(**about: Any) -> Talk:
    return Talk(language="en", **about).mari("how long does it take", decision=decided("answer", DELIVERY))


async def test_an_answer_that_is_in_estonian_only_is_offered_and_so_is_a_person() -> None:
    done = await asked_in_english().does(ActionAnswerFaq())
    assert (done.responses, done.texts) == (["utter_estonian_only"], [])
    assert done.buttons == [("Show it in Estonian", SHOW), ("Talk to a person", "/ask_human")]


async def test_with_nobody_here_a_contact_is_offered_beside_the_estonian_answer() -> None:
    done = await asked_in_english(people_available=False).does(ActionAnswerFaq())
    assert done.buttons[1] == ("Leave your contact details", "/leave_contact")


@pytest.mark.parametrize(("words", "intent", "action"), [("Show it in Estonian", "choose_entry", ActionAnswerEntry()), ("yes", "affirm", ActionAffirm())])
async def test_who_agrees_gets_the_estonian_answer_without_being_told_again(words: str, intent: str, action: Action) -> None:
    talk = asked_in_english().bot("utter_estonian_only", buttons=[{"title": "Show it in Estonian", "payload": SHOW}])
    found = {"entities": [("entry", "tarneaeg")]} if intent == "choose_entry" else {"decision": decided("smalltalk", intent="affirm")}
    done = await talk.mari(words, intent, **found).does(action)
    assert (done.responses, done.texts) == ([], ["Pakk jõuab teieni **1–3 tööpäevaga**."])
    assert done.custom["language"] == "et"


async def test_who_does_not_want_the_estonian_answer_is_offered_a_person() -> None:
    talk = asked_in_english().bot("utter_estonian_only", buttons=[{"title": "Show it in Estonian", "payload": SHOW}])
    done = await talk.mari("no", "deny").does(ActionDeny())
    assert done.responses == ["utter_offer_human_instead"]


async def test_who_has_read_estonian_before_gets_the_next_answer_at_once_and_is_told_that_it_is_estonian() -> None:
    talk = asked_in_english().bot(custom={"entry_id": "tarneaeg", "language": "et"})
    done = await talk.mari("and now?", decision=decided("answer", DELIVERY | {"entry_id": "muu"})).does(ActionAnswerFaq())
    assert done.responses == ["utter_in_estonian"]
    assert done.texts == ["Pakk jõuab teieni **1–3 tööpäevaga**."]


async def test_a_tapped_suggestion_with_an_estonian_title_is_answered_at_once() -> None:
    talk = Talk(language="en").mari("sending", decision=decided("suggest", RETURNS, DELIVERY)).bot("utter_suggest")
    done = await talk.mari("Kui kiiresti …", "choose_entry", entities=[("entry", "tarneaeg")]).does(ActionAnswerEntry())
    assert (done.responses, len(done.texts)) == (["utter_in_estonian"], 1)


async def test_a_half_finished_translation_counts_as_none() -> None:
    half = DELIVERY | {"texts": DELIVERY["texts"] | {"en": {"question": "How fast?", "answer": ""}}}
    done = await Talk(language="en").mari("how long", decision=decided("answer", half)).does(ActionAnswerFaq())
    assert done.responses == ["utter_estonian_only"]


async def test_of_two_questions_the_one_in_estonian_only_is_offered_after_the_other_is_answered() -> None:
    decision = in_parts(("answer", DELIVERY), ("answer", RETURNS))
    done = await Talk(language="ru").mari("сколько ждать и как вернуть", decision=decision).does(ActionAnswerFaq())
    assert done.texts == ["Вернуть товар можно **в течение 14 дней**."]
    assert done.responses == ["utter_estonian_only"]
    assert done.buttons == [("Показать на эстонском", SHOW), ("Поговорить с человеком", "/ask_human")]


async def test_what_is_unsure_and_what_is_in_estonian_only_are_one_question() -> None:
    decision = in_parts(("answer", DELIVERY), ("suggest", RETURNS))
    done = await Talk(language="ru").mari("сколько ждать и как вернуть", decision=decision).does(ActionAnswerFaq())
    assert done.responses == ["utter_suggest"]
    assert [title for title, _ in done.buttons] == [
        "Kui kiiresti pakk kohale jõuab?",
        "Сколько дней у меня есть на возврат товара?",
        "Ничего из этого",
    ]


async def test_the_same_answer_a_second_time_comes_with_an_offer_of_a_person() -> None:
    talk = Talk().mari(QUESTION, decision=decided("answer", RETURNS)).bot(custom={"entry_id": "tagastamise-tahtaeg"})
    done = await talk.mari("aga kingad?", decision=decided("answer", RETURNS)).does(ActionAnswerFaq())
    assert done.texts == ["Tagastada saate **14 päeva jooksul**."]
    assert done.responses == ["utter_said_before"]
    assert ("Räägi inimesega", "/ask_human") in done.buttons


async def test_a_half_sure_answer_becomes_a_suggestion_with_a_way_out() -> None:
    done = await Talk().mari("saatmine", decision=decided("suggest", RETURNS, DELIVERY)).does(ActionAnswerFaq())
    assert done.responses == ["utter_suggest"]
    assert done.buttons == [
        ("Mitu päeva on mul aega kaup tagastada?", '/choose_entry{"entry": "tagastamise-tahtaeg"}'),
        ("Kui kiiresti pakk kohale jõuab?", '/choose_entry{"entry": "tarneaeg"}'),
        ("Ükski neist", "/none_of_these"),
    ]


async def test_a_list_that_is_as_likely_to_miss_as_to_help_has_a_person_beside_it() -> None:
    done = await Talk().mari("saatmine", decision=decided("suggest", DELIVERY)).does(ActionAnswerFaq())
    assert done.buttons[-2:] == [("Ükski neist", "/none_of_these"), ("Räägi inimesega", "/ask_human")]


async def test_such_a_list_offers_nobody_while_nobody_is_there() -> None:
    done = await Talk(people_available=False).mari("saatmine", decision=decided("suggest", DELIVERY)).does(ActionAnswerFaq())
    assert done.buttons[-1] == ("Ükski neist", "/none_of_these")


async def test_at_most_three_entries_are_suggested() -> None:
    four = [RETURNS | {"entry_id": f"k{number}"} for number in range(4)]
    done = await Talk().mari("saatmine", decision=decided("suggest", *four)).does(ActionAnswerFaq())
    assert len(done.buttons) == 3 + 1


async def test_a_suggestion_speaks_the_customers_language() -> None:
    done = await Talk(language="ru").mari("возврат", decision=decided("suggest", RETURNS)).does(ActionAnswerFaq())
    assert done.responses == ["utter_suggest_one"]
    assert done.buttons[0][0] == "Сколько дней у меня есть на возврат товара?"
    assert done.buttons[-1] == ("Ничего из этого", "/none_of_these")


async def test_a_chosen_suggestion_is_answered() -> None:
    talk = Talk().mari("saatmine", decision=decided("suggest", RETURNS, DELIVERY)).bot("utter_suggest")
    done = await talk.mari("Kui kiiresti …", "choose_entry", entities=[("entry", "tarneaeg")]).does(ActionAnswerEntry())
    assert done.texts == ["Pakk jõuab teieni **1–3 tööpäevaga**."]
    assert done.custom["entry_id"] == "tarneaeg"


async def test_a_chosen_entry_that_is_no_longer_published_becomes_an_offer_of_a_person() -> None:
    talk = Talk().mari("saatmine", decision=decided("suggest", RETURNS)).bot("utter_suggest")
    done = await talk.mari("…", "choose_entry", entities=[("entry", "tarneaeg")], decision={"candidates": []}).does(ActionAnswerEntry())
    assert done.responses == ["utter_offer_human"]


async def test_none_of_these_offers_a_person() -> None:
    done = await Talk().mari("saatmine").bot("utter_suggest").mari("Ükski neist", "none_of_these").does(ActionNoneOfThese())
    assert done.responses == ["utter_offer_human_instead"]
    assert done.buttons == YES_NO


async def test_a_question_nobody_wrote_an_answer_to_offers_a_person() -> None:
    done = await Talk().mari("kas te kasse müüte", decision=decided("human")).does(ActionAnswerFaq())
    assert (done.responses, done.buttons) == (["utter_offer_human"], YES_NO)


@pytest.mark.parametrize(("here", "said"), [(True, "utter_offer_human_by_machine"), (False, "utter_ask_bot")])
async def test_who_may_ask_for_a_person_or_whether_this_is_a_machine_gets_both(here: bool, said: str) -> None:
    decision = decided("human") | {"intent": "ask_bot"}
    done = await Talk(people_available=here).mari("kas siin mõni hing ka on", decision=decision).does(ActionAnswerFaq())
    assert done.responses == [said]
    assert done.buttons == (YES_NO if here else [])


async def test_another_pipeline_without_a_decision_offers_a_person() -> None:
    done = await Talk().mari("kas te kasse müüte").does(ActionAnswerFaq())
    assert done.responses == ["utter_offer_human"]


async def test_an_unclear_text_is_asked_about_once() -> None:
    done = await Talk().mari("asdf", "gibberish", decision=decided("clarify")).does(ActionClarify())
    assert done.responses == ["utter_clarify"]


async def test_the_second_unclear_text_in_a_row_offers_a_person() -> None:
    talk = Talk().mari("asdf", "gibberish").bot("utter_clarify")
    done = await talk.mari("see asi", decision=decided("clarify")).does(ActionAnswerFaq())
    assert (done.responses, done.buttons) == (["utter_offer_human"], YES_NO)


async def test_an_unclear_text_after_a_clear_one_is_asked_about_again() -> None:
    talk = Talk().mari("asdf", "gibberish").bot("utter_clarify").mari("tere", "greet").bot("utter_greet")
    done = await talk.mari("hjkl", "gibberish").does(ActionClarify())
    assert done.responses == ["utter_clarify"]


def in_parts(*parts: tuple[str, dict[str, object]]) -> dict[str, object]:
    """The decision on a message with several questions: (action, candidate) of each."""
    listed = [{"text": "…", "action": action, "candidates": [candidate]} for action, candidate in parts]
    return decided("answer", *(candidate for _, candidate in parts)) | {"parts": listed}


async def test_two_questions_get_both_answers_in_their_order() -> None:
    decision = in_parts(("answer", DELIVERY), ("answer", RETURNS))
    done = await Talk().mari("kaua pakk tuleb ja kaua saab tagastada", decision=decision).does(ActionAnswerFaq())
    assert done.texts == ["Pakk jõuab teieni **1–3 tööpäevaga**.", "Tagastada saate **14 päeva jooksul**."]
    assert done.buttons == []


async def test_of_two_questions_the_unsure_one_becomes_a_suggestion_after_the_answer() -> None:
    decision = in_parts(("suggest", DELIVERY), ("answer", RETURNS))
    done = await Talk().mari("kaua läheb ja kaua saab tagastada", decision=decision).does(ActionAnswerFaq())
    assert done.texts == ["Tagastada saate **14 päeva jooksul**."]
    assert done.responses == ["utter_suggest_one"]
    assert done.buttons[0] == ("Kui kiiresti pakk kohale jõuab?", '/choose_entry{"entry": "tarneaeg"}')


async def test_the_same_answer_is_given_once_though_two_questions_lead_to_it() -> None:
    decision = in_parts(("answer", RETURNS), ("answer", RETURNS), ("answer", DELIVERY))
    done = await Talk().mari("…", decision=decision).does(ActionAnswerFaq())
    assert len(done.texts) == 2


async def test_a_suggestion_of_a_part_can_be_tapped() -> None:
    decision = in_parts(("answer", RETURNS), ("suggest", DELIVERY)) | {"candidates": [RETURNS]}
    talk = Talk().mari("…", decision=decision).bot("utter_suggest_one")
    done = await talk.mari("Kui kiiresti pakk kohale jõuab?", "choose_entry", entities=[("entry", "tarneaeg")]).does(ActionAnswerEntry())
    assert done.texts == ["Pakk jõuab teieni **1–3 tööpäevaga**."]


KEPT = DELIVERY | {"needs_identity": True}
PERSON = ("Räägi inimesega", "/ask_human")


async def test_an_answer_for_verified_customers_waits_until_we_know_who_it_is() -> None:
    done = await Talk(may_get_code=True).mari("kus mu pakk on", decision=decided("answer", KEPT)).does(ActionAnswerFaq())
    assert "Kas saadame teie e-posti aadressile" in done.texts[0]
    assert done.buttons == [("Saada kood e-postile", '/send_code{"entry": "tarneaeg"}'), PERSON]
    assert done.custom == {}


async def test_without_an_address_on_file_a_person_finds_out_and_with_nobody_here_a_contact_is_taken() -> None:
    here = await Talk().mari("kus mu pakk on", decision=decided("answer", KEPT)).does(ActionAnswerFaq())
    assert here.buttons == [PERSON]
    away = await Talk(people_available=False).mari("kus mu pakk on", decision=decided("answer", KEPT)).does(ActionAnswerFaq())
    assert away.buttons == [("Jäta kontakt", "/leave_contact")]


async def test_a_verified_customer_gets_it_also_when_it_was_tapped() -> None:
    done = await Talk(verified=True).mari("kus mu pakk on", decision=decided("answer", KEPT)).does(ActionAnswerFaq())
    assert done.texts == ["Pakk jõuab teieni **1–3 tööpäevaga**."]
    talk = Talk().mari("pakk", decision=decided("suggest", RETURNS, KEPT)).bot("utter_suggest")
    refused = await talk.mari("Kui kiiresti …", "choose_entry", entities=[("entry", "tarneaeg")]).does(ActionAnswerEntry())
    assert "teeme enne kindlaks" in refused.texts[0]
