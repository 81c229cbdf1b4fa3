"""Who may log in, and for how long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from handoff.accounts import logins, staff
from handoff.accounts import service as accounts
from handoff.accounts.tables import AgentRow, AuditRow, Availability, LoginRow, Role
from handoff.database import Database, now
from handoff.errors import NotLoggedIn, Unreadable
from tests.handoff.conftest import PASSWORD

pytestmark = pytest.mark.both_databases


def _age(database: Database, **columns: Any) -> None:
    with database.write() as session:
        session.execute(update(LoginRow).values(**columns))


def test_an_account_is_made_and_logs_in(database: Database) -> None:
    accounts.create(database, login="kadri", name="Kadri", password=PASSWORD, role=Role.AGENT)
    person = accounts.whose(database, accounts.log_in(database, login="kadri", password=PASSWORD))
    assert (person.name, person.role, person.availability) == ("Kadri", Role.AGENT, Availability.AVAILABLE)


def test_a_short_password_is_refused(database: Database) -> None:
    with pytest.raises(Unreadable) as refusal:
        accounts.create(database, login="kadri", name="Kadri", password="lühike", role=Role.AGENT)
    assert (refusal.value.code, refusal.value.field) == ("short_password", "password")
    assert accounts.count(database) == 0


def test_a_taken_login_is_refused(database: Database, people: dict[str, str]) -> None:
    with pytest.raises(Unreadable) as refusal:
        accounts.create(database, login="jaan", name="Teine Jaan", password=PASSWORD, role=Role.ADMIN)
    assert (refusal.value.code, refusal.value.field) == ("login_taken", "login")


def test_neither_password_nor_cookie_is_kept_as_it_is(database: Database, people: dict[str, str]) -> None:
    token = accounts.log_in(database, login="jaan", password=PASSWORD)
    with database.read() as session:
        kept = [vars(row) for row in (*session.scalars(select(AgentRow)), *session.scalars(select(LoginRow)), *session.scalars(select(AuditRow)))]
    assert PASSWORD not in repr(kept)
    assert token not in repr(kept)


@pytest.mark.parametrize(("login", "password"), [("peeter", PASSWORD), ("jaan", "vale parool 1"), ("jaan", ""), ("", ""), ("jaan' --", PASSWORD)])
def test_a_wrong_login_and_a_wrong_password_look_the_same(database: Database, people: dict[str, str], login: str, password: str) -> None:
    with pytest.raises(NotLoggedIn, match=r"^The login or the password is not right\.$"):
        accounts.log_in(database, login=login, password=password)


def test_a_closed_account_neither_logs_in_nor_stays(database: Database, people: dict[str, str]) -> None:
    token = accounts.log_in(database, login="jaan", password=PASSWORD)
    with database.write() as session:
        session.execute(update(AgentRow).values(active=False))
    with pytest.raises(NotLoggedIn):
        accounts.whose(database, token)
    with pytest.raises(NotLoggedIn):
        accounts.log_in(database, login="jaan", password=PASSWORD)


@pytest.mark.parametrize("token", [None, "", "arvatud"])
def test_no_cookie_or_a_guessed_one_is_nobody(database: Database, people: dict[str, str], token: str | None) -> None:
    accounts.log_in(database, login="jaan", password=PASSWORD)
    with pytest.raises(NotLoggedIn):
        accounts.whose(database, token)


def test_after_logging_out_the_cookie_is_worth_nothing_and_the_agent_is_away(database: Database, people: dict[str, str]) -> None:
    token = accounts.log_in(database, login="jaan", password=PASSWORD)
    accounts.log_out(database, token)
    with pytest.raises(NotLoggedIn):
        accounts.whose(database, token)
    assert accounts.available_agents(database) == 0


def test_logging_out_twice_or_with_a_guess_is_harmless(database: Database, people: dict[str, str]) -> None:
    token = accounts.log_in(database, login="jaan", password=PASSWORD)
    accounts.log_out(database, "arvatud")
    assert accounts.whose(database, token).login == "jaan"
    accounts.log_out(database, token)
    accounts.log_out(database, token)


@pytest.mark.parametrize(("column", "limit"), [("used_at", logins.Limits().idle), ("created_at", logins.Limits().longest)])
def test_an_idle_or_old_log_in_is_over(database: Database, people: dict[str, str], column: str, limit: timedelta) -> None:
    token = accounts.log_in(database, login="jaan", password=PASSWORD)
    _age(database, **{column: now() - limit + timedelta(minutes=1)})
    assert accounts.whose(database, token).login == "jaan"
    _age(database, **{column: now() - limit - timedelta(seconds=1)})
    with pytest.raises(NotLoggedIn):
        accounts.whose(database, token)


def test_using_a_log_in_keeps_it_alive(database: Database, people: dict[str, str]) -> None:
    token = accounts.log_in(database, login="jaan", password=PASSWORD)
    _age(database, used_at=now() - timedelta(hours=11))
    accounts.whose(database, token)
    with database.read() as session:
        assert session.scalars(select(LoginRow.used_at)).one() > now() - timedelta(minutes=1)


def test_only_old_log_ins_are_forgotten(database: Database, people: dict[str, str]) -> None:
    accounts.log_in(database, login="jaan", password=PASSWORD)
    _age(database, used_at=now() - logins.Limits().idle - timedelta(minutes=1))
    token = accounts.log_in(database, login="kadri", password=PASSWORD)
    assert logins.forget_old(database) == 1
    assert accounts.whose(database, token).login == "kadri"


def test_each_browser_has_its_own_csrf_token(database: Database, people: dict[str, str]) -> None:
    tokens = [accounts.log_in(database, login="jaan", password=PASSWORD) for _ in range(2)]
    assert len({accounts.whose(database, token).csrf_token for token in tokens}) == 2


def test_a_new_password_ends_the_old_log_ins(database: Database, people: dict[str, str]) -> None:
    token = accounts.log_in(database, login="jaan", password=PASSWORD)
    accounts.set_password(database, login="jaan", password="uus-pikk-parool")
    with pytest.raises(NotLoggedIn):
        accounts.whose(database, token)
    assert accounts.log_in(database, login="jaan", password="uus-pikk-parool")


def test_a_new_password_may_not_be_short_either(database: Database, people: dict[str, str]) -> None:
    with pytest.raises(Unreadable) as refusal:
        accounts.set_password(database, login="jaan", password="lühike")
    assert refusal.value.code == "short_password"


@pytest.mark.parametrize(("login", "rights"), [("jaan", (True, False, False)), ("liis", (False, True, False)), ("tiit", (True, True, True))])
def test_a_role_says_who_answers_edits_and_supervises(database: Database, people: dict[str, str], login: str, rights: tuple[bool, bool, bool]) -> None:
    person = accounts.whose(database, accounts.log_in(database, login=login, password=PASSWORD))
    assert (person.answers, person.edits, person.supervises) == rights


def test_the_audit_says_who_did_what(database: Database, people: dict[str, str]) -> None:
    accounts.log_out(database, accounts.log_in(database, login="jaan", password=PASSWORD))
    accounts.audit(database, people["tiit"], "looked_at_reports", "2025-06")
    with database.read() as session:
        written = [(row.agent_id, row.act, row.target) for row in session.scalars(select(AuditRow).order_by(AuditRow.id))]
    assert written == [(people["jaan"], "logged_in", None), (people["jaan"], "logged_out", None), (people["tiit"], "looked_at_reports", "2025-06")]


def test_the_operator_says_how_long_a_log_in_lasts(database: Database, people: dict[str, str]) -> None:
    logins.keep_limits(database, logins.Limits(idle=timedelta(minutes=30), longest=timedelta(hours=8)))
    token = accounts.log_in(database, login="jaan", password=PASSWORD)
    _age(database, used_at=now() - timedelta(minutes=29))
    assert accounts.whose(database, token).login == "jaan"
    _age(database, used_at=now() - timedelta(minutes=31))
    with pytest.raises(NotLoggedIn):
        accounts.whose(database, token)
    _age(database, used_at=now(), created_at=now() - timedelta(hours=8, minutes=1))
    with pytest.raises(NotLoggedIn):
        accounts.whose(database, token)
    assert logins.forget_old(database) == 1


def test_another_role_ends_the_log_ins_of_the_old_one(database: Database, people: dict[str, str]) -> None:
    token, other = (accounts.log_in(database, login=login, password=PASSWORD) for login in ("jaan", "kadri"))
    staff.set_role(database, people["jaan"], Role.EDITOR, by=people["tiit"])
    with pytest.raises(NotLoggedIn):
        accounts.whose(database, token)
    assert accounts.whose(database, other).login == "kadri"
    staff.set_role(database, people["kadri"], Role.AGENT, by=people["tiit"])
    assert accounts.whose(database, other).login == "kadri"
