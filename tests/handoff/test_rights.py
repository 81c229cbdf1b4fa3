"""Mari proves that an address is hers and takes a copy of all her talks or has them erased; Peeter learns nothing and touches nothing, nor does Mari learn
what Peeter wrote when he mistyped his address into hers."""

from __future__ import annotations

import io
import json
import re
import time
import zipfile
from pathlib import Path

import jwt
import pytest
from fastapi.testclient import TestClient
from httpx import Response
from pydantic import SecretStr
from sqlalchemy import select

from handoff.accounts.tables import AuditRow
from handoff.app import create_app
from handoff.conversations import codes, holding, rights, service, store, tickets, verification, visitors
from handoff.conversations.agents import Holder
from handoff.conversations.events import Kind
from handoff.conversations.mail_tables import IN, MailRow
from handoff.conversations.rights import Who
from handoff.conversations.service import Started
from handoff.conversations.shelf import Shelf
from handoff.conversations.tables import ConversationRow
from handoff.conversations.verification import How
from handoff.conversations.visitors import Identity
from handoff.database import Database
from handoff.letters import Letters
from handoff.outbox import OutboxRow
from handoff.settings import Settings, read_settings
from tests.fakes import FakeBot

pytestmark = pytest.mark.both_databases

MARI, PEETER = "mari@naide.ee", "peeter@naide.ee"


SECRET = "kaupluse-ja-abiline-saladus-0123456789"


def write(database: Database, text: str, email: str, *, sure: bool = False) -> str:
    """A talk with an address that somebody typed, and with `sure` also proved by a code."""
    talk = tickets.open_ticket(database, channel="email", text=text, email=email)
    if sure:
        with database.write() as session:
            verification.keep(session, store.conversation(session, talk, lock=True), How.ADDRESS)
    return talk


def theirs(database: Database, email: str) -> list[str]:
    return list(rights.talks(database, Who(email=email)).theirs)


def only_typed(database: Database, email: str = MARI) -> list[str]:
    return list(rights.talks(database, Who(email=email)).typed)


@pytest.fixture
def two_talks(database: Database) -> list[str]:
    """Mari has written twice, Peeter once; gives hers."""
    write(database, "Peetri kiri", PEETER, sure=True)
    for text in ("Kus arve on?", "Kingad on katki"):
        write(database, text, MARI, sure=True)
    return theirs(database, MARI)


@pytest.fixture
def house(tmp_path: Path, database: Database, two_talks: list[str]) -> TestClient:
    """A house that sends mail; nothing listens there. Without its rounds, so that letters stay as they were written."""
    settings = read_settings(data_dir=tmp_path, smtp_url=SecretStr("smtp://localhost:9"), mail_from="tugi@kodukaup.example", identity_secret=SecretStr(SECRET))
    return TestClient(create_app(settings, FakeBot(), database))


def letters(database: Database) -> list[dict[str, str]]:
    with database.read() as session:
        return [row.payload for row in session.scalars(select(OutboxRow).order_by(OutboxRow.made_at)) if row.kind == "mail"]


def field(page: Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page.text)
    assert found is not None, page.text
    return found[1]


def bare(page: str) -> str:
    """The page without what is sealed in it."""
    return re.sub(r'value="[^"]+"', "", page)


def ask(house: TestClient, email: str = MARI) -> str:
    """Ask for a code; gives what the form carries on."""
    page = house.post("/privacy/request/code", data={"email": email})
    assert page.status_code == 200
    return field(page, "asked")


def code_of(database: Database) -> str:
    found = re.search(r"\d{3} \d{3}", letters(database)[-1]["text"])
    assert found is not None
    return found.group()


def proof(house: TestClient, database: Database) -> str:
    page = house.post("/privacy/request/check", data={"asked": ask(house), "code": code_of(database)})
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    assert "Teie vestlusi meie juures: 2" in page.text
    return field(page, "proof")


def acts(database: Database) -> list[tuple[str, str | None]]:
    with database.read() as session:
        return [(row.act, row.target) for row in session.scalars(select(AuditRow).order_by(AuditRow.id))]


def test_with_the_code_from_her_mailbox_she_gets_a_copy_of_all_her_talks_and_of_nobody_elses(house: TestClient, database: Database) -> None:
    copy = house.post("/privacy/request/copy", data={"proof": proof(house, database)})
    with zipfile.ZipFile(io.BytesIO(copy.content)) as archive:
        data = json.loads(archive.read("abiline.json"))
    written = json.dumps(data, ensure_ascii=False)
    assert len(data["conversations"]) == 2
    assert ("Kus arve on?" in written, "Kingad on katki" in written, "Peetri kiri" in written) == (True, True, False)
    assert ("exported_person", "2 conversations") in acts(database)


