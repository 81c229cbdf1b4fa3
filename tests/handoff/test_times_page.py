"""The page on which supervisors set how soon teams answer and solve."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from handoff.accounts import teams
from handoff.conversations import sla
from handoff.conversations.sla import DEFAULT, EVERYBODY, Policy
from handoff.database import Database
from tests.handoff.conftest import LogIn

PAGE = "/people/times"
FORM = {"first": "3", "next": "5", "letter": "2", "letter_unit": "hours", "solution": "", "active": "true", "stops_for_customer": "true"}


@pytest.fixture
def tiit(log_in: LogIn) -> TestClient:
    browser = log_in("tiit")
    browser.follow_redirects = False
    return browser


def send(browser: TestClient, path: str, **form: str) -> int:
    answer = browser.post(path, data={**form, "csrf_token": browser.headers["X-CSRF-Token"]})
    return int(answer.status_code)


def test_a_supervisor_sets_everybodys_times_and_it_is_in_the_trail(tiit: TestClient, database: Database) -> None:
    assert send(tiit, f"{PAGE}/{EVERYBODY}", **FORM) == 303
    assert sla.policies(database) == {EVERYBODY: Policy(True, 3, 5, 120, None, False, True)}
    said = tiit.get(f"{PAGE}?said=saved").text
    assert "Ajad on salvestatud." in said
    assert 'value="3"' in said
    trail = tiit.get("/people/trail").text
    assert "muutis vastamise aegu" in trail
    assert "Kõik vestlused" in trail


def test_a_team_gets_its_own_and_gives_them_up(tiit: TestClient, database: Database) -> None:
    team = teams.make(database, "Arved", by=None)
    assert "Anna oma ajad" in tiit.get(PAGE).text
    assert send(tiit, f"{PAGE}/{team}", **FORM) == 303
    assert sla.policies(database)[team].first == 3
    assert "Kasuta kõigi vestluste aegu" in tiit.get(PAGE).text
    assert send(tiit, f"{PAGE}/{team}/remove") == 303
    assert sla.policies(database) == {EVERYBODY: DEFAULT}


def test_a_policy_is_switched_off_by_taking_the_tick_away(tiit: TestClient, database: Database) -> None:
    off = {name: value for name, value in FORM.items() if name != "active"}
    assert send(tiit, f"{PAGE}/{EVERYBODY}", **off) == 303
    assert not sla.policies(database)[EVERYBODY].active


@pytest.mark.parametrize("wrong", ["0", "-5", "kohe", "99999999"])
def test_what_is_no_time_is_refused_beside_its_field_and_kept_as_it_was_written(tiit: TestClient, database: Database, wrong: str) -> None:
    answer = tiit.post(f"{PAGE}/{EVERYBODY}", data={**FORM, "next": wrong, "csrf_token": tiit.headers["X-CSRF-Token"]})
    assert answer.status_code == 422
    assert "Aeg on täisarv" in answer.text
    assert f'value="{wrong}"' in answer.text
    assert 'aria-describedby="defaultnext-error"' in answer.text
    assert sla.policies(database) == {EVERYBODY: DEFAULT}


def test_a_team_that_is_gone_is_not_found(tiit: TestClient) -> None:
    assert send(tiit, f"{PAGE}/olematu", **FORM) == 404


def test_without_the_token_of_the_page_nothing_changes(tiit: TestClient, database: Database) -> None:
    assert tiit.post(f"{PAGE}/{EVERYBODY}", data=FORM).status_code == 403
    assert sla.policies(database) == {EVERYBODY: DEFAULT}


@pytest.mark.parametrize("login", ["jaan", "liis"])
def test_agents_and_editors_neither_see_nor_set_them(log_in: LogIn, database: Database, login: str) -> None:
    browser = log_in(login)
    assert browser.get(PAGE).status_code == 403
    assert send(browser, f"{PAGE}/{EVERYBODY}", **FORM) == 403
    assert sla.policies(database) == {EVERYBODY: DEFAULT}


@pytest.mark.parametrize("language", ["et", "en", "ru"])
def test_the_page_has_every_text(tiit: TestClient, database: Database, language: str) -> None:
    teams.make(database, "Arved", by=None)
    page = tiit.get(f"{PAGE}?lang={language}").text
    assert "[?" not in page
    assert "style=" not in page
