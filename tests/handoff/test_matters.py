"""Kept informed: where a matter stands, one notice for each change, a page under a secret link, and the question whether all is well."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from pydantic import SecretStr
from sqlalchemy import select, update

from handoff.accounts import service as accounts
from handoff.accounts.seal import Seal
from handoff.accounts.tables import Availability
from handoff.conversations import agents, codes, erasure, links, matters, queue, rounds, service, tickets, undoing, verification
from handoff.conversations.agents import Holder
from handoff.conversations.events import for_customer
from handoff.conversations.links import Links
from handoff.conversations.service import Started
from handoff.conversations.shelf import Shelf
from handoff.conversations.signals import Signals
from handoff.conversations.states import State
from handoff.conversations.tables import ConversationRow
from handoff.conversations.verification import How
from handoff.database import Database, now
from handoff.errors import MoveRefused, NotAllowed, NotFound, SettingsError, Unreadable
from handoff.letters import Letters
from handoff.notices import Notices, first_name
from handoff.outbox import OutboxRow
from handoff.services import Services
from handoff.settings import Settings, read_settings
from handoff.stages import read_stages
from handoff.texts import Texts
from tests.handoff import talk
from tests.handoff.conftest import LogIn
from tests.handoff.desk import at, wait

pytestmark = pytest.mark.both_databases

TEXTS = Texts(Path(links.__file__).parents[1] / "texts")
OWN = """
- id: smith
  name: {et: "Meister töötab", en: "The smith is at work"}
  next: {et: "Anname teada, kui ehe on valmis."}
- id: ready
  name: {et: "Valmis"}
  next: {et: "Tulge järele."}
  ends: true
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A house that sends mail; nothing listens there."""
    return read_settings(data_dir=tmp_path, smtp_url=SecretStr("smtp://localhost:9"), mail_from="tugi@kodukaup.example", follow_up_hours=24)


@pytest.fixture
def made() -> Links:
    return Links(Seal(lambda: "proovi-saladus", purpose="links to matters"))


@pytest.fixture
def tells(settings: Settings) -> Notices:
    return Notices(settings, TEXTS, read_stages(settings, TEXTS), Letters(settings))


class Desk:
    """Jaan says where Mari's matter stands."""

    def __init__(self, database: Database, mari: Started, agent: Holder, made: Links, tells: Notices) -> None:
        self.database, self.mari, self.agent, self.made, self.tells = database, mari, agent, made, tells
        self._number = 0

    def stage(self, stage: str, *, agent: Holder | None = None, client_id: str = "") -> None:
        self._number += 1
        matters.set_stage(
            self.database,
            self.mari.conversation_id,
            agent or self.agent,
            stage,
            ends=stage == "solved",
            client_id=client_id or f"jaan-{self._number:04}",
            made=self.made,
            tells=self.tells,
            ask_after=timedelta(hours=24),
        )

    @property
    def row(self) -> ConversationRow:
        return talk.row(self.database, self.mari.conversation_id)

    @property
    def token(self) -> str:
        return self.made.of(self.row)


@pytest.fixture
def jaans(database: Database, mari: Started, jaan: Holder, made: Links, tells: Notices) -> Desk:
    talk.go_live(database, mari.conversation_id, jaan)
    with database.write() as session:
        session.execute(update(ConversationRow).values(email="mari@naide.ee", name="Mari Õunapuu"))
    return Desk(database, mari, jaan, made, tells)


def letters(database: Database) -> list[dict[str, Any]]:
    with database.read() as session:
        return [row.payload for row in session.scalars(select(OutboxRow).order_by(OutboxRow.made_at)) if row.payload]


