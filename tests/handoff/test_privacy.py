"""Mari takes a copy and has her talk erased; Peeter, with another's id, finds nothing."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update

from bot.understanding import Button, Candidate, Contact, Reading, Reply, Turn
from handoff import outbox
from handoff.accounts.tables import AuditRow
from handoff.app import create_app
from handoff.contract import HandoffRequest, Reason, Said
from handoff.conversations import agents, erasure, retention, service, turns, visitors
from handoff.conversations.agents import Holder
from handoff.conversations.retention import Days
from handoff.conversations.service import Started
from handoff.conversations.shelf import Shelf
from handoff.conversations.tables import ConversationRow, DecisionRow, EventRow, HandoffRow, OwedReplyRow, RatingRow, TrackerEventRow
from handoff.database import Database, now
from handoff.entries.store import EntryStore
from handoff.entries.tables import EntryRevisionRow, EntryRow
from handoff.errors import NotFound, SettingsError
from handoff.outbox import OutboxRow
from handoff.settings import read_settings
from tests.fakes import FakeBot

pytestmark = pytest.mark.both_databases

PERSONAL = ("Mari Maasikas", "mari@example.ee", "5555 1234", "Maasikas", "kodukaup.example/minu", "Firefox 140", "kingad on katki")


@pytest.fixture
def talk(database: Database, mari: Started, jaan: Holder) -> Started:
    """Mari asked, was answered, rated, left an address, was handed over and talked with Jaan, who made a draft of it."""
    kept = service.say(database, mari.conversation_id, client_id="c-1", text="Mari Maasikas siin, kingad on katki", page="https://kodukaup.example/minu")
    owed = turns.claim(database, mari.conversation_id, people_available=True)
    assert owed is not None
    request = HandoffRequest(
        conversation_id=mari.conversation_id,
        reason=Reason.COMPLAINT,
        requested_at=now(),
        messages=[Said(who="customer", text="Mari Maasikas siin, kingad on katki")],
        name="Mari Maasikas",
        tags=["Maasikas"],
    )
    turn = Turn(
        replies=(Reply("Tooge kingad poodi.", (Button("Räägi inimesega", "/ask_human"),), entry_id="garantii", probability=0.9),),
        tracker_events=({"event": "user", "text": "Mari Maasikas siin, kingad on katki"},),
        reading=Reading("…", "et", "answer", "ask_question", 0.9, (Candidate("garantii", "?", 0.9),), "Maasikas on nimi", ({"value": "Maasikas"},)),
        handoff=request.model_dump(mode="json"),
        contact=Contact("email", "mari@example.ee"),
    )
    assert turns.pay(database, owed, turn, forward_url="https://teine.example/handoffs")
    service.rate(database, mari.conversation_id, number=kept.number + 1, helpful=False)
    agents.claim(database, mari.conversation_id, jaan)
    agents.answer(database, mari.conversation_id, jaan, client_id="a-1", text="Tere, Mari Maasikas!")
    agents.note(database, mari.conversation_id, jaan, client_id="n-1", text="Maasikas on püsiklient.")
    with database.write() as session:
        row = session.get_one(ConversationRow, mari.conversation_id)
        row.phone, row.device = "5555 1234", "Firefox 140"
        session.execute(update(RatingRow).values(comment="Mari Maasikas ei ole rahul"))
    content = {"question": "Mari Maasikas: kingad on katki", "answer": "Tere, Mari Maasikas!"}
    EntryStore(database).save("mustand", topic="", content=content, publish=False, by=jaan.id, conversation_id=mari.conversation_id)
    service.say(database, mari.conversation_id, client_id="c-2", text="Aitäh, Maasikas")
    return mari


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def everything(database: Database) -> str:
    """All rows of all tables that may hold a customer's words, as one text."""
    tables = (ConversationRow, EventRow, OwedReplyRow, TrackerEventRow, HandoffRow, RatingRow, DecisionRow, OutboxRow, EntryRow, EntryRevisionRow, AuditRow)
    with database.read() as session:
        rows = [vars(row) for table in tables for row in session.scalars(select(table))]
    return json.dumps(rows, default=str, ensure_ascii=False)


