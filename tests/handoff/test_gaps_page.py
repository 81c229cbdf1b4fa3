"""What is missing, on its page: groups become drafts and wordings, are dismissed and brought back."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from handoff.conversations.service import Started
from handoff.database import Database
from handoff.editor.gaps.book import Gaps
from tests.fakes import FakeBot
from tests.handoff.conftest import DELIVERY, RETURNS, LogIn
from tests.handoff.gaps import PUPPY, PUPPY_TOO, House, ask_in_vain, gaps, house_with

pytestmark = pytest.mark.both_databases


@pytest.fixture
def house(database: Database, bot: FakeBot) -> House:
    return house_with(database, bot)


@pytest.fixture
def missing(house: House, mari: Started) -> House:
    ask_in_vain(house, mari)
    return house


@pytest.fixture
def liis(log_in: LogIn, client: TestClient, missing: House) -> TestClient:
    return log_in("liis")


def test_the_page_shows_groups_with_their_figures_and_colleagues_drafts(liis: TestClient, missing: House) -> None:
    missing.entries.save("kolleegi", topic="", content={"question": "Kas kingite?", "answer": "Jah."}, publish=False, by=None, conversation_id="x")
    page = liis.get("/editor/missing").text
    assert "Kas kutsikas tohib kaasa tulla?" in page
    assert "Küsimusi: 2" in page
    assert "sel nädalal 2, eelmisel 0" in page
    assert "Kas kingite?" in page
    assert 'href="/editor/missing"' in liis.get("/editor").text


def test_a_draft_begins_with_the_group_s_words_and_becomes_its_entry(liis: TestClient, missing: House, database: Database) -> None:
    group = Gaps(database, missing.bot.mask).page("open")[0][0]
    where = f"/api/editor/missing/{group.id}"
    draft = liis.get(f"{where}/draft").json()
    assert draft == {"question": "Kas kutsikas tohib kaasa tulla?", "examples": [PUPPY_TOO], "topic": RETURNS.topic, "answer": ""}
    made = liis.post("/api/editor/entries", json=draft | {"answer": "Tohib küll."}).json()
    assert liis.post(f"{where}/entry", json={"entry_id": made["id"]}).status_code == 204
    assert f'href="/editor#{made["id"]}"' in liis.get("/editor/missing").text
    assert liis.post(f"{where}/entry", json={"entry_id": "olematu"}).status_code == 404


def test_wordings_are_added_to_an_entry_as_a_change_still_to_be_published(liis: TestClient, missing: House, database: Database) -> None:
    group = Gaps(database, missing.bot.mask).page("open")[0][0]
    near = liis.get(f"/api/editor/missing/{group.id}/near", params={"q": DELIVERY.question}).json()["entries"]
    assert near[0]["id"] == DELIVERY.id
    for _ in range(2):  # twice is the same as once
        answer = liis.post(f"/api/editor/missing/{group.id}/wordings", json={"entry_id": DELIVERY.id, "texts": [PUPPY, PUPPY_TOO]})
        assert answer.json()["entry_id"] == DELIVERY.id
    entry = missing.entries.get(DELIVERY.id)
    assert entry.content["examples"] == [PUPPY, PUPPY_TOO]
    assert entry.has_unpublished_change
    assert liis.post(f"/api/editor/missing/{group.id}/wordings", json={"entry_id": DELIVERY.id, "texts": []}).status_code == 422
    assert liis.post(f"/api/editor/missing/{group.id}/wordings", json={"entry_id": "olematu", "texts": [PUPPY]}).status_code == 404


def test_a_group_is_dismissed_with_a_reason_or_without_and_brought_back(liis: TestClient, missing: House, database: Database) -> None:
    puppies, paint = (gap.id for gap in Gaps(database, missing.bot.mask).page("open")[0])
    assert liis.post(f"/api/editor/missing/{puppies}/dismiss", json={"reason": "elsewhere"}).status_code == 204
    assert liis.post(f"/api/editor/missing/{paint}/dismiss", json={}).status_code == 204
    assert "Seda küsitakse valest kohast" in liis.get("/editor/missing?state=dismissed").text
    assert liis.post(f"/api/editor/missing/{puppies}/reopen").status_code == 204
    assert gaps(missing) == [(2, PUPPY)]
    assert liis.post(f"/api/editor/missing/{puppies}/dismiss", json={"reason": "olematu"}).status_code == 422
    assert liis.post("/api/editor/missing/olematu/dismiss", json={}).status_code == 404


def test_more_of_a_group_s_questions_come_when_they_are_asked_for(liis: TestClient, missing: House, database: Database) -> None:
    group = Gaps(database, missing.bot.mask).page("open")[0][0]
    questions = liis.get(f"/api/editor/missing/{group.id}/questions").json()["questions"]
    assert [one["text"] for one in questions] == [PUPPY_TOO, PUPPY]
    assert liis.get("/api/editor/missing/olematu/questions").status_code == 404


def test_a_look_can_be_asked_for(liis: TestClient) -> None:
    assert liis.post("/api/editor/missing/look").json()["going_on"] is True
    assert liis.get("/api/editor/missing/look").json()["count"] == 2


def test_agents_are_not_let_in(desk: TestClient) -> None:
    assert desk.get("/editor/missing").status_code == 403
    assert desk.get("/api/editor/missing/look").status_code == 403
    assert desk.post("/api/editor/missing/x/dismiss", json={}).status_code == 403