def test_the_customer_hears_of_a_change_once_in_the_chat_and_by_letter(database: Database, jaans: Desk) -> None:
    jaans.stage("supplier")
    jaans.stage("supplier")  # no change
    said = talk.texts(database, jaans.mari.conversation_id, "agent")
    assert said == [f"Kus teie asi on: ootame tarnijat. Anname teada kohe, kui tarnija on vastanud. Igal ajal näete seda siin: {jaans.tells.url(jaans.token)}"]
    (letter,) = letters(database)
    assert letter["subject"] == "Ootame tarnijat: teie küsimus (Kodukaup)"
    assert letter["text"].startswith("Tere, Mari!\n")
    assert "Õunapuu" not in letter["text"] + letter["html"]
    assert jaans.token in letter["text"]
    staged = next(event for event in talk.events(database, jaans.mari.conversation_id) if event.kind == "staged")
    assert (staged.body, for_customer(staged)) == ({"stage": "supplier", "name": "Jaan"}, None)


def test_the_same_wish_again_is_one_notice(database: Database, jaans: Desk) -> None:
    jaans.stage("taken", client_id="sama-0001")
    jaans.stage("supplier")
    jaans.stage("taken", client_id="sama-0001")  # a retry of the first that came late
    assert jaans.row.stage == "supplier"
    assert len(letters(database)) == 2


@pytest.mark.parametrize(("notices", "in_chat", "by_letter"), [(("chat",), 1, 0), (("mail",), 0, 1), ((), 0, 0)])
def test_the_operator_says_how_customers_hear(
    settings: Settings, database: Database, jaans: Desk, notices: tuple[str, ...], in_chat: int, by_letter: int
) -> None:
    chosen = settings.model_copy(update={"notices": notices})
    jaans.tells = Notices(chosen, TEXTS, read_stages(chosen, TEXTS), Letters(chosen))
    jaans.stage("taken")
    assert len(talk.texts(database, jaans.mari.conversation_id, "agent")) == in_chat
    assert len(letters(database)) == by_letter


def test_only_the_holder_says_where_it_stands(database: Database, jaans: Desk, kadri: Holder) -> None:
    with pytest.raises(NotAllowed):
        jaans.stage("taken", agent=kadri)
    agents.release(database, jaans.mari.conversation_id, jaans.agent)
    with pytest.raises(MoveRefused):
        jaans.stage("taken")
    assert letters(database) == []


def test_what_is_solved_is_closed_and_an_undone_end_asks_nothing_later(database: Database, jaans: Desk) -> None:
    jaans.stage("solved")
    row = jaans.row
    assert (row.state, row.outcome, row.follow_up_at is not None) == ("closed", "solved", True)
    undoing.undo(database, jaans.mari.conversation_id, jaans.agent)
    assert (jaans.row.state, jaans.row.follow_up_at) == ("live", None)


def test_a_link_opens_until_some_days_after_the_end_and_a_new_one_ends_the_old(database: Database, jaans: Desk) -> None:
    jaans.stage("taken")
    old = jaans.token
    new = matters.link(database, jaans.mari.conversation_id, jaans.agent, jaans.made, new=True)
    with database.read() as session:
        assert links.find(session, new, days=30).id == jaans.mari.conversation_id
        for wrong in (old, "", new[:-1], new + "x", jaans.mari.conversation_id):
            with pytest.raises(NotFound):
                links.find(session, wrong, days=30)
    jaans.stage("solved")
    with database.write() as session:
        session.execute(update(ConversationRow).values(closed_at=now() - timedelta(days=31)))
    with database.read() as session, pytest.raises(NotFound):
        links.find(session, new, days=30)


def test_a_link_that_another_key_has_sealed_is_made_anew(database: Database, jaans: Desk) -> None:
    jaans.stage("taken")
    old = jaans.token
    jaans.made = Links(Seal(lambda: "uus-saladus", purpose="links to matters"))
    jaans.stage("supplier")
    assert jaans.token != old


