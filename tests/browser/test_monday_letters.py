"""Who wants the letters of Monday, chosen by keyboard; and the page of the link that stops one, which asks for no log-in."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from handoff.accounts.mailings import Mailing
from handoff.accounts.tables import AgentRow
from handoff.database import Database
from handoff.reports import routes
from handoff.settings import read_settings
from tests.browser.axe import complaints
from tests.browser.conftest import FakeServer, Visit
from tests.keys import use_test_key

pytestmark = pytest.mark.browser

SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def server(fake_server: FakeServer) -> FakeServer:
    """A house in which Tiit has an address."""
    use_test_key()
    database = Database(f"sqlite:///{fake_server.folder / 'abiline.db'}")
    with database.write() as session:
        session.execute(update(AgentRow).where(AgentRow.login == "tiit").values(email="tiit@kodukaup.ee"))
    database.close()
    return fake_server


@pytest.mark.parametrize(("phone", "dark"), [(False, False), (True, True)])
def test_letters_are_chosen_by_keyboard(visit: Visit, *, phone: bool, dark: bool) -> None:
    page = visit("/reports/letters", login="tiit", phone=phone, dark=dark)
    chosen = page.get_by_role("checkbox", name="Millest kaebused räägivad")
    was = chosen.is_checked()
    chosen.focus()
    page.keyboard.press("Space")
    expect(chosen).to_be_checked(checked=not was)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Salvesta")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Salvestatud.")
    expect(chosen).to_be_checked(checked=not was)
    assert not page.evaluate(SIDEWAYS)
    assert complaints(page) == []


@pytest.mark.parametrize(("phone", "dark"), [(False, False), (True, True)])
def test_the_link_of_a_letter_stops_it_by_one_button_without_a_log_in(visit: Visit, server: FakeServer, *, phone: bool, dark: bool) -> None:
    settings = read_settings(data_dir=server.folder, public_url=server.url)
    stops = routes.stops_of(settings)
    page = visit(stops.address(Mailing.WEEK, "toode@kodukaup.ee").removeprefix(server.url), phone=phone, dark=dark)
    expect(page.get_by_role("heading", name="Kirjade peatamine")).to_be_visible()
    assert not page.evaluate(SIDEWAYS)
    assert complaints(page) == []
    page.get_by_role("button", name="Ära enam saada").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Kirja „Nädal arvudes“ sellele aadressile enam ei saadeta")
    assert complaints(page) == []
