"""Tiit finds what is held of Mari, who asked by phone, and erases it once he has typed how much that is; nobody below him may."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import select

from handoff.accounts.tables import AuditRow
from handoff.conversations import rights, store, tickets
from handoff.database import Database
from handoff.errors import Unreadable
from handoff.privacy.person import read
from tests.handoff.conftest import LogIn

MARI = "mari@naide.ee"


def field(page: Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page.text)
    assert found is not None, page.text
    return found[1]


def look_up(desk: TestClient, who: str = MARI) -> dict[str, str]:
    """Search; gives what the forms of the page found carry on."""
    token = field(desk.get("/privacy/person"), "csrf_token")
    page = desk.post("/privacy/person", data={"who": who, "csrf_token": token})
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    return {"search": field(page, "search"), "csrf_token": token}


def of_mari(database: Database) -> list[str]:
    return [row.id for row in rights.found(database, "email", MARI)]


def test_a_supervisor_sees_how_much_there_is_and_erases_it_after_a_reason_and_a_typed_number(log_in: LogIn, database: Database) -> None:
    for text in ("Kus arve on?", "Kingad on katki"):
        tickets.open_ticket(database, channel="email", text=text, email=MARI)
    tiit = log_in("tiit")
    kept: dict[str, str | list[str]] = {**look_up(tiit), "chosen": of_mari(database)}
    for lacking in ({}, {"why": "phone"}, {"typed": "2"}, {"why": "phone", "typed": "3"}, {"why": "phone", "typed": "0", "chosen": ["x"]}):
        assert tiit.post("/privacy/person/erase", data=kept | lacking).status_code == 422
    assert tiit.post("/privacy/person/copy", data=kept | {"chosen": []}).status_code == 422
    assert len(of_mari(database)) == 2
    assert tiit.post("/privacy/person/copy", data=kept).headers["content-type"] == "application/zip"
    done = tiit.post("/privacy/person/erase", data=kept | {"why": "phone", "typed": "2"})
    assert "Kustutatud vestlusi: 2" in done.text
    assert of_mari(database) == []
    with database.read() as session:
        acts = {row.act: row.target or "" for row in session.scalars(select(AuditRow)) if row.act.endswith("_person")}
    assert set(acts) == {"looked_up_person", "exported_person", "erased_person"}
    assert acts["erased_person"].endswith("2 conversations, 0 held, phone")
    assert not any(MARI in target for target in acts.values())


def test_agents_and_editors_may_not_and_a_search_of_another_opens_nothing(log_in: LogIn, database: Database, anu: str) -> None:
    tickets.open_ticket(database, channel="email", text="Kus arve on?", email=MARI)
    for login in ("jaan", "liis"):
        assert log_in(login).get("/privacy/person").status_code == 403
    found = look_up(log_in("tiit"))["search"]
    admin = log_in("anu")
    theirs: dict[str, str | list[str]] = {**look_up(admin), "search": found, "why": "phone", "typed": "1", "chosen": of_mari(database)}
    assert admin.post("/privacy/person/erase", data=theirs).status_code == 410
    assert len(of_mari(database)) == 1


def test_where_an_address_was_only_typed_the_supervisor_decides_and_chooses(log_in: LogIn, database: Database) -> None:
    hers, peeters = (tickets.open_ticket(database, channel="email", text=text, email=MARI) for text in ("Kus arve on?", "Peetri kiri"))
    with database.write() as session:
        store.conversation(session, hers, lock=True).email_signed = True
    tiit = log_in("tiit")
    page = tiit.post("/privacy/person", data={"who": MARI, "csrf_token": field(tiit.get("/privacy/person"), "csrf_token")})
    assert re.findall(r'value="([^"]+)" checked', page.text) == [hers]
    assert "aadressi ainult mainiti" in page.text
    form = {"search": field(page, "search"), "csrf_token": field(page, "csrf_token"), "chosen": [hers]}
    tiit.post("/privacy/person/erase", data=form | {"why": "letter", "typed": "1"})
    assert of_mari(database) == [peeters]


def test_by_a_name_people_are_shown_and_each_is_found_by_their_contact(log_in: LogIn, database: Database) -> None:
    for name, email in (("Mari Mägi", MARI), ("Mari Mets", "mets@naide.ee"), ("Peeter Mari-ta", "p@naide.ee")):
        tickets.open_ticket(database, channel="email", text="Mari Mägi kirjutas", name=name, email=email)
    alone = tickets.open_ticket(database, channel="email", text="Tere", name="Mari Mändla")
    assert {one.key for one in rights.named(database, "mari m")} == {MARI, "mets@naide.ee", alone}
    assert [one.key for one in rights.named(database, "Magi Mari")] == [MARI]
    assert [row.id for row in rights.found(database, "identity", alone)] == [alone]
    tiit = log_in("tiit")
    page = tiit.post("/privacy/person", data={"who": "Mari M", "csrf_token": field(tiit.get("/privacy/person"), "csrf_token")})
    assert ("Selle nimega inimesi: 3" in page.text, 'name="search"' in page.text) == (True, False)


@pytest.mark.parametrize(("who", "fact"), [("Mari@naide.ee", "email"), ("5123 4567", "phone"), ("klient-7", "identity")])
def test_what_is_looked_for_is_told_by_how_it_is_written(who: str, fact: str) -> None:
    assert read(who)[0] == fact


@pytest.mark.parametrize("who", ["", "mari@", "12"])
def test_what_is_none_of_these_is_refused(who: str) -> None:
    with pytest.raises(Unreadable):
        read(who)
