"""The page of figures as a supervisor uses it: by keyboard, from an address that was kept, on a phone in the dark and on paper."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from handoff.database import Database
from tests.browser.axe import complaints
from tests.browser.conftest import FakeServer, Visit
from tests.keys import use_test_key
from tests.load.house import House

pytestmark = pytest.mark.browser

EVENTS = 1_500
ADDRESS = "/reports/figures?days=365&by=language"
SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def server(fake_server: FakeServer) -> FakeServer:
    """A house with a year behind it."""
    use_test_key()
    database = Database(f"sqlite:///{fake_server.folder / 'abiline.db'}")
    House(database, seed=8, until=datetime.now(UTC)).fill(EVENTS)
    database.close()
    return fake_server


@pytest.fixture
def figures(visit: Visit) -> Page:
    """Tiit's page of figures."""
    return visit(ADDRESS, login="tiit")


def test_what_is_looked_at_is_chosen_by_keyboard_and_stands_in_the_address(figures: Page, visit: Visit) -> None:
    whole = figures.get_by_role("region", name="Jaotus: Keel").get_by_role("row")
    expect(whole).to_have_count(4)  # its head and three languages
    figures.get_by_role("combobox", name="Keel").focus()
    figures.keyboard.press("End")  # the last language
    chosen = figures.get_by_role("combobox", name="Keel").input_value()
    figures.get_by_role("button", name="Näita").focus()
    figures.keyboard.press("Enter")
    expect(figures).to_have_url(re.compile(rf"language={chosen}.*by=language"))
    expect(figures.get_by_role("combobox", name="Keel")).to_have_value(chosen)
    expect(figures.get_by_role("region", name="Jaotus: Keel").get_by_role("row")).to_have_count(2)
    again = visit(figures.url.removeprefix(figures.url.split("/reports")[0]), login="tiit")
    expect(again.get_by_role("region", name="Jaotus: Keel").get_by_role("row")).to_have_count(2)
    href = re.compile(rf"voices-by-language\.csv\?.*language={chosen}")
    expect(again.locator("#heard").locator("xpath=..").get_by_role("link", name="CSV").first).to_have_attribute("href", href)


def test_each_figure_has_its_meaning_its_comparison_and_its_table(figures: Page) -> None:
    expect(figures.get_by_text("võrdluseks samad nädalapäevad varem")).to_be_visible()
    alone = figures.get_by_role("region", name="Lahendas Abiline üksi")
    expect(alone.get_by_text("Enne:")).to_be_visible()
    alone.locator("summary").focus()
    figures.keyboard.press("Enter")
    expect(alone.get_by_text("vähemalt ühe avaldatud vastuse")).to_be_visible()
    curve = figures.get_by_role("region", name="Kas Abilise kindlus peab paika")
    expect(curve.get_by_role("img")).to_be_visible()
    expect(curve.get_by_role("table")).to_be_hidden()
    curve.get_by_text("Näita tabelina").click()
    expect(curve.get_by_role("table")).to_be_visible()
    busiest = figures.get_by_role("region", name="Millal on kõige rohkem tööd").first
    expect(busiest.get_by_text("on raamitud")).to_be_visible()
    expect(busiest.locator("td.works").first).to_be_visible()
    assert complaints(figures) == []


def test_on_a_phone_in_the_dark_nothing_goes_sideways_and_no_rule_is_broken(visit: Visit) -> None:
    page = visit(ADDRESS, login="tiit", phone=True, dark=True)
    expect(page.get_by_role("heading", name="Arvud lähemalt")).to_be_visible()
    assert not page.evaluate(SIDEWAYS)
    assert complaints(page) == []


def test_on_paper_there_are_figures_and_tables_and_nothing_to_click(figures: Page) -> None:
    figures.emulate_media(media="print")
    expect(figures.get_by_role("button", name="Näita")).to_be_hidden()
    expect(figures.get_by_role("link", name="CSV").first).to_be_hidden()
    expect(figures.get_by_role("region", name="Lahendas Abiline üksi")).to_be_visible()
    assert figures.evaluate("[...document.querySelectorAll('.wide-table')].every(one => one.scrollWidth <= one.clientWidth + 1)")
    expect(figures.locator(".on-paper")).to_contain_text("Ajavöönd: Europe/Tallinn")
    assert figures.pdf(format="A4").startswith(b"%PDF")


def test_paper_is_white_and_ink_dark_also_where_the_screen_is_dark(visit: Visit) -> None:
    page = visit(ADDRESS, login="tiit", dark=True)
    expect(page.locator(".on-paper")).to_be_hidden()
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator(".on-paper")).to_be_visible()
    expect(page.locator("html")).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(page.locator("body")).to_have_css("color", "rgb(34, 33, 31)")
    expect(page.locator(".card.wide").first).to_have_css("background-color", "rgb(255, 255, 255)")
