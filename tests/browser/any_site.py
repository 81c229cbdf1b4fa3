"""The chat as other people's pages have it: its tag, its parts, what it says to the site's script."""

from __future__ import annotations

import time
from typing import Any

import jwt
from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.browser.conftest import PHONE, FakeServer
from tests.browser.sites import IDENTITY_SECRET

SHOP = "<body><main><h1>Pood</h1><p>Ilusad asjad koju.</p><input id=search><button id=buy>Osta</button></main>"
ON_A_PHONE: dict[str, Any] = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
PARTS = (".launcher", ".panel", ".log", ".said", ".line", "textarea", ".send", ".close")


def tag(house: FakeServer, **options: str) -> str:
    written = "".join(f' data-{name.replace("_", "-")}="{value}"' for name, value in options.items())
    return f'<script src="{house.url}/widget.js" async{written}></script>'


def launcher(page: Page) -> Locator:
    return page.get_by_role("button", name="Ava vestlus")


def open_chat(page: Page) -> Locator:
    launcher(page).click()
    expect(page.get_by_role("log")).to_be_visible()
    return page.get_by_role("log")


def ask(page: Page, words: str = "Millal pakk jõuab?") -> None:
    """Say something new and wait for the answer."""
    expect(page.locator(".said.bot").first).to_be_visible()  # the greeting
    page.locator("textarea").fill(words)
    page.locator("textarea").press("Enter")
    expect(page.locator(f".said.customer:has-text('{words}') ~ .said.bot:not(.typing)").first).to_be_visible()


def box_of(page: Page, part: str) -> FloatRect:
    """Where it stands; of no size where it is not seen."""
    return page.locator(part).bounding_box() or {"x": 0, "y": 0, "width": 0, "height": 0}


def settled(page: Page) -> None:
    """The panel has come to where it stays."""
    page.locator(".panel").evaluate("""async (panel) => {
      const ends = (one) => one.effect.getComputedTiming().endTime !== Infinity;
      await Promise.allSettled(panel.getAnimations({ subtree: true }).filter(ends).map((one) => one.finished));
    }""")


def heard(page: Page) -> list[Any]:
    found: list[Any] = page.evaluate("window.heard")
    return found


LISTEN = """<script>window.heard = []; window.abiline = window.abiline || [];
for (const name of ["ready", "open", "close", "message", "handoff", "unread", "identity"]) {
  abiline.push(["on", name, (said) => heard.push(said ? [name, said] : [name])]);
}</script>"""


def signed(subject: str, name: str, *, key: str = IDENTITY_SECRET) -> str:
    moment = int(time.time())
    return jwt.encode({"sub": subject, "name": name, "aud": "abiline", "iat": moment, "exp": moment + 600}, key, algorithm="HS256")
