"""Every door of the house by itself: who may not come in does not, whatever room a route belongs to. A new route without a rule fails here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from inspect import getclosurevars
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from handoff.accounts import staff
from handoff.accounts.permissions import MAY, Permission
from handoff.accounts.tables import Role
from handoff.app import create_app
from handoff.conversations.service import Started
from handoff.conversations.tables import ConversationRow
from handoff.database import Database
from handoff.doors import HEADERS, LONGEST_BODY, LONGEST_HEADERS
from handoff.services import Services
from handoff.settings import read_settings
from handoff.web import COOKIE
from tests.fakes import FakeBot
from tests.handoff.conftest import LogIn

LOGINS = {Role.AGENT: "jaan", Role.EDITOR: "liis", Role.SUPERVISOR: "tiit", Role.ADMIN: "anu"}
CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
UNKNOWN = {":int": "7"}  # an id that nobody has, by its kind
REFUSED = (401, 403, 404)

# Open to everybody, each with its reason. Whatever is neither here nor guarded by a dependency is a hole.
OPEN = {
    r"GET /(widget\.js|widget/.*|api/widget/config|pictures/.*)": "what the chat is made of, on any site",
    r"POST /api/widget/conversations": "a beginning: limited by address",
    r"OPTIONS /api/widget/.*": "a browser asks before it asks",
    r"GET /(demo|demo/tooted|)": "the example shop",
    r"(GET|HEAD) /(sitemap(-\{number:int\})?\.xml|robots\.txt)": "for search engines",
    r"GET /(guides|guides/.*|privacy|privacy/.*|accessibility|contact|callback)": "pages for customers",
    r"POST /(contact|callback)": "a ticket: limited by address",
    r"(GET|HEAD|POST) (/\{tongue\})?/help(/.*)?": "reading, searching and rating answers: limited by address",
    r"(GET|POST) /login(/.*)?": "logging in: guesses are counted; the second step looks at its own cookie",
    r"(GET|POST) /invitation/\{token\}": "by a token of 256 bits",
    r"(GET|POST) /letters/stop/\{token\}": "sealed by us in a letter: it stops that letter and does nothing else",
    r"(GET|POST) /asi/\{token\}(/.*)?": "by a token of a matter",
    r"POST /privacy/request/(code|check|signed|look|copy|erase)": "one's own data: a code or the site's signature, then what it has proved, sealed",
    r"POST /api/desks/(calls|chatwoot)": "signed by the other desk",
    r"GET /api/desks/conversations/\{conversation_id\}/files/\{file_id\}": "an address that we signed for the other desk, for a week",
    r"GET /api/channels/\{channel\}": "a messenger's handshake: answered to who says the word",
    r"POST /api/channels/\{channel\}": "signed by the messenger; one that is not set up is not there",
    r"GET /api/v1/openapi\.json": "the description of the API, the same for everybody",
    r"GET /(health|ready)": "alive, and what is missing by name, without a word about anybody",
    r"GET /metrics": "by a token, or from this machine alone",
}
# The conversation's secret stands in the body, because a form of the customer's browser sends it.
SECRET_IN_BODY = (
    r"POST /api/widget/conversations/\{conversation_id\}/(files/\{file_id\}/open|transcript|transcript/letter)",
    r"POST /api/privacy/.*",
)


@dataclass(frozen=True)
class Rule:
    """What a route asks for."""

    method: str
    path: str
    visitor: bool  # or another bot: a secret in the header
    person: bool
    permission: Permission | None
    form: bool

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def guarded(self) -> bool:
        return self.visitor or self.person


def _asked(dependant: Dependant) -> Iterator[Any]:
    for one in dependant.dependencies:
        yield one.call
        yield from _asked(one)


def _rules(app: FastAPI) -> list[Rule]:
    found = []
    for route in app.routes:
        if isinstance(route, APIRoute):
            calls = {getattr(call, "__qualname__", ""): call for call in _asked(route.dependant)}
            doors = [call for name, call in calls.items() if name in ("Guard.may.<locals>.allowed", "Guard.form.<locals>.allowed")]
            permission = next((getclosurevars(door).nonlocals.get("permission") for door in doors), None)
            visitor = any((name.startswith("Door.") and name != "Door.starting") or name.endswith("known_bot") for name in calls)
            person = bool(doors) or "Guard.person" in calls
            found += [Rule(method, route.path, visitor, person, permission, "Guard.form.<locals>.allowed" in calls) for method in sorted(route.methods or ())]
    return found


def _ask(browser: TestClient, rule: Rule, started: Started, **more: Any) -> Any:
    path = re.sub(r"\{(\w+)(:\w+)?\}", lambda match: started.conversation_id if match[1] == "conversation_id" else UNKNOWN.get(match[2], "olematu"), rule.path)
    return browser.request(rule.method, path, follow_redirects=False, **more)


def test_every_route_has_a_rule(app: FastAPI) -> None:
    rules = _rules(app)
    without = [rule.name for rule in rules if not rule.guarded and not any(re.fullmatch(known, rule.name) for known in (*OPEN, *SECRET_IN_BODY))]
    assert not without, f"guard it, or say above why it is open: {without}"
    assert len([rule for rule in rules if rule.guarded]) > 100


def test_nobody_comes_in_and_every_answer_carries_the_headers(app: FastAPI, client: TestClient, mari: Started) -> None:
    for rule in _rules(app):
        answer = _ask(client, rule, mari)
        assert answer.status_code < 500 or rule.name == "GET /ready", rule.name  # this house was never migrated, and says so
        assert [name for name in HEADERS if name not in answer.headers] == [], rule.name
        assert "unsafe" not in answer.headers["content-security-policy"], rule.name
        if rule.guarded:
            assert answer.status_code in REFUSED, rule.name


def test_a_cookie_or_secret_of_somebody_else_opens_nothing(app: FastAPI, client: TestClient, mari: Started) -> None:
    """Peeter has a conversation of his own, and guesses at a log-in."""
    client.cookies.set(COOKIE, "arvatud")
    for rule in _rules(app):
        if rule.visitor:
            assert _ask(client, rule, mari, headers={"Authorization": "Bearer " + "peetri-oma-saladus" * 3}).status_code in REFUSED, rule.name
        elif rule.person:
            assert _ask(client, rule, mari).status_code in REFUSED, rule.name
        elif any(re.fullmatch(known, rule.name) for known in SECRET_IN_BODY):
            for body in ({"json": {"secret": "peetri-oma-saladus" * 3}}, {"data": {"secret": "peetri-oma-saladus" * 3}}):
                assert _ask(client, rule, mari, **body).status_code in (*REFUSED, 422), rule.name


def test_a_role_that_does_not_include_it_is_refused(app: FastAPI, log_in: LogIn, anu: str, mari: Started) -> None:
    browsers = {role: log_in(login) for role, login in LOGINS.items()}
    tried = set()
    for rule in _rules(app):
        for role in Role:
            if rule.permission is not None and rule.permission not in MAY[role]:
                browser = browsers[role]
                answer = _ask(browser, rule, mari, **({"data": {"csrf_token": browser.headers["X-CSRF-Token"]}} if rule.form else {}))
                assert (answer.status_code, answer.json()["message"]) == (403, "Your role does not include this."), f"{rule.name} as {role}"
                tried.add(rule.permission)
                break
    assert {Permission.ANSWER, Permission.EDIT} <= tried


def test_no_change_without_the_token_of_our_own_page(app: FastAPI, log_in: LogIn, anu: str, mari: Started) -> None:
    """Another site may send a form with the person's cookie; it does not know the token."""
    browsers = {role: log_in(login) for role, login in LOGINS.items()}
    for browser in browsers.values():
        del browser.headers["X-CSRF-Token"]
    changing = [rule for rule in _rules(app) if rule.person and rule.method in CHANGES]
    for rule in changing:
        role = next(role for role in (Role.ADMIN, *Role) if rule.permission is None or rule.permission in MAY[role])
        answer = _ask(browsers[role], rule, mari)
        assert (answer.status_code, answer.json()["message"]) == (403, "This page is out of date. Reload it and try again."), rule.name
    assert len(changing) > 60


