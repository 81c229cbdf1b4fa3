"""A team that keeps its conversations to itself: nobody of another team finds, reads, follows or changes them."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from handoff.accounts import sharing, teams
from handoff.accounts.tables import AuditRow, TeamMemberRow
from handoff.conversations import history, queue, service
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.conversations.tables import ConversationRow
from handoff.conversations.walls import check_visible
from handoff.database import Database
from handoff.errors import NotFound
from tests.handoff.conftest import LogIn
from tests.handoff.talk import wait_for_person

pytestmark = pytest.mark.both_databases
DESK = "/api/desk/conversations/"


@pytest.fixture
def walled(database: Database, mari: Started, jaan: Holder, tiit: Holder) -> str:
    """Mari waits for „Arved“, to which Jaan belongs and Kadri does not; it keeps to itself."""
    team_id = teams.make(database, "Arved", by=tiit.id)
    wait_for_person(database, mari.conversation_id)
    with database.write() as session:
        session.add(TeamMemberRow(team_id=team_id, agent_id=jaan.id))
        row = session.get_one(ConversationRow, mari.conversation_id)
        row.team_id, row.email = team_id, "mari@example.ee"
    sharing.set_walled(database, team_id, True, by=tiit.id)
    return team_id


def _lists(database: Database, agent: Holder) -> set[str]:
    return {item.row.id for name in ("waiting", "mine", "team", "all", "closed") for item in queue.items(database, name, agent.id)}


def test_an_agent_outside_of_the_team_neither_finds_nor_counts_them(
    database: Database, walled: str, mari: Started, jaan: Holder, kadri: Holder, tiit: Holder
) -> None:
    assert _lists(database, kadri) == set()
    assert queue.counts(database, kadri.id)["waiting"] == 0
    assert queue.items(database, "all", kadri.id, search=mari.conversation_id) == []
    for one in (jaan, tiit):
        assert _lists(database, one) == {mari.conversation_id}
        assert queue.counts(database, one.id)["waiting"] == 1


def test_earlier_conversations_behind_a_wall_are_not_listed(database: Database, walled: str, mari: Started, jaan: Holder, kadri: Holder) -> None:
    again = service.start(database, greeting="Tere!")
    with database.write() as session:
        session.get_one(ConversationRow, again.conversation_id).email = "mari@example.ee"
    assert [row.id for row in history.earlier(database, again.conversation_id, jaan.id)] == [mari.conversation_id]
    assert history.earlier(database, again.conversation_id, kadri.id) == []


def test_who_has_it_or_is_offered_it_sees_it_whatever_the_team(database: Database, walled: str, mari: Started, kadri: Holder) -> None:
    with pytest.raises(NotFound):
        check_visible(database, mari.conversation_id, kadri.id)
    for column in ("offered_to", "agent_id"):
        with database.write() as session:
            setattr(session.get_one(ConversationRow, mari.conversation_id), column, kadri.id)
        check_visible(database, mari.conversation_id, kadri.id)
        with database.write() as session:
            setattr(session.get_one(ConversationRow, mari.conversation_id), column, None)


def test_a_wall_that_is_taken_down_opens_them(database: Database, walled: str, mari: Started, kadri: Holder, tiit: Holder) -> None:
    sharing.set_walled(database, walled, False, by=tiit.id)
    sharing.set_walled(database, walled, False, by=tiit.id)
    assert _lists(database, kadri) == {mari.conversation_id}
    with database.read() as session:
        acts = [row.act for row in session.query(AuditRow).order_by(AuditRow.id)]
    assert [act for act in acts if "wall" in act] == ["walled_team", "unwalled_team"]


def test_no_route_of_the_desk_leads_behind_the_wall(app: FastAPI, log_in: LogIn, walled: str, mari: Started, database: Database) -> None:
    """Also those to come: each that is about a conversation is asked. It looks as if there were none, and nobody has seen it."""
    kadri = log_in("kadri")
    about_one = [route for route in app.routes if isinstance(route, APIRoute) and route.path.startswith(DESK + "{conversation_id}")]
    for route in about_one:
        path = route.path.replace("{conversation_id}", mari.conversation_id).replace("{number}", "1").replace("{", "").replace("}", "")
        for method in route.methods or ():
            answer = kadri.request(method, path)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), f"{method} {route.path}"
    assert len(about_one) > 25
    with database.read() as session:
        assert [row for row in session.query(AuditRow) if row.act == "opened_conversation"] == []


def test_its_own_people_work_as_ever_and_an_admin_puts_up_the_wall_on_the_page(log_in: LogIn, walled: str, mari: Started, anu: str) -> None:
    jaan, admin = log_in("jaan"), log_in("anu")
    assert jaan.get(DESK + mari.conversation_id).status_code == 200
    assert jaan.post(f"{DESK}{mari.conversation_id}/claim").status_code == 200
    page = admin.get("/people/teams").text
    assert "Vestlusi näevad ainult selle meeskonna inimesed ja juhid." in page
    form = {"csrf_token": admin.headers["X-CSRF-Token"]}
    assert admin.post(f"/people/teams/{walled}/wall", data=form, follow_redirects=False).status_code == 303
    assert "Hoia vestlused meeskonna sees" in admin.get("/people/teams").text
    assert admin.post("/people/teams/olematu/wall", data=form).status_code == 404
