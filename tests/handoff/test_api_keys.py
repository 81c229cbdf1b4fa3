"""Keys of the API: what they open, when they no longer do, and how an admin makes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from handoff.accounts import keys
from handoff.accounts.keys import ApiKeyRow, Scope, Wish
from handoff.accounts.tables import AgentRow
from handoff.database import Database, now
from handoff.errors import NotLoggedIn, Unreadable
from tests.handoff.conftest import LogIn
from tests.handoff.people_pages import Desk
from tests.handoff.programs import key_of


def test_a_key_that_is_over_revoked_or_of_nobody_any_more_opens_nothing(database: Database, people: dict[str, str]) -> None:
    jaan = people["jaan"]
    good = key_of(database, jaan)
    assert keys.whose(database, good).person.name == "Jaan"
    over = key_of(database, jaan, days=1)
    revoked_id, revoked = keys.make(database, Wish("Kassa", jaan, [Scope.READ]), by=None)
    keys.revoke(database, revoked_id, by=None)
    with database.write() as session:
        session.execute(update(ApiKeyRow).where(ApiKeyRow.ends_at.is_not(None)).values(ends_at=now() - timedelta(seconds=1)))
    for token in (over, revoked, "abl_arvatud", "", good[:-1]):
        with pytest.raises(NotLoggedIn):
            keys.whose(database, token)
    with database.write() as session:
        session.get_one(AgentRow, jaan).active = False
    with pytest.raises(NotLoggedIn):
        keys.whose(database, good)


def test_of_a_key_only_a_hash_is_kept(database: Database, people: dict[str, str]) -> None:
    token = key_of(database, people["jaan"])
    with database.read() as session:
        row = session.query(ApiKeyRow).one()
    assert token[10:] not in repr(vars(row))


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"name": " "}, "bad_name"),
        ({"scopes": ()}, "bad_scopes"),
        ({"scopes": ("kõik",)}, "bad_scopes"),
        ({"agent_id": "olematu"}, "no_person"),
        ({"days": 0}, "bad_days"),
    ],
)
def test_a_key_that_says_too_little_is_not_made(database: Database, people: dict[str, str], wish: dict[str, Any], code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        keys.make(database, Wish(**({"name": "Kassa", "agent_id": people["jaan"], "scopes": (Scope.READ,)} | wish)), by=None)
    assert refused.value.code == code


def test_an_admin_makes_a_key_sees_it_once_and_revokes_it(log_in: LogIn, anu: str, people: dict[str, str], database: Database) -> None:
    admin, place = Desk(log_in("anu")), "/connections/keys"
    status, page = admin.send(place, name="Kassa", agent_id=people["jaan"], scopes=[], days="90")
    assert (status, "vähemalt üks asi" in page) == (422, True)
    status, page = admin.send(place, name="Kassa", agent_id=people["jaan"], scopes=["conversations:read"], days="90")
    token = page.split('id="token" value="')[1].split('"')[0]
    assert keys.whose(database, token).person.name == "Jaan"
    page = admin.see(place)
    assert token not in page
    assert token[:10] in page
    assert "[?" not in page + admin.see("/people/trail")
    ((row, _name),) = keys.all_keys(database)
    assert admin.send(f"{place}/{row.id}/revoke") == (303, f"{place}?said=revoked")
    with pytest.raises(NotLoggedIn):
        keys.whose(database, token)
    assert Desk(log_in("tiit")).browser.get(place).status_code == 403
