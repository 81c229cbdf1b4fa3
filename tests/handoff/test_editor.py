"""Liis writes, publishes, is refused kindly, and the bot knows the answer for the next question."""

from __future__ import annotations

import asyncio

import pytest
from fastapi.testclient import TestClient

from handoff.services import Services
from tests.fakes import FakeBot
from tests.handoff.conftest import RETURNS, LogIn

NEW = {
    "question": "Kas öötööle jõuab šokolaad?",
    "answer": "Jah, **kuni südaööni**.",
    "examples": ["kas magusat öösel saab", " "],
    "topic": "tarne",
    "tags": ["öö"],
}


@pytest.fixture
def liis(log_in: LogIn) -> TestClient:
    return log_in("liis")


def open_entry(browser: TestClient, entry_id: str) -> dict[str, object]:
    found: dict[str, object] = browser.get(f"/api/editor/entries/{entry_id}").json()
    return found


def words_of(entry: dict[str, object], **changed: object) -> dict[str, object]:
    return {name: entry[name] for name in ("revision", "topic", "question", "answer", "examples", "tags", "translations")} | changed


def test_a_published_answer_is_found_by_the_next_question(liis: TestClient) -> None:
    made = liis.post("/api/editor/entries", json=NEW | {"publish": True})
    assert made.status_code == 201
    assert made.json()["id"] == "kas-ootoole-jouab-sokolaad"
    reading = liis.post("/api/editor/ask", json={"text": "öötööle jõuab šokolaad?"}).json()
    assert reading["action"] == "answer"
    assert reading["candidates"][0]["entry_id"] == "kas-ootoole-jouab-sokolaad"


def test_a_draft_is_asked_as_if_it_were_published_and_nobody_else_hears_of_it(liis: TestClient, bot: FakeBot) -> None:
    reading = liis.post("/api/editor/ask", json={"text": "öötööle jõuab šokolaad?", "draft": NEW}).json()
    best = reading["candidates"][0]
    assert (reading["action"], best["entry_id"], best["wording"]) == ("answer", reading["draft"], NEW["question"])
    assert best["words"] == ["öötööle", "jõuab", "šokolaad"]
    assert set(bot.entries) == {RETURNS.id, "millal-pakk-jouab"}


def test_an_entry_as_it_is_written_wins_or_loses_before_it_is_published(liis: TestClient) -> None:
    words = words_of(open_entry(liis, RETURNS.id), examples=["Millal pakk jõuab kohale?"]) | {"id": RETURNS.id}
    reading = liis.post("/api/editor/ask", json={"text": "pakk jõuab kohale", "draft": words}).json()
    assert reading["candidates"][0]["entry_id"] == reading["draft"] == RETURNS.id
    now = liis.post("/api/editor/ask", json={"text": "pakk jõuab kohale"}).json()
    assert (now["candidates"][0]["entry_id"], now["draft"]) == ("millal-pakk-jouab", None)


@pytest.mark.parametrize("missing", ["question", "answer"])
def test_what_is_hardly_begun_is_not_asked_yet(liis: TestClient, missing: str) -> None:
    reading = liis.post("/api/editor/ask", json={"text": "öötööle jõuab šokolaad?", "draft": NEW | {missing: " "}}).json()
    assert reading["draft"] is None


def test_a_draft_is_kept_and_answers_nothing_yet(liis: TestClient, bot: FakeBot) -> None:
    made = liis.post("/api/editor/entries", json=NEW).json()
    assert made["status"] == "draft"
    assert made["examples"] == ["kas magusat öösel saab"]
    assert made["id"] not in bot.entries


def test_a_draft_change_leaves_the_published_words_until_it_is_published(liis: TestClient, client: TestClient, bot: FakeBot) -> None:
    entry = open_entry(liis, RETURNS.id)
    saved = liis.put(f"/api/editor/entries/{RETURNS.id}", json=words_of(entry, answer="30 päeva jooksul.")).json()
    assert saved["unpublished_change"]
    assert bot.entries[RETURNS.id].answer == RETURNS.answer
    published = liis.post(f"/api/editor/entries/{RETURNS.id}/publish", json=words_of(saved)).json()
    assert not published["unpublished_change"]
    assert bot.entries[RETURNS.id].answer == "30 päeva jooksul."


def test_the_same_question_twice_gets_another_id(liis: TestClient) -> None:
    first, second = (liis.post("/api/editor/entries", json=NEW).json()["id"] for _ in range(2))
    assert second == f"{first}-2"


