"""Kept informed: where a matter stands, one notice for each change, a page under a secret link, and the question whether all is well."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
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
from handoff.errors import MoveRefused, NotAllowed, NotFound, Unreadable
from handoff.letters import Letters, first_name
from handoff.notices import Notices
from handoff.outbox import OutboxRow
from handoff.settings import Settings, read_settings
from handoff.stages import read_stages
from handoff.texts import Texts
from tests.handoff import talk

pytestmark = pytest.mark.both_databases
TEXTS = Texts(Path(links.__file__).parents[1] / "texts")


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


def test_a_ticket_without_mail_gets_no_letter(database: Database, made: Links, settings: Settings) -> None:
    bare = settings.model_copy(update={"smtp_url": SecretStr("")})
    ticket = tickets.open_ticket(database, channel="callback", text="Helistage palun", phone="+372 5123 4567")
    matters.begin(database, ticket, made, Notices(bare, TEXTS, read_stages(bare, TEXTS), Letters(bare)))
    assert letters(database) == []
