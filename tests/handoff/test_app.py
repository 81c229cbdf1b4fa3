"""The whole service: errors become status codes at one edge, every answer carries its headers, the jobs run."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.understanding import LANGUAGES, Incoming, Language
from handoff.app import create_app
from handoff.conversations import service
from handoff.conversations.service import ASK_HUMAN, Started
from handoff.database import Database
from handoff.errors import AbilineError, AlreadyTaken, MoveRefused, NotAllowed, NotFound, NotLoggedIn, TooMany, Unreadable
from handoff.services import Services
from handoff.settings import Settings
from tests.fakes import FakeBot
from tests.handoff import talk
from tests.handoff.conftest import LogIn

ERRORS: list[tuple[AbilineError, int, dict[str, object]]] = [
    (NotFound("Pole."), 404, {"code": "not_found"}),
    (NotAllowed("Ei tohi."), 403, {"code": "not_allowed"}),
    (NotLoggedIn("Kes?"), 401, {"code": "not_logged_in"}),
    (MoveRefused("Nii mitte."), 409, {"code": "move_refused"}),
    (AlreadyTaken("Jaanil.", holder="Jaan"), 409, {"code": "already_taken", "holder": "Jaan"}),
    (Unreadable("Tühi.", code="empty", field="text"), 422, {"code": "empty", "field": "text"}),
    (TooMany("Oota.", retry_after=7), 429, {"code": "too_many"}),
]
SECURE = ("x-content-type-options", "referrer-policy", "permissions-policy", "content-security-policy")


@pytest.mark.parametrize(("error", "status", "body"), ERRORS, ids=lambda value: type(value).__name__ if isinstance(value, AbilineError) else "")
def test_an_error_becomes_its_status_and_says_its_code(app: FastAPI, client: TestClient, error: AbilineError, status: int, body: dict[str, object]) -> None:
    @app.get("/viga")
    def fail() -> None:
        raise error

    answer = client.get("/viga")
    assert answer.status_code == status
    assert answer.json() == {"message": error.message} | body
    assert answer.headers.get("retry-after") == ("7" if status == 429 else None)


def test_a_page_asked_for_without_a_log_in_leads_to_it_and_back(quiet: TestClient) -> None:
    answer = quiet.get("/desk", headers={"Accept": "text/html"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/desk")


def test_a_program_without_a_log_in_gets_a_code_instead(quiet: TestClient) -> None:
    assert quiet.get("/desk").json()["code"] == "not_logged_in"


def test_an_unforeseen_error_tells_a_stranger_nothing(app: FastAPI) -> None:
    @app.get("/katki")
    def fail() -> None:
        raise RuntimeError("salajane tee /var/abiline")

    with TestClient(app, raise_server_exceptions=False) as browser:
        answer = browser.get("/katki")
    assert answer.status_code == 500
    assert "salajane" not in answer.text


@pytest.mark.parametrize("path", ["/contact", "/health", "/static/base.css", "/pole-olemas", "/api/handoffs", "/api/openapi.json", "/"])
def test_every_answer_carries_the_security_headers(quiet: TestClient, path: str) -> None:
    headers = quiet.get(path, follow_redirects=False).headers
    assert [name for name in SECURE if name not in headers] == []
    assert "unsafe" not in headers["content-security-policy"]


def test_the_front_leads_to_the_demo(quiet: TestClient) -> None:
    assert quiet.get("/", follow_redirects=False).headers["location"] == "/demo"


def test_the_bot_has_the_published_entries_before_the_first_question(client: TestClient, bot: FakeBot) -> None:
    assert set(bot.entries) == {"kuidas-tagastada", "millal-pakk-jouab"}


def test_openapi_describes_the_service(quiet: TestClient) -> None:
    described = quiet.get("/api/openapi.json").json()
    assert described["info"]["title"] == "Abiline"
    assert {"/health", "/api/handoffs"} <= set(described["paths"])


def test_what_an_earlier_process_left_owing_is_paid_after_the_start(app: FastAPI, database: Database, mari: Started) -> None:
    talk.say(database, mari.conversation_id, "Millal pakk jõuab?")
    talk.owed(database, mari.conversation_id)
    talk.make_claims_stale(database)
    with TestClient(app) as browser:
        while not talk.debts(database, mari.conversation_id)[0].paid_at:
            browser.get("/health")
    assert talk.texts(database, mari.conversation_id, "bot")[1:] == ["Pakk jõuab kahe tööpäevaga."]


@pytest.fixture
def built(settings: Settings, database: Database) -> Services:
    from handoff.app import build_services

    return build_services(settings, FakeBot(), database)


def _sorry(services: Services, **incoming: object) -> str:
    said = services.payer._sorry(Incoming("v", "s", "tere", **incoming))  # type: ignore[arg-type]
    return f"{said.text} {[(button.title, button.payload) for button in said.buttons]}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_apology_is_kind_in_every_language_and_offers_a_person(built: Services, language: Language) -> None:
    assert ASK_HUMAN in _sorry(built, language=language)
    assert "[?" not in _sorry(built, language=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_apology_offers_nobody_when_nobody_is_here(built: Services, language: Language) -> None:
    said = _sorry(built, language=language, people_available=False)
    assert ASK_HUMAN not in said
    assert "[?" not in said


def test_the_apologies_differ_by_language(built: Services) -> None:
    assert len({_sorry(built, language=language) for language in LANGUAGES}) == len(LANGUAGES)


def test_people_are_here_when_an_agent_is(services: Services, database: Database, people: dict[str, str]) -> None:
    assert not services.people_available()
    from handoff.accounts import service as accounts

    accounts.log_in(database, login="jaan", password="kodukaup-proov")
    assert services.people_available()


def test_the_command_begins_before_numpy_is_loaded_whose_threads_it_bounds() -> None:
    code = "import handoff.cli, bot.faq.entries, bot.mendable, bot.understanding, sys; print('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"


def test_nothing_is_opened_by_importing(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    code = "import handoff.app, sys; print([name for name in ('torch', 'tensorflow', 'faiss', 'rasa') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(root)}, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert list(tmp_path.iterdir()) == []


def test_a_customers_slash_reaches_the_bot_as_text(client: TestClient, services: Services, database: Database, bot: FakeBot, mari: Started) -> None:
    service.say(database, mari.conversation_id, client_id="kaldkriips", text="/restart")
    while not talk.debts(database, mari.conversation_id)[0].paid_at:
        assert client.portal is not None
        client.portal.call(services.payer.owe, mari.conversation_id)
    assert [(one.text, one.payload) for one in bot.asked] == [("/restart", None)]


def test_what_is_published_at_one_process_is_followed_by_another_as_soon_as_it_says_so(
    app: FastAPI, settings: Settings, database: Database, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handoff.app.FOLLOW_SECONDS", 600)
    other_bot = FakeBot()
    other = create_app(settings, other_bot, database)
    app.state.services.signals.abroad = lambda topics: other.state.services.signals.notify(*topics)  # what Redis does
    liis = log_in("liis")
    with TestClient(other):
        form = {"topic": "", "question": "Kas see on uus?", "answer": "Jah, täna tuli."}
        made = liis.post("/api/editor/entries", json=form).raise_for_status().json()
        assert made["id"] not in other_bot.entries
        liis.post(f"/api/editor/entries/{made['id']}/publish", json=form | {"revision": made["revision"]}).raise_for_status()
        deadline = time.monotonic() + 30
        while made["id"] not in other_bot.entries:
            assert time.monotonic() < deadline, "nobody told it"
            time.sleep(0.01)
