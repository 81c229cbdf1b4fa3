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


def test_steps_buttons_and_days_are_kept_and_what_is_not_written_is_not(liis: TestClient) -> None:
    steps = [{"id": "ava", "text": "Avage."}, {"id": "kas", "text": "Kas läks?", "yes": "tore", "no": "ava"}, {"id": "tore", "text": "Tore!", "end": True}]
    more = {"steps": steps, "buttons": [{"title": "Leht", "url": "https://kodukaup.example"}, {"title": ""}], "valid_until": "2027-01-31"}
    english = {"en": {"question": "At night?", "answer": "Yes.", "steps": {"ava": "Open.", "läinud": "Gone"}}}
    made = liis.post("/api/editor/entries", json=NEW | more | {"translations": english}).json()
    assert (made["steps"], made["buttons"], made["valid_until"]) == (steps, [{"title": "Leht", "url": "https://kodukaup.example"}], "2027-01-31")
    assert made["translations"]["en"]["steps"] == {"ava": "Open."}
    assert "video" not in made


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
        ({"steps": [{"id": "a", "text": "Kas?", "yes": "b", "no": "a"}]}, "step_unknown", "steps.0.yes"),
        ({"steps": [{"id": "a", "text": " "}]}, "missing_step", "steps.0.text"),
        ({"buttons": [{"title": "Leht", "url": "javascript:alert(1)"}]}, "bad_address", "buttons.0.url"),
        ({"buttons": [{"title": "Leht"}]}, "button_target", "buttons.0.url"),
        ({"video": "video"}, "bad_address", "video"),
        ({"valid_from": "2026-12-24", "valid_until": "2026-12-01"}, "days_swapped", "valid_until"),
        ({"valid_from": "homme"}, "bad_day", "valid_from"),
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


def test_an_old_address_of_a_renamed_answer_leads_to_it_and_its_ratings_count(liis: TestClient, services: Services) -> None:
    taken = liis.post(f"/api/editor/entries/{RETURNS.id}/rename", json={"id": "millal-pakk-jouab"})
    assert (taken.status_code, taken.json()["code"]) == (422, "id_taken")
    assert liis.post(f"/api/editor/entries/{RETURNS.id}/rename", json={"id": "Tühi koht"}).json()["code"] == "bad_id"
    assert liis.post(f"/api/editor/entries/{RETURNS.id}/rename", json={"id": "tagasi"}).json()["id"] == "tagasi"
    led = liis.get(f"/help/{RETURNS.id}?lang=en", follow_redirects=False)
    assert (led.status_code, led.headers["location"]) == (301, "/en/help/tagasi")
    assert liis.get(f"/help/{RETURNS.id}").status_code == 200

    merged = liis.post("/api/editor/entries/tagasi/merge", json={"into": "millal-pakk-jouab"}).json()
    assert RETURNS.question in merged["examples"]
    assert liis.get(f"/help/{RETURNS.id}", follow_redirects=False).headers["location"] == "/help/millal-pakk-jouab"


def test_revisions_say_what_changed_and_are_compared_word_by_word(liis: TestClient) -> None:
    entry = open_entry(liis, RETURNS.id)
    liis.put(f"/api/editor/entries/{RETURNS.id}", json=words_of(entry, answer=RETURNS.answer + " Lisatud.", tags=["uus"]))
    newest, first = liis.get(f"/api/editor/entries/{RETURNS.id}/revisions").json()["revisions"]
    assert (newest["act"], newest["changed"], first["act"]) == ("saved", ["answer", "tags"], "imported")
    fields = liis.get(f"/api/editor/entries/{RETURNS.id}/compare?first=1&second=2").json()["fields"]
    answer = next(one for one in fields if one["field"] == "answer")
    assert answer["second"][-1] == ["ins", " Lisatud."]
    assert next(one for one in fields if one["field"] == "question")["same"]
    assert liis.get(f"/api/editor/entries/{RETURNS.id}/compare?first=1&second=9").status_code == 404


def test_who_else_has_the_entry_open_is_told(liis: TestClient, log_in: LogIn) -> None:
    mine = f"/api/editor/entries/{RETURNS.id}/presence"
    assert liis.post(mine, json={"writing": True}).json() == {"revision": 1, "others": []}
    tiit = log_in("tiit")
    assert tiit.post(mine, json={}).json()["others"] == [{"name": "Liis", "writing": True}]
    assert log_in("jaan").post(mine, json={}).status_code == 403


def test_where_a_review_is_required_the_api_refuses_ones_own_words_and_another_publishes(liis: TestClient, log_in: LogIn, services: Services) -> None:
    services.entries.reviewed = True
    assert 'data-reviewed="true"' in liis.get("/editor").text
    refused = liis.post("/api/editor/entries", json=NEW | {"publish": True})
    assert (refused.status_code, refused.json()["code"]) == (403, "own_words")
    made = liis.post("/api/editor/entries", json=NEW).json()
    address = f"/api/editor/entries/{made['id']}"
    assert liis.post(f"{address}/publish", json=words_of(made)).json()["code"] == "own_words"
    sent = liis.post(f"{address}/send", json={"revision": 1}).json()
    assert sent["review_at"]
    assert sent["own"]

    tiit = log_in("tiit")
    seen = tiit.get(address).json()
    assert not seen["own"]
    assert tiit.post(f"{address}/publish", json=words_of(seen, answer="Tiidu sõnad.")).json()["code"] == "own_words"
    assert log_in("jaan").post(f"{address}/publish", json=words_of(seen)).status_code == 403
    done = log_in("tiit").post(f"{address}/publish", json=words_of(seen)).json()
    assert (done["status"], done["review_at"]) == ("published", None)
