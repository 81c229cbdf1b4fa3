"""What somebody who waits for a person is told: the sentences, and how they reach the page."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient

from bot.understanding import LANGUAGES, Language
from handoff.accounts import service as accounts
from handoff.accounts.tables import Availability
from handoff.conversations import agents
from handoff.conversations.agents import Holder
from handoff.conversations.waiting import Place
from handoff.database import now
from handoff.schedule import Hours
from handoff.services import Services
from handoff.texts import Texts
from handoff.web import SHARED
from handoff.week import Week
from handoff.widget.routes import HERE
from handoff.widget.waiting import WaitingWords, away_sentence, line_sentence
from tests.handoff.test_widget import Visitor

TEXTS = Texts(SHARED / "texts", HERE / "texts")
ALWAYS = Hours(Week.read("E-P 0-24"), ZoneInfo("Europe/Tallinn"), holidays_too=True)


def elsewhen() -> Hours:
    """Hours on one weekday that is neither today nor tomorrow."""
    day = "ETKNRLP"[(now().astimezone(ALWAYS.zone).weekday() + 3) % 7]
    return Hours(Week.read(f"{day} 9-18"), ALWAYS.zone, holidays_too=True)


def sentence(language: Language, ahead: int, minutes: float | None) -> str:
    until = now() + timedelta(minutes=minutes) if minutes is not None else None
    return line_sentence(TEXTS, language, Place(ahead, until)).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("language", "ahead", "minutes", "told"),
    [
        ("et", 0, 3.5, "Olete järjekorras esimene. Ooteaeg on umbes 4 minutit."),
        ("et", 1, 0.5, "Teie ees on 1 inimene. Ooteaeg on umbes 1 minut."),
        ("et", 3, 9.5, "Teie ees on 3 inimest. Ooteaeg on kuni 10 minutit."),
        ("et", 0, None, "Olete järjekorras esimene. Kolleeg liitub esimesel võimalusel."),
        ("en", 1, 0.5, "There is 1 person ahead of you. The wait is about 1 minute."),
        ("en", 2, 14, "There are 2 people ahead of you. The wait is up to 15 minutes."),
        ("ru", 1, 0.5, "Перед вами 1 человек. Ждать около 1 минуты."),
        ("ru", 2, 2.5, "Перед вами 2 человека. Ждать около 3 минут."),
        ("ru", 5, 19, "Перед вами 5 человек. Ждать до 20 минут."),
        ("ru", 21, 55, "Перед вами 21 человек. Ждать до 60 минут."),
        ("ru", 12, None, "Перед вами 12 человек. Коллега подключится при первой возможности."),
    ],
)
def test_the_place_and_the_time_are_told_as_people_say_them(language: Language, ahead: int, minutes: float | None, told: str) -> None:
    assert sentence(language, ahead, minutes) == told


def test_a_promise_that_is_just_up_still_reads_as_a_minute() -> None:
    assert sentence("et", 0, -0.05).endswith("umbes 1 minut.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_apology_says_the_new_time_and_three_ways_on(language: Language) -> None:
    words = WaitingWords(TEXTS, ALWAYS).late(language, timedelta(minutes=4), last=False)
    assert "4" in words.text
    assert "[?" not in words.text
    assert [button.payload for button in words.buttons] == ["/keep_waiting", "/leave_contact", "/back_to_bot"]
    assert not any("[?" in button.title for button in words.buttons)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_last_apology_tells_no_time_and_puts_the_contact_first(language: Language) -> None:
    words = WaitingWords(TEXTS, ALWAYS).late(language, None, last=True)
    assert not any(character.isdigit() for character in words.text)
    assert words.buttons[0].payload == "/leave_contact"


def test_who_is_left_alone_in_the_evening_learns_when_people_are_back_and_by_day_that_they_come() -> None:
    assert "kell 9.00" in WaitingWords(TEXTS, elsewhen()).alone("et").text
    assert "kell" not in WaitingWords(TEXTS, ALWAYS).alone("et").text
    assert "kell 9.00" in away_sentence(TEXTS, "et", elsewhen())
    assert away_sentence(TEXTS, "et", ALWAYS) == "Kolleegid on praegu eemal. Teie koht järjekorras on alles."


@pytest.fixture
def jaan_is_here(services: Services, jaan: Holder) -> None:
    accounts.set_availability(services.database, jaan.id, Availability.AVAILABLE)


def waiting_visitor(client: TestClient, language: Language = "et") -> Visitor:
    mari = Visitor(client, language=language)
    mari.say("tahan inimesega rääkida")
    mari.wait(lambda log: log["state"]["state"] == "waiting")
    return mari


def test_the_page_is_told_the_place_and_it_moves_when_the_first_is_taken(client: TestClient, services: Services, jaan: Holder, jaan_is_here: None) -> None:
    first, second = waiting_visitor(client), waiting_visitor(client, "en")
    assert [one.log()["state"]["place"] for one in (first, second)] == [1, 2]
    assert second.log()["state"]["waiting"].startswith("There is 1\u00a0person ahead of you.")
    agents.claim(services.database, first.id, jaan)
    assert first.log()["state"]["place"] is None
    assert first.log()["state"]["waiting"] == ""
    assert second.log()["state"]["waiting"].startswith("You’re first in line.")


def test_who_waits_while_everyone_is_away_is_promised_nothing(client: TestClient, services: Services, jaan: Holder, jaan_is_here: None) -> None:
    mari = waiting_visitor(client)
    accounts.set_availability(services.database, jaan.id, Availability.AWAY)
    told = mari.log()["state"]["waiting"]
    assert told
    assert "Ooteaeg" not in told
    assert "järjekorras esimene" not in told


def test_what_only_agents_see_of_the_wait_never_reaches_the_page(client: TestClient, services: Services, jaan_is_here: None) -> None:
    mari = waiting_visitor(client)
    kinds = {event["kind"] for event in mari.log()["events"]}
    assert kinds <= {"message", "handoff_requested"}
    assert "late_at" not in mari.log()["state"]
    assert "promised_until" not in mari.log()["state"]
