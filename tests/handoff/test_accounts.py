"""Logging in and out: who comes in, where they land, and who has to wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from handoff.accounts import passwords
from handoff.accounts.attempts import PER_ADDRESS, PER_LOGIN, PER_PERSON, WINDOW_SECONDS, Attempts, network
from handoff.database import Database
from handoff.errors import TooMany
from handoff.people.coming_in import own_path
from handoff.web import COOKIE
from tests.handoff.conftest import PASSWORD, LogIn

BEGIN = datetime(2026, 3, 2, 10, tzinfo=UTC)
WRONG = "Kasutajanimi või parool on vale"


def enter(client: TestClient, login: str, password: str = PASSWORD, **more: str) -> tuple[int, str, str]:
    response = client.post("/login", data={"login": login, "password": password, **more}, follow_redirects=False)
    return response.status_code, response.headers.get("location", ""), response.text


@pytest.mark.parametrize(("login", "room"), [("jaan", "/desk"), ("liis", "/editor"), ("tiit", "/desk")])
def test_each_role_lands_in_its_room(client: TestClient, login: str, room: str) -> None:
    assert enter(client, login)[:2] == (303, room)


def test_the_cookie_is_kept_from_scripts_and_other_sites(client: TestClient) -> None:
    response = client.post("/login", data={"login": "jaan", "password": PASSWORD}, follow_redirects=False)
    cookie = response.headers["set-cookie"].lower()
    assert COOKIE in cookie
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


@pytest.mark.parametrize(("login", "password"), [("jaan", "vale parool 123"), ("peeter", PASSWORD), ("jaan", "x")])
def test_a_wrong_login_and_a_wrong_password_look_the_same(client: TestClient, login: str, password: str) -> None:
    status, _, page = enter(client, login, password)
    assert status == 401
    assert WRONG in page
    assert f'value="{login}"' in page  # nothing typed is lost but the password
    assert f'value="{password}"' not in page


def test_the_page_speaks_the_chosen_language_and_remembers_it(client: TestClient) -> None:
    assert "Войти" in client.get("/login?lang=ru").text
    assert "Войти" in client.get("/login").text


def test_after_logging_in_one_comes_back_to_the_page_that_asked(client: TestClient) -> None:
    asked = client.get("/desk/abc", headers={"accept": "text/html"}, follow_redirects=False)
    assert asked.headers["location"] == "/login?next=/desk/abc"
    assert enter(client, "jaan", next="/desk/abc")[1] == "/desk/abc"


@pytest.mark.parametrize(
    "away", ["https://kuri.example", "//kuri.example", "/\\kuri.example", "\\\\kuri", "javascript:alert(1)", "desk", "/\t/kuri", "/login", "/logout"]
)
def test_next_never_leads_to_another_site(client: TestClient, away: str) -> None:
    assert own_path(away) == ""
    assert enter(client, "jaan", next=away)[1] == "/desk"


def test_who_is_logged_in_need_not_log_in_again(log_in: LogIn) -> None:
    response = log_in("liis").get("/login", follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (303, "/editor")


def test_logging_out_makes_the_cookie_worthless(log_in: LogIn) -> None:
    jaan = log_in("jaan")
    token = jaan.cookies[COOKIE]
    answer = jaan.post("/logout", data={"csrf_token": jaan.headers["X-CSRF-Token"]}, follow_redirects=False)
    assert answer.headers["location"] == "/login"
    jaan.cookies.set(COOKIE, token)
    assert jaan.get("/api/desk/queue").status_code == 401


def test_another_site_can_neither_log_in_nor_log_out(client: TestClient, log_in: LogIn) -> None:
    forged = client.post("/login", data={"login": "jaan", "password": PASSWORD}, headers={"Sec-Fetch-Site": "cross-site"}, follow_redirects=False)
    assert forged.status_code == 403
    jaan = log_in("jaan")
    assert jaan.post("/logout", data={"csrf_token": "arvatud"}).status_code == 403
    assert jaan.get("/api/desk/queue").status_code == 200


def test_who_guesses_has_to_wait_even_with_the_right_password(client: TestClient) -> None:
    for _ in range(PER_PERSON):
        assert enter(client, "jaan", "arvatud parool")[0] == 401
    response = client.post("/login", data={"login": "jaan", "password": PASSWORD})
    assert response.status_code == 429
    assert 0 < int(response.headers["Retry-After"]) <= WINDOW_SECONDS
    assert "veerand tundi" in response.text
    assert enter(client, "kadri")[0] == 303  # the colleague at the same address comes in


def test_an_address_that_tries_many_logins_has_to_wait(database: Database) -> None:
    attempts = Attempts(database, clock=lambda: BEGIN)
    for number in range(PER_ADDRESS):
        attempts.failed("192.0.2.1", f"arvatud{number}")
    with pytest.raises(TooMany):
        attempts.check("192.0.2.1", "jaan")
    attempts.check("192.0.2.2", "jaan")


def test_the_wait_ends_and_the_right_password_forgets_slips(database: Database) -> None:
    moment = [BEGIN]
    attempts = Attempts(database, clock=lambda: moment[0])
    for _ in range(PER_PERSON):
        attempts.failed("192.0.2.1", "Jaan")
    with pytest.raises(TooMany) as refused:
        attempts.check("192.0.2.1", "jaan")
    assert refused.value.retry_after == WINDOW_SECONDS
    moment[0] += timedelta(seconds=WINDOW_SECONDS)
    attempts.check("192.0.2.1", "jaan")
    for _ in range(PER_PERSON - 1):
        attempts.failed("192.0.2.1", "jaan")
    attempts.succeeded("192.0.2.1", "jaan")
    attempts.failed("192.0.2.1", "jaan")
    attempts.check("192.0.2.1", "jaan")


def test_many_addresses_guess_no_better_than_one_and_the_person_still_comes_in_from_where_they_were(database: Database) -> None:
    attempts = Attempts(database, clock=lambda: BEGIN)
    attempts.succeeded("192.0.2.1", "jaan")
    for number in range(PER_LOGIN):
        attempts.check(f"198.51.100.{number}", "jaan")
        attempts.failed(f"198.51.100.{number}", "Jaan ")
    with pytest.raises(TooMany):
        attempts.check("203.0.113.5", "jaan")
    attempts.check("192.0.2.1", "jaan")
    attempts.check("203.0.113.5", "kadri")


def test_a_network_of_ipv6_counts_as_one_sender(database: Database) -> None:
    attempts = Attempts(database, clock=lambda: BEGIN)
    for number in range(PER_PERSON):
        attempts.failed(f"2001:db8:1:2::{number:x}", "jaan")
    with pytest.raises(TooMany):
        attempts.check("2001:db8:1:2:ffff::1", "jaan")
    attempts.check("2001:db8:1:3::1", "jaan")
    assert [network(one) for one in ("192.0.2.1", "::ffff:192.0.2.1", "testclient", "")] == ["192.0.2.1", "192.0.2.1", "testclient", ""]


def test_guesses_are_stopped_before_a_password_is_hashed(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """No sleep, no watch: hashes are counted."""
    hashed = []

    def counted(kept: str | None, password: str) -> bool:
        hashed.append(password)
        return False

    monkeypatch.setattr(passwords, "fits", counted)
    statuses = {enter(client, f"arvatud{number % 7}", f"parool {number}")[0] for number in range(100)}
    assert statuses == {401, 429}
    assert len(hashed) == PER_ADDRESS


@pytest.mark.both_databases
def test_ten_thousand_guesses_are_stopped_alike_when_they_are_spread_over_two_processes(database: Database) -> None:
    """Each process has a database connection and a counter of its own, as two workers have; they share the rows."""
    beside = Database(database.engine.url.render_as_string(hide_password=False), database.vault)
    processes, let_through = (Attempts(database, clock=lambda: BEGIN), Attempts(beside, clock=lambda: BEGIN)), 0
    for number in range(10_000):
        address, asked = f"192.0.{number // 2 % 50}.1", processes[number % 2]
        try:
            asked.check(address, "jaan")
        except TooMany:
            continue
        let_through += 1
        asked.failed(address, "jaan")
    beside.close()
    assert let_through == PER_LOGIN


def test_what_is_counted_names_nobody_and_goes_when_it_is_over(database: Database) -> None:
    moment = [BEGIN]
    attempts = Attempts(database, clock=lambda: moment[0])
    for number in range(3):
        attempts.failed("192.0.2.1", f"arvatud{number}")
    with database.read() as session:
        kept = [tuple(row) for row in session.execute(text("SELECT place, name, person FROM login_try"))]
    assert len({place for place, _, _ in kept}) == 1
    assert all(isinstance(one, int) and one.bit_length() > 32 for row in kept for one in row)
    moment[0] += timedelta(seconds=WINDOW_SECONDS)
    attempts.failed("192.0.2.1", "jaan")
    with database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM login_try")) == 1


def test_coming_in_again_ends_the_log_in_that_was_in_this_browser(client: TestClient) -> None:
    enter(client, "jaan")
    copied = client.cookies[COOKIE]
    enter(client, "jaan")
    assert client.cookies[COOKIE] != copied
    client.cookies.clear()
    client.cookies.set(COOKIE, copied)
    assert client.get("/api/desk/queue").status_code == 401


def test_a_cookie_that_somebody_planted_does_not_become_the_log_in(client: TestClient) -> None:
    client.cookies.set(COOKIE, "istutatud")
    enter(client, "jaan")
    client.cookies.clear()
    client.cookies.set(COOKIE, "istutatud")
    assert client.get("/api/desk/queue").status_code == 401
