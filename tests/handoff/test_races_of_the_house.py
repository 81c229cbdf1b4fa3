"""What many do at the same moment around conversations: deliveries, reminders, people who leave, erasure, beginnings."""

from __future__ import annotations

import asyncio
from functools import partial

import httpx
import pytest
from sqlalchemy import select, update

from handoff.accounts import staff, trail
from handoff.accounts.staff import Details
from handoff.accounts.tables import AgentRow, Role
from handoff.conversations import agents, erasure, leaving, passing, reminders, service
from handoff.conversations import visitors as people_who_visit
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.conversations.shelf import Shelf
from handoff.conversations.tables import ReminderRow
from handoff.conversations.visitors import Identity
from handoff.database import Database, now
from handoff.errors import NotFound
from handoff.outbox import Outbox, OutboxRow, enqueue
from tests.handoff import talk
from tests.handoff.chronicle import expect_one_truth
from tests.handoff.racing import at_once, done
from tests.handoff.talk import SOON

pytestmark = pytest.mark.both_databases
CROWD = 6


def test_a_reminder_rings_for_one_of_many(database: Database, mari: Started, jaan: Holder) -> None:
    at_once(*[partial(reminders.remind, database, mari.conversation_id, jaan, now() + SOON)] * CROWD)
    with database.write() as session:
        session.execute(update(ReminderRow).values(due_at=now()))
    assert at_once(*[partial(reminders.ring, database)] * CROWD).count(True) == 1


def test_what_leaves_the_house_is_taken_by_one_worker(database: Database) -> None:
    for number in range(CROWD):
        with database.write() as session:
            enqueue(session, kind="handoff", url="https://teine.example", key=f"voti-{number}", payload={"number": number})
    sent: list[str] = []

    def receive(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers["Idempotency-Key"])
        return httpx.Response(204)

    async def work() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(receive)) as client:
            while await Outbox(database, secret="", client=client).deliver_one():
                pass

    at_once(*[lambda: asyncio.run(work())] * 3)
    assert sorted(sent) == [f"voti-{number}" for number in range(CROWD)]


def test_a_letter_that_is_asked_for_many_times_is_owed_once(database: Database) -> None:
    def ask() -> None:
        with database.write() as session:
            enqueue(session, kind="mail", url="outbox:mail", key="kiri-1", payload={})

    assert done(at_once(*[ask] * CROWD)) == CROWD
    with database.read() as session:
        assert len(session.scalars(select(OutboxRow)).all()) == 1


def test_who_leaves_the_company_while_everybody_works_leaves_nothing_behind(
    database: Database, jaan: Holder, kadri: Holder, tiit: Holder, team: str, people: dict[str, str]
) -> None:
    theirs = [service.start(database, greeting="Tere!").conversation_id for _ in range(4)]
    for conversation_id in theirs[:3]:
        talk.go_live(database, conversation_id, jaan)
    talk.wait_for_person(database, theirs[3])
    at_once(
        partial(leaving.leave, database, jaan.id, by=tiit.id),
        partial(agents.answer, database, theirs[0], jaan, client_id="vastus-1", text="Tere!"),
        partial(agents.close, database, theirs[1], jaan),
        partial(passing.pass_to_agent, database, theirs[2], jaan, kadri.id),
        partial(agents.claim, database, theirs[3], kadri),
        partial(trail.saw, database, tiit.id, theirs[0]),
    )
    for conversation_id in theirs:
        expect_one_truth(database, conversation_id, people)
        row = talk.row(database, conversation_id)
        assert row.state == "closed" or row.agent_id != jaan.id


def test_people_are_changed_by_many_and_one_admin_stays(database: Database, people: dict[str, str], anu: str) -> None:
    with database.write() as session:
        session.execute(update(AgentRow).where(AgentRow.id == people["tiit"]).values(role=Role.ADMIN.value))
    admins = (anu, people["tiit"])
    changes = [partial(staff.change, database, one, Details("Keegi", Role.AGENT), by=other) for one, other in (admins, admins[::-1])]
    assert done(at_once(*changes, *[partial(staff.change, database, people["jaan"], Details("Jaan", Role.EDITOR), by=anu)] * 2)) == 3
    assert [member.id in admins for member in staff.everyone(database) if member.role is Role.ADMIN] == [True]


def test_what_is_said_while_it_is_erased_is_not_kept(database: Database, mari: Started, shelf: Shelf) -> None:
    said = [partial(service.say, database, mari.conversation_id, client_id=f"sona-{turn}", text="mari@naide.ee") for turn in range(3)]
    logged_in = partial(people_who_visit.identify, database, mari.conversation_id, Identity("klient-7", "Mari"))
    at_once(*said, logged_in, partial(erasure.erase, database, shelf, mari.conversation_id))
    row = talk.row(database, mari.conversation_id)
    assert (row.state, row.name, row.identity) == ("closed", None, None)
    assert "mari" not in "".join(talk.texts(database, mari.conversation_id, "customer"))
    with pytest.raises(NotFound):
        service.say(database, mari.conversation_id, client_id="sona-9", text="Olen ma siin?")


def test_the_secret_of_one_beginning_begins_one_conversation(database: Database) -> None:
    begun = at_once(*[partial(service.start, database, greeting="Tere!", secret="minu-saladus-on-pikk")] * CROWD)
    assert len({one.conversation_id for one in begun if isinstance(one, Started)}) == 1
    assert [one.repeated for one in begun if isinstance(one, Started)].count(False) == 1