def test_an_id_of_one_s_own_that_is_taken_is_refused(liis: TestClient) -> None:
    refused = liis.post("/api/editor/entries", json=NEW | {"id": RETURNS.id})
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (422, "id_taken", "id")


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"question": "  "}, "missing_question", "question"),
        ({"answer": ""}, "missing_answer", "answer"),
        ({"answer": "a" * 10_001}, "too_long", "answer"),
        ({"translations": {"en": {"question": "How?", "answer": ""}}}, "half_translation", "translations.en.answer"),
        ({"id": "Tühi koht"}, "bad_id", "id"),
        ({"examples": ["näide " + str(number) for number in range(201)]}, "too_many_lines", "examples"),
    ],
)
def test_a_refusal_names_the_field(liis: TestClient, changed: dict[str, object], code: str, field: str) -> None:
    refused = liis.post("/api/editor/entries", json=NEW | changed)
    assert refused.status_code == 422
    assert (refused.json()["code"], refused.json()["field"]) == (code, field)


def test_a_save_over_somebody_else_s_is_refused_and_theirs_stays(liis: TestClient, log_in: LogIn) -> None:
    before = open_entry(liis, RETURNS.id)
    log_in("tiit").put(f"/api/editor/entries/{RETURNS.id}", json=words_of(before, answer="Tiidu sõnad."))
    refused = liis.put(f"/api/editor/entries/{RETURNS.id}", json=words_of(before, answer="Liisi sõnad."))
    assert (refused.status_code, refused.json()["code"]) == (409, "already_taken")
    after = open_entry(liis, RETURNS.id)
    assert (after["answer"], after["changed_by"]) == ("Tiidu sõnad.", "Tiit")


def test_a_save_without_its_revision_is_refused(liis: TestClient) -> None:
    entry = open_entry(liis, RETURNS.id)
    assert liis.put(f"/api/editor/entries/{RETURNS.id}", json=words_of(entry, revision=None)).status_code == 409


def test_an_archived_entry_answers_nothing_and_can_come_back(liis: TestClient, client: TestClient, bot: FakeBot) -> None:
    archived = liis.post(f"/api/editor/entries/{RETURNS.id}/archive").json()
    assert archived["status"] == "archived"
    assert RETURNS.id not in bot.entries
    liis.post(f"/api/editor/entries/{RETURNS.id}/publish", json=words_of(archived))
    assert RETURNS.id in bot.entries


def test_every_form_of_an_entry_is_kept_with_its_author(liis: TestClient) -> None:
    made = liis.post("/api/editor/entries", json=NEW).json()
    liis.put(f"/api/editor/entries/{made['id']}", json=words_of(made, answer="Hommikul."))
    kept = liis.get(f"/api/editor/entries/{made['id']}/revisions").json()["revisions"]
    assert [(one["revision"], one["by"], one["content"]["answer"]) for one in kept] == [(2, "Liis", "Hommikul."), (1, "Liis", NEW["answer"])]


def test_a_draft_from_a_conversation_says_so(liis: TestClient, services: Services) -> None:
    content = {"question": "Kas kassid sobivad?", "answer": "Sobivad."}
    services.entries.save("kas-kassid-sobivad", topic="", content=content, publish=False, by=None, conversation_id="vestlus")
    assert open_entry(liis, "kas-kassid-sobivad")["conversation_id"] == "vestlus"


def test_an_unknown_entry_is_not_found(liis: TestClient) -> None:
    assert liis.get("/api/editor/entries/olematu").status_code == 404
    assert liis.get("/api/editor/entries/olematu/revisions").status_code == 404
    assert liis.put("/api/editor/entries/olematu", json=NEW | {"revision": 1}).status_code == 404


def test_an_empty_question_is_not_asked(liis: TestClient) -> None:
    assert liis.post("/api/editor/ask", json={"text": "  "}).json()["code"] == "empty"


def test_agents_and_outsiders_stay_outside(client: TestClient, log_in: LogIn) -> None:
    assert client.get("/api/editor/entries").status_code == 401
    assert log_in("jaan").get("/api/editor/entries").status_code == 403
    assert log_in("jaan").post("/api/editor/entries", json=NEW).status_code == 403
    assert client.get("/editor", headers={"Accept": "text/html"}, follow_redirects=False).headers["location"].startswith("/login")


def test_a_change_without_the_token_of_the_page_is_refused(liis: TestClient) -> None:
    refused = liis.post("/api/editor/entries", json=NEW, headers={"X-CSRF-Token": "võõras".encode().hex()})
    assert refused.status_code == 403


@pytest.mark.parametrize("language", ["et", "en", "ru"])
def test_the_page_has_every_text(liis: TestClient, language: str) -> None:
    page = liis.get(f"/editor?lang={language}").text
    assert "[?" not in page
    assert "static-editor/main.js" in page


def test_two_publishings_at_once_both_reach_the_bot(services: Services, bot: FakeBot) -> None:
    from handoff.entries.follow import follow_entries

    services.entries.save("uus", topic="", content={"question": "Uus?", "answer": "Jah."}, publish=True, by=None)

    async def both() -> list[bool]:
        return list(await asyncio.gather(*(follow_entries(services.entries, services.bot) for _ in range(2))))

    assert any(asyncio.run(both()))
    assert "uus" in bot.entries
