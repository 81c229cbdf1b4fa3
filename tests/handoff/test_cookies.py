"""By TLS a log-in's cookie has a prefix that a browser holds to; in development, without TLS, it has none."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from handoff import cookies
from handoff.settings import Settings
from handoff.web import COOKIE
from tests.handoff.conftest import PASSWORD

HOST_COOKIE = f"__Host-{COOKIE}"
ENTRY = {"login": "jaan", "password": PASSWORD}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"public_url": "https://tugi.pood.ee"})


@pytest.fixture
def by_tls(client: TestClient) -> TestClient:
    client.base_url = "https://tugi.pood.ee"
    return client


def test_by_tls_the_log_in_has_its_prefix_works_with_it_and_is_taken_back_with_it(by_tls: TestClient) -> None:
    came = by_tls.post("/login", data=ENTRY, follow_redirects=False)
    told = [one for one in came.headers.get_list("set-cookie") if COOKIE in one]
    assert [one.partition("=")[0] for one in told] == [HOST_COOKIE]
    assert all(part in told[0].lower() for part in ("; secure", "; path=/", "; httponly", "; samesite=strict"))
    assert "domain" not in told[0].lower()
    assert by_tls.get("/api/desk/queue").status_code == 200
    csrf = by_tls.get("/account").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    gone = by_tls.post("/logout", data={"csrf_token": csrf}, follow_redirects=False)
    (taken,) = [one for one in gone.headers.get_list("set-cookie") if COOKIE in one]
    assert taken.startswith(f'{HOST_COOKIE}=""')
    assert "; secure" in taken.lower()  # a browser takes no `__Host-` cookie back without it


def test_by_tls_a_cookie_without_its_prefix_opens_nothing(by_tls: TestClient) -> None:
    by_tls.post("/login", data=ENTRY, follow_redirects=False)
    token = by_tls.cookies[HOST_COOKIE]
    by_tls.cookies.clear()
    assert by_tls.get("/api/desk/queue", headers={"Cookie": f"{COOKIE}={token}"}).status_code == 401
    assert by_tls.get("/api/desk/queue", headers={"Cookie": f"{COOKIE}=istutatud; {HOST_COOKIE}={token}; muu=a=b"}).status_code == 200


@pytest.mark.parametrize("value", [b"", b";;", b"=", b"abiline_login", b"a=b; abiline_login=x", b"\xff\xfe=\xfd", b"__Host-abiline_login"])
def test_whatever_stands_in_the_header_is_read(value: bytes) -> None:
    ((_, told),) = cookies.inward([(b"cookie", value)])
    assert not told.startswith(b"abiline_login=x")
    assert cookies.outward([(b"set-cookie", value)])[0][1].startswith(value[:1]) or value.startswith(b"abiline")
