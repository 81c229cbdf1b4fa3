"""What a browser shows where a page can't be shown."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from handoff.web import COOKIE

BROWSER = {"Accept": "text/html,application/xhtml+xml"}


@pytest.mark.parametrize(("language", "title"), [("et", "Sellist lehte ei ole"), ("en", "There is no such page"), ("ru", "Такой страницы нет")])
def test_an_address_that_nobody_answers_says_so_to_a_person_and_shows_a_way_on(client: TestClient, language: str, title: str) -> None:
    answer = client.get(f"/pole-olemas?lang={language}", headers=BROWSER)
    assert answer.status_code == 404
    assert f"<h1>{title}</h1>" in answer.text
    assert 'href="/help"' in answer.text


def test_who_works_here_goes_back_to_work(client: TestClient) -> None:
    assert 'href="/desk"' in client.get("/pole-olemas", headers=BROWSER | {"Cookie": f"{COOKIE}=on"}).text


def test_a_page_of_others_says_whose_it_is(desk: TestClient) -> None:
    answer = desk.get("/connections/messengers", headers=BROWSER)
    assert answer.status_code == 403
    assert "<h1>Seda lehte näevad teised</h1>" in answer.text


def test_programs_and_our_own_requests_get_what_they_understand(client: TestClient, desk: TestClient) -> None:
    assert client.get("/pole-olemas").json() == {"detail": "Not Found"}
    assert desk.get("/connections/messengers").json()["code"] == "not_allowed"
    assert client.post("/pole-olemas", headers=BROWSER).headers["content-type"] == "application/json"
