"""Where the chat stands on a page: invitations, phones, place, layer and logo as the site chose them."""

from __future__ import annotations

from functools import partial

import pytest
from playwright.sync_api import expect

from tests.browser.any_site import ON_A_PHONE, SHOP, box_of, launcher, open_chat, settled, tag
from tests.browser.conftest import DESKTOP, PHONE, FakeServer, Open
from tests.browser.patience import comes_to, until
from tests.browser.sites import Site

pytestmark = pytest.mark.browser


def test_an_invitation_comes_once_and_goes_with_escape(house: FakeServer, site: Site, open_site: Open) -> None:
    shop = SHOP + tag(house, invite="1: Kas aitame maksmisel?", invite_pages="/mujal /kas*")
    page = open_site(site.put("/kassa", "<h1>Pood</h1>"))
    page.clock.install()
    page.goto(site.put("/kassa", shop.replace("id=search", "id=search autofocus")))  # who types is not disturbed
    expect(page.locator("#search")).to_be_focused()
    invitation = page.get_by_role("button", name="Kas aitame maksmisel?")
    launcher(page).wait_for()
    page.clock.run_for(5_000)
    expect(invitation).to_be_hidden()
    page.locator("#search").blur()
    expect(invitation).to_be_visible()
    box, round_button = partial(box_of, page, ".invite"), partial(box_of, page, ".launcher")
    until(lambda: 0 < box()["y"] + box()["height"] <= round_button()["y"], page)
    page.keyboard.press("Escape")
    expect(invitation).to_be_hidden()
    assert page.evaluate("[Object.keys(localStorage), {...sessionStorage}]") == [[], {"abiline:invited": "1"}]
    page.goto(site.put("/kassa", shop))
    launcher(page).wait_for()
    page.clock.run_for(5_000)
    expect(invitation).to_be_hidden()


def test_an_invitation_stays_on_its_pages(house: FakeServer, site: Site, open_site: Open) -> None:
    page = open_site(site.put("/leht", SHOP + tag(house, invite="1: Kas aitame maksmisel?", invite_pages="/kas*")))
    page.clock.install()
    page.reload()
    launcher(page).wait_for()
    page.clock.run_for(5_000)
    invitation = page.get_by_role("button", name="Kas aitame maksmisel?")
    expect(invitation).to_be_hidden()
    page.evaluate("history.pushState({}, '', '/kassa')")  # as shops do that change pages by themselves
    expect(invitation).to_be_visible()
    page.get_by_role("button", name="Sule kutse").click()
    expect(invitation).to_be_hidden()
    expect(launcher(page)).to_be_focused()


def test_an_invitation_on_a_phone_stands_beside_the_launcher_and_opens_the_chat(house: FakeServer, site: Site, open_site: Open) -> None:
    page = open_site(site.put("/phone-invite", SHOP + tag(house, invite="1: Kas saame teid aidata? Vastame kohe.")), **ON_A_PHONE)
    invitation = page.get_by_role("button", name="Kas saame teid aidata? Vastame kohe.")
    invitation.wait_for()
    box, round_button = partial(box_of, page, ".invite"), partial(box_of, page, ".launcher")
    until(lambda: 0 <= box()["x"] < box()["x"] + box()["width"] <= round_button()["x"], page)
    until(lambda: 0 < box()["height"] <= 80, page)
    invitation.tap()
    expect(page.get_by_role("log")).to_be_visible()
    expect(page.locator(".invite")).to_have_count(0)


def test_on_a_phone_the_page_behind_stays_put_and_back_closes_the_chat(house: FakeServer, site: Site, open_site: Open) -> None:
    page = open_site(site.put("/long", SHOP + "<p style='height:4000px'>Pikk</p>" + tag(house)), **ON_A_PHONE)
    page.evaluate("scrollTo(0, 600)")
    depth = page.evaluate("history.length")
    launcher(page).tap()
    expect(page.get_by_role("log")).to_be_visible()
    settled(page)
    comes_to({"x": 0, "y": 0, "width": PHONE["width"], "height": PHONE["height"]}, lambda: box_of(page, ".panel"), page)
    page.mouse.move(200, 30)  # the chat's own header: nothing there to scroll but the page behind
    page.mouse.wheel(0, 900)
    page.keyboard.press("Escape")  # what Chromium makes of Android's „back“ for a page that watches for it
    expect(page.locator(".panel")).to_be_hidden()
    comes_to([600, depth], lambda: page.evaluate("[scrollY, history.length]"), page)
    page.mouse.wheel(0, 300)
    page.wait_for_function("scrollY === 900")


def test_on_a_phone_on_its_side_the_box_is_on_the_screen(house: FakeServer, site: Site, open_site: Open) -> None:
    page = open_site(site.put("/side", SHOP + tag(house)), viewport={"width": 844, "height": 390}, has_touch=True, is_mobile=True)
    launcher(page).tap()
    box = partial(box_of, page, "textarea")
    until(lambda: 0 < box()["y"] < box()["y"] + box()["height"] <= 390, page)


def test_place_layer_and_logo_are_the_sites_choice(house: FakeServer, site: Site, open_site: Open) -> None:
    logo = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'%3E%3Crect width='9' height='9' fill='teal'/%3E%3C/svg%3E"
    page = open_site(site.put("/place", SHOP + tag(house, position="left", offset="40 90", z_index="7", logo=logo)))
    comes_to({"x": 40, "y": DESKTOP["height"] - 90 - 56, "width": 56, "height": 56}, lambda: box_of(page, ".launcher"), page)
    expect(page.locator("abiline-widget")).to_have_css("z-index", "7")
    open_chat(page)
    expect(page.locator(".head .logo")).to_be_visible()
    until(lambda: box_of(page, ".panel")["x"] == 40 and box_of(page, ".panel")["y"] >= 0, page)


def test_a_logo_that_can_not_be_had_leaves_the_icon(house: FakeServer, site: Site, open_site: Open) -> None:
    page = open_site(site.put("/nologo", SHOP + tag(house, logo="/pole.png")))
    expect(page.locator(".launcher .icon")).to_be_visible()
    expect(page.locator(".logo")).to_have_count(0)
