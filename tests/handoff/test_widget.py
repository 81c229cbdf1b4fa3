"""What Mari's browser may ask, and what Peeter's may not."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy.orm import Session

from handoff.accounts import service as accounts
from handoff.accounts.tables import Availability
from handoff.conversations import agents
from handoff.conversations.agents import Holder
from handoff.services import Services
from handoff.settings import Settings
from handoff.widget import standing
from tests.fakes import FakeBot

PATIENCE = 5  # seconds within which the bot of the tests has long answered


class Visitor:
    """A browser with a conversation."""

    def __init__(self, client: TestClient, **asked: Any) -> None:
        answer = client.post("/api/widget/conversations", json={"language": "et", **asked})
        assert answer.status_code == 201, answer.text
        self.begun = answer.json()
        self.id, self.secret = self.begun["id"], self.begun["secret"]
        self._client = client
        self._made = 0

    def post(self, what: str, body: dict[str, Any] | None = None, *, secret: str | None = None) -> Response:
        headers = {"Authorization": f"Bearer {secret or self.secret}"}
        answer: Response = self._client.post(f"/api/widget/conversations/{self.id}/{what}", json=body or {}, headers=headers)
        return answer

    def say(self, text: str) -> int:
        self._made += 1
        answer = self.post("messages", {"client_id": f"mari-{self._made:04}", "text": text})
        assert answer.status_code == 201, answer.text
        number: int = answer.json()["number"]
        return number

    def log(self, after: int = 0) -> dict[str, Any]:
        answer = self._client.get(f"/api/widget/conversations/{self.id}/events?after={after}", headers={"Authorization": f"Bearer {self.secret}"})
        assert answer.status_code == 200, answer.text
        log: dict[str, Any] = answer.json()
        return log

    def wait(self, until: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The log once it is as expected."""
        deadline = time.monotonic() + PATIENCE
        while not until(log := self.log()):
            assert time.monotonic() < deadline, log
        return log

    def answered(self) -> dict[str, Any]:
        """The newest event once the bot owes nothing."""
        last: dict[str, Any] = self.wait(lambda log: not log["state"]["owed"] and log["events"][-1]["actor"] != "customer")["events"][-1]
        return last


@pytest.fixture
def mari_online(client: TestClient) -> Visitor:
    return Visitor(client, page="https://kodukaup.example/pood?id=7#osa", device="Android · 390 × 844")


@pytest.fixture
def jaan_is_here(services: Services, people: dict[str, str]) -> None:
    accounts.set_availability(services.database, people["jaan"], Availability.AVAILABLE)


def test_the_first_event_says_that_a_machine_speaks(mari_online: Visitor) -> None:
    (greeting,) = mari_online.begun["events"]
    assert greeting["number"] == 1
    assert "tehisaru" in greeting["body"]["text"]
    assert mari_online.begun["state"]["state"] == "bot"


def test_a_question_is_kept_and_answered(mari_online: Visitor) -> None:
    assert mari_online.say("Millal pakk jõuab?") == 2
    answer = mari_online.answered()
    assert answer["body"] == {"text": "Pakk jõuab kahe tööpäevaga.", "entry_id": "millal-pakk-jouab"}


def test_the_bot_hears_the_words_that_it_will_be_asked_while_they_are_kept_and_no_others(
    mari_online: Visitor, bot: FakeBot, services: Services, jaan: Holder, jaan_is_here: None
) -> None:
    mari_online.say("  Millal pakk jõuab?\r\n")
    mari_online.answered()
    assert bot.foreseen == [bot.asked[-1].text]
    mari_online.post("human", {"client_id": "inimene-1"})
    mari_online.wait(lambda log: log["state"]["state"] == "waiting")
    agents.claim(services.database, mari_online.id, jaan)
    mari_online.say("Tere, Jaan!")
    assert len(bot.foreseen) == 1


