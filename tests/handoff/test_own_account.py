"""One's own account: name, language, password, the second step at the door, log-ins."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from handoff.accounts import service as accounts
from handoff.accounts import staff, trail
from handoff.accounts.attempts import PER_PERSON
from handoff.accounts.tables import Role
from handoff.accounts.trail import Wanted
from handoff.app import create_app
from handoff.database import Database
from handoff.people.words import Words
from handoff.settings import Settings
from handoff.web import COOKIE, LANGUAGE_COOKIE
from tests.fakes import FakeBot
from tests.handoff.conftest import PASSWORD, LogIn
from tests.handoff.people_pages import Desk, enrol, key_on, later

NEW = "pikk-uus-parool"


@pytest.fixture
def own(log_in: LogIn) -> Desk:
    """Jaan's browser."""
    return Desk(log_in("jaan"))


def test_one_changes_ones_own_name_language_and_colours(own: Desk, database: Database, people: dict[str, str]) -> None:
    assert own.send("/account/name", name="  Jaan   Tamm ") == (303, "/account?said=name")
    assert staff.member(database, people["jaan"]).name == "Jaan Tamm"
    assert own.send("/account/name", name="")[0] == 422
    own.send("/account/look", language="ru", theme="dark")
    page = own.see("/account?said=look")
    assert '<html lang="ru" data-theme="dark">' in page
    assert own.send("/account/look", language="fi", theme="dark")[0] == 422


def test_the_switch_in_the_bar_is_remembered_for_every_browser(own: Desk) -> None:
    assert own.browser.post("/account/theme", json={"theme": "dark"}).status_code == 403
    assert own.browser.post("/account/theme", json={"theme": "dark"}, headers={"X-CSRF-Token": own.token}).status_code == 204
    assert 'data-theme="dark"' in own.see("/desk")


def test_a_log_in_brings_the_persons_language(own: Desk, client: TestClient) -> None:
    own.send("/account/look", language="en", theme="auto")
    client.post("/login", data={"login": "jaan", "password": PASSWORD}, follow_redirects=False)
    assert client.cookies[LANGUAGE_COOKIE] == "en"


def test_a_new_password_needs_the_old_one(own: Desk, log_in: LogIn) -> None:
    elsewhere = log_in("jaan")
    status, page = own.send("/account/password", old="arvatud-parool", password=NEW)
    assert (status, "ei sobinud" in page) == (422, True)
    assert own.send("/account/password", old=PASSWORD, password="lühike")[0] == 422
    assert own.send("/account/password", old=PASSWORD, password=NEW) == (303, "/account?said=password")
    assert elsewhere.get("/account").status_code == 401
    assert own.browser.get("/account").status_code == 200


def test_whoever_guesses_the_password_inside_has_to_wait(own: Desk) -> None:
    for _ in range(PER_PERSON):
        own.send("/account/password", old="arvatud-parool", password=NEW)
    status, page = own.send("/account/password", old=PASSWORD, password=NEW)
    assert (status, "veerand tundi" in page) == (429, True)


def test_the_second_step_is_turned_on_with_password_and_code(own: Desk, client: TestClient) -> None:
    phone = key_on(own.see("/account/code"))
    assert own.send("/account/code", old="arvatud-parool", code=phone.now())[0] == 422
    assert own.send("/account/code", old=PASSWORD, code="000000" if phone.now() != "000000" else "111111")[0] == 422
    phone, recovery = enrol(own)
    assert len(recovery) == 10
    entered = client.post("/login", data={"login": "jaan", "password": PASSWORD, "next": "/desk/abc"}, follow_redirects=False)
    assert entered.headers["location"] == "/login/code?next=/desk/abc"
    assert COOKIE not in client.cookies
    assert client.get("/desk").status_code == 401
    wrong = client.post("/login/code", data={"code": "123"})
    assert (wrong.status_code, "ei sobinud" in wrong.text) == (401, True)
    assert client.post("/login/code", data={"code": later(phone), "next": "/desk/abc"}, follow_redirects=False).headers["location"] == "/desk/abc"
    assert client.get("/desk").status_code == 200


def test_a_recovery_code_comes_in_once(own: Desk, client: TestClient) -> None:
    _, recovery = enrol(own)
    for expected in (303, 401):
        client.cookies.clear()
        client.post("/login", data={"login": "jaan", "password": PASSWORD})
        assert client.post("/login/code", data={"code": recovery[0]}, follow_redirects=False).status_code == expected


def test_without_the_password_nobody_gets_to_the_code(quiet: TestClient) -> None:
    for path in ("/login/code", "/login/enrol"):
        assert quiet.get(path, follow_redirects=False).headers["location"] == "/login"
        assert quiet.post(path, data={"code": "123456"}, follow_redirects=False).headers["location"] == "/login"


