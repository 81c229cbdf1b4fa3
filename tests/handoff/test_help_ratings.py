"""„Kas see aitas?“ on the help page: counted once a day, without knowing whom."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from handoff.conversations.usage import Usage
from handoff.database import Database, now
from handoff.editor.hints import with_readers
from handoff.entries import ratings
from handoff.entries.ratings import Said
from handoff.entries.tables import EntryAliasRow, HelpCommentRow, HelpMarkRow, HelpSaltRow
from handoff.services import Services
from tests.handoff.conftest import RETURNS, LogIn

DAY = date(2026, 3, 1)
PAGE = f"/help/{RETURNS.id}"


def rate(database: Database, sender: str, *, helpful: bool = True, language: str = "et", entry: str = "pakk", today: date = DAY) -> None:
    ratings.rate(database, entry, language, helpful=helpful, sender=sender, today=today)


@pytest.mark.both_databases
def test_one_who_presses_ten_times_counts_once_with_what_was_said_last(database: Database) -> None:
    for _ in range(10):
        rate(database, "mari")
    rate(database, "jüri", helpful=False)
    assert ratings.rated(database, DAY) == {"pakk": Said(1, 1)}
    rate(database, "mari", helpful=False)
    assert ratings.rated(database, DAY) == {"pakk": Said(0, 2)}
    rate(database, "mari", language="en")
    rate(database, "mari", today=DAY + timedelta(days=1))
    assert ratings.rated(database, DAY) == {"pakk": Said(2, 2)}
    assert ratings.rated(database, DAY + timedelta(days=2)) == {}


def test_the_next_day_nothing_is_left_that_could_tell_who_it_was(database: Database) -> None:
    rate(database, "mari")
    with database.read() as session:
        assert "mari" not in (session.scalars(select(HelpMarkRow.mark)).one())
    ratings.forget(database, today=DAY, keep_days=30)
    rate(database, "mari")
    assert ratings.rated(database, DAY) == {"pakk": Said(1, 0)}
    ratings.forget(database, today=DAY + timedelta(days=1), keep_days=30)
    with database.read() as session:
        assert [session.scalars(select(table)).all() for table in (HelpMarkRow, HelpSaltRow)] == [[], []]
    assert ratings.rated(database, DAY) == {"pakk": Said(1, 0)}


def test_words_are_kept_for_as_long_as_conversations_and_follow_an_entry_to_its_new_id(database: Database) -> None:
    ratings.comment(database, "vana", "et", helpful=False, text="Hind puudub.")
    rate(database, "mari", entry="vana")
    with database.write() as session:
        session.add(EntryAliasRow(id="vana", entry_id="uus"))
    assert [one.text for one in ratings.comments(database, "uus")] == ["Hind puudub."]
    assert ratings.rated(database, DAY) == {"uus": Said(1, 0)}
    with database.write() as session:
        session.scalars(select(HelpCommentRow)).one().at = now() - timedelta(days=31)
    ratings.forget(database, today=DAY, keep_days=30)
    assert ratings.comments(database, "uus") == []


def test_the_form_works_without_a_script_and_without_a_cookie(client: TestClient, services: Services) -> None:
    pressed = client.post(f"/en{PAGE}/rating", data={"helpful": "no"}, follow_redirects=False)
    assert (pressed.status_code, pressed.headers["location"]) == (303, f"/en{PAGE}?thanks=no#rating")
    assert "set-cookie" not in pressed.headers
    written = client.post(f"{PAGE}/comment", data={"helpful": "no", "text": " Hind puudub. "}, follow_redirects=False)
    assert written.headers["location"] == f"{PAGE}?thanks=said#rating"
    assert client.post(f"{PAGE}/comment", data={"helpful": "no", "text": "  "}).status_code == 200
    assert ratings.rated(services.database, services.entries.today()) == {RETURNS.id: Said(0, 1)}
    assert [one.text for one in ratings.comments(services.database, RETURNS.id)] == ["Hind puudub."]


def test_readers_and_customers_of_the_chat_count_together_for_the_hint_of_a_low_rating() -> None:
    both = with_readers({"pakk": Usage(asked=3, helpful=1)}, {"pakk": Said(1, 2), "arve": Said(0, 1)})
    assert both == {"pakk": Usage(3, 2, 2), "arve": Usage(0, 0, 1)}


def test_editors_see_it_beside_the_answer_and_nobody_else_does(log_in: LogIn, services: Services) -> None:
    rate(services.database, "mari", entry=RETURNS.id, today=services.entries.today())
    ratings.comment(services.database, RETURNS.id, "en", helpful=False, text="No price.")
    liis, jaan = log_in("liis"), log_in("jaan")
    seen = liis.get(f"/api/editor/entries/{RETURNS.id}/readers").json()
    assert (seen["helpful"], seen["unhelpful"], seen["address"]) == (1, 0, PAGE)
    assert [(one["text"], one["language"]) for one in seen["comments"]] == [("No price.", "en")]
    assert liis.get("/api/editor/entries/olematu/readers").status_code == 404
    assert jaan.get(f"/api/editor/entries/{RETURNS.id}/readers").status_code == 403


def test_another_site_s_form_a_strange_answer_and_a_flood_are_refused(client: TestClient, services: Services) -> None:
    def answer(helpful: str = "yes", path: str = PAGE, **headers: str) -> int:
        return int(client.post(f"{path}/rating", data={"helpful": helpful}, headers=headers, follow_redirects=False).status_code)

    assert answer(Origin="https://evil.example") == 403
    assert answer(**{"Sec-Fetch-Site": "cross-site"}) == 403
    assert answer(Origin="http://localhost:8000") == 303
    assert answer("maybe") == 422
    assert answer(path="/help/olematu") == 404
    assert {answer() for _ in range(30)} == {303, 429}
    assert ratings.rated(services.database, services.entries.today()) == {RETURNS.id: Said(1, 0)}
