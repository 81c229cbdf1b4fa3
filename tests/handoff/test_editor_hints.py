"""Hints while Liis writes, on everything there is, and put aside for good."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from bot.understanding import BotUnavailable, FaqEntry
from handoff.conversations.service import Started
from handoff.conversations.tables import DecisionRow, RatingRow
from handoff.conversations.usage import Usage, first_question, usage
from handoff.database import Database, now
from handoff.services import Services
from tests.fakes import FakeBot
from tests.handoff.conftest import DELIVERY, RETURNS, LogIn

pytestmark = pytest.mark.both_databases

DRAFT = {"question": "Kus mu arve on?", "answer": "Teie 😀 tellimsu, kahjuks.", "examples": ["", "Millal pakk jõuab"]}


@pytest.fixture
def liis(log_in: LogIn) -> TestClient:
    return log_in("liis")


def hints(browser: TestClient, **draft: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = browser.post("/api/editor/lint", json=DRAFT | draft).json()["hints"]
    return found


def test_hints_come_while_writing_with_their_places_as_browsers_count(liis: TestClient) -> None:
    found = {one["rule"]: one for one in hints(liis)}
    assert (found["spelling"]["field"], found["spelling"]["start"], found["spelling"]["end"]) == ("answer", 8, 16)
    assert found["wording"]["values"]["say"] == "saame pakkuda …"
    assert (found["same_wording"]["field"], found["same_wording"]["other"]) == ("examples.1", DELIVERY.id)


def test_what_is_hardly_begun_is_looked_at_too(liis: TestClient) -> None:
    assert hints(liis, question="", answer="", examples=[]) == []


def test_a_question_that_another_entry_answers_is_told_while_it_is_written(liis: TestClient) -> None:
    (found,) = hints(liis, question="Pakk jõuab millal?", answer="Varsti.", examples=[])
    assert (found["rule"], found["field"], found["other"]) == ("duplicate", "question", DELIVERY.id)


def test_an_entry_is_not_its_own_double(liis: TestClient) -> None:
    assert hints(liis, id=DELIVERY.id, question=DELIVERY.question, answer=DELIVERY.answer, examples=[]) == []


def test_a_word_that_the_editor_has_taught_us_is_no_slip(liis: TestClient) -> None:
    assert liis.post("/api/editor/known-words", json={"word": "Tellimsu"}).status_code == 204
    assert "spelling" not in {one["rule"] for one in hints(liis)}
    assert liis.post("/api/editor/known-words", json={"word": "kaks sõna"}).status_code == 422


def test_the_review_goes_through_every_entry_a_part_at_a_time(liis: TestClient, services: Services) -> None:
    more = [FaqEntry(f"vastus-{number}", f"Küsimus {number} millestki?", "Vastus kahjuks.") for number in range(10)]
    services.entries.import_all(more, by=None)
    seen: list[str] = []
    after: int | None = 0
    while after is not None:
        part = liis.get(f"/api/editor/review?after={after}").json()
        seen += [one["id"] for one in part["entries"]]
        after = part["next"]
    assert sorted(seen) == sorted([RETURNS.id, DELIVERY.id, *(entry.id for entry in more)])
    assert part["total"] == 12


def test_two_entries_with_one_question_are_each_other_s_doubles(liis: TestClient, services: Services) -> None:
    services.entries.import_all([FaqEntry("topelt", DELIVERY.question, "Kolme päevaga.")], by=None)
    liis.post("/api/editor/entries", json={"question": "Uus?", "answer": "Jah.", "publish": True})  # the bot follows
    found = {one["id"]: {hint["rule"] for hint in one["hints"]} for one in liis.get("/api/editor/review").json()["entries"]}
    assert {"duplicate", "same_wording"} <= found["topelt"]
    assert {"duplicate", "same_wording"} <= found[DELIVERY.id]


def test_a_hint_that_is_meant_so_is_not_shown_again_until_it_is_taken_back(liis: TestClient) -> None:
    words = {"id": RETURNS.id, "question": RETURNS.question, "answer": "Kahjuks ei, kahjuks.", "examples": []}
    where = f"/api/editor/entries/{RETURNS.id}/aside"
    assert "wording" in {one["rule"] for one in hints(liis, **words)}
    for _ in range(2):
        assert liis.post(where, json={"rule": "wording"}).status_code == 204
    assert liis.post("/api/editor/lint", json=DRAFT | words).json() == {"hints": [], "aside": ["wording"]}
    liis.post(where, json={"rule": "wording", "aside": False})
    assert "wording" in {one["rule"] for one in hints(liis, **words)}


def test_what_customers_think_of_an_answer_stands_beside_it(liis: TestClient, database: Database, mari: Started) -> None:
    with database.write() as session:
        session.add_all(RatingRow(conversation_id=mari.conversation_id, entry_id=DELIVERY.id, helpful=number == 0) for number in range(6))
    found = {one["id"]: one["hints"] for one in liis.get("/api/editor/review").json()["entries"]}
    assert [(one["rule"], one["values"]) for one in found[DELIVERY.id]] == [("badly_rated", {"helpful": "1", "count": "6"})]
    assert found[RETURNS.id] == []


def test_hints_go_on_without_the_bot(liis: TestClient, bot: FakeBot, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object, **__: object) -> None:
        raise BotUnavailable("not started")

    monkeypatch.setattr(bot, "rehearse", away)
    assert {one["rule"] for one in hints(liis)} == {"spelling", "wording", "same_wording"}


def test_an_unknown_rule_or_entry_is_refused(liis: TestClient) -> None:
    assert liis.post(f"/api/editor/entries/{RETURNS.id}/aside", json={"rule": "olematu"}).status_code == 422
    assert liis.post("/api/editor/entries/olematu/aside", json={"rule": "wording"}).status_code == 404


def test_agents_get_no_hints(desk: TestClient) -> None:
    assert desk.post("/api/editor/lint", json=DRAFT).status_code == 403
    assert desk.get("/api/editor/review").status_code == 403


def test_use_is_counted_from_decisions_and_ratings(database: Database, mari: Started) -> None:
    moment = now()
    with database.write() as session:
        from handoff.conversations.tables import EventRow

        first = session.query(EventRow).filter_by(conversation_id=mari.conversation_id).first()
        assert first is not None
        decided = DecisionRow(
            message_id=first.id, conversation_id=mari.conversation_id, action="answer", confidence=0.9, entry_id="a", language="et", at=moment
        )
        session.add(decided)
        session.add_all(RatingRow(conversation_id=mari.conversation_id, entry_id="a", helpful=helpful) for helpful in (True, False, False, None))
    assert usage(database, moment - timedelta(days=1)) == {"a": Usage(asked=1, helpful=1, unhelpful=2)}
    assert usage(database, moment + timedelta(days=1)) == {}
    assert first_question(database) == moment
