"""Handing over to a person, and what is done when none is there."""

from __future__ import annotations

from typing import Any

import pytest

from actions.affirm import ActionAffirm
from actions.answer_faq import ActionAnswerFaq
from actions.calm import ActionApologise, ActionStayCalm
from actions.clarify import ActionClarify
from actions.default_fallback import ActionDefaultFallback
from actions.deny import ActionDeny
from actions.give_feedback import ActionGiveFeedback
from actions.leave_contact import ActionLeaveContact
from actions.my_data import ActionMyData
from actions.request_handoff import ActionRequestHandoff
from handoff.contract import HandoffRequest
from tests.actions.talk import DELIVERY, RETURNS, Talk, decided

AWAY: dict[str, Any] = {"people_available": False, "back_at": "2999-11-23T09:00:00+02:00"}


async def test_a_wish_for_a_person_pauses_the_bot_and_hands_everything_over() -> None:
    talk = Talk(page="https://pood.example/kingad", name="Mari").mari(
        "kus on tellimus A10293", decision=decided("suggest", RETURNS, DELIVERY), entities=[("order_number", "A10293")]
    )
    talk.bot("utter_suggest", text="Kas mõtlesite mõnda neist?").mari("tahan inimesega rääkida", "ask_human", decision=decided("human", intent="ask_human"))
    done = await talk.does(ActionRequestHandoff())
    assert done.responses == ["utter_handoff"]
    assert done.paused
    request = HandoffRequest.model_validate(done.custom["handoff"])
    assert request.conversation_id == "mari-1"
    assert request.reason == "asked"
    assert [(said.who, said.text) for said in request.messages] == [
        ("customer", "kus on tellimus A10293"),
        ("bot", "Kas mõtlesite mõnda neist?"),
        ("customer", "tahan inimesega rääkida"),
    ]
    assert [guess.intent for guess in request.intents] == ["ask_question", "ask_human"]
    assert [(one.entry_id, one.shown) for one in request.candidates] == [("tagastamise-tahtaeg", False), ("tarneaeg", False)]
    assert [(one.kind, one.value, one.text) for one in request.entities] == [("order_number", "A10293", "A10293")]
    assert (request.name, request.page, request.language) == ("Mari", "https://pood.example/kingad", "et")
    assert request.tags == ["tagastamine", "tarne"]


async def test_an_answer_already_read_is_marked_in_the_handoff() -> None:
    talk = Talk().mari("tagastus", decision=decided("answer", RETURNS)).bot(custom={"entry_id": "tagastamise-tahtaeg"})
    done = await talk.mari("inimene", "ask_human").does(ActionRequestHandoff())
    assert [one["shown"] for one in done.custom["handoff"]["candidates"]] == [True]


async def test_a_tapped_button_stands_in_the_handoff_with_its_title() -> None:
    talk = Talk().mari("tagastus").bot("utter_offer_human", buttons=[{"title": "Jah, palun", "payload": "/ask_human"}])
    done = await talk.mari("/ask_human", "ask_human").does(ActionRequestHandoff())
    assert done.custom["handoff"]["messages"][-1]["text"] == "Jah, palun"


@pytest.mark.parametrize(
    ("offer", "reason"),
    [("utter_offer_human", "unsure"), ("utter_offer_human_instead", "not_helped"), ("utter_trouble", "bot_failed"), ("utter_greet", "asked")],
)
async def test_the_reason_tells_which_offer_was_accepted(offer: str, reason: str) -> None:
    done = await Talk().mari("kas te kasse müüte").bot(offer).mari("Jah, palun", "ask_human").does(ActionRequestHandoff())
    assert done.custom["handoff"]["reason"] == reason


async def test_a_complaint_is_apologised_for_once() -> None:
    first = await Talk().mari("häbi teil olgu", "complain").does(ActionApologise())
    second = await Talk().mari("häbi", "complain").bot("utter_apology").mari("ja veel", "complain").does(ActionApologise())
    assert (first.responses, second.responses) == (["utter_apology"], ["utter_heard"])


async def test_a_complaint_is_handed_over_as_one() -> None:
    done = await Talk().mari("häbi teil olgu", "complain").does(ActionRequestHandoff())
    assert done.custom["handoff"]["reason"] == "complaint"
    assert done.custom["handoff"]["tags"] == ["kaebus"]


async def test_nobody_is_promised_when_nobody_is_there() -> None:
    done = await Talk(**AWAY).mari("tahan inimesega rääkida", "ask_human").does(ActionRequestHandoff())
    assert done.responses == ["utter_nobody_here"]
    assert done.values["back"] == "Klienditeenindajad on tagasi **23. novembril kell 9.00**."
    assert (done.paused, done.buttons, done.custom) == (False, [], {})


