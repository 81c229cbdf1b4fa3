"""The room of people: what an admin does there; for whom it is and for whom not."""

from __future__ import annotations

import csv
import io
import re

import pytest
from fastapi.testclient import TestClient

from handoff.accounts import invitations, staff, teams, trail
from handoff.accounts import service as accounts
from handoff.accounts.permissions import MAY
from handoff.accounts.staff import Details
from handoff.accounts.tables import Role
from handoff.accounts.trail import Wanted
from handoff.conversations.agents import Holder
from handoff.conversations.service import Started
from handoff.database import Database
from handoff.people.words import Words
from handoff.services import Services
from tests.handoff import talk
from tests.handoff.conftest import PASSWORD, LogIn
from tests.handoff.people_pages import Desk, enrol

PAGES = ("/people", "/people/new", "/people/teams", "/people/roles", "/people/trail", "/people/trail.csv")
OPEN_TO = {"jaan": set[str](), "liis": set[str](), "tiit": set(PAGES) - {"/people/new"}, "anu": set(PAGES)}
MOVES = ("claimed", "released", "given_back", "passed", "closed")  # by agents
NEW = "pikk-uus-parool"


@pytest.fixture
def admin(anu: str, log_in: LogIn) -> Desk:
    return Desk(log_in("anu"))


@pytest.fixture
def own(log_in: LogIn) -> Desk:
    """Jaan's browser."""
    return Desk(log_in("jaan"))


@pytest.mark.parametrize("login", OPEN_TO)
def test_each_page_opens_for_whom_the_table_names_and_for_nobody_else(log_in: LogIn, anu: str, login: str) -> None:
    browser = log_in(login)
    statuses = {page: browser.get(page).status_code for page in PAGES}
    assert {page for page, status in statuses.items() if status == 200} == OPEN_TO[login]
    assert {status for page, status in statuses.items() if page not in OPEN_TO[login]} <= {403}


def test_supervisors_look_and_change_nothing(log_in: LogIn, people: dict[str, str], anu: str, database: Database) -> None:
    tiit = Desk(log_in("tiit"))
    jaan = people["jaan"]
    changes = ["/people/new", f"/people/{jaan}", *(f"/people/{jaan}/{act}" for act in ("close", "reopen", "link", "reset-code")), "/people/teams"]
    assert {tiit.send(path, name="Uus", login="uus", role="admin")[0] for path in changes} == {403}
    assert (staff.member(database, jaan).role, staff.member(database, jaan).active) == (Role.AGENT, True)


def test_a_form_of_another_site_changes_nothing(log_in: LogIn, anu: str, people: dict[str, str], database: Database) -> None:
    browser = log_in("anu")
    assert browser.post(f"/people/{people['jaan']}/close", data={"csrf_token": "arvatud"}).status_code == 403
    assert browser.post("/account/name", data={"name": "Kuri"}).status_code == 403
    assert staff.member(database, people["jaan"]).active


def test_an_admin_invites_and_the_person_comes_in_by_the_link(admin: Desk, client: TestClient, database: Database) -> None:
    team = teams.make(database, "Tellimused", by=None)
    status, page = admin.send("/people/new", name="Piret", login="piret", email="", role="agent", teams=[team])
    assert status == 200
    link = re.search(r'value="[^"]*(/invitation/[\w-]+)"', page)
    assert link
    assert "Tere, Piret!" in client.get(link[1]).text
    short = client.post(link[1], data={"password": "lühike"})
    assert (short.status_code, "vähemalt 10 märki" in short.text) == (422, True)
    assert client.post(link[1], data={"password": NEW}, follow_redirects=False).headers["location"] == "/login?said=chosen"
    over = client.get(link[1])
    assert (over.status_code, "juba kasutatud" in over.text) == (404, True)
    assert client.post("/login", data={"login": "piret", "password": NEW}, follow_redirects=False).headers["location"] == "/desk"
    assert [team.name for team in teams.teams_of(database, staff.by_login(database, "piret"))] == ["Tellimused"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"login": "jaan"}, "juba kasutusel"), ({"name": " "}, "kirjutage nimi"), ({"email": "piret"}, "kontrollige aadressi"), ({"role": "keiser"}, None)],
)
def test_bad_input_says_what_to_mend_and_nothing_typed_is_lost(admin: Desk, database: Database, fields: dict[str, str], said: str | None) -> None:
    filled = {"name": "Piret Pärn", "login": "piret", "email": "piret@kodukaup.ee", "role": "editor"} | fields
    status, page = admin.send("/people/new", **filled)
    assert status == 422
    if said:
        assert said in page
        assert 'aria-invalid="true"' in page
        assert 'value="editor" checked' in page
    assert "piret" not in {one.login for one in staff.everyone(database)}