def test_it_is_asked_once_whether_all_is_well(database: Database, jaans: Desk) -> None:
    jaans.stage("solved")
    assert matters.ask_due(database, jaans.made, jaans.tells) == []
    with database.write() as session:
        session.execute(update(ConversationRow).values(follow_up_at=now()))
    rounds.once(database, Signals(), lambda: matters.ask_due(database, jaans.made, jaans.tells))
    assert matters.ask_due(database, jaans.made, jaans.tells) == []
    asked = talk.events(database, jaans.mari.conversation_id)[-1]
    assert (asked.body["text"], asked.body["buttons"]) == ("Kas kõik sai korda?", ["Jah, sai korda", "Midagi jäi veel"])
    assert letters(database)[-1]["subject"] == "Kas kõik sai korda? (Kodukaup)"
    assert jaans.row.state == "closed"


def test_yes_in_the_chat_is_thanked_for_and_opens_nothing(database: Database, jaans: Desk) -> None:
    number = asked_in_chat(database, jaans)
    kept = service.choose(database, jaans.mari.conversation_id, client_id="vastus-01", number=number, button=0)
    assert not kept.owed
    assert (jaans.row.state, jaans.row.follow_up) == ("closed", "yes")
    assert talk.kinds(database, jaans.mari.conversation_id)[-1] == "all_well"


def test_no_in_the_chat_opens_it_first_in_line(database: Database, jaans: Desk, kadri: Holder) -> None:
    earlier = service.start(database, greeting="Tere!")
    talk.wait_for_person(database, earlier.conversation_id)
    number = asked_in_chat(database, jaans)
    service.choose(database, jaans.mari.conversation_id, client_id="vastus-01", number=number, button=1)
    assert (jaans.row.state, jaans.row.again_at is not None) == ("ticket", True)  # nobody is here
    line = [item.row.id for item in queue.items(database, "waiting", kadri.id)]
    assert line == [jaans.mari.conversation_id, earlier.conversation_id]
    agents.claim(database, jaans.mari.conversation_id, kadri)
    assert jaans.row.again_at is None


def test_no_meets_whoever_knows_the_matter_when_they_are_here(database: Database, jaans: Desk) -> None:
    number = asked_in_chat(database, jaans)
    accounts.set_availability(database, jaans.agent.id, Availability.AVAILABLE)
    accounts.seen(database, jaans.agent.id)
    service.choose(database, jaans.mari.conversation_id, client_id="vastus-01", number=number, button=1)
    assert (jaans.row.state, jaans.row.agent_id) == ("live", jaans.agent.id)


def test_an_answer_that_comes_after_it_was_opened_again_is_a_message(database: Database, jaans: Desk) -> None:
    number = asked_in_chat(database, jaans)
    talk.say(database, jaans.mari.conversation_id, "Tegelikult on veel küsimus")
    service.choose(database, jaans.mari.conversation_id, client_id="vastus-01", number=number, button=0)
    assert "all_well" not in talk.kinds(database, jaans.mari.conversation_id)


def asked_in_chat(database: Database, jaans: Desk) -> int:
    jaans.stage("solved")
    with database.write() as session:
        session.execute(update(ConversationRow).values(follow_up_at=now()).where(ConversationRow.id == jaans.mari.conversation_id))
    matters.ask_due(database, jaans.made, jaans.tells)
    return jaans.row.last_number


@pytest.mark.parametrize(
    ("state", "after"), [(State.BOT, "ticket"), (State.CLOSED, "ticket"), (State.SNOOZED, "waiting"), (State.WAITING, "waiting"), (State.TICKET, "ticket")]
)
def test_what_is_added_on_the_page_reaches_a_person(database: Database, jaans: Desk, state: State, after: str) -> None:
    jaans.stage("taken")
    token = jaans.token
    with database.write() as session:
        session.execute(update(ConversationRow).values(state=state.value, closed_at=now()))
    for _ in range(2):
        matters.add(database, token, days=30, client_id="lisa-0001", text="Leidsin tšeki üles.")
    assert jaans.row.state == after
    assert talk.texts(database, jaans.mari.conversation_id, "customer")[-1] == "Leidsin tšeki üles."
    assert talk.debts(database, jaans.mari.conversation_id)[-1].number < jaans.row.last_number  # the bot owes nothing for it
    with pytest.raises(Unreadable):
        matters.add(database, token, days=30, client_id="lisa-0002", text=" ")