def test_a_copy_holds_what_was_said_and_known(client: TestClient, talk: Started) -> None:
    response = client.post(f"/api/privacy/conversations/{talk.conversation_id}/export", headers=bearer(talk.secret))
    assert response.headers["cache-control"] == "no-store"
    copy = response.json()
    assert copy["conversation"]["email"] == "mari@example.ee"
    assert "Mari Maasikas siin, kingad on katki" in [event["body"].get("text") for event in copy["events"]]
    assert copy["handed_over"][0]["request"]["name"] == "Mari Maasikas"
    assert copy["ratings"][0]["helpful"] is False
    assert copy["promised"] == []
    assert copy["understood_as"][0]["action"] == "answer"


def test_a_copy_holds_no_secret_no_button_payload_and_no_colleagues_note(database: Database, talk: Started) -> None:
    copy = json.dumps(erasure.export(database, talk.conversation_id), ensure_ascii=False)
    assert talk.secret not in copy
    assert "/ask_human" not in copy
    assert "püsiklient" not in copy


def test_erasure_leaves_nothing_personal_anywhere(client: TestClient, database: Database, talk: Started) -> None:
    before = everything(database)
    assert all(word in before for word in PERSONAL)
    erased = client.post(f"/api/privacy/conversations/{talk.conversation_id}/erase", headers=bearer(talk.secret))
    assert erased.status_code == 200
    after = everything(database)
    assert [word for word in PERSONAL if word in after] == []
    assert [name for name in ("/ask_human", "c-1", "püsiklient") if name in after] == []


def test_erasure_keeps_the_closed_shell_and_the_counts(database: Database, shelf: Shelf, talk: Started) -> None:
    with database.read() as session:
        before = session.scalar(select(func.count()).select_from(EventRow))
    erasure.erase(database, shelf, talk.conversation_id)
    with database.read() as session:
        row = session.get_one(ConversationRow, talk.conversation_id)
        assert (row.state, row.outcome, row.name, row.tags) == ("closed", "erased", None, [])
        assert session.scalar(select(func.count()).select_from(EventRow)) == (before or 0) + 1
        assert session.scalar(select(DecisionRow.action)) == "answer"
        assert session.scalar(select(RatingRow.helpful)) is False
        answers = [event.body for event in session.scalars(select(EventRow).where(EventRow.actor == "bot"))]
        assert {"text": "", "entry_id": "garantii"} in answers


def test_erasure_gives_a_receipt_that_the_audit_knows(client: TestClient, database: Database, talk: Started) -> None:
    receipt = client.post(f"/api/privacy/conversations/{talk.conversation_id}/erase", headers=bearer(talk.secret)).json()["receipt"]
    with database.read() as session:
        target = session.scalar(select(AuditRow.target).where(AuditRow.act == "erased_conversation"))
    assert target is not None
    assert receipt in target


def test_after_erasure_the_secret_opens_nothing(client: TestClient, talk: Started) -> None:
    address = f"/api/privacy/conversations/{talk.conversation_id}"
    client.post(f"{address}/erase", headers=bearer(talk.secret))
    assert client.post(f"{address}/export", headers=bearer(talk.secret)).status_code == 404
    assert client.post(f"{address}/erase", headers=bearer(talk.secret)).status_code == 404


