"""Looking after people: invited, changed, closed, opened again; somebody can always look after the others."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import update

from handoff.accounts import invitations, staff, trail
from handoff.accounts import service as accounts
from handoff.accounts.permissions import MAY, Permission, roles_with
from handoff.accounts.staff import Details
from handoff.accounts.tables import InvitationRow, Role
from handoff.accounts.trail import Wanted
from handoff.conversations.agents import Holder
from handoff.conversations.leaving import leave
from handoff.conversations.service import Started
from handoff.database import Database, now
from handoff.errors import NotFound, NotLoggedIn, Unreadable
from tests.handoff import talk
from tests.handoff.conftest import PASSWORD

pytestmark = pytest.mark.both_databases

NEW = "pikk-uus-parool"
PIRET = Details("Piret", Role.AGENT, "Piret@Kodukaup.ee")


def test_every_role_is_in_the_table_and_every_permission_is_somebodys() -> None:
    assert set(MAY) == set(Role)
    assert set[Permission]().union(*MAY.values()) == set(Permission)
    assert roles_with(Permission.MANAGE_PEOPLE) == {Role.ADMIN}


def test_an_invited_person_chooses_a_password_and_comes_in(database: Database, people: dict[str, str]) -> None:
    agent_id, token = invitations.invite(database, "piret", PIRET, by=people["tiit"])
    assert staff.member(database, agent_id).invited
    assert invitations.whose(database, token).login == "piret"
    assert invitations.accept(database, token, NEW) == "piret"
    assert accounts.whose(database, accounts.log_in(database, login="piret", password=NEW)).name == "Piret"
    assert not staff.member(database, agent_id).invited
    assert staff.member(database, agent_id).email == "piret@kodukaup.ee"


@pytest.mark.parametrize("password", ["", PASSWORD, "x" * 20])
def test_before_the_invitation_is_taken_no_password_comes_in(database: Database, people: dict[str, str], password: str) -> None:
    invitations.invite(database, "piret", PIRET, by=None)
    with pytest.raises(NotLoggedIn):
        accounts.log_in(database, login="piret", password=password)


def test_a_link_opens_once(database: Database) -> None:
    _, token = invitations.invite(database, "piret", PIRET, by=None)
    invitations.accept(database, token, NEW)
    with pytest.raises(NotFound):
        invitations.whose(database, token)
    with pytest.raises(NotFound):
        invitations.accept(database, token, "teine-parool-siin")


def test_of_two_who_open_a_link_at_once_one_gets_in(database: Database) -> None:
    _, token = invitations.invite(database, "piret", PIRET, by=None)
    came: list[str] = []

    def accept(password: str) -> None:
        try:
            came.append(invitations.accept(database, token, password))
        except NotFound:
            came.append("refused")

    threads = [threading.Thread(target=accept, args=(f"parool-number-{number}",)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came) == ["piret", "refused"]


def test_a_link_is_too_old_after_72_hours(database: Database) -> None:
    _, token = invitations.invite(database, "piret", PIRET, by=None)
    made = update(InvitationRow)
    with database.write() as session:
        session.execute(made.values(created_at=now() - timedelta(hours=71, minutes=59)))
    invitations.whose(database, token)
    with database.write() as session:
        session.execute(made.values(created_at=now() - timedelta(hours=72)))
    with pytest.raises(NotFound):
        invitations.accept(database, token, NEW)


def test_a_short_password_leaves_the_link_open(database: Database) -> None:
    _, token = invitations.invite(database, "piret", PIRET, by=None)
    with pytest.raises(Unreadable) as refusal:
        invitations.accept(database, token, "lühike")
    assert refusal.value.code == "short_password"
    assert invitations.accept(database, token, NEW)


def test_a_new_link_makes_the_old_one_the_password_and_the_log_ins_worthless(database: Database, people: dict[str, str]) -> None:
    cookie = accounts.log_in(database, login="jaan", password=PASSWORD)
    first = invitations.renew(database, people["jaan"], by=people["tiit"])
    second = invitations.renew(database, people["jaan"], by=people["tiit"])
    with pytest.raises(NotLoggedIn):
        accounts.whose(database, cookie)
    with pytest.raises(NotLoggedIn):
        accounts.log_in(database, login="jaan", password=PASSWORD)
    with pytest.raises(NotFound):
        invitations.whose(database, first)
    assert invitations.accept(database, second, NEW) == "jaan"


def test_only_hashes_of_links_are_kept(database: Database) -> None:
    _, token = invitations.invite(database, "piret", PIRET, by=None)
    with database.read() as session:
        assert token not in repr([vars(row) for row in session.query(InvitationRow)])


@pytest.mark.parametrize(
    ("login", "details", "code", "field"),
    [
        ("jaan", PIRET, "login_taken", "login"),
        ("JAAN", PIRET, "login_taken", "login"),
        ("", PIRET, "bad_login", "login"),
        ("kaks sõna", PIRET, "bad_login", "login"),
        ("piret", Details(" ", Role.AGENT), "no_name", "name"),
        ("piret", Details("x" * 101, Role.AGENT), "long_name", "name"),
        ("piret", Details("Piret", Role.AGENT, "piret"), "bad_email", "email"),
        ("piret", Details("Piret", Role.AGENT, "ANU@kodukaup.ee"), "email_taken", "email"),
        ("piret", Details("Piret", Role.AGENT, None, "https://tara.ria.ee EE 1"), "bad_subject", "subject"),
    ],
)
def test_bad_input_says_which_field_to_mend_and_makes_nobody(database: Database, anu: str, login: str, details: Details, code: str, field: str) -> None:
    before = len(staff.everyone(database))
    with pytest.raises(Unreadable) as refusal:
        invitations.invite(database, login, details, by=anu)
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert len(staff.everyone(database)) == before


def test_a_change_is_in_the_trail_with_who_made_it(database: Database, people: dict[str, str], anu: str) -> None:
    staff.change(database, people["jaan"], Details("Jaan Tamm", Role.SUPERVISOR), by=anu)
    written = [(row.agent_id, row.act, row.target) for row in trail.rows(database, Wanted())]
    assert written == [(anu, "changed_person", people["jaan"]), (anu, "changed_role", f"{people['jaan']} agent supervisor")]
    assert "Tamm" not in repr(written)
    staff.change(database, people["jaan"], Details("Jaan Tamm", Role.SUPERVISOR), by=anu)
    assert len(trail.rows(database, Wanted())) == 2  # nothing changed, nothing written


def test_whoever_leaves_is_logged_out_and_what_they_had_waits_for_others(
    database: Database, people: dict[str, str], jaan: Holder, anu: str, mari: Started
) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    cookie = accounts.log_in(database, login="jaan", password=PASSWORD)
    assert leave(database, jaan.id, by=anu) == [mari.conversation_id]
    row = talk.row(database, mari.conversation_id)
    assert (row.state, row.agent_id) == ("waiting", None)
    assert talk.kinds(database, mari.conversation_id)[-1] == "released"
    with pytest.raises(NotLoggedIn):
        accounts.whose(database, cookie)
    with pytest.raises(NotLoggedIn):
        accounts.log_in(database, login="jaan", password=PASSWORD)
    staff.reopen(database, jaan.id, by=anu)
    assert accounts.log_in(database, login="jaan", password=PASSWORD)


def test_the_last_admin_can_neither_leave_nor_become_something_else(database: Database, people: dict[str, str], anu: str) -> None:
    for attempt in (lambda: leave(database, anu, by=anu), lambda: staff.set_role(database, anu, Role.SUPERVISOR, by=anu)):
        with pytest.raises(Unreadable) as refusal:
            attempt()
        assert refusal.value.code == "last_admin"
    assert (staff.member(database, anu).role, staff.member(database, anu).active) == (Role.ADMIN, True)
    staff.set_role(database, people["tiit"], Role.ADMIN, by=anu)
    staff.set_role(database, anu, Role.AGENT, by=anu)
    assert staff.member(database, anu).role is Role.AGENT


def test_an_admin_who_has_not_come_in_yet_is_not_the_one_that_stays(database: Database, anu: str) -> None:
    invitations.invite(database, "piret", Details("Piret", Role.ADMIN), by=anu)
    with pytest.raises(Unreadable):
        leave(database, anu, by=anu)


def test_of_two_admins_who_close_each_other_one_stays(database: Database, people: dict[str, str], anu: str) -> None:
    staff.set_role(database, people["tiit"], Role.ADMIN, by=anu)
    done: list[str] = []

    def close(agent_id: str) -> None:
        try:
            leave(database, agent_id, by=None)
        except Unreadable as error:
            done.append(error.code)

    threads = [threading.Thread(target=close, args=(agent_id,)) for agent_id in (anu, people["tiit"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == ["last_admin"]


def test_nobody_unknown_is_changed_closed_or_reset(database: Database) -> None:
    for attempt in (
        lambda: staff.change(database, "arvatud", PIRET, by=None),
        lambda: leave(database, "arvatud", by=None),
        lambda: staff.reopen(database, "arvatud", by=None),
        lambda: staff.reset_code(database, "arvatud", by=None),
        lambda: invitations.renew(database, "arvatud", by=None),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_a_new_password_needs_the_old_one_and_ends_the_other_log_ins(database: Database, people: dict[str, str]) -> None:
    here, elsewhere = (accounts.log_in(database, login="jaan", password=PASSWORD) for _ in range(2))
    with pytest.raises(Unreadable) as refusal:
        invitations.change_password(database, people["jaan"], old="arvatud-parool", new=NEW, token=here)
    assert (refusal.value.code, refusal.value.field) == ("wrong_password", "old")
    invitations.change_password(database, people["jaan"], old=PASSWORD, new=NEW, token=here)
    assert accounts.whose(database, here).login == "jaan"
    with pytest.raises(NotLoggedIn):
        accounts.whose(database, elsewhere)