def test_a_code_that_is_typed_on_the_page_counts_and_is_not_kept(database: Database, jaans: Desk, settings: Settings) -> None:
    jaans.stage("taken")
    codes.send(database, jaans.mari.conversation_id, cause="proov-0001", write=Letters(settings).code)
    found = re.search(r"\d{3} \d{3}", letters(database)[-1]["text"])
    assert found is not None
    matters.add(database, jaans.token, days=30, client_id="lisa-0001", text=found.group())
    assert verification.standing(jaans.row) is How.ADDRESS
    assert talk.texts(database, jaans.mari.conversation_id, "customer")[-1] == codes.HIDDEN


def test_erasure_ends_the_link_and_the_copy_says_where_it_stood(database: Database, jaans: Desk, shelf: Shelf) -> None:
    jaans.stage("supplier")
    token = jaans.token
    assert erasure.export(database, jaans.mari.conversation_id)["conversation"]["stage"] == "supplier"
    erasure.erase(database, shelf, jaans.mari.conversation_id)
    with database.read() as session, pytest.raises(NotFound):
        links.find(session, token, days=30)
    assert letters(database) == []


@pytest.mark.parametrize(
    ("name", "first"),
    [("Mari Õunapuu", "Mari"), (None, ""), ("mari@naide.ee", ""), ("5123 4567", ""), ("  ", ""), ("Õunapuu, Mari Liis", "Mari"), ("õ" * 50, "õ" * 40)],
)
def test_no_more_than_the_first_name_is_told(name: str | None, first: str) -> None:
    assert first_name(ConversationRow(name=name)) == first


# Stages of one's own.


def test_the_operators_own_list_stands_in_for_the_usual_one(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "seisud.yml").write_text(OWN, encoding="utf-8")
    stages = read_stages(settings.model_copy(update={"stages": str(tmp_path / "seisud.yml")}), TEXTS)
    assert [(stage.id, stage.ends, stage.names["en"], stage.names["ru"]) for stage in stages.all] == [
        ("smith", False, "The smith is at work", "Meister töötab"),
        ("ready", True, "Valmis", "Valmis"),
    ]
    assert stages.shown(None, closed=False).names["et"] == "Saime kätte"
    assert stages.shown("ready", closed=False).names["et"] == "Vaatame uuesti"
    assert stages.shown("supplier", closed=False).id == "smith"  # no longer in the list
    assert stages.shown("smith", closed=True).names["et"] == "Lõpetatud"
    with pytest.raises(NotFound):
        stages.get("supplier")