@pytest.mark.parametrize("right", ["export", "erase"])
@pytest.mark.parametrize("header", [None, "Bearer võõras", "Bearer ", "Basic abc"])
def test_peeter_with_another_s_id_finds_nothing(client: TestClient, database: Database, talk: Started, right: str, header: str | None) -> None:
    headers = {} if header is None else {b"authorization": header.encode()}
    refused = client.post(f"/api/privacy/conversations/{talk.conversation_id}/{right}", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    assert erasure.export(database, talk.conversation_id)["conversation"]["name"] == "Mari Maasikas"


def test_peeter_with_his_own_secret_finds_nothing_of_mari_s(client: TestClient, database: Database, talk: Started) -> None:
    peeter = service.start(database, greeting="Tere!")
    assert client.post(f"/api/privacy/conversations/{talk.conversation_id}/erase", headers=bearer(peeter.secret)).status_code == 404


def test_an_unknown_conversation_looks_the_same(client: TestClient, database: Database, shelf: Shelf) -> None:
    assert client.post("/api/privacy/conversations/olematu/export", headers=bearer("x")).status_code == 404
    with pytest.raises(NotFound):
        erasure.erase(database, shelf, "olematu")


def test_an_answer_still_on_its_way_is_dropped(database: Database, shelf: Shelf, mari: Started) -> None:
    service.say(database, mari.conversation_id, client_id="c-1", text="Mari Maasikas siin")
    owed = turns.claim(database, mari.conversation_id, people_available=True)
    assert owed is not None
    erasure.erase(database, shelf, mari.conversation_id)
    assert not turns.pay(database, owed, Turn(replies=(Reply("Tere, Mari Maasikas!"),), tracker_events=({"event": "user"},)))
    assert "Maasikas" not in everything(database)


def test_a_delivery_that_was_still_owed_is_never_made(database: Database, shelf: Shelf, talk: Started) -> None:
    erasure.erase(database, shelf, talk.conversation_id)
    with database.read() as session:
        delivery = session.scalars(select(OutboxRow)).one()
    assert (delivery.payload, delivery.last_error) == ({}, "erased")
    assert delivery.dead_at is not None


def test_a_delivery_of_another_conversation_stays(database: Database, shelf: Shelf, talk: Started) -> None:
    with database.write() as session:
        outbox.enqueue(session, kind="handoff", url="https://teine.example", key="handoff:muu", payload={"conversation_id": "muu"})
    erasure.erase(database, shelf, talk.conversation_id)
    with database.read() as session:
        assert session.scalar(select(OutboxRow.payload).where(OutboxRow.key == "handoff:muu")) == {"conversation_id": "muu"}


def test_what_an_editor_has_written_since_stays_without_the_link(database: Database, shelf: Shelf, talk: Started) -> None:
    entries = EntryStore(database)
    entries.save("mustand", topic="", content={"question": "Kas katkised kingad vahetate?", "answer": "Jah."}, publish=True, by=None, base_revision=1)
    erasure.erase(database, shelf, talk.conversation_id)
    kept = entries.get("mustand")
    assert (kept.content["answer"], kept.conversation_id) == ("Jah.", None)
    assert "Maasikas" not in everything(database)


def test_what_is_old_goes_by_itself_and_what_is_young_stays(database: Database, shelf: Shelf, talk: Started) -> None:
    young = service.start(database, greeting="Tere!")
    with database.write() as session:
        session.get_one(ConversationRow, talk.conversation_id).changed_at = now() - timedelta(days=366)
    assert retention.forget(database, shelf, Days(365))["conversation"] == 1
    assert retention.forget(database, shelf, Days(365))["conversation"] == 0
    assert service.authorise(database, young.conversation_id, young.secret).state == "bot"


@pytest.mark.parametrize("language", ["et", "en", "ru"])
def test_the_notice_says_who_and_how_long_in_three_languages(client: TestClient, language: str) -> None:
    page = client.get(f"/privacy?lang={language}").text
    assert "[?" not in page
    assert "$" not in page
    assert "Kodukaup" in page
    assert "365" in page
    assert "2026" in page


def house(folder: Path, database: Database, **settings: Any) -> TestClient:
    return TestClient(create_app(read_settings(data_dir=folder, **settings), FakeBot(), database))


def version_of(page: TestClient) -> str:
    return str(page.get("/api/widget/config").json()["notice"])


def test_another_wording_is_another_version_and_the_one_that_was_agreed_to_can_be_read(database: Database, tmp_path: Path) -> None:
    first = house(tmp_path, database)
    agreed = version_of(first)
    assert version_of(house(tmp_path, database)) == agreed, "the same words keep their version"
    changed = house(tmp_path, database, keep_days=90, keep_contact_days=30)
    present = version_of(changed)
    assert present != agreed
    page, before = changed.get("/privacy").text, changed.get(f"/privacy?version={agreed}").text
    assert ("90 päeva" in page, "juba 30 päeva" in page, "varasem tekst" in page) == (True, True, False)
    assert ("365 päeva" in before, "varasem tekst" in before, f"version={present}" in before) == (True, True, True)
    assert changed.get("/privacy?version=2020-01-01").status_code == 404
    assert (visitors.consent_due(database, agreed, required=True), visitors.consent_due(database, present, required=True)) == (True, False)


def test_the_notice_tells_what_the_settings_make_true(database: Database, tmp_path: Path) -> None:
    """What a site tells of who is logged in, and whose servers a message passes: told where it is so, and nowhere else."""
    plain = house(tmp_path, database).get("/privacy").text
    assert ("sisse logitud" in plain, "teistest rakendustest" in plain) == (False, False)
    page = house(tmp_path, database, identity_secret="s" * 40, telegram_token="1:a", telegram_secret="s" * 32, slack_token="xoxb-1", slack_secret="s" * 32)
    estonian, russian, english = (page.get(f"/privacy?lang={language}").text for language in ("et", "ru", "en"))
    assert ("kliendinumbri" in estonian, "teistest rakendustest (Telegram, Slack)" in estonian, "$" in estonian) == (True, True, False)
    assert ("номер клиента" in russian, "(Telegram, Slack)" in russian) == (True, True)
    assert ("customer number" in english, "(Telegram, Slack)" in english) == (True, True)


def test_the_operators_own_notice_stands_in_its_place_with_what_the_settings_say(database: Database, tmp_path: Path) -> None:
    own = tmp_path / "teade"
    own.mkdir()
    (own / "et.md").write_text(
        "# Meie teade\n\n$company hoiab vestlusi $days päeva. <script>x</script>\n\n## Õigused\n\n[Küsige](/privacy/request)", encoding="utf-8"
    )
    (own / "ru.md").write_text("Хранит $company", encoding="utf-8")
    page = house(tmp_path, database, privacy_notice=own, keep_days=77)
    estonian, russian, english = (page.get(f"/privacy?lang={language}").text for language in ("et", "ru", "en"))
    assert ("<h1>Meie teade</h1>" in estonian, "Kodukaup hoiab vestlusi 77 päeva" in estonian, "<script>x" in estonian) == (True, True, False)
    assert ("<h2>Õigused</h2>" in estonian, '<a href="/privacy/request"' in estonian) == (True, True)
    assert ("Хранит Kodukaup" in russian, "Meie teade" in english) == (True, True)
    assert version_of(page) == f"{now():%Y-%m-%d}"


def test_a_notice_that_can_t_be_read_stops_the_start_and_names_its_setting(database: Database, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ABILINE_PRIVACY_NOTICE"):
        house(tmp_path, database, privacy_notice=tmp_path / "puudub")


def test_the_words_erased_are_gone_from_the_file_too(database: Database, shelf: Shelf, talk: Started, tmp_path: Path) -> None:
    if not database.is_sqlite:
        pytest.skip("SQLite only: PostgreSQL's files are the operator's to look after")
    erasure.erase(database, shelf, talk.conversation_id)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    raw = (tmp_path / "abiline.db").read_bytes()
    assert b"kingad on katki" not in raw
    assert b"mari@example.ee" not in raw
