"""Before publishing, known questions are asked again: the editor sees what would be answered otherwise, and decides."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from bot.understanding import Candidate, FaqEntry, Part, Reading, Reply, Turn
from handoff.conversations import service, turns
from handoff.conversations.known_answers import KnownAnswer, known_answers
from handoff.conversations.service import Started
from handoff.database import Database
from handoff.editor.gate import MOST_OWN, MOST_REAL, Asked, got, neighbours, to_ask
from tests.fakes import FakeBot
from tests.handoff.conftest import DELIVERY, RETURNS, LogIn
from tests.handoff.talk import owed, say

pytestmark = pytest.mark.both_databases

WORDS = "kus pakk on, mari@example.ee"


@pytest.fixture
def liis(client: TestClient, log_in: LogIn) -> TestClient:
    return log_in("liis")


def answered_well(database: Database, mari: Started, text: str, entry_id: str, *, helpful: bool = True) -> None:
    """Mari asks, the bot answers from the entry, and she says whether it helped."""
    number = say(database, mari.conversation_id, text)
    reading = Reading(text, "et", "answer", "ask_question", 0.9, (Candidate(entry_id, "?", 0.9),), "")
    turns.pay(database, owed(database, mari.conversation_id), Turn((Reply("Nii.", entry_id=entry_id, probability=0.9),), (), reading))
    service.rate(database, mari.conversation_id, number=number + 1, helpful=helpful)


def checked(browser: TestClient, **draft: Any) -> list[dict[str, Any]]:
    """The lines of the answer."""
    words = {"question": "?", "answer": "Vastus.", "examples": []} | draft
    return [json.loads(line) for line in browser.post("/api/editor/check", json=words).text.splitlines()]


def delivery(**changed: Any) -> dict[str, Any]:
    return {"id": DELIVERY.id, "topic": DELIVERY.topic, "question": DELIVERY.question, "answer": DELIVERY.answer} | changed


def test_a_question_that_would_lose_its_answer_is_shown_with_what_it_gets_now_and_then(liis: TestClient, database: Database, mari: Started) -> None:
    answered_well(database, mari, "millal pakk jõuab", DELIVERY.id)
    *_, last = checked(liis, **delivery(question="Tarne aeg?"))
    (change,) = last["changes"]
    assert (change["text"], change["better"], change["own"]) == ("millal pakk jõuab", False, False)
    assert (change["before"]["action"], change["before"]["entry_id"]) == ("answer", DELIVERY.id)
    assert change["after"]["action"] == "human"
    assert change["right"] == {"entry_id": DELIVERY.id, "question": DELIVERY.question}


def test_a_new_entry_that_takes_another_one_s_questions_is_told(liis: TestClient, database: Database, mari: Started) -> None:
    answered_well(database, mari, "millal pakk jõuab poest koju", DELIVERY.id)
    *_, last = checked(liis, question="Millal pakk jõuab poest koju?")
    (change,) = last["changes"]
    assert (change["after"]["action"], change["after"]["question"]) == ("answer", "Millal pakk jõuab poest koju?")


def test_what_gets_better_is_told_as_well(liis: TestClient, database: Database, mari: Started) -> None:
    answered_well(database, mari, "millal saadetis kohal", DELIVERY.id)
    *_, last = checked(liis, **delivery(examples=["millal saadetis kohal on"]))
    assert [one["better"] for one in last["changes"]] == [True]


def test_other_entries_own_wordings_are_asked_as_if_they_were_new(liis: TestClient, bot: FakeBot, database: Database, mari: Started) -> None:
    answered_well(database, mari, "kuidas kaupa tagastada", RETURNS.id)
    *_, last = checked(liis, question="Kuidas kaupa tagastada ja kas kingad saab tagasi saata?")
    assert RETURNS.examples[0] in bot.rehearsed
    (own,) = [change for change in last["changes"] if change["own"]]
    assert (own["text"], own["right"]["entry_id"], own["better"]) == (RETURNS.examples[0], RETURNS.id, False)


@pytest.mark.parametrize("draft", [{"question": " "}, {"answer": ""}, delivery(), {"question": "Kas kaamel sööb?"}])
def test_what_cant_be_published_is_published_already_or_was_never_asked_near_is_not_asked(
    liis: TestClient, database: Database, mari: Started, draft: dict[str, Any]
) -> None:
    answered_well(database, mari, "millal pakk jõuab", DELIVERY.id)
    assert checked(liis, **draft) == [{"done": 0, "of": 0, "changes": []}]


def test_a_house_that_nobody_has_judged_publishes_at_once(liis: TestClient) -> None:
    assert checked(liis, **delivery(question="Tarne?")) == [{"done": 0, "of": 0, "changes": []}]


def lines_of(answer: Any) -> dict[str, Any]:
    last: dict[str, Any] = json.loads(answer.text.splitlines()[-1])
    return last


def test_before_archiving_the_questions_that_would_lose_their_answer_are_shown(liis: TestClient, database: Database, mari: Started) -> None:
    assert lines_of(liis.post(f"/api/editor/entries/{DELIVERY.id}/check-archive"))["changes"] == []
    answered_well(database, mari, "millal pakk jõuab", DELIVERY.id)
    (change,) = lines_of(liis.post(f"/api/editor/entries/{DELIVERY.id}/check-archive"))["changes"]
    assert (change["text"], change["before"]["action"], change["after"]["action"], change["better"]) == ("millal pakk jõuab", "answer", "human", False)
    assert liis.post("/api/editor/entries/olematu/check-archive").status_code == 404


def test_before_an_import_is_published_its_entries_are_tried_together(liis: TestClient, database: Database, mari: Started, desk: TestClient) -> None:
    answered_well(database, mari, "millal pakk jõuab poest koju", DELIVERY.id)
    table = {"file": ("a.csv", "Küsimus;Vastus\nMillal pakk jõuab poest koju?;Homme.\nMuu?;Muu.\n".encode())}
    (change,) = lines_of(liis.post("/api/editor/import/check", files=table))["changes"]
    assert (change["after"]["question"], change["better"]) == ("Millal pakk jõuab poest koju?", False)
    assert lines_of(liis.post("/api/editor/import/check", files=table, data={"chosen": '["muu"]'}))["changes"] == []
    assert lines_of(liis.post("/api/editor/import/check?publish=false", files=table))["changes"] == []
    gone = lines_of(liis.post("/api/editor/import/check?archive_rest=true", files=table, data={"chosen": f'["muu", "{DELIVERY.id}"]'}))["changes"]
    assert [(one["after"]["action"], one["right"]["entry_id"]) for one in gone] == [("human", DELIVERY.id)]
    assert lines_of(liis.post("/api/editor/import/check", files={"file": ("a.xlsx", b"no")}))["changes"] == []
    assert desk.post("/api/editor/import/check", files=table).status_code == 403


def test_only_editors_look(desk: TestClient) -> None:
    assert desk.post("/api/editor/check", json=delivery()).status_code == 403


def test_known_are_the_right_answers_of_the_last_judgement_with_the_words_of_the_customer(database: Database, mari: Started) -> None:
    answered_well(database, mari, WORDS, DELIVERY.id)
    answered_well(database, mari, "hoopis muu", RETURNS.id, helpful=False)
    assert known_answers(database) == [KnownAnswer(WORDS, DELIVERY.id, frozenset({DELIVERY.id}))]


async def test_neighbours_are_those_that_the_bot_thinks_of_now() -> None:
    bot = FakeBot([RETURNS, DELIVERY])
    assert await neighbours(bot, FaqEntry("uus", "Millal pakk jõuab?", "Homme.")) == ["uus", DELIVERY.id]


def test_the_nearest_are_asked_first_and_not_more_than_some_hundred() -> None:
    many = FaqEntry("palju", "Palju?", "Palju.", examples=tuple(f"sõnastus {number}" for number in range(100)))
    known = [*(KnownAnswer(f"küsimus {number}", "palju", frozenset()) for number in range(300)), KnownAnswer("oma", "uus", frozenset())]
    asked = to_ask(["uus", "palju"], known, [many, FaqEntry("uus", "Uus?", "Jah.")])
    assert len(asked) == MOST_REAL + MOST_OWN
    assert asked[MOST_OWN] == Asked("oma", "uus")
    assert asked[0].probe.of == "palju"


def test_an_answer_in_parts_that_holds_the_right_one_is_right() -> None:
    candidates = (Candidate("a", "A?", 0.9), Candidate("b", "B?", 0.8))
    parts = (Part("a", "answer", candidates[:1]), Part("b", "answer", candidates[1:]))
    reading = Reading("a ja b", "et", "answer", None, 0, candidates, "", parts=parts)
    assert got(reading, "b").entry_id == "b"
    assert got(reading, "c").entry_id == "a"
    assert got(reading, "b").worth > got(reading, "c").worth
