"""People in a real browser: invited, logged in with the phone's code, looked after; on a phone and in the dark too."""

from __future__ import annotations

import re
import time

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import complaints
from tests.browser.conftest import FakeServer, Visit
from tests.browser.patience import comes_to
from tests.serve import PASSWORD

pytestmark = pytest.mark.browser

OWN_PASSWORD = "pargis-kasvab-vana-tamm"
PAGES = (
    *("/people", "/people/new", "/people/teams", "/people/roles", "/people/trail?check=true", "/account", "/account/code"),
    *("/connections/webhooks", "/connections/keys"),
)


@pytest.fixture(scope="module")
def server(fake_server: FakeServer) -> FakeServer:
    """Understanding is not what is looked at here."""
    return fake_server


def log_in(page: Page, login: str, password: str = PASSWORD) -> None:
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", password)
    page.get_by_role("button", name="Logi sisse").click()


def broken(page: Page) -> list[str]:
    """Rules of accessibility that the page breaks; nor may it be wider than the screen."""
    comes_to((page.url, True), lambda: (page.url, page.evaluate("document.documentElement.scrollWidth <= innerWidth")), page)
    return complaints(page)


def test_an_invited_person_comes_in_and_guards_the_account_with_the_phone(visit: Visit) -> None:
    anu = visit("/people/new")
    log_in(anu, "anu")
    anu.get_by_label("Nimi", exact=True).fill("Piret")
    anu.get_by_label("Kasutajanimi").fill("piret")
    anu.get_by_label("Toimetaja").check()
    anu.get_by_role("button", name="Tee kutse").click()
    expect(anu.get_by_role("heading", name="Link on valmis")).to_be_visible()
    assert broken(anu) == []
    link = anu.get_by_label("Link", exact=True).input_value()

    piret = visit(link[link.index("/invitation") :], phone=True, dark=True)
    assert broken(piret) == []
    piret.get_by_label("Uus parool").fill(OWN_PASSWORD)
    piret.get_by_role("button", name="Vali parool").click()
    expect(piret.get_by_text("Parool on valitud")).to_be_visible()
    log_in(piret, "piret", OWN_PASSWORD)
    piret.wait_for_url("**/editor*")

    phone = turn_on(piret)
    piret.get_by_role("button", name="Logi välja").click()
    log_in(piret, "piret", OWN_PASSWORD)
    expect(piret.get_by_role("heading", name="Sisestage kood")).to_be_visible()
    assert broken(piret) == []
    piret.get_by_label("Kood").fill("000 000")
    piret.get_by_role("button", name="Logi sisse").click()
    expect(piret.get_by_role("alert")).to_contain_text("ei sobinud")
    piret.get_by_label("Kood").fill(phone.at(int(time.time()) + 30))  # the present code has been used
    piret.keyboard.press("Enter")
    piret.wait_for_url("**/editor*")

    anu.goto(re.sub(r"/people.*", "/people", anu.url))
    expect(anu.get_by_role("row", name=re.compile("Piret"))).to_contain_text("kaheastmeline")


def turn_on(page: Page) -> pyotp.TOTP:
    """Set the second step up, as on the page; gives the phone."""
    page.goto(re.sub(r"/editor.*", "/account", page.url))
    page.get_by_role("link", name="Lülita sisse").click()
    page.get_by_text("Sisesta võti käsitsi").click()
    phone = pyotp.TOTP(page.locator("code.key").inner_text().replace(" ", ""))
    assert broken(page) == []
    page.get_by_label("Kuuekohaline kood").fill(phone.now())
    page.get_by_label("Teie parool").fill(OWN_PASSWORD)
    page.get_by_role("button", name="Lülita sisse").click()
    expect(page.get_by_role("heading", name="Hoidke need taastekoodid alles")).to_be_visible()
    expect(page.locator(".recovery code")).to_have_count(10)
    assert broken(page) == []
    page.get_by_role("link", name="Koodid on tallel").click()
    expect(page.get_by_role("heading", name="Kaheastmeline sisselogimine")).to_contain_text("sees")
    return phone


def test_whoever_leaves_is_out_at_once_and_what_one_prefers_follows_one(visit: Visit) -> None:
    kadri = visit("/account")
    log_in(kadri, "kadri")
    kadri.get_by_label("Kujundus", exact=True).select_option("dark")
    kadri.locator("form", has=kadri.get_by_label("Kujundus", exact=True)).get_by_role("button", name="Salvesta").click()
    expect(kadri.locator("html")).to_have_attribute("data-theme", "dark")
    with kadri.expect_response("**/account/theme"):
        kadri.get_by_role("button", name="Vaheta heledat").click()
    elsewhere = visit("/account")
    log_in(elsewhere, "kadri")
    expect(elsewhere.locator("html")).to_have_attribute("data-theme", "light")

    anu = visit("/people")
    log_in(anu, "anu")
    anu.get_by_role("link", name="Kadri").click()
    anu.get_by_role("button", name="Sulge konto").click()
    expect(anu.get_by_text("Konto on suletud")).to_be_visible()
    kadri.reload()
    expect(kadri.get_by_role("heading", name="Logi sisse")).to_be_visible()
    anu.get_by_role("button", name="Ava konto uuesti").click()
    expect(anu.get_by_text("Konto on jälle avatud")).to_be_visible()


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_no_rule_is_broken_on_any_page(visit: Visit, phone: bool) -> None:
    page = visit("/login", phone=phone, dark=phone)
    assert broken(page) == []
    log_in(page, "anu")
    page.wait_for_url("**/desk*")
    home = page.url.removesuffix("/desk")
    wrong: list[str] = []
    for path in PAGES:
        page.goto(home + path)
        wrong += broken(page)
    page.goto(f"{home}/people")
    page.get_by_role("link", name="Jaan").click()
    expect(page.get_by_role("heading", name="Jaan")).to_be_visible()
    assert not wrong + broken(page), "\n".join(wrong)
