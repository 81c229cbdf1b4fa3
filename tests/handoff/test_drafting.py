"""A reply becomes a draft entry: without whom it is about, linked with its conversation both ways."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from handoff.console.drafting import anonymous
from handoff.conversations.facts import Facts
from handoff.conversations.service import Started
from handoff.conversations.tables import ConversationRow
from handoff.database import Database
from handoff.services import Services
from tests.handoff.desk import QUESTION, REPLY, at, wait


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Tere, Mari! Teie pakk on teel.", "Tere, [nimi]! Teie pakk on teel."),
        ("Mari Maasikas, saatsime Marile kirja.", "[nimi], saatsime [nimi] kirja."),
        ("Tellimus a-1042 on teel, A-10423 mitte.", "Tellimus [tellimuse number] on teel, A-10423 mitte."),
        ("Kõik marjad on otsas.", "Kõik marjad on otsas."),
    ],
)
def test_a_name_in_any_case_and_the_order_number_are_left_out(text: str, left: str) -> None:
    assert anonymous(text, Facts("et", "Mari Maasikas", "A-1042", None)) == left


def test_short_names_are_words_too_often_and_nothing_known_changes_nothing() -> None:
    assert anonymous("On ta siin?", Facts("et", "On Ta", None, None)) == "On ta siin?"
    assert anonymous("Tere", Facts("et", None, None, None)) == "Tere"


def test_the_conversation_and_its_draft_name_each_other(desk: TestClient, services: Services, database: Database, mari: Started) -> None:
    with database.write() as session:
        session.execute(update(ConversationRow).where(ConversationRow.id == mari.conversation_id).values(name="Mari", language="ru"))
    wait(database, mari)
    desk.post(at(mari, "/claim"))
    desk.post(at(mari, "/messages"), json={"client_id": "jaan-0001", "text": f"Mari, {REPLY}"})
    made = desk.post(at(mari, "/draft"), json={}).json()
    assert (made["question"], made["answer"]) == (QUESTION, f"[nimi], {REPLY}")
    entry = services.entries.get(made["entry_id"])
    assert (entry.status, entry.conversation_id) == ("draft", mari.conversation_id)
    assert entry.content["translations"] == {"ru": {"question": QUESTION, "answer": f"[nimi], {REPLY}"}}  # an editor translates it
    again = desk.post(at(mari, "/draft"), json={}).json()
    assert again["entry_id"] == made["entry_id"]
    assert desk.get(at(mari)).json()["made"] == [{"entry_id": entry.id, "question": QUESTION, "status": "draft"}]
    services.entries.save(entry.id, topic="", content=entry.content, publish=True, by=None, base_revision=1)
    assert desk.get(at(mari)).json()["made"][0]["status"] == "published"
