"""For everyone: no accessibility rule is broken in any state of the widget or on any page, and the keyboard alone is enough."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import complaints
from tests.browser.conftest import FakeServer, Visit
from tests.browser.test_story import ANSWER_MS, answer, claim, open_chat, say

pytestmark = pytest.mark.browser

ANSWERED = "Mitu päeva on mul aega kaup tagastada?"


@pytest.fixture(scope="module")
def server(fake_server: FakeServer) -> FakeServer:
    """Understanding is not what is looked at here."""
    return fake_server


def states(mari: Page, desk: Page, asked: str) -> Iterator[str]:
    """Brings the widget from one state to the next and names each. `asked` sets this conversation apart in the desk."""
    yield "closed"
    log = open_chat(mari)
    yield "open for the first time, nobody said anything"
    say(mari, ANSWERED)
    expect(log.get_by_role("button", name="Jah, oli abi")).to_be_visible(timeout=ANSWER_MS)
    yield "an answer with its rating"
    log.get_by_role("button", name="Jah, oli abi").click()
    expect(log.get_by_text("Aitäh tagasiside eest")).to_be_visible()
    yield "a rated answer"
    say(mari, "järelmaksuga telefon kuidas osta homme")
    expect(log.get_by_role("button", name="Ükski neist")).to_be_visible(timeout=ANSWER_MS)
    yield "suggestions"
    say(mari, "pikk jutt " * 500)
    expect(mari.get_by_text("Sõnum on liiga pikk")).to_be_visible()
    yield "too long"
    mari.get_by_role("textbox", name="Teie sõnum").fill("")
    mari.context.set_offline(True)
    say(mari, "aeglane")
    expect(log.get_by_text("Saatmine")).to_be_visible()
    yield "offline"
    mari.context.set_offline(False)
    expect(log.get_by_text("Saatmine")).to_be_hidden(timeout=ANSWER_MS)
    yield "the bot thinks"
    expect(log.get_by_role("button", name="Räägi inimesega")).to_be_visible(timeout=ANSWER_MS)
    yield "the bot failed"
    say(mari, asked)
    expect(mari.get_by_role("button", name="Jätka robotiga")).to_be_visible(timeout=ANSWER_MS)
    yield "waiting for a person"
    claim(desk, asked)
    answer(desk, "Tere! Vaatan kohe üle.")
    expect(log).to_contain_text("Vaatan kohe üle", timeout=ANSWER_MS)
    yield "live with a person"
    mari.get_by_role("button", name="Lõpeta vestlus").click()
    expect(mari.get_by_text("Vestlus on lõppenud").first).to_be_visible(timeout=ANSWER_MS)
    yield "ended"


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_no_rule_is_broken_in_any_state_of_the_widget(visit: Visit, desk: Page, phone: bool) -> None:
    mari = visit("/demo", phone=phone, dark=phone)
    mari.emulate_media(reduced_motion="reduce")
    asked = f"tahan inimesega rääkida {'telefonist' if phone else 'arvutist'}"
    broken: dict[str, str] = {}
    for state in states(mari, desk, asked):
        for complaint in complaints(mari):
            broken.setdefault(complaint, state)
    assert not broken, "\n".join(f"{state}: {complaint}" for complaint, state in broken.items())