def test_whoever_guesses_codes_has_to_wait_from_wherever_they_come(own: Desk, client: TestClient, database: Database, people: dict[str, str]) -> None:
    phone, _ = enrol(own)
    client.post("/login", data={"login": "jaan", "password": PASSWORD})
    for _ in range(PER_PERSON):
        assert client.post("/login/code", data={"code": "x"}).status_code == 401
    assert client.post("/login/code", data={"code": later(phone)}).status_code == 429
    assert [row.act for row in trail.rows(database, Wanted(agent_id=people["jaan"], act="failed_code"))] == ["failed_code"] * PER_PERSON


def test_a_password_alone_puts_no_other_phone_in_the_place_of_the_persons_own(own: Desk, client: TestClient) -> None:
    enrol(own)
    client.post("/login", data={"login": "jaan", "password": PASSWORD})
    assert client.get("/login/enrol", follow_redirects=False).headers["location"] == "/login/code"
    assert client.post("/login/enrol", data={"code": "123456"}, follow_redirects=False).headers["location"] == "/login/code"


def test_the_second_step_is_turned_off_and_recovery_codes_are_renewed_with_the_password_only(own: Desk, database: Database, people: dict[str, str]) -> None:
    enrol(own)
    assert own.send("/account/code/recovery", old="arvatud-parool")[0] == 422
    assert own.send("/account/code/recovery", old=PASSWORD)[0] == 200
    assert own.send("/account/code/off", old="arvatud-parool")[0] == 422
    assert own.send("/account/code/off", old=PASSWORD) == (303, "/account?said=code_off")
    assert not staff.member(database, people["jaan"]).has_code


@pytest.fixture
def strict(settings: Settings, database: Database, people: dict[str, str]) -> FastAPI:
    """A house whose supervisors need the second step."""
    return create_app(settings.model_copy(update={"totp_roles": (Role.SUPERVISOR,)}), FakeBot(), database)


def test_a_role_that_needs_it_sets_it_up_before_the_first_page(strict: FastAPI) -> None:
    with TestClient(strict) as browser:
        entered = browser.post("/login", data={"login": "tiit", "password": PASSWORD}, follow_redirects=False)
        assert entered.headers["location"] == "/login/enrol"
        assert browser.get("/desk").status_code == 401
        phone = key_on(browser.get("/login/enrol").text)
        assert browser.post("/login/enrol", data={"code": "123"}).status_code == 422
        page = browser.post("/login/enrol", data={"code": phone.now()})
        assert (page.status_code, "taastekoodid" in page.text, 'href="/desk"' in page.text) == (200, True, True)
        assert browser.get("/desk").status_code == 200
        token = accounts.whose(strict.state.services.database, browser.cookies[COOKIE]).csrf_token
        browser.post("/account/code/off", data={"old": PASSWORD, "csrf_token": token})
        assert "sees" in browser.get("/account").text
        assert browser.post("/login", data={"login": "jaan", "password": PASSWORD}, follow_redirects=False).headers["location"] == "/desk"


def test_a_stricter_rule_ends_the_log_ins_from_before_it(strict: FastAPI, database: Database) -> None:
    tiit, jaan = (accounts.log_in(database, login=login, password=PASSWORD) for login in ("tiit", "jaan"))
    with TestClient(strict) as browser:
        statuses = [browser.get("/account", headers={"Cookie": f"{COOKIE}={token}"}).status_code for token in (tiit, jaan)]
    assert statuses == [401, 200]


def test_one_sees_where_one_is_logged_in_and_ends_it_there(own: Desk, log_in: LogIn) -> None:
    phone, tablet = log_in("jaan"), log_in("jaan")
    names = re.findall(r'name="name" value="([0-9a-f]{16})"', own.see("/account"))
    assert len(names) == 2
    assert own.send("/account/logins/end", name=names[0]) == (303, "/account?said=ended")
    assert sorted(browser.get("/account").status_code for browser in (phone, tablet)) == [200, 401]
    assert own.send("/account/logins/end-others")[0] == 303
    assert {browser.get("/account").status_code for browser in (phone, tablet)} == {401}
    assert own.browser.get("/account").status_code == 200


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        (None, "Tundmatu seade"),
    ],
)
def test_a_browser_is_called_what_people_call_it(name: str | None, said: str) -> None:
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from handoff.people import routes
    from handoff.texts import Texts

    assert Words(Texts(Path(routes.__file__).parent / "texts"), "et", ZoneInfo("Europe/Tallinn")).device(name) == said
