"""An agent whose house masks personal data: lists and messages are covered, one message is shown by a click or a key, the customer sees their own words."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from handoff.database import new_id
from tests.browser.axe import complaints
from tests.browser.conftest import FakeServer

pytestmark = pytest.mark.browser

PHONE = "5123 4567"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeServer]:
    made = FakeServer(tmp_path_factory.mktemp("veil"), mask_for_agents="true")
    made.start()
    yield made
    made.stop()


def test_a_message_is_shown_by_its_button_and_the_focus_goes_to_it(desk: Page, server: FakeServer) -> None:
    api = f"{server.url}/api/widget/conversations"
    begun = httpx.post(api, json={"language": "et"}).json()
    customer = {"Authorization": f"Bearer {begun['secret']}"}
    for words in (f"Minu telefon on {PHONE}", "Soovin rääkida inimesega"):
        httpx.post(f"{api}/{begun['id']}/messages", json={"client_id": new_id(), "text": words}, headers=customer).raise_for_status()
    desk.goto(f"{server.url}/desk/{begun['id']}")
    said = desk.locator(".message.customer").first
    expect(said).to_contain_text("[telefon]")
    expect(desk.locator("body")).not_to_contain_text(PHONE)
    assert complaints(desk) == []

    said.get_by_role("button", name="Näita").focus()
    desk.keyboard.press("Enter")
    shown = said.locator(".bubble")
    expect(shown).to_have_text(f"Minu telefon on {PHONE}")
    expect(shown).to_be_focused()
    expect(said.get_by_role("button", name="Näita")).to_have_count(0)
    assert complaints(desk) == []

    desk.reload()
    expect(said.get_by_role("button", name="Näita")).to_be_visible()  # what was shown once is covered again
    told = httpx.get(f"{api}/{begun['id']}/events", headers=customer).text
    assert PHONE in told
