"""The agent's words are looked at before they are sent: slips and cold words, but no names and nothing that the agent knows better."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from bot.understanding import LANGUAGES, WORDING_REASONS
from handoff.conversations.service import Started
from handoff.conversations.tables import ConversationRow
from handoff.database import Database
from handoff.errors import Unreadable
from handoff.texts import Texts
from handoff.writing import known_words
from tests.handoff.conftest import LogIn
from tests.handoff.desk import at

CONSOLE = Path(__file__).resolve().parents[2] / "handoff" / "console" / "texts"


def looked(browser: TestClient, mari: Started, text: str) -> dict[str, list[str]]:
    found = browser.post(at(mari, "/proofread"), json={"text": text}).json()
    return {"spelling": [one["word"] for one in found["spelling"]], "wording": [one["words"] for one in found["wording"]]}


def test_slips_and_cold_words_are_found_with_what_to_say_instead(desk: TestClient, mari: Started) -> None:
    found = desk.post(at(mari, "/proofread"), json={"text": "Teie tellimsu on koheselt teel."}).json()
    assert found["spelling"] == [{"start": 5, "end": 13, "word": "tellimsu", "suggestions": ["tellimus", "tellimuse"]}]
    assert found["wording"] == [{"start": 17, "end": 25, "words": "koheselt", "why": "bureaucratic", "say": "kohe", "swaps": True}]


def test_places_are_told_as_browsers_count_them(desk: TestClient, mari: Started) -> None:
    (slip,) = desk.post(at(mari, "/proofread"), json={"text": "Tere 😀 tellimsu"}).json()["spelling"]
    assert (slip["start"], slip["end"]) == (8, 16)


def test_a_word_that_the_agent_has_taught_us_is_no_slip_for_this_agent(desk: TestClient, log_in: LogIn, mari: Started) -> None:
    assert desk.post("/api/desk/known-words", json={"word": "Tellimsu"}).status_code == 204
    assert looked(desk, mari, "tellimsu jouab")["spelling"] == ["jouab"]
    assert looked(log_in("kadri"), mari, "tellimsu jouab")["spelling"] == ["tellimsu", "jouab"]


def test_the_customers_name_is_no_slip(desk: TestClient, database: Database, mari: Started) -> None:
    with database.write() as session:
        session.execute(update(ConversationRow).where(ConversationRow.id == mari.conversation_id).values(name="Mari Tellimsu"))
    assert looked(desk, mari, "Tere, tellimsu")["spelling"] == []


def test_of_a_heap_only_what_fits_a_message_is_looked_at(desk: TestClient, mari: Started) -> None:
    assert looked(desk, mari, "a" * 3_990 + " tellimsu tellimsu")["spelling"] == ["tellimsu"]
    assert desk.post(at(mari, "/proofread"), json={"text": "a" * 100_001}).status_code == 422


def test_only_agents_ask_and_only_of_a_conversation_that_is_there(desk: TestClient, log_in: LogIn) -> None:
    assert desk.post("/api/desk/conversations/olematu/proofread", json={"text": "tere"}).status_code == 404
    assert log_in("liis").post("/api/desk/known-words", json={"word": "tere"}).status_code == 403


@pytest.mark.parametrize("word", ["", "  ", "kaks sõna", "a" * 61])
def test_what_is_no_word_is_not_learned(database: Database, people: dict[str, str], word: str) -> None:
    with pytest.raises(Unreadable):
        known_words.learn(database, people["jaan"], word)


def test_a_word_is_learned_once_and_forgotten_again(database: Database, people: dict[str, str]) -> None:
    for word in ("Omniva", "omniva ", "Abiline"):
        known_words.learn(database, people["jaan"], word)
    assert known_words.known(database, people["jaan"]) == ["abiline", "omniva"]
    known_words.unlearn(database, people["jaan"], "OMNIVA")
    assert known_words.known(database, people["jaan"]) == ["abiline"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_desk_can_say_every_reason(language: str) -> None:
    texts = Texts(CONSOLE).all(language)  # type: ignore[arg-type]
    assert [why for why in WORDING_REASONS if f"desk.advice.{why}" not in texts] == []


def test_an_agent_sees_and_forgets_the_own_words_on_the_page(desk: TestClient, database: Database, people: dict[str, str]) -> None:
    known_words.learn(database, people["jaan"], "Omniva")
    assert "Märgi jälle sõna omniva" in desk.get("/replies").text
    desk.post("/replies/words/forget", data={"csrf_token": desk.headers["X-CSRF-Token"], "word": "omniva"})
    assert known_words.known(database, people["jaan"]) == []