@pytest.mark.parametrize(
    "text", ["- id: Suur", "[]", OWN + OWN, "- {id: x, name: {et: ''}, next: {et: y}}", '- {id: x, name: {et: "a\\nb"}, next: {et: y}}', "{"]
)
def test_a_list_that_can_not_be_used_stops_the_start_and_names_the_key(tmp_path: Path, settings: Settings, text: str) -> None:
    (tmp_path / "seisud.yml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="ABILINE_STAGES"):
        read_stages(settings.model_copy(update={"stages": str(tmp_path / "seisud.yml")}), TEXTS)
    with pytest.raises(SettingsError, match="ABILINE_STAGES"):
        read_stages(settings.model_copy(update={"stages": str(tmp_path / "pole.yml")}), TEXTS)


# The desk and the page.


def staged(desk: TestClient, mari: Started, stage: str, client_id: str) -> Response:
    answer: Response = desk.post(at(mari, "/stage"), json={"stage": stage, "client_id": client_id})
    return answer


def path_of(desk: TestClient, mari: Started) -> str:
    return str(desk.post(at(mari, "/link")).json()["url"]).removeprefix("http://localhost:8000")


def test_an_agent_says_where_it_stands_and_the_customer_sees_it_on_the_page(
    desk: TestClient, log_in: LogIn, client: TestClient, database: Database, mari: Started
) -> None:
    wait(database, mari, text="Kas minu (mari@naide.ee) lamp on juba teel?")
    assert staged(desk, mari, "supplier", "jaan-0001").json()["code"] == "move_refused"
    assert desk.post(at(mari, "/link")).json()["code"] == "move_refused"
    desk.post(at(mari, "/claim"))
    assert staged(log_in("kadri"), mari, "supplier", "kadri-001").status_code == 403
    assert staged(desk, mari, "kuskil", "jaan-0001").status_code == 404
    assert staged(desk, mari, "supplier", "jaan-0001").json()["stage"] == "supplier"
    path = path_of(desk, mari)
    seen = client.get(path)
    assert seen.status_code == 200
    for words in ("Ootame tarnijat", "Anname teada kohe", "lamp on juba teel?", "Teie sõnum"):
        assert words in seen.text
    assert {name: seen.headers[name] for name in ("referrer-policy", "x-robots-tag", "cache-control")} == {
        "referrer-policy": "no-referrer",
        "x-robots-tag": "noindex, nofollow",
        "cache-control": "no-store",
    }
    assert "Waiting for the supplier" in client.get(path + "?lang=en").text
    new = desk.post(at(mari, "/link?new=true")).json()["url"]
    assert client.get(path).status_code == 404
    assert client.get(new.removeprefix("http://localhost:8000")).status_code == 200


def test_the_customer_adds_something_on_the_page_and_says_that_all_is_well(desk: TestClient, client: TestClient, database: Database, mari: Started) -> None:
    wait(database, mari)
    desk.post(at(mari, "/claim"))
    staged(desk, mari, "taken", "jaan-0001")
    path = path_of(desk, mari)
    sent = client.post(path + "?lang=et", data={"text": "Tellimus oli punane.", "client_id": "lisa-0001"}, follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, f"{path}?done=said&lang=et")
    assert "Aitäh, saime kätte!" in client.get(sent.headers["location"]).text
    assert talk.texts(database, mari.conversation_id, "customer")[-1] == "Tellimus oli punane."
    for more in ("Lambipirn samuti.", "Ja juhe ka."):  # an old page or a script that names no message
        client.post(path, data={"text": more})
    assert talk.texts(database, mari.conversation_id, "customer")[-2:] == ["Lambipirn samuti.", "Ja juhe ka."]
    empty = client.post(path, data={"text": " ", "client_id": "lisa-0002"})
    assert (empty.status_code, "Kirjutage siia, mida soovite lisada." in empty.text) == (422, True)
    assert "Kas kõik sai korda?" not in empty.text
    staged(desk, mari, "solved", "jaan-0002")
    assert "Kas kõik sai korda?" in client.get(path).text
    thanked = client.post(path + "/solved", data={"answer": "yes"})
    assert "hea meel" in thanked.text
    assert "Midagi jäi veel" not in client.get(path).text
    assert talk.row(database, mari.conversation_id).follow_up == "yes"


def test_not_solved_on_the_page_opens_it_again(desk: TestClient, client: TestClient, database: Database, mari: Started) -> None:
    wait(database, mari)
    desk.post(at(mari, "/claim"))
    staged(desk, mari, "taken", "jaan-0001")
    path = path_of(desk, mari)
    staged(desk, mari, "solved", "jaan-0002")
    page = client.post(path + "/solved", data={"answer": "no"})
    assert "esimesena uuesti ette" in page.text
    assert "Vaatame uuesti" in page.text
    assert talk.row(database, mari.conversation_id).state != "closed"


def test_who_follows_a_matter_hears_of_its_end_however_the_agent_closes_it(desk: TestClient, client: TestClient, database: Database, mari: Started) -> None:
    wait(database, mari)
    desk.post(at(mari, "/claim"))
    staged(desk, mari, "supplier", "jaan-0001")
    path = path_of(desk, mari)
    desk.post(at(mari, "/close"), json={"outcome": "not_solved"})
    assert "Lõpetatud" in client.get(path).text
    desk.post(at(mari, "/undo"))
    desk.post(at(mari, "/close"), json={"outcome": "solved"})
    assert "Lahendatud" in client.get(path).text
    assert "lahendatud" in talk.texts(database, mari.conversation_id, "agent")[-1]


def test_who_does_not_follow_it_is_not_told(desk: TestClient, database: Database, mari: Started) -> None:
    wait(database, mari)
    desk.post(at(mari, "/claim"))
    desk.post(at(mari, "/close"), json={"outcome": "solved"})
    assert talk.texts(database, mari.conversation_id, "agent") == []


def test_a_wrong_link_says_nothing_and_cannot_be_tried_for_long(client: TestClient) -> None:
    first = client.get("/asi/puudub?lang=et")
    assert (first.status_code, "Siin pole midagi näidata" in first.text) == (404, True)
    assert first.headers["x-robots-tag"] == "noindex, nofollow"
    for number in range(19):
        client.post(f"/asi/puudub{number}", data={"text": "tere"})
    assert client.get("/asi/veel").status_code == 429
    assert client.post("/asi/veel/solved", data={"answer": "yes"}).status_code == 429


def test_many_messages_in_a_row_are_slowed_down_and_nothing_typed_is_lost(desk: TestClient, client: TestClient, database: Database, mari: Started) -> None:
    wait(database, mari)
    desk.post(at(mari, "/claim"))
    path = path_of(desk, mari)
    for number in range(6):
        client.post(path, data={"text": f"Veel {number}", "client_id": f"lisa-000{number}"})
    slowed = client.post(path, data={"text": "Ja veel üks", "client_id": "lisa-0009"})
    assert (slowed.status_code, "Ja veel üks" in slowed.text) == (429, True)


def test_whoever_writes_by_the_form_gets_the_page_and_a_letter(client: TestClient, services: Services, database: Database) -> None:
    thanks = client.post("/contact", data={"contact": "mari@naide.ee", "text": "Kus mu arve on?", "name": "Mari"})
    found = re.search(r'href="(/asi/[^"]+)"', thanks.text)
    assert found is not None
    seen = client.get(found.group(1))
    assert "Tere, Mari!" in seen.text
    assert "Saime kätte" in seen.text
    assert "Kus mu arve on?" in seen.text
    with database.read() as session:
        assert session.scalars(select(OutboxRow)).one().key.startswith("received:")


def test_nobodys_mailbox_is_filled_by_the_form(client: TestClient, services: Services, database: Database) -> None:
    def write(number: int, address: str) -> Response:
        answer: Response = client.post("/contact", data={"contact": address, "text": f"Küsimus {number}"})
        return answer

    for number in range(matters.MOST_RECEIVED + 2):
        assert "/asi/" in write(number, "mari@naide.ee").text  # the ticket is kept, the page is shown
    assert len(keys(database)) == matters.MOST_RECEIVED
    for number in range(10):
        write(number, f"keegi{number}@naide.ee")
    assert len(keys(database)) == 10 - (matters.MOST_RECEIVED + 2) + matters.MOST_RECEIVED


def keys(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(OutboxRow.key)))


def test_a_ticket_without_mail_gets_no_letter(database: Database, made: Links, settings: Settings) -> None:
    bare = settings.model_copy(update={"smtp_url": SecretStr("")})
    ticket = tickets.open_ticket(database, channel="callback", text="Helistage palun", phone="+372 5123 4567")
    matters.begin(database, ticket, made, Notices(bare, TEXTS, read_stages(bare, TEXTS), Letters(bare)))
    assert letters(database) == []
