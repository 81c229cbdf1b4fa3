"""Calls that were promised: one call a conversation, one agent a call, and the customer's own page."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from bot.understanding import LANGUAGES, Language
from handoff.accounts import sharing
from handoff.conversations import agents, bells, calls, erasure, reminders, tickets
from handoff.conversations.agents import Holder
from handoff.conversations.call_tables import CallRow, Step
from handoff.conversations.calls import MOVES, Window
from handoff.conversations.shelf import Shelf
from handoff.conversations.tables import ConversationRow, ReminderRow
from handoff.database import Database, now
from handoff.errors import AlreadyTaken, MoveRefused, NotAllowed, NotFound, Unreadable
from handoff.notices import PATH
from handoff.services import Services
from tests.handoff import talk
from tests.handoff.conftest import LogIn

pytestmark = pytest.mark.both_databases

Made = Callable[..., str]
SOON = Window(now() + timedelta(hours=1), now() + timedelta(hours=3))


@pytest.fixture
def ticket(database: Database) -> str:
    """Mari waits for a call."""
    return waiting(database)


def waiting(database: Database, window: Window = SOON, said: str = "Palun helistage.") -> str:
    return tickets.open_ticket(
        database, channel="callback", text="Arve", name="Mari", phone="+372 5555 1234", also=lambda session, row: calls.promise(session, row, window, said)
    )


def call(database: Database, conversation_id: str) -> CallRow:
    with database.read() as session:
        return session.scalars(select(CallRow).where(CallRow.conversation_id == conversation_id).order_by(CallRow.asked_at.desc())).all()[0]


def test_a_call_waits_with_its_number_until_it_is_made(database: Database, ticket: str, jaan: Holder) -> None:
    (one,) = calls.listed(database, jaan.id)
    assert (one.conversation_id, one.name, one.phone, one.tries, one.holder, one.asked) == (ticket, "Mari", "+372 5555 1234", 0, None, "Arve")
    assert talk.texts(database, ticket, "customer") == ["Arve", "Palun helistage."]
    calls.take(database, one.id, jaan)
    assert calls.finish(database, one.id, jaan, "Rääkisime.", Step.DONE) == ticket
    assert calls.listed(database, jaan.id) == []
    assert call(database, ticket).step == Step.DONE
    assert talk.kinds(database, ticket)[-2:] == ["note", "callback_done"]


def test_asked_again_it_is_one_call_at_another_time(database: Database, ticket: str, jaan: Holder) -> None:
    later = Window(SOON.starts + timedelta(days=1), SOON.ends + timedelta(days=1))
    with database.write() as session:
        calls.promise(session, session.get_one(ConversationRow, ticket), later, "")
    (one,) = calls.listed(database, jaan.id)
    assert one.window == later


def test_of_many_who_take_it_at_once_one_wins(database: Database, ticket: str, jaan: Holder, kadri: Holder, tiit: Holder) -> None:
    def takes(agent: Holder) -> bool:
        try:
            calls.take(database, call(database, ticket).id, agent)
        except AlreadyTaken:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(takes, (jaan, kadri, tiit))) == [False, False, True]


def test_who_takes_it_is_reminded_before_its_time(database: Database, ticket: str, jaan: Holder) -> None:
    calls.take(database, call(database, ticket).id, jaan)
    with database.read() as session:
        (reminder,) = session.scalars(select(ReminderRow).where(ReminderRow.agent_id == jaan.id)).all()
    assert reminder.due_at == SOON.starts - bells.BEFORE


def rings(database: Database) -> list[datetime]:
    with database.read() as session:
        return list(session.scalars(select(ReminderRow.due_at)))


def test_the_reminder_follows_the_time_and_ends_with_the_call(database: Database, ticket: str, jaan: Holder) -> None:
    one, later = call(database, ticket), Window(SOON.starts + timedelta(days=1), SOON.ends + timedelta(days=1))
    calls.take(database, one.id, jaan)
    with database.write() as session:
        calls.promise(session, session.get_one(ConversationRow, ticket), later, "Homme sobib paremini.")
    assert rings(database) == [later.starts - bells.BEFORE]
    calls.finish(database, one.id, jaan, "Rääkisime.", Step.DONE)
    assert rings(database) == []


def test_a_reminder_of_the_agents_own_stays(database: Database, ticket: str, jaan: Holder) -> None:
    own = now() + timedelta(days=3)
    reminders.remind(database, ticket, jaan, own, "Küsi laost")
    one = call(database, ticket)
    calls.take(database, one.id, jaan)
    calls.finish(database, one.id, jaan, "Rääkisime.", Step.DONE)
    assert rings(database) == [own]


def test_when_nobody_answers_it_is_tried_again_then(database: Database, ticket: str, jaan: Holder) -> None:
    one = call(database, ticket)
    calls.take(database, one.id, jaan)
    later = Window(SOON.starts + timedelta(days=1), SOON.ends + timedelta(days=1))
    calls.no_answer(database, one.id, jaan, later, "Ei vastanud.")
    (listed,) = calls.listed(database, jaan.id)
    assert (listed.tries, listed.window, listed.holder_id) == (1, later, jaan.id)
    with pytest.raises(Unreadable):
        calls.no_answer(database, one.id, jaan, Window(now() - timedelta(hours=2), now() - timedelta(hours=1)), "Ei vastanud.")


def test_only_who_has_the_conversation_says_what_came_of_it(database: Database, ticket: str, jaan: Holder, kadri: Holder) -> None:
    one = call(database, ticket)
    with pytest.raises(MoveRefused):
        calls.finish(database, one.id, jaan, "Rääkisime.", Step.DONE)
    calls.take(database, one.id, jaan)
    with pytest.raises(NotAllowed):
        calls.finish(database, one.id, kadri, "Rääkisime.", Step.DONE)
    assert call(database, ticket).step == Step.OPEN


def test_what_has_ended_stays_ended(database: Database, ticket: str, jaan: Holder) -> None:
    one = call(database, ticket)
    calls.take(database, one.id, jaan)
    calls.finish(database, one.id, jaan, "Ei saanud kätte.", Step.UNREACHED)
    with pytest.raises(MoveRefused):
        calls.finish(database, one.id, jaan, "Rääkisime.", Step.DONE)


@given(steps=st.lists(st.sampled_from(list(Step)), max_size=6))
def test_a_call_moves_only_by_the_table(steps: list[Step]) -> None:
    one = CallRow(step=Step.OPEN.value)
    for step in steps:
        before = Step(one.step)
        if step in MOVES[before]:
            calls._move(one, step)
            assert (one.step, one.ended_at is None) == (step.value, step is Step.OPEN)
        else:
            with pytest.raises(MoveRefused):
                calls._move(one, step)
            assert one.step == before.value


def test_due_are_those_whose_time_has_come_and_that_are_ones_own_or_nobodys(database: Database, ticket: str, jaan: Holder, kadri: Holder) -> None:
    assert calls.due(database, jaan.id) == 0
    waiting(database, Window(now() - timedelta(hours=1), now() + timedelta(hours=1)))
    assert (calls.due(database, jaan.id), calls.due(database, kadri.id)) == (1, 1)
    calls.take(database, calls.listed(database, jaan.id)[0].id, jaan)
    assert (calls.due(database, jaan.id), calls.due(database, kadri.id)) == (1, 0)


def test_a_closed_conversation_has_no_call_and_an_erased_one_none_at_all(database: Database, ticket: str, jaan: Holder, shelf: Shelf) -> None:
    agents.claim(database, ticket, jaan)
    agents.close(database, ticket, jaan)
    assert calls.listed(database, jaan.id) == []
    (kept,) = erasure.export(database, ticket)["calls"]
    assert (kept["step"], kept["tries"]) == ("open", 0)
    erasure.erase(database, shelf, ticket)
    with database.read() as session:
        assert session.scalar(select(CallRow)) is None


def test_calls_of_a_walled_team_are_its_own(database: Database, ticket: str, team: str, jaan: Holder, anu: str, tiit: Holder) -> None:
    with database.write() as session:
        session.execute(update(ConversationRow).values(team_id=team))
    sharing.set_walled(database, team, True, by=tiit.id)
    stranger = Holder(outsider(database), "Piret")
    assert [one.conversation_id for one in calls.listed(database, jaan.id)] == [ticket]
    assert calls.listed(database, stranger.id) == []
    assert calls.due(database, stranger.id) == 0
    with pytest.raises(NotFound):
        calls.take(database, call(database, ticket).id, stranger)


def outsider(database: Database) -> str:
    from handoff.accounts import service as accounts
    from handoff.accounts.tables import Role
    from tests.handoff.conftest import PASSWORD

    accounts.create(database, login="piret", name="Piret", password=PASSWORD, role=Role.AGENT)
    return accounts.whose(database, accounts.log_in(database, login="piret", password=PASSWORD)).id


def test_a_customer_asks_on_the_page_and_moves_and_cancels_on_hers(client: TestClient, services: Services, database: Database, jaan: Holder) -> None:
    (first, *_, last) = re.findall(r'<option value="(\d+T\d+Z)"', client.get("/callback").text)
    thanks = client.post("/callback", data={"contact": "5555 1234", "text": "Arve", "window": first})
    assert "kell" in thanks.text
    assert "+372 5555 1234" in thanks.text
    (one,) = calls.listed(database, jaan.id)
    assert f"{one.window.starts:%Y%m%dT%H%MZ}" == first
    (path,) = re.findall(rf'href="({PATH}[^"]+)"', thanks.text)
    assert "Teie kõne" in client.get(path).text
    assert f'value="{first}" selected' in client.get(path).text, "the time that was agreed"
    moved = client.post(f"{path}/call", data={"what": "move", "window": last})
    assert "Uus aeg on kirjas." in moved.text
    assert f"{calls.listed(database, jaan.id)[0].window.starts:%Y%m%dT%H%MZ}" == last
    assert "See aeg jõudis mööda" in client.post(f"{path}/call", data={"what": "move", "window": "20200101T0700Z"}).text
    assert "me ei helista" in client.post(f"{path}/call", data={"what": "cancel"}).text
    assert calls.listed(database, jaan.id) == []
    assert "Kõne on juba tehtud" in client.post(f"{path}/call", data={"what": "cancel"}).text
    kinds = talk.kinds(database, one.conversation_id)
    assert [kind for kind in kinds if kind.startswith("callback")] == ["callback_requested", "callback_moved", "callback_cancelled"]
    assert client.post(f"{PATH}vale-link/call", data={"what": "cancel"}).status_code == 404


def test_a_time_that_is_over_gets_the_form_again_with_what_was_typed(client: TestClient, database: Database, jaan: Holder) -> None:
    page = client.post("/callback", data={"contact": "5555 1234", "text": "Arve number 7", "window": "20200101T0700Z"})
    assert page.status_code == 422
    assert "Arve number 7" in page.text
    assert "See aeg jõudis mööda. Palun valige uus." in page.text
    assert calls.listed(database, jaan.id) == []


def test_the_page_of_calls_from_taking_to_the_end(database: Database, ticket: str, log_in: LogIn, client: TestClient) -> None:
    jaans = log_in("jaan")

    def does(what: str, **fields: str) -> Any:
        return jaans.post(f"/calls/{call(database, ticket).id}/{what}", data={"csrf_token": jaans.headers["X-CSRF-Token"], **fields})

    assert 'href="tel:+37255551234"' in jaans.get("/calls").text
    assert '<blockquote class="asked">Arve</blockquote>' in jaans.get("/calls").text
    assert jaans.get("/calls/waits").json() == {"count": 0, "text": "Kõned, mille aeg on käes: 0"}
    assert "Kõne on teie." in does("take").text
    assert "proovitud: 1" in does("again", window="").text
    assert "Aitäh, kõne on tehtud." in does("done", note="Arve on selge.", close="1").text
    row = talk.row(database, ticket)
    assert (row.state, row.outcome) == ("closed", "solved")
    notes = [event.body["text"] for event in talk.events(database, ticket) if event.kind == "note"]
    assert notes[-1] == "Helistasin ja rääkisime. Arve on selge."
    assert "Ühtegi kõnet ei oota" in jaans.get("/calls").text
    assert "Keegi jõudis ette" in does("done").text


def test_an_agent_sets_a_time_of_her_own_and_is_told_when_it_is_outside_of_working_hours(database: Database, ticket: str, log_in: LogIn) -> None:
    jaans = log_in("jaan")
    sent = {"csrf_token": jaans.headers["X-CSRF-Token"]}
    one = call(database, ticket)
    jaans.post(f"/calls/{one.id}/take", data=sent)
    here = now().astimezone(ZoneInfo("Europe/Tallinn"))
    sunday = (here + timedelta(days=13 - here.weekday())).replace(hour=23, minute=30, second=0, microsecond=0)
    page = jaans.post(f"/calls/{one.id}/again", data=sent | {"at": sunday.strftime("%Y-%m-%dT%H:%M"), "window": ""}).text
    assert "väljaspool tööaega" in page
    assert (call(database, ticket).starts, rings(database)) == (sunday, [sunday - bells.BEFORE])
    assert "proovitud: 1" in page
    for never in ("kell kolm", "2020-01-01T12:00", "9999-12-31T23:59"):
        assert "See aeg jõudis mööda" in jaans.post(f"/calls/{one.id}/again", data=sent | {"at": never}).text
    assert call(database, ticket).tries == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_calls_is_there_in_every_language(database: Database, ticket: str, log_in: LogIn, language: Language) -> None:
    page = log_in("jaan").get("/calls", params={"lang": language, "said": "time_gone"})
    assert page.status_code == 200
    assert "[?" not in page.text


def test_an_editor_sees_no_calls_and_a_form_without_its_token_does_nothing(database: Database, ticket: str, log_in: LogIn) -> None:
    assert log_in("liis").get("/calls").status_code == 403
    jaans = log_in("jaan")
    del jaans.headers["X-CSRF-Token"]
    assert jaans.post(f"/calls/{call(database, ticket).id}/take").status_code == 403
    assert talk.row(database, ticket).state == "ticket"