def test_an_admin_changes_role_and_teams(admin: Desk, people: dict[str, str], database: Database) -> None:
    team = teams.make(database, "Tellimused", by=None)
    path = f"/people/{people['jaan']}"
    assert admin.send(path, name="Jaan Tamm", role="supervisor", teams=[team]) == (303, f"{path}?said=saved")
    member = staff.member(database, people["jaan"])
    assert (member.name, member.role, [one.name for one in member.teams]) == ("Jaan Tamm", Role.SUPERVISOR, ["Tellimused"])
    assert "salvestatud" in admin.see(f"{path}?said=saved")


def test_a_closed_account_lets_its_conversations_go_and_may_be_opened_again(
    admin: Desk, own: Desk, people: dict[str, str], database: Database, jaan: Holder, mari: Started
) -> None:
    talk.go_live(database, mari.conversation_id, jaan)
    path = f"/people/{people['jaan']}"
    assert admin.send(f"{path}/close") == (303, f"{path}?said=closed")
    assert talk.row(database, mari.conversation_id).state == "waiting"
    assert own.browser.get("/account").status_code == 401
    assert admin.send(f"{path}/reopen")[0] == 303
    assert accounts.log_in(database, login="jaan", password=PASSWORD)


def test_the_last_admin_is_told_to_make_another_first(admin: Desk, anu: str) -> None:
    for status, page in (admin.send(f"/people/{anu}/close"), admin.send(f"/people/{anu}", name="Anu", role="agent")):
        assert status == 422
        assert "Vähemalt üks administraator" in page


def test_an_admin_resets_password_and_second_step(admin: Desk, own: Desk, people: dict[str, str], database: Database) -> None:
    enrol(own)
    assert admin.send(f"/people/{people['jaan']}/reset-code")[0] == 303
    assert not staff.member(database, people["jaan"]).has_code
    status, page = admin.send(f"/people/{people['jaan']}/link")
    assert (status, "/invitation/" in page) == (200, True)
    assert "no-store" in admin.browser.post(f"/people/{people['jaan']}/link", data={"csrf_token": admin.token}).headers["cache-control"]


def test_teams_are_made_renamed_and_removed(admin: Desk, database: Database) -> None:
    assert admin.send("/people/teams", name="Tellimused")[0] == 303
    status, page = admin.send("/people/teams", name="TELLIMUSED")
    assert (status, "juba olemas" in page, 'value="TELLIMUSED"' in page) == (422, True, True)
    team = teams.teams(database)[0].id
    assert admin.send(f"/people/teams/{team}", name="Tagastused")[0] == 303
    assert "Tagastused" in admin.see("/people/teams")
    assert admin.send(f"/people/teams/{team}/remove")[0] == 303
    assert teams.teams(database) == []


def test_work_is_limited_and_given_out_on_the_pages(admin: Desk, people: dict[str, str], database: Database) -> None:
    path = f"/people/{people['jaan']}"
    assert admin.send(f"{path}/capacity", capacity="3") == (303, f"{path}?said=saved")
    assert staff.member(database, people["jaan"]).capacity == 3
    for wrong in ("101", "-1", "kolm", "²"):
        status, page = admin.send(f"{path}/capacity", capacity=wrong)
        assert (status, "0 kuni 100" in page) == (422, True)
    assert admin.send(f"{path}/capacity", capacity=" ")[0] == 303
    assert staff.member(database, people["jaan"]).capacity is None
    team = teams.make(database, "Tellimused", by=None)
    assert admin.send(f"/people/teams/{team}/give-out", seconds="45")[0] == 303
    assert "aega 45 sekundit" in admin.see("/people/teams")
    status, page = admin.send(f"/people/teams/{team}/give-out", seconds="5")
    assert (status, "10 kuni 600" in page, 'value="5"' in page) == (422, True, True)


