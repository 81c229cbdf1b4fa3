"""Mari wants to be called: she chooses a time on her phone or by keyboard alone, Jaan calls, and her own page shows what came of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import complaints
from tests.browser.conftest import FakeServer, Visit

pytestmark = pytest.mark.browser

MOST_TABS = 40


@pytest.fixture(scope="module")
def server(fake_server: FakeServer) -> FakeServer:
    """Understanding is not what is looked at here."""
    return fake_server


def tab_to(page: Page, goal: Locator) -> None:
    """Press Tab until the goal has the focus."""
    expect(goal).to_be_visible()
    for _ in range(MOST_TABS):
        if goal.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way to {goal} by Tab")


def card(calls: Page, name: str) -> Locator:
    """The call of somebody in the list of calls."""
    return calls.get_by_role("article", name=name)


def times(chooser: Locator) -> list[str]:
    """What may be chosen, without „as soon as possible“. The page is drawn by the server, whole."""
    expect(chooser).to_be_visible()
    found: list[str] = chooser.locator("optgroup option").evaluate_all("all => all.map(one => one.value)")
    return found


def test_mari_asks_on_her_phone_jaan_calls_twice_and_her_page_knows(visit: Visit, server: FakeServer) -> None:
    mari = visit("/callback", phone=True)
    mari.get_by_label("Millest räägime?").fill("Arve summa on vale, kes aitab?")
    mari.get_by_label("Telefoninumber").fill("123")
    mari.get_by_label("Nimi").fill("Mari Maasikas")
    mari.get_by_role("button", name="Palun helistage").tap()
    expect(mari.get_by_text("Palun kontrollige numbrit")).to_be_visible()
    expect(mari.get_by_label("Telefoninumber")).to_be_focused()
    expect(mari.get_by_label("Millest räägime?")).to_have_value("Arve summa on vale, kes aitab?")
    assert complaints(mari) == []
    mari.get_by_label("Telefoninumber").fill("5555 1234")
    chooser = mari.get_by_label("Millal teile sobib?")
    chooser.select_option(times(chooser)[-1])
    mari.get_by_role("button", name="Palun helistage").tap()
    expect(mari.get_by_role("heading", name="Aitäh, helistame teile!")).to_be_visible()
    expect(mari.locator("main")).to_contain_text("+372 5555 1234")
    assert complaints(mari) == []
    mari.get_by_role("link", name="Vaata, kus asi on").tap()
    expect(mari.get_by_role("heading", name="Teie kõne")).to_be_visible()
    assert complaints(mari) == []
    before = mari.locator("section[aria-labelledby=call] p").inner_text()

    jaan, kadri = visit("/calls", login="jaan"), visit("/calls", login="kadri", phone=True, dark=True)
    expect(card(jaan, "Mari Maasikas")).to_contain_text("Arve summa on vale")
    expect(card(jaan, "Mari Maasikas").get_by_role("link", name="+372 5555 1234")).to_have_attribute("href", "tel:+37255551234")
    assert complaints(jaan) == []
    card(jaan, "Mari Maasikas").get_by_role("button", name="Võta kõne").click()
    expect(jaan.get_by_role("status")).to_contain_text("Kõne on teie.")
    assert complaints(jaan) == []
    card(kadri, "Mari Maasikas").get_by_role("button", name="Võta kõne").tap()  # her page is older than Jaan's click
    expect(kadri.get_by_role("status")).to_contain_text("Keegi jõudis ette")
    expect(card(kadri, "Mari Maasikas")).to_contain_text("Jaan helistab")
    expect(card(kadri, "Mari Maasikas").get_by_role("button")).to_have_count(0)
    assert complaints(kadri) == []

    desk = visit(str(card(jaan, "Mari Maasikas").get_by_role("link", name="Ava vestlus").get_attribute("href")), login="jaan")
    expect(desk.locator("#talk .title .channel")).to_have_text("Kanal: Kõne")
    expect(desk.get_by_text("Klient palus, et talle helistataks.")).to_be_visible()
    expect(desk.get_by_text("Ootab kirja")).to_have_count(0)

    again = card(jaan, "Mari Maasikas").get_by_label("Kui ei vastatud")
    again.select_option(times(again)[0])
    card(jaan, "Mari Maasikas").get_by_role("button", name="Proovin uuesti").click()
    expect(card(jaan, "Mari Maasikas")).to_contain_text("proovitud: 1")
    mari.reload()
    expect(mari.locator("section[aria-labelledby=call] p")).not_to_have_text(before)

    today = datetime.now(UTC).date()
    sunday = today + timedelta(days=13 - today.weekday())
    card(jaan, "Mari Maasikas").get_by_label("Või oma aeg").fill(f"{sunday}T23:30")
    card(jaan, "Mari Maasikas").get_by_role("button", name="Proovin uuesti").click()
    expect(jaan.get_by_role("status")).to_contain_text("väljaspool tööaega")
    expect(card(jaan, "Mari Maasikas")).to_contain_text("proovitud: 2")
    expect(card(jaan, "Mari Maasikas").locator(".when")).to_contain_text("23.30")
    assert complaints(jaan) == []

    card(jaan, "Mari Maasikas").get_by_label("Märkus kolleegidele").fill("Parandasin arve.")
    card(jaan, "Mari Maasikas").get_by_role("button", name="Rääkisime").click()
    expect(jaan.get_by_role("status")).to_contain_text("Aitäh, kõne on tehtud.")
    expect(card(jaan, "Mari Maasikas")).to_have_count(0)
    mari.reload()
    expect(mari.get_by_role("heading", name="Teie kõne")).to_have_count(0)
    assert complaints(mari) == []


def test_by_keyboard_alone_a_call_is_asked_for_moved_and_cancelled(visit: Visit, server: FakeServer) -> None:
    tiina = visit("/callback", dark=True)
    for label, words in (("Millest räägime?", "Millal tool tuleb?"), ("Telefoninumber", "5555 4321")):
        tab_to(tiina, tiina.get_by_label(label))
        tiina.keyboard.type(words)
    chooser = tiina.get_by_label("Millal teile sobib?")
    tab_to(tiina, chooser)
    tiina.keyboard.press("ArrowDown")
    expect(chooser).to_have_value(times(chooser)[0])
    tab_to(tiina, tiina.get_by_label("Nimi"))
    tiina.keyboard.type("Tiina Tamm")
    tab_to(tiina, tiina.get_by_role("button", name="Palun helistage"))
    tiina.keyboard.press("Enter")
    expect(tiina.get_by_role("heading", name="Aitäh, helistame teile!")).to_be_visible()
    tab_to(tiina, tiina.get_by_role("link", name="Vaata, kus asi on"))
    tiina.keyboard.press("Enter")

    other = tiina.get_by_label("Sobib muu aeg?")
    tab_to(tiina, other)
    latest = times(other)[-1]
    tiina.keyboard.press("End")
    expect(other).to_have_value(latest)
    tab_to(tiina, tiina.get_by_role("button", name="Muuda aega"))
    tiina.keyboard.press("Enter")
    expect(tiina.get_by_role("status")).to_contain_text("Uus aeg on kirjas.")
    expect(other).to_have_value(latest)
    agreed = tiina.locator("section[aria-labelledby=call] p").inner_text().removeprefix("Helistame ").removesuffix(".")
    assert complaints(tiina) == []

    jaan = visit("/calls", login="jaan")
    expect(card(jaan, "Tiina Tamm")).to_contain_text(agreed, ignore_case=True)
    tab_to(jaan, card(jaan, "Tiina Tamm").get_by_role("button", name="Võta kõne"))
    jaan.keyboard.press("Enter")
    expect(jaan.get_by_role("status")).to_contain_text("Kõne on teie.")

    tab_to(tiina, tiina.get_by_role("button", name="Kõnet pole enam vaja"))
    tiina.keyboard.press("Enter")
    expect(tiina.get_by_role("status")).to_contain_text("me ei helista")
    expect(tiina.get_by_role("heading", name="Teie kõne")).to_have_count(0)
    assert complaints(tiina) == []
    tab_to(jaan, card(jaan, "Tiina Tamm").get_by_role("button", name="Rääkisime"))
    jaan.keyboard.press("Enter")
    expect(jaan.get_by_role("status")).to_contain_text("klient muutis meelt")
    expect(card(jaan, "Tiina Tamm")).to_have_count(0)