async def test_an_unanswerable_question_asks_for_a_contact_when_nobody_is_there() -> None:
    done = await Talk(people_available=False).mari("kas te kasse müüte", decision=decided("human")).does(ActionAnswerFaq())
    assert done.responses == ["utter_offer_contact"]
    assert done.values["back"] == "Klienditeenindajad vastavad teile esimesel võimalusel."


async def test_a_contact_that_was_left_is_not_asked_for_again() -> None:
    done = await Talk(contact="mari@example.ee", **AWAY).mari("inimene", "ask_human").does(ActionRequestHandoff())
    assert done.responses == ["utter_contact_known"]


async def test_a_contact_is_taken_from_the_words_that_bring_it() -> None:
    talk = Talk(people_available=False).mari("kirjutage mulle mari@example.ee", "leave_contact", entities=[("email", "mari@example.ee")])
    done = await talk.does(ActionLeaveContact())
    assert done.custom["contact"] == {"kind": "email", "value": "mari@example.ee"}
    assert done.responses == ["utter_thank_contact"]
    assert done.values == {"contact": "mari@example.ee", "reply": "Klienditeenindajad vastavad teile esimesel võimalusel."}
    assert done.events[0]["name"] == "contact"


async def test_a_wish_to_be_called_with_the_number_in_it_is_not_asked_for_the_number() -> None:
    talk = Talk(**AWAY).mari("inimene", "ask_human").bot("utter_nobody_here")
    done = await talk.mari("helistage 6123456", "ask_human", entities=[("phone", "6123456")]).does(ActionRequestHandoff())
    assert done.custom["contact"] == {"kind": "phone", "value": "6123456"}
    assert done.responses == ["utter_thank_contact"]


async def test_while_people_are_here_a_wish_with_a_number_in_it_goes_to_them() -> None:
    done = await Talk().mari("helistage 6123456", "ask_human", entities=[("phone", "6123456")]).does(ActionRequestHandoff())
    assert done.custom["handoff"]["reason"] == "asked"


async def test_a_wish_to_leave_a_contact_is_asked_for_it() -> None:
    done = await Talk().mari("jätan oma kontakti", "leave_contact").does(ActionLeaveContact())
    assert done.responses == ["utter_ask_contact"]


async def test_the_contact_asked_for_is_taken_whatever_the_classifier_says() -> None:
    talk = Talk(**AWAY).mari("inimene", "ask_human").bot("utter_nobody_here")
    done = await talk.mari("55551234", "gibberish", entities=[("phone", "55551234")]).does(ActionClarify())
    assert done.custom["contact"] == {"kind": "phone", "value": "55551234"}


async def test_an_address_that_is_none_is_asked_to_be_checked() -> None:
    talk = Talk(**AWAY).mari("inimene", "ask_human").bot("utter_nobody_here")
    done = await talk.mari("mari@näide", decision=decided("human")).does(ActionAnswerFaq())
    assert done.responses == ["utter_check_contact"]
    assert done.custom == {}


async def test_a_question_instead_of_the_contact_is_answered() -> None:
    talk = Talk(**AWAY).mari("inimene", "ask_human").bot("utter_nobody_here")
    done = await talk.mari("kaua tagastada saab", decision=decided("answer", RETURNS)).does(ActionAnswerFaq())
    assert done.texts == ["Tagastada saate **14 päeva jooksul**."]


async def test_yes_to_the_offer_of_a_person_hands_over() -> None:
    done = await Talk().mari("kas te kasse müüte").bot("utter_offer_human").mari("jah", "affirm").does(ActionAffirm())
    assert done.paused
    assert done.custom["handoff"]["reason"] == "unsure"


async def test_yes_to_one_suggestion_answers_it() -> None:
    chosen = [{"title": "…", "payload": '/choose_entry{"entry": "tarneaeg"}'}]
    talk = Talk().mari("kaua", decision=decided("suggest", DELIVERY)).bot("utter_suggest_one", buttons=chosen)
    done = await talk.mari("jah", "affirm").does(ActionAffirm())
    assert done.texts == ["Pakk jõuab teieni **1–3 tööpäevaga**."]


async def test_yes_to_several_suggestions_asks_which() -> None:
    buttons = [{"title": "a", "payload": '/choose_entry{"entry": "a"}'}, {"title": "b", "payload": '/choose_entry{"entry": "b"}'}]
    done = await Talk().mari("kaua").bot("utter_suggest", buttons=buttons).mari("jah", "affirm").does(ActionAffirm())
    assert done.responses == ["utter_which_one"]
    assert [title for title, _ in done.buttons] == ["a", "b"]


async def test_yes_to_nothing_stays_at_hand() -> None:
    done = await Talk().mari("tere", "greet").bot("utter_greet").mari("jah", "affirm").does(ActionAffirm())
    assert done.responses == ["utter_glad"]