def test_erasure_asks_once_more_takes_all_her_talks_and_gives_a_receipt_on_the_page_and_by_letter(house: TestClient, database: Database) -> None:
    proved = proof(house, database)
    assert "Jah, kustuta" in house.post("/privacy/request/erase", data={"proof": proved}).text
    assert "Kustuta minu andmed" in house.post("/privacy/request/erase", data={"proof": proved, "answer": "no"}).text
    assert len(theirs(database, MARI)) == 2
    done = house.post("/privacy/request/erase", data={"proof": proved, "answer": "yes"}).text
    receipt = re.search(r"<strong>(\S+)</strong>", done)
    assert receipt is not None
    assert (len(theirs(database, MARI)), len(theirs(database, PEETER))) == (0, 1)
    letter = letters(database)[-1]
    assert (letter["to"], receipt[1] in letter["text"], "Kingad" in letter["text"]) == (MARI, True, False)
    assert acts(database)[-1] == ("erased_person", f"receipt {receipt[1]}, 2 conversations, 0 held, asked on the page")
    assert not any(MARI in (target or "") for _act, target in acts(database))


def test_an_address_that_nobody_has_gets_the_same_page_and_no_letter(house: TestClient, database: Database) -> None:
    asked = [house.post("/privacy/request/code", data={"email": email}) for email in (MARI, "tundmatu@naide.ee")]
    assert bare(asked[0].text) == bare(asked[1].text)
    assert [letter["to"] for letter in letters(database)] == [MARI]
    wrong = [house.post("/privacy/request/check", data={"asked": field(page, "asked"), "code": "000000"}) for page in asked]
    assert [page.status_code for page in wrong] == [403, 403]
    assert bare(wrong[0].text) == bare(wrong[1].text)


def test_after_five_wrong_tries_the_right_code_opens_nothing(house: TestClient, database: Database) -> None:
    asked = ask(house)
    code = code_of(database)
    wrong = f"{(int(code.replace(' ', '')) + 1) % 1_000_000:06}"
    for _ in range(5):
        assert house.post("/privacy/request/check", data={"asked": asked, "code": wrong}).status_code == 403
    assert house.post("/privacy/request/check", data={"asked": asked, "code": code}).status_code == 403


def test_a_code_opens_once(house: TestClient, database: Database) -> None:
    asked = ask(house)
    code = code_of(database)
    assert [house.post("/privacy/request/check", data={"asked": asked, "code": code}).status_code for _ in range(2)] == [200, 403]


@pytest.mark.parametrize("step", ["copy", "erase"])
def test_a_proof_that_is_forged_or_of_another_step_opens_nothing(house: TestClient, database: Database, step: str) -> None:
    for forged in ("", "x" * 100, ask(house)):
        assert house.post(f"/privacy/request/{step}", data={"proof": forged, "answer": "yes"}).status_code == 410
    assert len(theirs(database, MARI)) == 2


def test_a_sixth_code_within_the_hour_is_refused_kindly_and_what_is_no_address_too(house: TestClient) -> None:
    assert "kujul kiri kohale ei jõua" in house.post("/privacy/request/code", data={"email": "mari"}).text
    for _ in range(5):
        ask(house, "tundmatu@naide.ee")
    refused = house.post("/privacy/request/code", data={"email": MARI})
    assert (refused.status_code, "tunni aja pärast" in refused.text) == (429, True)


def test_a_talk_in_which_the_site_knew_somebody_else_is_not_hers(database: Database, mari: Started, two_talks: list[str]) -> None:
    visitors.identify(database, mari.conversation_id, Identity("klient-7"))
    with database.write() as session:
        store.conversation(session, mari.conversation_id, lock=True).email = MARI
    assert mari.conversation_id not in theirs(database, MARI)


def test_a_talk_in_which_peeter_mistyped_his_address_into_maris_is_neither_copied_nor_erased(house: TestClient, database: Database) -> None:
    peeters = write(database, "Peetri saladus", MARI)
    page = house.post("/privacy/request/check", data={"asked": ask(house), "code": code_of(database)})
    assert ("Teie vestlusi meie juures: 2" in page.text, "ainult mainiti: 1" in page.text) == (True, True)
    proved = {"proof": field(page, "proof")}
    with zipfile.ZipFile(io.BytesIO(house.post("/privacy/request/copy", data=proved).content)) as archive:
        assert "Peetri saladus" not in archive.read("abiline.json").decode()
    house.post("/privacy/request/erase", data=proved | {"answer": "yes"})
    assert (theirs(database, MARI), only_typed(database)) == ([], [peeters])


def test_who_asks_that_a_person_looks_at_those_gets_one_ticket_however_often(house: TestClient, database: Database) -> None:
    write(database, "Peetri saladus", MARI)
    proved = {"proof": proof(house, database)}
    for _ in range(2):
        assert "hiljemalt ühe kuu jooksul" in house.post("/privacy/request/look", data=proved).text
    assert house.post("/privacy/request/look", data={"proof": "x"}).status_code == 410
    with database.read() as session:
        asked = session.scalars(select(ConversationRow).where(ConversationRow.reason == "personal_data")).all()
    assert [(row.email, row.state) for row in asked] == [(MARI, "ticket")]
    assert asked[0].id in theirs(database, MARI)