def test_a_body_or_headers_beyond_anything_of_ours_are_refused_unread(quiet: TestClient) -> None:
    told = quiet.post("/contact", content=b"x" * (LONGEST_BODY + 1))
    assert (told.status_code, told.json()["code"]) == (413, "too_large")
    assert told.headers["x-content-type-options"] == "nosniff"
    in_pieces = quiet.post("/login", content=(b"login=" + b"x" * 100_000 for _ in range(20)), headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert in_pieces.status_code == 413
    assert quiet.get("/health", headers={"X-Pikk": "x" * LONGEST_HEADERS}).status_code == 431
    assert quiet.get("/health", headers={"X-Pikk": "x" * (LONGEST_HEADERS // 2)}).status_code == 200


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_json_that_is_nested_without_end_is_refused(quiet: TestClient, opening: str) -> None:
    answer = quiet.post("/api/widget/conversations", content=opening * 10_000, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e/%2e%2e/pyproject.toml",
        "/static-widget/..%5c..%5csettings.py",
        "/widget/1/..%2f..%2froutes.py",
    ],
)
def test_no_path_leads_out_of_what_is_served(quiet: TestClient, path: str) -> None:
    answer = quiet.get(path)
    assert answer.status_code == 404
    assert "import" not in answer.text


def test_a_forged_host_is_believed_nowhere(quiet: TestClient) -> None:
    for path in ("/login", "/contact", "/callback", "/privacy", "/demo", "/help", "/desk", "/"):
        answer = quiet.get(path, headers={"Host": "kuri.example", "X-Forwarded-Host": "kuri.example", "Accept": "text/html"}, follow_redirects=False)
        assert "kuri.example" not in answer.text + str(answer.headers), path


def test_a_field_that_a_form_has_not_changes_nothing(log_in: LogIn, services: Services, people: dict[str, str]) -> None:
    jaan = log_in("jaan")
    form = {"csrf_token": jaan.headers["X-CSRF-Token"], "name": "Jaan", "role": "admin", "active": "1", "password_hash": "x", "agent_id": people["tiit"]}
    assert jaan.post("/account/name", data=form, follow_redirects=False).status_code == 303
    assert staff.member(services.database, people["jaan"]).role is Role.AGENT
    begun = jaan.post("/api/widget/conversations", json={"language": "et", "state": "live", "agent_id": people["jaan"], "team_id": "x", "verified": True})
    if begun.status_code == 201:
        with services.database.read() as session:
            row = session.get_one(ConversationRow, begun.json()["id"])
        assert (row.state, row.agent_id, row.team_id) == ("bot", None, None)
    else:
        assert begun.status_code == 422


def test_what_needs_a_log_in_is_not_kept_by_the_browser(app: FastAPI, log_in: LogIn, anu: str, mari: Started) -> None:
    admin = log_in("anu")
    open_to_all = ("/guide", "/demo")  # the same for everybody who works here
    reading = [rule for rule in _rules(app) if rule.person and rule.method == "GET" and not rule.path.startswith(open_to_all)]
    asked = {rule.name: _ask(admin, rule, mari).headers.get("cache-control", "") for rule in reading if not rule.path.endswith("/stream")}
    kept = {name for name, said in asked.items() if not {"no-store", "private"} & set(re.split(r"[ ,]+", said))}
    assert kept == set()


def test_only_by_tls_browsers_are_told_to_come_by_tls(tmp_path: Path, database: Database) -> None:
    for address, told in (("https://tugi.pood.ee", True), ("http://localhost:8000", False)):
        app = create_app(read_settings(data_dir=tmp_path, public_url=address), FakeBot(), database)
        assert ("strict-transport-security" in TestClient(app).get("/health").headers) is told