def test_the_roles_page_says_what_the_table_says(admin: Desk) -> None:
    page = admin.see("/people/roles")
    assert page.count('class="yes"') == sum(len(has) for has in MAY.values())


def test_the_trail_is_filtered_and_downloaded(admin: Desk, own: Desk, people: dict[str, str], database: Database, mari: Started) -> None:
    own.browser.get(f"/api/desk/conversations/{mari.conversation_id}")
    page = admin.see(f"/people/trail?who={people['jaan']}&act=opened_conversation")
    assert f'href="/desk/{mari.conversation_id}"' in page
    assert page.count("<tr>") == 2
    assert "selle valiku" not in page
    assert "kirjeid ei ole" in admin.see(f"/people/trail?who={people['kadri']}&since=2026-01-01&until=pole-päev")
    assert "alles ja muutmata" in admin.see("/people/trail?check=true")
    lines = list(csv.DictReader(io.StringIO(admin.browser.get("/people/trail.csv?act=opened_conversation").text.removeprefix("\ufeff"))))
    assert [(line["who"], line["target"].removeprefix("'")) for line in lines] == [
        ("jaan", mari.conversation_id)
    ]  # an id may begin with "-", which a spreadsheet must not take for a sum
    assert trail.rows(database, Wanted())[0].act == "exported_trail"


def test_a_trail_with_a_hole_says_where(admin: Desk, database: Database) -> None:
    from sqlalchemy import delete

    from handoff.accounts.tables import AuditRow

    accounts.audit(database, None, "made_team", "üks")
    accounts.audit(database, None, "made_team", "kaks")
    with database.write() as session:
        session.execute(delete(AuditRow).where(AuditRow.target == "üks"))
    assert "on loend katki" in admin.see("/people/trail?check=true")


def test_a_spreadsheet_reckons_nothing_of_what_people_call_themselves(admin: Desk, database: Database, people: dict[str, str]) -> None:
    staff.change(database, people["jaan"], Details("=1+1", Role.AGENT), by=people["jaan"])
    assert ",'=1+1," in admin.browser.get("/people/trail.csv").text


def test_names_are_shown_as_text_everywhere(admin: Desk, database: Database, people: dict[str, str]) -> None:
    teams.make(database, "<b>meeskond</b>", by=None)
    staff.change(database, people["jaan"], Details("<script>alert(1)</script>", Role.AGENT), by=None)
    for path in ("/people", f"/people/{people['jaan']}", "/people/teams", "/people/trail"):
        page = admin.see(path)
        assert "<script>alert" not in page
        assert "<b>meeskond" not in page


@pytest.mark.parametrize("language", ["et", "en", "ru"])
def test_no_page_misses_a_text(admin: Desk, database: Database, people: dict[str, str], language: str) -> None:
    invitations.invite(database, "piret", Details("Piret", Role.EDITOR), by=None)
    for path in (*PAGES[:-1], f"/people/{people['jaan']}", "/account", "/account/code", "/login"):
        assert "[?" not in admin.see(f"{path}?lang={language}")


def test_every_act_that_is_written_down_has_words(services: Services) -> None:
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from handoff.people import routes
    from handoff.texts import Texts

    house = Path(routes.__file__).parents[1]
    code = "\n".join(path.read_text(encoding="utf-8") for path in house.rglob("*.py"))
    written = set(re.findall(r'(?:write_down|audit|_write_down)\([^"\n]*"([a-z_]+)"', code)) | {
        "published_entry",
        "saved_entry",
        "opened_conversation",
        "cut_trail",
    }
    words = Words(Texts(house / "people" / "texts"), "et", ZoneInfo("Europe/Tallinn"))
    assert len(written) > 30
    assert sorted(act for act in written if words.act(act) == act.replace("_", " ")) == []
