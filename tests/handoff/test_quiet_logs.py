"""A day's story with everything logged that can be: no secret of ours and nothing that a person wrote stands in the logs."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from bot.understanding import BotUnavailable
from handoff.accounts.service import log_in, whose
from handoff.conversations.tables import ConversationRow
from handoff.database import Database
from handoff.operations import logs
from handoff.settings import Settings, read_settings
from handoff.watch import request_now, working_on
from handoff.web import COOKIE
from tests.fakes import FakeBot
from tests.handoff.conftest import INTAKE_TOKEN, PASSWORD

FORWARD_SECRET = "edastamise-saladus-mida-keegi-ei-tea"
SECRET_KEY = "allkirjade-voti-mida-keegi-ei-tea-12345"
WORDS = ("Maasikas", "mari@example.ee", "5555 1234", "47101010033", "katki läinud", "püsiklient", "Tehnik tuleb", "Tellimus 77-88-99")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(
        data_dir=tmp_path,
        intake_token=SecretStr(INTAKE_TOKEN),
        secret_key=SecretStr(SECRET_KEY),
        forward_url="http://127.0.0.1:9/handoffs",  # nobody listens: the failure is logged
        forward_secret=SecretStr(FORWARD_SECRET),
        reply_timeout=0.5,
    )


def test_a_day_leaves_neither_secrets_nor_personal_words_in_the_logs(
    client: TestClient, database: Database, bot: FakeBot, people: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    begun = client.post("/api/widget/conversations", json={"language": "et", "page": "https://kodukaup.ee/Maasikas"}).json()
    mari = {"Authorization": f"Bearer {begun['secret']}"}
    at = f"/api/widget/conversations/{begun['id']}"
    client.post(f"{at}/messages", headers=mari, json={"client_id": "mari-0001", "text": "Mari Maasikas, 47101010033, mari@example.ee: pirn katki läinud"})
    client.post(f"{at}/human", headers=mari, json={"client_id": "mari-0002"})
    bot.fails = BotUnavailable("Tellimus 77-88-99")  # type: ignore[attr-defined]
    client.post(f"{at}/messages", headers=mari, json={"client_id": "mari-0003", "text": "Tellimus 77-88-99, 5555 1234"})

    client.post("/login", data={"login": "jaan", "password": "vale-" + PASSWORD})
    token = log_in(database, login="jaan", password=PASSWORD)
    csrf = whose(database, token).csrf_token
    jaan = {"Cookie": f"{COOKIE}={token}", "X-CSRF-Token": csrf}
    desk = f"/api/desk/conversations/{begun['id']}"
    client.get("/desk", headers=jaan)
    client.post(f"{desk}/claim", headers=jaan)
    client.post(f"{desk}/messages", headers=jaan, json={"client_id": "jaan-0001", "text": "Tehnik tuleb homme."})
    client.post(f"{desk}/notes", headers=jaan, json={"client_id": "jaan-0002", "text": "Maasikas on püsiklient."})
    client.post(f"{desk}/messages", headers=jaan, json={"client_id": "Maasikas", "text": ["Maasikas"]})  # refused
    client.post("/contact", data={"name": "Maasikas", "email": "mari@example.ee", "text": "Tellimus 77-88-99"})
    client.post("/api/handoffs", headers={"Authorization": "Bearer " + INTAKE_TOKEN, "Idempotency-Key": "votmeke-1"}, json={"reason": "Maasikas"})
    client.post(f"/api/privacy/conversations/{begun['id']}/erase", json={"secret": begun["secret"]})

    logged = caplog.text + repr([(record.msg, record.args) for record in caplog.records])
    secrets = (INTAKE_TOKEN, FORWARD_SECRET, SECRET_KEY, PASSWORD, token, csrf, begun["secret"])
    assert [word for word in (*secrets, *WORDS) if word in logged] == []


def test_an_error_of_the_database_does_not_tell_what_was_to_be_kept(database: Database) -> None:
    """Its traces go to the log; the statement is enough to find the mistake."""
    with pytest.raises(SQLAlchemyError) as error, database.write() as session:
        session.execute(text("INSERT INTO pole_olemas VALUES (:text)"), {"text": "Mari Maasikas"})
    assert "Maasikas" not in str(error.value)
    with pytest.raises(SQLAlchemyError) as error, database.read() as session:
        session.execute(select(ConversationRow).where(text("olematu = :name")), {"name": "Mari Maasikas"})
    assert "Maasikas" not in str(error.value)


def test_nobody_writes_a_line_of_their_own_into_the_log(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for path in ("/login/openid/back?error=a%0aCRITICAL%20valelik%20rida", "/desk/%0aCRITICAL%20valelik%20rida", "/help/%0aCRITICAL%20valelik%20rida"):
        client.get(path, headers={"User-Agent": "x CRITICAL valelik rida"})
    client.post("/login", data={"login": "x\nCRITICAL valelik rida", "password": "x"})
    ours = [record.getMessage() for record in caplog.records if record.name.startswith(("handoff", "bot", "actions"))]
    assert [line for line in ours if "valelik" in line or "\n" in line] == []


@pytest.fixture
def lines(settings: Settings) -> Iterator[io.StringIO]:
    """What is logged as JSON."""
    root, to = logging.getLogger(), io.StringIO()
    before, level = root.handlers[:], root.level
    root.handlers = []
    logs.begin(settings.model_copy(update={"log_format": "json"}), to)
    yield to
    root.handlers = before
    root.setLevel(level)


def test_a_json_line_says_which_request_and_conversation_it_is_about(lines: io.StringIO) -> None:
    request_now.set("0123456789abcdef")
    with working_on("vestlus-1"):
        logging.getLogger("handoff.proov").warning("katse %d\nCRITICAL valelik rida", 3)
    request_now.set(None)
    logging.getLogger("handoff.proov").warning("hiljem")
    logging.getLogger("handoff.proov").info("vaikne")
    first, second = (json.loads(line) for line in lines.getvalue().splitlines())
    about = {"level": "warning", "logger": "handoff.proov", "request": "0123456789abcdef", "conversation": "vestlus-1"}
    assert {name: value for name, value in first.items() if name != "at"} == about | {"message": "katse 3\nCRITICAL valelik rida"}
    assert {"request", "conversation"} & set(second) == set()


def test_a_json_line_of_an_error_says_where_it_was_and_not_what_it_quotes(lines: io.StringIO) -> None:
    try:
        raise ValueError("Mari Maasikas, 47101010033")
    except ValueError:
        logging.getLogger("handoff.proov").exception("ei läinud")
    told = json.loads(lines.getvalue())
    assert (told["message"], told["error"]) == ("ei läinud", "ValueError")
    assert "test_quiet_logs.py" in told["places"][-1]
    assert "Maasikas" not in lines.getvalue()


def test_the_bots_failure_is_logged_with_its_conversation_and_without_its_words(
    lines: io.StringIO, client: TestClient, database: Database, bot: FakeBot
) -> None:
    begun = client.post("/api/widget/conversations", json={"language": "et"}).json()
    mari = {"Authorization": f"Bearer {begun['secret']}"}
    client.post(f"/api/widget/conversations/{begun['id']}/messages", headers=mari, json={"client_id": "mari-0001", "text": "katki bot, Maasikas"})
    while "bot failed" not in lines.getvalue():
        client.get("/health")
    told = next(json.loads(line) for line in lines.getvalue().splitlines() if "bot failed" in line)
    assert told["conversation"] == begun["id"]
    assert len(told["request"]) == 16
    assert "Maasikas" not in lines.getvalue()
    assert begun["secret"] not in lines.getvalue()
