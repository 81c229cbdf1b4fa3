"""Log-in by OpenID Connect, against a provider that really answers: who comes in, and what proves nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi.testclient import TestClient
from pydantic import SecretStr

from handoff.accounts import invitations, staff, trail
from handoff.accounts import service as accounts
from handoff.accounts.staff import Details
from handoff.accounts.tables import Role
from handoff.accounts.trail import Wanted
from handoff.app import create_app
from handoff.database import Database
from handoff.settings import Settings
from handoff.web import COOKIE
from tests.fakes import FakeBot
from tests.openid_provider import CLIENT_ID, CLIENT_SECRET, Provider, running_provider

MAIL = {"sub": "10769150350006150715113082367", "email": "Piret@Kodukaup.ee", "email_verified": True, "name": "Piret Pärn"}


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(running: Provider) -> Provider:
    """The provider, honest again."""
    fresh = Provider(running.url, running.key)
    vars(running).update(vars(fresh))
    return running


@pytest.fixture
def settings(settings: Settings, provider: Provider) -> Settings:
    secret = SecretStr(CLIENT_SECRET)
    asked = {"oidc_issuer": provider.url, "oidc_client_id": CLIENT_ID, "oidc_client_secret": secret, "oidc_name": "TARA", "oidc_scope": "openid"}
    return settings.model_copy(update=asked)


@pytest.fixture
def browser(client: TestClient) -> TestClient:
    return client


def go(browser: TestClient, path: str = "/login/openid") -> str:
    """To the provider and back; gives the address that the provider sends the browser to."""
    to_provider = browser.get(path, follow_redirects=False)
    assert to_provider.status_code == 303
    with httpx.Client(verify=False) as outside:  # reading certificates would take longer than the whole way
        back = outside.get(to_provider.headers["location"]).headers["location"]
    return back[back.index("/login") :]


def come_back(browser: TestClient) -> httpx.Response:
    arrived: httpx.Response = browser.get(go(browser), follow_redirects=False)
    return arrived


def invite(database: Database, **more: Any) -> str:
    return invitations.invite(database, "piret", Details("Piret", Role.AGENT, **more), by=None)[0]


def known_by_subject(database: Database, provider: Provider) -> str:
    return invite(database, subject=f"{provider.url} EE60001019906")


def acts(database: Database) -> list[str]:
    return [row.act for row in trail.rows(database, Wanted())]


def test_the_page_offers_it_by_the_providers_name(browser: TestClient) -> None:
    assert "Logi sisse: TARA" in browser.get("/login").text


def test_without_a_provider_there_is_neither_button_nor_address(quiet: TestClient) -> None:
    assert "/login/openid" not in quiet.get("/login").text
    assert quiet.get("/login/openid").status_code == 404


def test_the_provider_is_asked_with_everything_that_protects_the_way(browser: TestClient, provider: Provider) -> None:
    go(browser)
    asked = provider.asked[-1]
    assert (asked["client_id"], asked["response_type"], asked["scope"], asked["code_challenge_method"]) == (CLIENT_ID, "code", "openid", "S256")
    assert asked["redirect_uri"].endswith("/login/openid/back")
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 32


def test_an_invited_person_comes_in_by_the_subject(browser: TestClient, database: Database, provider: Provider) -> None:
    known_by_subject(database, provider)
    arrived = come_back(browser)
    assert arrived.status_code == 200
    assert 'url=/desk"' in arrived.text
    assert accounts.whose(database, browser.cookies[COOKIE]).login == "piret"
    assert acts(database)[0] == "logged_in"


def test_one_comes_back_to_the_page_that_asked(browser: TestClient, database: Database, provider: Provider) -> None:
    known_by_subject(database, provider)
    assert 'url=/desk/abc"' in browser.get(go(browser, "/login/openid?next=/desk/abc")).text
    assert 'url=/desk"' in browser.get(go(browser, "/login/openid?next=//kuri.example")).text


def test_an_invited_person_comes_in_by_a_verified_address_and_from_then_on_by_the_subject(browser: TestClient, database: Database, provider: Provider) -> None:
    agent_id = invite(database, email="piret@kodukaup.ee")
    provider.person = dict(MAIL)
    assert come_back(browser).status_code == 200
    assert staff.member(database, agent_id).subject == f"{provider.url} {MAIL['sub']}"
    provider.person = MAIL | {"email": "piret.uus@mujal.ee"}
    assert come_back(browser).status_code == 200
    provider.person = MAIL | {"sub": "keegi-teine"}  # the address has gone to somebody else since
    assert come_back(browser).status_code == 401


@pytest.mark.parametrize("verified", [False, None, "true"])
def test_an_address_that_is_not_verified_lets_nobody_in(browser: TestClient, database: Database, provider: Provider, verified: object) -> None:
    invite(database, email="piret@kodukaup.ee")
    provider.person = MAIL | {"email_verified": verified}
    assert come_back(browser).status_code == 401


def test_in_a_directory_of_ones_own_addresses_count_as_they_are(settings: Settings, database: Database, people: dict[str, str], provider: Provider) -> None:
    invite(database, email="piret@kodukaup.ee")
    provider.person = MAIL | {"email_verified": None}
    with TestClient(create_app(settings.model_copy(update={"oidc_trust_email": True}), FakeBot(), database)) as browser:
        assert come_back(browser).status_code == 200


def test_whom_nobody_invited_stays_outside_and_gets_no_account(browser: TestClient, database: Database, provider: Provider) -> None:
    provider.person = dict(MAIL)
    before = len(staff.everyone(database))
    refused = come_back(browser)
    assert refused.status_code == 401
    assert "ei ole siia veel kutsutud" in refused.text
    assert (len(staff.everyone(database)), COOKIE in browser.cookies) == (before, False)
    assert acts(database)[0] == "failed_login"


def test_whose_account_is_closed_stays_outside(browser: TestClient, database: Database, provider: Provider) -> None:
    agent_id = known_by_subject(database, provider)
    with database.write() as session:
        staff.close(session, agent_id, by=None)
    assert come_back(browser).status_code == 401


NEWCOMERS = {"piret@kodukaup.ee": 200, "piret@kodukaup.ee.kuri.example": 401, "piret@kuri.example": 401, "anu@kodukaup.ee": 401}


@pytest.mark.parametrize(("email", "status"), NEWCOMERS.items())
def test_only_a_named_mail_domain_makes_accounts(settings: Settings, database: Database, anu: str, provider: Provider, email: str, status: int) -> None:
    staff.change(database, anu, Details("Anu", Role.ADMIN, "anu@kodukaup.ee", f"{provider.url} anu"), by=None)
    provider.person = MAIL | {"email": email}
    with TestClient(create_app(settings.model_copy(update={"oidc_domains": ("kodukaup.ee",)}), FakeBot(), database)) as browser:
        assert come_back(browser).status_code == status
    made = [one for one in staff.everyone(database) if one.login == email]
    assert [(one.name, one.role) for one in made] == ([("Piret Pärn", Role.AGENT)] if status == 200 else [])


PAST = int(time.time()) - 3600
CROOKED: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "arvatud"},
    "no nonce": {"nonce": None},
    "another audience": {"aud": "teine-teenus"},
    "several audiences and none of them named": {"aud": [CLIENT_ID, "teine-teenus"]},
    "for somebody else among several": {"aud": [CLIENT_ID, "teine-teenus"], "azp": "teine-teenus"},
    "another issuer": {"iss": "https://kuri.example"},
    "expired": {"exp": PAST, "iat": PAST - 60},
    "without an end": {"exp": None},
    "without a subject": {"sub": None},
    "from the future": {"iat": PAST + 7200, "exp": PAST + 9000},
    "a subject that is no word": {"sub": "EE60001019906 x"},
}


@pytest.mark.parametrize("claims", CROOKED.values(), ids=list(CROOKED))
def test_a_token_that_is_not_for_us_of_this_attempt_and_of_now_proves_nothing(
    browser: TestClient, database: Database, provider: Provider, claims: dict[str, Any]
) -> None:
    known_by_subject(database, provider)
    provider.claims = claims
    refused = come_back(browser)
    assert (refused.status_code, COOKIE in browser.cookies) == (401, False)
    assert "praegu ei vasta" in refused.text


@pytest.mark.parametrize(("algorithm", "key"), [("none", ""), ("HS256", CLIENT_SECRET * 3), ("RS256", "another")])
def test_a_token_that_is_unsigned_or_signed_by_another_proves_nothing(
    browser: TestClient, database: Database, provider: Provider, algorithm: str, key: str
) -> None:
    known_by_subject(database, provider)
    provider.algorithm = algorithm
    provider.signed_with = rsa.generate_private_key(65537, 2048) if key == "another" else key or None
    assert come_back(browser).status_code == 401


@pytest.mark.parametrize("level", ["low", None])
def test_a_level_of_assurance_below_what_is_asked_proves_nothing(
    settings: Settings, database: Database, people: dict[str, str], provider: Provider, level: str | None
) -> None:
    known_by_subject(database, provider)
    with TestClient(create_app(settings.model_copy(update={"oidc_acr": ("substantial", "high")}), FakeBot(), database)) as browser:
        provider.claims = {"acr": level}
        assert come_back(browser).status_code == 401
        assert provider.asked[-1]["acr_values"] == "substantial high"
        provider.claims = {"acr": "high"}
        assert come_back(browser).status_code == 200


def test_a_wrong_state_or_somebody_elses_way_back_is_refused(browser: TestClient, database: Database, provider: Provider) -> None:
    known_by_subject(database, provider)
    path = urlsplit(go(browser))
    code = parse_qs(path.query)["code"][0]
    assert browser.get(f"{path.path}?code={code}&state=arvatud").status_code == 400
    way = go(browser)
    browser.cookies.delete("abiline_openid")
    assert browser.get(way).status_code == 400  # another browser than the one that began
    assert COOKIE not in browser.cookies


def test_a_way_back_is_gone_once(browser: TestClient, database: Database, provider: Provider) -> None:
    known_by_subject(database, provider)
    way = go(browser)
    assert browser.get(way).status_code == 200
    assert browser.get(way).status_code == 400


def test_whoever_changes_their_mind_at_the_provider_may_start_again(browser: TestClient) -> None:
    way = go(browser)
    state = parse_qs(urlsplit(way).query)["state"][0]
    page = browser.get(f"/login/openid/back?error=access_denied&state={state}")
    assert (page.status_code, "katkestati" in page.text) == (400, True)


@pytest.mark.parametrize("document", [{"issuer": "https://kuri.example"}, {"jwks_uri": None}, {"token_endpoint": 7}])
def test_a_provider_that_says_something_else_of_itself_is_not_believed(browser: TestClient, provider: Provider, document: dict[str, Any]) -> None:
    provider.document = document
    page = browser.get("/login/openid", follow_redirects=False)
    assert (page.status_code, "praegu ei vasta" in page.text) == (502, True)


def test_a_provider_that_is_down_leaves_the_password(settings: Settings, database: Database, people: dict[str, str]) -> None:
    gone = settings.model_copy(update={"oidc_issuer": "http://127.0.0.1:9"})
    with TestClient(create_app(gone, FakeBot(), database)) as browser:
        page = browser.get("/login/openid", follow_redirects=False)
    assert page.status_code == 502
    assert 'name="password"' in page.text


def test_a_second_step_of_ours_is_not_asked_of_whom_the_provider_has_proved(
    settings: Settings, database: Database, people: dict[str, str], provider: Provider
) -> None:
    known_by_subject(database, provider)
    with TestClient(create_app(settings.model_copy(update={"totp_roles": (Role.AGENT,)}), FakeBot(), database)) as browser:
        assert come_back(browser).status_code == 200
        assert browser.get("/desk").status_code == 200
