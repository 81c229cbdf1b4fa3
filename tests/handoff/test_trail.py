"""Who saw and did what: written once, in order, and what is changed or taken out shows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from starlette.testclient import TestClient

from handoff.accounts import trail
from handoff.accounts.tables import AuditHeadRow, AuditRow
from handoff.accounts.trail import Checked, Wanted
from handoff.conversations import erasure
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.conversations.shelf import Shelf
from handoff.database import Database, now
from tests.handoff import desk as desks
from tests.handoff import talk
from tests.handoff.conftest import LogIn

pytestmark = pytest.mark.both_databases


def acts(database: Database) -> list[tuple[str | None, str, str | None]]:
    return [(row.agent_id, row.act, row.target) for row in reversed(trail.rows(database, Wanted()))]


def write(database: Database, *names: str, agent_id: str | None = None) -> None:
    for name in names:
        with database.write() as session:
            trail.write_down(session, agent_id, name, "siht")


def test_a_whole_trail_fits_together(database: Database) -> None:
    assert trail.check(database) == Checked(0, None)
    write(database, "üks", "kaks", "kolm")
    assert trail.check(database) == Checked(3, None)


@pytest.mark.parametrize("changed", [{"act": "muu"}, {"agent_id": "keegi"}, {"target": None}, {"address": "192.0.2.1"}, {"at": now() - timedelta(days=1)}])
def test_a_row_that_was_changed_shows(database: Database, changed: dict[str, object]) -> None:
    write(database, "üks", "kaks", "kolm")
    with database.write() as session:
        session.execute(update(AuditRow).where(AuditRow.act == "kaks").values(**changed))
    assert trail.check(database) == Checked(1, 2)


@pytest.mark.parametrize(("gone", "found"), [("üks", Checked(0, 2)), ("kaks", Checked(1, 3)), ("kolm", Checked(2, 3))])
def test_a_row_that_was_taken_out_shows_wherever_it_stood(database: Database, gone: str, found: Checked) -> None:
    write(database, "üks", "kaks", "kolm")
    with database.write() as session:
        session.execute(delete(AuditRow).where(AuditRow.act == gone))
    assert trail.check(database) == found


def test_a_trail_that_was_emptied_shows(database: Database) -> None:
    write(database, "üks", "kaks")
    with database.write() as session:
        session.execute(delete(AuditRow))
    assert trail.check(database).broken_at is not None


def test_what_is_older_than_is_kept_is_cut_off_and_the_rest_fits_together(database: Database) -> None:
    write(database, "ammu", "üleeile", "täna")
    with database.write() as session:
        for row, days in zip(session.scalars(select(AuditRow).order_by(AuditRow.id)), (800, 740, 0), strict=True):
            row.at = now() - timedelta(days=days)
    rechain(database)
    assert trail.cut(database, 730) == 2
    assert [act for _, act, _ in acts(database)] == ["täna", "cut_trail"]
    assert trail.check(database) == Checked(2, None)
    assert trail.cut(database, 730) == 0


def test_a_cut_of_somebody_elses_shows_beside_our_own(database: Database) -> None:
    test_what_is_older_than_is_kept_is_cut_off_and_the_rest_fits_together(database)
    write(database, "hiljem")
    with database.write() as session:
        session.execute(delete(AuditRow).where(AuditRow.act == "täna"))
    assert trail.check(database).broken_at is not None


def rechain(database: Database) -> None:
    """As if the rows had been written at the time that they bear."""
    with database.write() as session:
        before = ""
        for row in session.scalars(select(AuditRow).order_by(AuditRow.id)):
            row.previous = before
            row.hash = before = trail.chained(row)
        head = session.get(AuditHeadRow, trail.HEAD)
        assert head is not None
        head.hash = before


def test_a_change_that_fails_leaves_no_row(database: Database) -> None:
    def fail() -> None:
        with database.write() as session:
            trail.write_down(session, None, "üks")
            raise RuntimeError("katki")

    with pytest.raises(RuntimeError):
        fail()
    assert trail.check(database) == Checked(0, None)


def test_one_asks_for_a_person_an_act_and_days(database: Database, people: dict[str, str]) -> None:
    write(database, "logged_in", agent_id=people["jaan"])
    write(database, "logged_in", "logged_out", agent_id=people["kadri"])
    assert [row.act for row in trail.rows(database, Wanted(agent_id=people["kadri"]))] == ["logged_out", "logged_in"]
    assert [row.agent_id for row in trail.rows(database, Wanted(act="logged_in"))] == [people["kadri"], people["jaan"]]
    assert trail.rows(database, Wanted(until=now() - timedelta(hours=1))) == []
    assert len(trail.rows(database, Wanted(since=now() - timedelta(hours=1)))) == 3
    assert trail.acts(database) == ["logged_in", "logged_out"]


def test_the_next_page_goes_on_where_the_last_ended(database: Database) -> None:
    write(database, "üks", "kaks", "kolm")
    first = trail.rows(database, Wanted(), limit=2)
    assert [row.act for row in trail.rows(database, Wanted(), before=first[-1].id, limit=2)] == ["üks"]


def test_opening_a_conversation_is_written_down_once_an_hour(desk: TestClient, database: Database, people: dict[str, str], mari: Started) -> None:
    desks.wait(database, mari)
    for _ in range(3):
        assert desk.get(desks.at(mari)).status_code == 200
    opened = (people["jaan"], "opened_conversation", mari.conversation_id)
    assert acts(database).count(opened) == 1
    with database.write() as session:
        session.execute(update(AuditRow).values(at=now() - trail.SAME_READING))
    desk.get(desks.at(mari))
    assert acts(database).count(opened) == 2


def test_a_conversation_that_is_not_there_was_seen_by_nobody(desk: TestClient, database: Database) -> None:
    before = len(acts(database))
    assert desk.get("/api/desk/conversations/arvatud").status_code == 404
    assert len(acts(database)) == before


def test_whoever_may_not_look_is_not_written_down_as_having_seen(log_in: object, database: Database, mari: Started) -> None:
    assert callable(log_in)
    assert log_in("liis").get(desks.at(mari)).status_code == 403
    assert not [act for _, act, _ in acts(database) if act == "opened_conversation"]


def test_moves_of_a_conversation_are_in_the_trail_and_its_words_are_not(database: Database, jaan: Holder, mari: Started) -> None:
    from handoff.conversations import agents

    talk.go_live(database, mari.conversation_id, jaan)
    agents.answer(database, mari.conversation_id, jaan, client_id="vastus-0001", text="Mari Maasikas, teie pakk on teel.")
    agents.note(database, mari.conversation_id, jaan, client_id="markus-0001", text="helistasin Marile")
    agents.close(database, mari.conversation_id, jaan)
    assert acts(database) == [(jaan.id, "claimed_conversation", mari.conversation_id), (jaan.id, "closed_conversation", mari.conversation_id)]
    assert "Mari" not in repr(acts(database))


def test_an_erasure_is_in_the_trail(database: Database, shelf: Shelf, mari: Started) -> None:
    receipt = erasure.erase(database, shelf, mari.conversation_id)
    assert acts(database) == [(None, "erased_conversation", f"{mari.conversation_id} receipt {receipt.id}")]


def test_what_a_role_does_not_include_is_written_down_once_an_hour(log_in: LogIn, database: Database, people: dict[str, str], mari: Started) -> None:
    liis = log_in("liis")
    for _ in range(3):
        assert liis.get(f"/api/desk/conversations/{mari.conversation_id}?search=salajane").status_code == 403
    tried = trail.rows(database, Wanted(act=trail.REFUSED))  # neither whose it was nor what was asked
    assert [(row.agent_id, row.target) for row in tried] == [(people["liis"], "GET /api/desk/conversations/{conversation_id}")]
    assert trail.check(database).broken_at is None
