"""How it was with the bot alone: Mari has her answer and is silent, is asked once, and just goes on; Tiit's bar counts the low score at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.axe import complaints
from tests.browser.conftest import FakeServer, Visit
from tests.browser.test_desk_moves import desk_of
from tests.browser.test_story import open_chat, say

pytestmark = pytest.mark.browser

QUESTION = "Kui rahul te meie abiga olete?"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeServer]:
    """A house that takes two seconds for a long silence."""
    made = FakeServer(tmp_path_factory.mktemp("abiline"), survey_quiet_minutes="0.03")
    made.start()
    yield made
    made.stop()


def test_who_had_only_the_bot_is_asked_once_and_a_low_score_is_counted_in_the_bar_at_once(visit: Visit, server: FakeServer) -> None:
    tiit = desk_of(visit, server, "tiit")
    waits = tiit.locator("[data-waits='/coaching/waits']")
    expect(waits).to_be_hidden()

    mari = visit("/demo")
    log = open_chat(mari)
    say(mari, "Kuidas kaupa tagastada?")
    expect(log).to_contain_text(QUESTION)
    expect(mari.get_by_role("button", name="Räägi inimesega")).to_be_visible()
    expect(log).not_to_contain_text("Vestlus lõppes")
    assert complaints(mari) == []
    log.get_by_role("button", name="2", exact=True).click()
    expect(log).to_contain_text("Meie inimene loeb selle läbi")
    say(mari, "Ootasin pikemat vastust, mu number on 5555 1234")
    expect(log).to_contain_text("Suur aitäh!")

    expect(waits.locator(".number")).to_have_text("1")
    link = tiit.get_by_role("link", name="Tagasiside")
    expect(link).to_have_accessible_name("Tagasiside Vajab järelvaatamist: 1")
    assert complaints(tiit) == []
    link.click()
    low = tiit.get_by_role("article").filter(has_text="Abiline üksi")
    expect(low).to_contain_text("Ootasin pikemat vastust, mu number on [telefon]")
    low.get_by_role("button", name="Märgi tehtuks").click()
    expect(tiit.get_by_role("status")).to_contain_text("Tehtud")
    expect(waits).to_be_hidden()

    say(mari, "Millal pakk jõuab?")
    expect(log.locator(".rating")).to_have_count(2)
    expect(log).not_to_contain_text("Vestlus jätkub")
    mari.reload()
    expect(log.get_by_text(QUESTION)).to_have_count(1)
