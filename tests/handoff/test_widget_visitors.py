"""Who the site says is there, which notice was agreed to, and with which words the bot begins on which page."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import select, text

from bot.understanding import Language
from handoff.app import create_app
from handoff.contract import HandoffRequest
from handoff.conversations import erasure, facts, finding, identity, notice, store, visitors
from handoff.conversations.service import Started
from handoff.conversations.shelf import Shelf
from handoff.conversations.tables import ConversationRow
from handoff.database import Database
from handoff.errors import SettingsError, Unreadable
from handoff.settings import read_settings
from handoff.texts import Texts
from handoff.widget import greetings
from handoff.widget.device import described
from handoff.widget.greetings import read_greetings
from tests.fakes import FakeBot
from tests.handoff import talk
from tests.handoff.conftest import LogIn

TEXTS = Path(greetings.__file__).parent / "texts"
SECRET = "kodukaubanduse-jagatud-saladus-2026"
GREETINGS = """
- page: /tagastus*
  et: "Tere! Olen $bot, tehisaru. Kas aitame tagastamisega?"
  en: "Hello! I am $bot, an AI. May we help you return something?"
- page: /järelmaks
  et: "Tere! Olen $bot, tehisaru. Kas aitame järelmaksuga?"
- page: /kassa
  et: "Tere! Olen $bot, tehisaru. Kas aitame maksmisel?"
"""


def signed(*, key: str = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    moment = int(time.time())
    said = {"sub": "klient-7", "name": "Mari Õunapuu", "aud": "abiline", "iat": moment, "exp": moment + 3600} | claims
    return jwt.encode({name: value for name, value in said.items() if value is not None}, key, algorithm=algorithm)


class Shop:
    """A house with settings of its own, and Mari's browser at it."""

    def __init__(self, client: TestClient, database: Database) -> None:
        self.client, self.database = client, database

    def start(self, **asked: Any) -> Response:
        answer: Response = self.client.post("/api/widget/conversations", json={"language": "et", **asked})
        return answer

    def post(self, begun: Response, what: str, body: dict[str, Any]) -> Response:
        talk = begun.json()
        headers = {"Authorization": f"Bearer {talk['secret']}"}
        answer: Response = self.client.post(f"/api/widget/conversations/{talk['id']}/{what}", json=body, headers=headers)
        return answer

    def row(self, begun: Response) -> ConversationRow:
        with self.database.read() as session:
            return store.conversation(session, begun.json()["id"])


@pytest.fixture
def shop(tmp_path: Path, database: Database, people: dict[str, str]) -> Iterator[Shop]:
    words = tmp_path / "tervitused.yml"
    words.write_text(GREETINGS, encoding="utf-8")
    settings = read_settings(data_dir=tmp_path, identity_secret=SECRET, consent="required", greetings=str(words))
    with TestClient(create_app(settings, FakeBot(), database)) as client:
        yield Shop(client, database)


NOTICE = notice.SHIPPED.isoformat()


def test_a_signed_token_tells_who_it_is() -> None:
    assert identity.read(signed(email="Mari@Kodukaup.EE", phone="5123 4567"), SECRET) == visitors.Identity(
        "klient-7", "Mari Õunapuu", "Mari@kodukaup.ee", "+372 5123 4567"
    )


