"""Who may not see reports gets no figure in any form: no page, no table, no file, no letter, nothing at the API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from handoff.accounts.keys import Scope
from handoff.accounts.tables import TeamMemberRow, TeamRow
from handoff.database import Database
from handoff.reports.counting import By
from handoff.reports.sheets import Form
from tests.handoff.conftest import LogIn
from tests.handoff.programs import key_of

WHOLE = ("hours", "reasons", "complaints", "complaints-by-product", "entries", "calibration", "opinions")
SPLIT = ("by", "voices-by", "reasons-by", "entries-by", "calibration-by")
TEAM = "?team=raha"


def files() -> Iterator[str]:
    """Every file there is."""
    for name in (*WHOLE, *(f"{kind}-{way.value}" for kind in SPLIT for way in By)):
        for form in Form:
            yield f"/reports/figures/{name}.{form.value}"
    yield "/reports/times.csv"


PAGES = ("/reports", "/reports/figures", "/reports/letters")


@pytest.fixture
def money(database: Database, people: dict[str, str]) -> None:
    """A walled team, with Jaan in it and Kadri not."""
    with database.write() as session:
        session.add(TeamRow(id="raha", name="Raha", walled=True))
        session.flush()
        session.add(TeamMemberRow(team_id="raha", agent_id=people["jaan"]))


@pytest.mark.usefixtures("money")
@pytest.mark.parametrize("login", ["jaan", "kadri", "liis"])
def test_an_agent_of_the_team_another_agent_and_an_editor_are_refused_everywhere(log_in: LogIn, login: str) -> None:
    browser = log_in(login)
    for path in (*PAGES, *files()):
        answer = browser.get(path + TEAM, follow_redirects=False)
        assert (answer.status_code, answer.json()["message"]) == (403, "Your role does not include this."), path


def test_nobody_who_is_not_logged_in_gets_a_file(client: TestClient) -> None:
    for path in (*PAGES, *files()):
        assert client.get(path, follow_redirects=False).status_code in (303, 401), path


@pytest.mark.usefixtures("money")
def test_a_supervisor_gets_every_table(log_in: LogIn) -> None:
    tiit = log_in("tiit")
    every = [path for path in files() if path.endswith(".csv") or "hours." in path]  # one table in every form, the others in one
    for path in (*PAGES, *every):
        answer = tiit.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["cache-control"] == "no-store", path


def test_at_the_api_a_key_needs_the_scope_and_its_person_the_right(client: TestClient, database: Database, people: dict[str, str]) -> None:
    def asked(*scopes: Scope, whose: str) -> int:
        answer = client.get("/api/v1/figures", headers={"Authorization": f"Bearer {key_of(database, people[whose], *scopes)}"})
        return int(answer.status_code)

    assert asked(Scope.FIGURES, whose="tiit") == 200
    assert asked(Scope.READ, whose="tiit") == 403
    assert asked(Scope.FIGURES, whose="jaan") == 403
    assert client.get("/api/v1/figures").status_code == 401