def test_the_same_client_id_again_is_the_same_message(mari_online: Visitor) -> None:
    body = {"client_id": "sama-sama", "text": "Millal pakk jõuab?"}
    first, second = mari_online.post("messages", body), mari_online.post("messages", body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    mari_online.answered()
    assert [event["actor"] for event in mari_online.log()["events"]] == ["bot", "customer", "bot"]


def test_a_button_is_chosen_by_its_place_and_its_payload_never_leaves_the_server(mari_online: Visitor) -> None:
    mari_online.say("pakk homme vist kindlasti")
    offer = mari_online.answered()
    assert offer["body"]["buttons"] == ["Millal pakk jõuab?", "Ükski neist"]
    assert "choose_entry" not in str(mari_online.log())
    mari_online.post("messages", {"client_id": "valik-0001", "choice": {"number": offer["number"], "button": 0}})
    assert mari_online.answered()["body"]["entry_id"] == "millal-pakk-jouab"


def test_a_button_that_was_not_offered_is_refused(mari_online: Visitor) -> None:
    answer = mari_online.post("messages", {"client_id": "valik-0001", "choice": {"number": 1, "button": 0}})
    assert (answer.status_code, answer.json()["code"]) == (422, "no_such_choice")


@pytest.mark.parametrize(("text", "code"), [("  \n", "empty"), ("õ" * 4_001, "too_long"), ("\ue000\ue001\ue002", "not_text")])
def test_a_text_that_does_not_fit_is_refused_with_a_code(mari_online: Visitor, text: str, code: str) -> None:
    answer = mari_online.post("messages", {"client_id": "vigane-01", "text": text})
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_text_and_choice_together_are_refused(mari_online: Visitor) -> None:
    assert mari_online.post("messages", {"client_id": "molemad-1", "text": "Tere", "choice": {"number": 1, "button": 0}}).status_code == 422
    assert mari_online.post("messages", {"client_id": "eikumbki1"}).status_code == 422


def test_a_slash_is_only_text(mari_online: Visitor, jaan_is_here: None) -> None:
    mari_online.say("/ask_human")
    mari_online.answered()
    assert mari_online.log()["events"][1]["body"]["text"] == "/ask_human"


def test_a_state_is_never_newer_than_the_words_that_led_to_it(mari_online: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is committed while the log is read belongs to the next answer, its events and its state."""
    read = standing._newer

    def and_then_somebody_writes(session: Session, conversation_id: str, after: int) -> tuple[list[dict[str, Any]], int]:
        found = read(session, conversation_id, after)
        monkeypatch.setattr(standing, "_newer", read)
        mari_online.say("Halloo?")
        return found

    monkeypatch.setattr(standing, "_newer", and_then_somebody_writes)
    before = mari_online.log()
    assert (len(before["events"]), before["state"]["owed"]) == (1, False)
    assert [event["body"]["text"] for event in mari_online.log()["events"]][1] == "Halloo?"


def test_a_person_is_asked_for_with_one_tap(mari_online: Visitor, jaan_is_here: None) -> None:
    assert mari_online.post("human", {"client_id": "inimene-1"}).status_code == 201
    log = mari_online.wait(lambda log: log["state"]["state"] == "waiting")
    assert log["events"][1]["body"]["text"] == "Räägi inimesega"
    again = mari_online.post("human", {"client_id": "inimene-2"})
    assert again.status_code == 200
    assert len(mari_online.log()["events"]) == len(log["events"])


def test_when_nobody_is_here_a_contact_is_offered_and_the_time_is_told(client: TestClient, services: Services) -> None:
    config = client.get("/api/widget/config?language=et").json()
    assert config["people_available"] is False
    assert config["back"]
    mari = Visitor(client)
    mari.post("human", {"client_id": "inimene-1"})
    assert mari.log()["events"][1]["body"]["text"] == "Palun võtke minuga ühendust"


def test_the_customer_sees_who_has_joined_and_goes_on_after_the_end(mari_online: Visitor, services: Services, jaan: Holder, jaan_is_here: None) -> None:
    mari_online.post("human", {"client_id": "inimene-1"})
    mari_online.wait(lambda log: log["state"]["state"] == "waiting")
    agents.claim(services.database, mari_online.id, jaan)
    number = agents.answer(services.database, mari_online.id, jaan, client_id="jaan-0001", text="Tere, Mari!")
    agents.note(services.database, mari_online.id, jaan, client_id="jaan-0002", text="Ainult meile")
    log = mari_online.log()
    assert log["state"]["agent"] == "Jaan"
    assert [event["kind"] for event in log["events"][-2:]] == ["claimed", "message"]
    assert log["events"][-1]["number"] == number
    assert "Ainult meile" not in str(log)
    assert mari_online.post("back-to-bot").status_code == 409  # a person has it
    assert mari_online.post("end").status_code == 204
    assert mari_online.log()["state"]["state"] == "closed"
    mari_online.say("Millal pakk jõuab?")
    assert mari_online.answered()["body"]["entry_id"] == "millal-pakk-jouab"


def test_the_customer_stops_waiting(mari_online: Visitor, jaan_is_here: None) -> None:
    mari_online.post("human", {"client_id": "inimene-1"})
    mari_online.wait(lambda log: log["state"]["state"] == "waiting")
    assert mari_online.post("back-to-bot").status_code == 204
    assert mari_online.log()["state"]["state"] == "bot"


def test_only_an_answer_can_be_rated(mari_online: Visitor) -> None:
    mari_online.say("Millal pakk jõuab?")
    number = mari_online.answered()["number"]
    assert mari_online.post("rating", {"number": number, "helpful": True}).status_code == 204
    refused = mari_online.post("rating", {"number": 1, "helpful": True})
    assert (refused.status_code, refused.json()["code"]) == (422, "not_rateable")


def test_what_was_seen_is_kept(mari_online: Visitor) -> None:
    assert mari_online.post("seen", {"number": 1}).status_code == 204


def test_events_come_from_a_number_on(mari_online: Visitor) -> None:
    mari_online.say("Millal pakk jõuab?")
    mari_online.answered()
    assert [event["number"] for event in mari_online.log(after=1)["events"]] == [2, 3]


@pytest.mark.parametrize("what", ["messages", "human", "back-to-bot", "end", "rating", "language", "seen"])
def test_peeter_with_a_secret_of_his_own_finds_nothing(client: TestClient, mari_online: Visitor, what: str) -> None:
    peeter = Visitor(client)
    bodies: dict[str, dict[str, Any]] = {
        "messages": {"client_id": "peeter-01", "text": "Tere"},
        "human": {"client_id": "peeter-01"},
        "rating": {"number": 1, "helpful": True},
        "language": {"language": "ru"},
        "seen": {"number": 1},
    }
    answer = mari_online.post(what, bodies.get(what), secret=peeter.secret)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("what", ["events", "stream"])
def test_without_the_secret_nothing_can_be_read(client: TestClient, mari_online: Visitor, what: str) -> None:
    path = f"/api/widget/conversations/{mari_online.id}/{what}"
    assert client.get(path).status_code == 404
    assert client.get(path, headers={"Authorization": "Bearer vale"}).status_code == 404
    assert client.get(f"{path}?secret={mari_online.secret}").status_code == 404


def test_the_page_is_kept_only_as_a_web_address(client: TestClient, services: Services) -> None:
    from handoff.conversations import store

    kept = []
    for page in ("https://kodukaup.example/pood?id=7#osa", "javascript:alert(1)"):
        with services.database.read() as session:
            kept.append(store.conversation(session, Visitor(client, page=page).id).page)
    assert kept == ["https://kodukaup.example/pood?id=7", None]


def test_english_and_russian_visitors_are_greeted_in_their_language(client: TestClient) -> None:
    assert Visitor(client, language="en").begun["events"][0]["body"]["text"].startswith("Hello")
    assert Visitor(client, language="ru").begun["events"][0]["body"]["text"].startswith("Здравствуйте")


def test_a_switch_of_language_is_followed_by_page_and_bot(mari_online: Visitor, bot: FakeBot) -> None:
    assert "olleegid" in mari_online.log()["state"]["back"]  # whatever the hour: "Kolleegid vastavad …", "Kõik kolleegid …"
    assert mari_online.post("language", {"language": "en"}).status_code == 204
    assert "ur colleagues" in mari_online.log()["state"]["back"]
    mari_online.say("ok")
    mari_online.answered()
    assert bot.asked[-1].language == "en"


def test_a_language_that_nobody_speaks_here_is_refused(mari_online: Visitor) -> None:
    assert mari_online.post("language", {"language": "fi"}).status_code == 422


def test_the_shop_stands_on_its_own(client: TestClient, settings: Settings) -> None:
    for path in ("/demo", "/demo/tooted", "/demo?lang=en", "/demo/tooted?lang=ru"):
        page = client.get(path)
        assert page.status_code == 200
        assert settings.company in page.text
        assert "[?" not in page.text
        assert '<script src="/widget.js" async' in page.text


def test_the_routes_are_documented(client: TestClient) -> None:
    paths = client.get("/api/openapi.json").json()["paths"]
    say = paths["/api/widget/conversations/{conversation_id}/messages"]["post"]
    assert say["tags"] == ["widget"]
    assert {"200", "201", "403", "404", "409", "422", "429"} <= set(say["responses"])