@pytest.mark.parametrize(
    ("said", "known"),
    [
        (["10023", 10024, "10023"], ("10023", "10024")),
        (["", "1" * 41, None, True, {"id": 1}, "A-7\n8"], ("A-78",)),
        ([str(number) for number in range(30)], tuple(str(number) for number in range(20))),
        ([], ()),
        ("10023", None),
        (None, None),
    ],
)
def test_of_the_open_orders_the_first_twenty_count_and_crooked_ones_do_not(said: Any, known: tuple[str, ...] | None) -> None:
    assert identity.read(signed(orders=said), SECRET).orders == known


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (signed(key="kellegi-teise-saladus-aastast-2026"), "identity_wrong"),
        (jwt.encode({"sub": "klient-7", "aud": "abiline", "iat": 1, "exp": 4_000_000_000}, "", algorithm="none"), "identity_wrong"),
        (signed(key=SECRET * 2, algorithm="HS512"), "identity_wrong"),
        (signed(aud="pood"), "identity_wrong"),
        (signed(aud=None), "identity_wrong"),
        (signed(sub=None), "identity_wrong"),
        (signed(sub=""), "identity_wrong"),
        (signed(sub="õ" * 201), "identity_wrong"),
        (signed(exp=None), "identity_wrong"),
        (signed(iat=None), "identity_wrong"),
        (signed(iat=int(time.time()) + 3600), "identity_wrong"),
        (signed(exp=int(time.time()) - 60), "identity_expired"),
        (signed(exp=int(time.time()) + 48 * 3600), "identity_long_lived"),
        (signed(name="õ" * 4_000), "identity_wrong"),
        ("", "identity_wrong"),
        ("ei.ole.märk", "identity_wrong"),
    ],
    ids=[
        "key",
        "none",
        "algorithm",
        "audience",
        "no audience",
        "nobody",
        "empty",
        "long",
        "no end",
        "no beginning",
        "future",
        "expired",
        "long life",
        "big",
        "nothing",
        "text",
    ],
)
def test_a_token_that_can_not_be_trusted_is_refused_with_a_code(token: str, code: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        identity.read(token, SECRET)
    assert refusal.value.code == code


def test_without_a_shared_secret_nobody_is_identified() -> None:
    with pytest.raises(Unreadable) as refusal:
        identity.read(signed(), "")
    assert refusal.value.code == "identity_off"


def test_a_crooked_contact_is_left_out_and_the_person_stays() -> None:
    found = identity.read(signed(name="Mari\u202e\n", email="mari", phone=["5123"]), SECRET)
    assert found == visitors.Identity("klient-7", "Mari")


def test_a_short_secret_stops_the_start() -> None:
    with pytest.raises(SettingsError, match=r"^ABILINE_IDENTITY_SECRET: .*at least 32"):
        read_settings(identity_secret="liiga lühike")


def test_who_is_logged_in_stands_on_the_conversation_and_the_agent_sees_it(shop: Shop, people: dict[str, str], log_in: LogIn) -> None:
    begun = shop.start(consent=NOTICE)
    assert shop.post(begun, "identity", {"token": signed()}).status_code == 204
    row = shop.row(begun)
    assert (row.identity, row.name) == ("klient-7", "Mari Õunapuu")
    seen = log_in("jaan").get(f"/api/desk/conversations/{row.id}").json()
    assert seen["conversation"]["identified_at"]
    assert seen["conversation"]["name"] == "Mari Õunapuu"
    assert seen["events"][-1]["kind"] == "identified"


def test_the_same_person_again_is_no_news(shop: Shop) -> None:
    begun = shop.start(consent=NOTICE)
    for _page in range(2):
        assert shop.post(begun, "identity", {"token": signed()}).status_code == 204
    assert shop.row(begun).last_number == 2


def test_another_person_gets_neither_the_conversation_nor_a_trace_in_it(shop: Shop) -> None:
    begun = shop.start(consent=NOTICE)
    shop.post(begun, "identity", {"token": signed()})
    refused = shop.post(begun, "identity", {"token": signed(sub="klient-8", name="Peeter")})
    assert (refused.status_code, refused.json()["code"]) == (409, "already_taken")
    assert (shop.row(begun).identity, shop.row(begun).name) == ("klient-7", "Mari Õunapuu")


def test_a_refused_token_leaves_the_chat_as_it_was(shop: Shop) -> None:
    begun = shop.start(consent=NOTICE)
    refused = shop.post(begun, "identity", {"token": signed(key="kellegi-teise-saladus-aastast-2026")})
    assert (refused.status_code, refused.json()["code"]) == (422, "identity_wrong")
    assert shop.row(begun).identity is None
    assert shop.post(begun, "messages", {"client_id": "mari-0001", "text": "Tere"}).status_code == 201


def test_the_agent_sees_the_open_orders_finds_the_talk_by_them_and_another_page_tells_them_anew(shop: Shop, log_in: LogIn) -> None:
    begun = shop.start(consent=NOTICE)
    shop.post(begun, "identity", {"token": signed(orders=["10023", 10024])})
    jaan = log_in("jaan")
    place = f"/api/desk/conversations/{shop.row(begun).id}"
    assert jaan.get(place).json()["conversation"]["orders"] == ["10023", "10024"]
    with shop.database.read() as session:
        assert session.scalars(select(ConversationRow.id).where(finding.has(session, "10024"))).all() == [shop.row(begun).id]
        assert b"10024" not in str(session.execute(text("SELECT orders FROM conversation")).all()).encode()
    assert facts.facts(shop.database, shop.row(begun).id).order is None, "which of the two is not known"
    number = shop.row(begun).last_number
    for said, known in ((signed(orders=["10024"]), ["10024"]), (signed(), ["10024"]), (signed(orders=[]), [])):
        assert shop.post(begun, "identity", {"token": said}).status_code == 204
        assert jaan.get(place).json()["conversation"]["orders"] == known
        assert facts.facts(shop.database, shop.row(begun).id).order == (known[0] if known else None)
    assert shop.row(begun).last_number == number, "no event for orders"


def test_the_open_orders_go_to_another_desk_with_the_handoff(database: Database, mari: Started) -> None:
    visitors.identify(database, mari.conversation_id, visitors.Identity("klient-7", "Mari", orders=("10023",)))
    talk.wait_for_person(database, mari.conversation_id)
    with database.read() as session:
        handoff = store.latest_handoff(session, mari.conversation_id)
    assert handoff is not None
    assert HandoffRequest.model_validate(handoff.request).orders == ["10023"]


def test_the_customer_does_not_read_who_they_are_in_the_log(shop: Shop) -> None:
    begun = shop.start(consent=NOTICE)
    shop.post(begun, "identity", {"token": signed()})
    log = shop.client.get(f"/api/widget/conversations/{begun.json()['id']}/events", headers={"Authorization": f"Bearer {begun.json()['secret']}"})
    assert [event["kind"] for event in log.json()["events"]] == ["message"]


def test_a_copy_of_ones_data_has_the_identity_and_erasure_takes_it(database: Database, shelf: Shelf, mari: Started) -> None:
    visitors.identify(database, mari.conversation_id, visitors.Identity("klient-7", "Mari", orders=("10023",)))
    visitors.agree(database, mari.conversation_id, NOTICE)
    copy = erasure.export(database, mari.conversation_id)["conversation"]
    assert (copy["identity"], copy["consent"], copy["orders"]) == ("klient-7", NOTICE, ["10023"])
    erasure.erase(database, shelf, mari.conversation_id)
    with database.read() as session:
        row = store.conversation(session, mari.conversation_id)
    assert (row.identity, row.name, row.orders) == (None, None, None)


def test_where_consent_is_required_nothing_begins_without_it(shop: Shop) -> None:
    assert shop.client.get("/api/widget/config").json()["consent_due"] is True
    for consent in (None, "2020-01-01"):
        refused = shop.start(consent=consent)
        assert (refused.status_code, refused.json()["code"]) == (403, "consent_needed")
    begun = shop.start(consent=NOTICE)
    assert begun.status_code == 201
    assert begun.json()["state"]["consent_due"] is False
    row = shop.row(begun)
    assert row.consent == NOTICE
    assert row.consented_at is not None


def test_after_a_new_version_of_the_notice_consent_is_asked_again(shop: Shop) -> None:
    begun = shop.start(consent=NOTICE)
    visitors.agree(shop.database, begun.json()["id"], "2020-01-01")
    refused = shop.post(begun, "messages", {"client_id": "mari-0001", "text": "Tere"})
    assert (refused.status_code, refused.json()["code"]) == (403, "consent_needed")
    assert shop.post(begun, "consent", {"version": NOTICE}).status_code == 204
    assert shop.post(begun, "messages", {"client_id": "mari-0001", "text": "Tere"}).status_code == 201


def test_where_the_notice_is_enough_nobody_is_held_up(client: TestClient) -> None:
    assert client.get("/api/widget/config").json()["consent_due"] is False
    assert client.post("/api/widget/conversations", json={"language": "et"}).json()["state"]["consent_due"] is False


@pytest.mark.parametrize(
    ("page", "language", "words"),
    [
        ("https://kodukaup.example/tagastus/tingimused?id=7", "et", "Tere! Olen Abiline, tehisaru. Kas aitame tagastamisega?"),
        ("https://kodukaup.example/tagastus", "en", "Hello! I am Abiline, an AI. May we help you return something?"),
        ("https://kodukaup.example/kassa", "et", "Tere! Olen Abiline, tehisaru. Kas aitame maksmisel?"),
        ("https://kodukaup.example/j%C3%A4relmaks", "et", "Tere! Olen Abiline, tehisaru. Kas aitame järelmaksuga?"),
    ],
)
def test_the_bot_begins_with_the_words_for_the_page(shop: Shop, page: str, language: str, words: str) -> None:
    begun = shop.start(consent=NOTICE, page=page, language=language)
    assert begun.json()["events"][0]["body"]["text"] == words


@pytest.mark.parametrize(("page", "language"), [("https://kodukaup.example/kassa/2", "et"), ("https://kodukaup.example/kassa", "ru"), (None, "et")])
def test_where_no_words_fit_the_house_greets(shop: Shop, page: str | None, language: str) -> None:
    greetings = shop.client.get(f"/api/widget/config?language={language}").json()["greetings"]
    assert greetings[-1][0] == "*"
    assert shop.start(consent=NOTICE, page=page, language=language).json()["events"][0]["body"]["text"] == greetings[-1][1]


@pytest.mark.parametrize(
    ("language", "written", "said"),
    [
        ("et", "Tere tulemast!", "Olen Abiline, tehisaru. Tere tulemast!"),
        ("en", "Welcome! The mail is on us.", "I’m Abiline, an AI assistant. Welcome! The mail is on us."),
        ("ru", "Добро пожаловать на работу!", "Я — Abiline, ИИ-помощник. Добро пожаловать на работу!"),
        ("et", "Tere! Siin robot $bot.", "Tere! Siin robot Abiline."),
    ],
)
def test_a_greeting_that_leaves_out_that_a_machine_speaks_is_preceded_by_it(tmp_path: Path, language: Language, written: str, said: str) -> None:
    (tmp_path / "tervitused.yml").write_text(f"- page: /*\n  {language}: '{written}'", encoding="utf-8")
    found = read_greetings(Texts(TEXTS), read_settings(data_dir=tmp_path, greetings=str(tmp_path / "tervitused.yml")))
    assert found.on("https://kodukaup.example/kassa", language) == said


@pytest.mark.parametrize(
    ("headers", "size", "words"),
    [
        ({"user-agent": "Mozilla/5.0 (Linux; Android 15; Pixel 9) Firefox/140"}, "390 × 844", "Android · 390 × 844"),
        ({"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)"}, "390 × 844", "iPhone · 390 × 844"),
        ({"user-agent": "Mozilla/5.0 (X11; Linux x86_64)", "sec-ch-ua-platform": '"Chrome OS"'}, None, "Chrome OS"),
        ({}, None, None),
    ],
)
def test_what_the_visitor_uses_is_said_in_a_few_words(headers: dict[str, str], size: str | None, words: str | None) -> None:
    assert described(headers, size) == words


@pytest.mark.parametrize("written", ["- page: kassa\n  et: Tere", "Tere", "- page: /kassa\n  fi: Hei", "- [\n"])
def test_a_crooked_file_of_greetings_stops_the_start_and_names_the_key(tmp_path: Path, database: Database, written: str) -> None:
    (tmp_path / "tervitused.yml").write_text(written, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"^ABILINE_GREETINGS: "):
        create_app(read_settings(data_dir=tmp_path, greetings=str(tmp_path / "tervitused.yml")), FakeBot(), database)


def test_a_file_of_greetings_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^ABILINE_GREETINGS: can't read"):
        read_greetings(Texts(), read_settings(data_dir=tmp_path, greetings="pole.yml"))
