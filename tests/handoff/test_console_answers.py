"""What the desk takes from the FAQ, and what goes back to it: picked answers, drafts for the editor."""

from __future__ import annotations

from fastapi.testclient import TestClient
from sqlalchemy import update

from bot.understanding import Outcome
from handoff.conversations import service
from handoff.conversations.outcomes import outcomes
from handoff.conversations.service import Started
from handoff.conversations.tables import ConversationRow
from handoff.database import Database
from handoff.services import Services
from tests.handoff.desk import QUESTION, REPLY, at, wait


def test_an_entrys_answer_is_taken_over_in_the_customers_language_and_remembered_as_a_pick(
    desk: TestClient, database: Database, services: Services, mari: Started
) -> None:
    content = {
        "question": "Kuidas kaupa tagastada?",
        "answer": "Tooge **tagasi**: [loe edasi](https://kodukaup.example/tagasi).",
        "translations": {"en": {"question": "How do I return?", "answer": "Bring it back."}},
    }
    revision = services.entries.get("kuidas-tagastada").revision
    services.entries.save("kuidas-tagastada", topic="tagastamine", content=content, publish=True, by=None, base_revision=revision)
    services.entries.save("mustand", topic="tagastamine", content={"question": "Mustand?", "answer": "Veel ei tea."}, publish=False, by=None)
    wait(database, mari)
    desk.post(at(mari, "/claim"))
    assert desk.get(at(mari, "/answers/kuidas-tagastada")).json() == {
        "entry_id": "kuidas-tagastada",
        "text": "Tooge tagasi: loe edasi (https://kodukaup.example/tagasi).",
    }  # people type no stars
    with database.write() as session:
        session.execute(update(ConversationRow).values(language="en"))
    assert desk.get(at(mari, "/answers/kuidas-tagastada")).json()["text"] == "Bring it back."
    assert desk.get(at(mari, "/answers/mustand")).status_code == 404
    assert desk.get(at(mari, "/answers/olematu")).status_code == 404

    sent = desk.post(at(mari, "/messages"), json={"client_id": "jaan-0001", "text": "Bring it back, Mari.", "picked": "kuidas-tagastada"})
    assert sent.status_code == 201
    assert outcomes(database) == [Outcome(0.31, True)]
    assert "picked" not in desk.get(at(mari)).text  # what the server keeps for itself


def test_a_reply_becomes_a_draft_for_the_editor(desk: TestClient, database: Database, services: Services, mari: Started) -> None:
    wait(database, mari)
    desk.post(at(mari, "/claim"))
    desk.post(at(mari, "/messages"), json={"client_id": "jaan-0001", "text": REPLY})
    service.say(database, mari.conversation_id, client_id="mari-0002", text="aitäh!")
    made = desk.post(at(mari, "/draft"), json={})
    assert made.status_code == 201
    assert made.json() == {"entry_id": "kas-sokolaad-sulab-teel-ara", "question": QUESTION, "answer": REPLY}
    entry = services.entries.get("kas-sokolaad-sulab-teel-ara")
    assert (entry.status, entry.published, entry.conversation_id) == ("draft", None, mari.conversation_id)
    assert desk.post(at(mari, "/draft"), json={}).json() == made.json()  # a second click is the same draft


def test_the_question_of_a_draft_is_what_was_typed_not_a_tapped_button(desk: TestClient, database: Database, mari: Started) -> None:
    wait(database, mari)
    service.say(database, mari.conversation_id, client_id="mari-0002", text="Räägi inimesega", payload=service.ASK_HUMAN)
    desk.post(at(mari, "/claim"))
    first = desk.post(at(mari, "/messages"), json={"client_id": "jaan-0001", "text": REPLY}).json()["number"]
    desk.post(at(mari, "/messages"), json={"client_id": "jaan-0002", "text": "Ilusat päeva!"})
    assert desk.post(at(mari, "/draft"), json={"answer": first}).json()["answer"] == REPLY
    again = desk.post(at(mari, "/draft"), json={}).json()
    assert (again["entry_id"], again["question"], again["answer"]) == ("kas-sokolaad-sulab-teel-ara-2", QUESTION, "Ilusat päeva!")


def test_without_a_reply_there_is_nothing_to_draft(desk: TestClient, database: Database, mari: Started) -> None:
    wait(database, mari)
    assert desk.post(at(mari, "/draft"), json={}).status_code == 409