def test_the_code_of_this_page_proves_the_mailbox_and_not_the_talk_that_it_hangs_on(house: TestClient, database: Database) -> None:
    peeters = write(database, "Peetri saladus", "jaan@naide.ee")
    page = house.post("/privacy/request/check", data={"asked": ask(house, "jaan@naide.ee"), "code": code_of(database)})
    assert ("praegu ei ole" in page.text, 'action="/privacy/request/copy' in page.text) == (True, False)
    assert (theirs(database, "jaan@naide.ee"), only_typed(database, "jaan@naide.ee")) == ([], [peeters])


def test_a_code_that_was_typed_in_the_talk_makes_it_theirs(database: Database, mari: Started, settings: Settings) -> None:
    with database.write() as session:
        store.conversation(session, mari.conversation_id, lock=True).email = MARI
    assert theirs(database, MARI) == []
    codes.send(database, mari.conversation_id, cause="proov", write=Letters(settings).code)
    code = code_of(database)
    service.say(database, mari.conversation_id, client_id="kood-1", text=code)
    assert theirs(database, MARI) == [mari.conversation_id]
    with database.write() as session:
        verification.keep_contact(session, store.conversation(session, mari.conversation_id, lock=True), email=PEETER)
    assert (theirs(database, MARI), theirs(database, PEETER)) == ([], [])


def test_a_letter_from_the_address_makes_it_theirs_until_another_is_typed(database: Database) -> None:
    talk = write(database, "Kus arve on?", MARI)
    with database.write() as session:
        session.add(MailRow(conversation_id=talk, direction=IN, box="tugi", mark="a" * 64, message_id="<1@naide.ee>"))
    assert theirs(database, MARI) == [talk]
    with database.write() as session:
        row = store.conversation(session, talk, lock=True)
        verification.keep_contact(session, row, email=PEETER)
        store.append(session, row, Kind.CONTACT_LEFT, actor="customer", body={"contact": "email"})
    assert (theirs(database, MARI), theirs(database, PEETER)) == ([], [])


def token(**said: object) -> str:
    return jwt.encode({"sub": "klient-7", "aud": "abiline", "iat": int(time.time()), "exp": int(time.time()) + 600} | said, SECRET, algorithm="HS256")


def test_whom_the_site_has_logged_in_needs_no_code_and_gets_their_own_talks_only(house: TestClient, database: Database, mari: Started) -> None:
    visitors.identify(database, mari.conversation_id, Identity("klient-7"))
    page = house.post("/privacy/request/signed", data={"token": token()})
    assert "Teie vestlusi meie juures: 1" in page.text
    copy = house.post("/privacy/request/copy", data={"proof": field(page, "proof")})
    with zipfile.ZipFile(io.BytesIO(copy.content)) as archive:
        assert [one["conversation"]["id"] for one in json.loads(archive.read("abiline.json"))["conversations"]] == [mari.conversation_id]
    others = house.post("/privacy/request/signed", data={"token": token(sub="klient-8", email=PEETER)})
    assert "Teie vestlusi meie juures: 1" in others.text, "Peeter's letter, whose address the site has signed"
    assert bytes(house.post("/privacy/request/copy", data={"proof": field(others, "proof")}).content).count(mari.conversation_id.encode()) == 0
    done = house.post("/privacy/request/erase", data={"proof": field(page, "proof"), "answer": "yes"})
    assert ("Teie andmed on kustutatud" in done.text, "Saatsime kviitungi" in done.text) == (True, False)
    assert rights.talks(database, Who(subject="klient-7")).theirs == []


def test_a_token_that_is_forged_or_over_opens_nothing(house: TestClient) -> None:
    forged = jwt.encode({"sub": "klient-7", "aud": "abiline", "iat": 1, "exp": 2**31}, "x" * 40, algorithm="HS256")
    for wrong in (forged, token(exp=int(time.time()) - 60), "", "x"):
        page = house.post("/privacy/request/signed", data={"token": wrong})
        assert (page.status_code, "oma konto lehelt" in page.text, 'name="proof"' in page.text) == (422, True, False)


def test_what_has_to_be_kept_stays_and_is_told(database: Database, shelf: Shelf, two_talks: list[str], tiit: Holder) -> None:
    holding.hold(database, two_talks[0], tiit, "vaidlus")
    gone = rights.erase(database, shelf, two_talks)
    assert (gone.erased, gone.held) == (1, 1)
    assert theirs(database, MARI) == [two_talks[0]]


def test_where_no_mail_is_sent_the_page_leads_to_the_chat(quiet: TestClient) -> None:
    assert "kustuta minu andmed" in quiet.get("/privacy/request").text