@pytest.mark.parametrize("offer", ["utter_offer_human", "utter_offer_human_instead", "utter_nobody_here", "utter_greet"])
async def test_no_to_an_offer_is_taken_as_an_answer(offer: str) -> None:
    done = await Talk().mari("kas te kasse müüte").bot(offer).mari("ei", "deny").does(ActionDeny())
    assert done.responses == ["utter_go_on"]


async def test_no_after_an_answer_offers_a_person() -> None:
    talk = Talk().mari("tagastus", decision=decided("answer", RETURNS)).bot(custom={"entry_id": "tagastamise-tahtaeg"})
    done = await talk.mari("ei aidanud", "deny").does(ActionDeny())
    assert done.responses == ["utter_offer_human_instead"]


@pytest.mark.parametrize(("here", "title"), [(True, "Räägi inimesega"), (False, "Jäta kontakt")])
async def test_a_request_about_ones_data_leads_to_the_page_of_it_and_offers_a_person(here: bool, title: str) -> None:
    done = await Talk(data_page=True, people_available=here).mari("kustutage minu andmed", "my_data").does(ActionMyData())
    assert done.responses == ["utter_my_data_page"]
    assert done.buttons == [(title, "/ask_human")]
    assert not done.paused


async def test_who_wants_a_person_after_all_is_handed_over_for_their_data() -> None:
    talk = Talk(data_page=True).mari("kustutage minu andmed", "my_data").bot("utter_my_data_page")
    done = await talk.mari("/ask_human", "ask_human").does(ActionRequestHandoff())
    assert done.custom["handoff"]["reason"] == "personal_data"


async def test_an_entry_about_data_is_followed_by_the_page_once_where_surely_the_customers_own_are_meant() -> None:
    about_data = decided("answer", RETURNS, intent="my_data")
    talk = Talk(data_page=True).mari("mis andmed teil minu kohta on", decision=about_data)
    first = await talk.does(ActionAnswerFaq())
    assert (first.responses, first.custom["entry_id"]) == (["utter_my_data_page"], "tagastamise-tahtaeg")
    assert (await Talk().mari("mis andmed", decision=about_data).does(ActionAnswerFaq())).responses == []
    assert (await Talk(data_page=True).mari("tagastus", decision=decided("answer", RETURNS)).does(ActionAnswerFaq())).responses == []
    again = talk.bot("utter_my_data_page").mari("ja mis minu kohta veel", decision=about_data)
    assert "utter_my_data_page" not in (await again.does(ActionAnswerFaq())).responses


async def test_where_the_page_cannot_make_sure_who_asks_a_person_does() -> None:
    done = await Talk().mari("kustutage minu andmed", "my_data").does(ActionMyData())
    assert done.responses == ["utter_my_data", "utter_handoff"]
    assert done.custom["handoff"]["reason"] == "personal_data"


async def test_feedback_is_asked_for_when_only_announced() -> None:
    done = await Talk().mari("soovin tagasisidet anda", "give_feedback").does(ActionGiveFeedback())
    assert done.responses == ["utter_ask_feedback"]
    assert done.custom == {}


async def test_feedback_already_in_the_words_is_kept() -> None:
    done = await Talk().mari("kuller oli super sõbralik, kiitus!", "give_feedback").does(ActionGiveFeedback())
    assert done.custom == {"feedback": "kuller oli super sõbralik, kiitus!"}
    assert done.responses == ["utter_thank_feedback"]


async def test_what_follows_the_question_for_feedback_is_feedback() -> None:
    talk = Talk().mari("soovin tagasisidet anda", "give_feedback").bot("utter_ask_feedback")
    done = await talk.mari("koduleht võiks kiirem olla", decision=decided("human")).does(ActionAnswerFaq())
    assert done.custom == {"feedback": "koduleht võiks kiirem olla"}


async def test_a_scolding_is_met_calmly_and_the_next_one_with_a_person() -> None:
    first = await Talk().mari("loll robot", "smalltalk_insult").does(ActionStayCalm())
    talk = Talk().mari("loll robot", "smalltalk_insult").bot("utter_smalltalk_insult")
    second = await talk.mari("täitsa loll", "smalltalk_insult").does(ActionStayCalm())
    assert (first.responses, second.responses) == (["utter_smalltalk_insult"], ["utter_offer_human"])


async def test_where_no_rule_fits_a_person_is_offered() -> None:
    done = await Talk().mari("…", "unheard_of").does(ActionDefaultFallback())
    assert done.responses == ["utter_offer_human"]
    assert [event["event"] for event in done.events] == ["rewind"]


async def test_a_separate_rasa_without_a_desk_says_so_kindly_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ABILINE_INTAKE_URL", raising=False)
    done = await Talk(in_process=False).mari("inimene", "ask_human").does(ActionRequestHandoff())
    assert done.responses == ["utter_handoff_delayed"]
    assert done.buttons == [("Proovi uuesti", "/ask_human")]
    assert not done.paused
