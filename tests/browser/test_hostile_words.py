"""What people write is shown as they wrote it, and whatever is smuggled into it stays harmless; so does a very long talk."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from handoff.conversations import store
from handoff.conversations.events import Kind
from handoff.conversations.tables import EventRow
from handoff.database import Database
from tests.browser.conftest import FakeServer, Visit
from tests.browser.patience import comes_to, until
from tests.browser.test_story import answer, open_chat, say
from tests.browser.test_talking import box, talking

pytestmark = pytest.mark.browser

ANSWER = """## Nii see käib
1. Avage [konto](https://kodukaup.example/konto)
2. Vajutage **Tagasta**, siis *kinnita*

Kirjutage mari@naide.ee või helistage +372 600 1234. Kood on `TAGASI`.
[Video](https://video.example/v1) ![Silt](/static/silt.png) ![Kaart](http://naide.ee/kaart.png) [nõks](javascript:alert(1)) 2*3*4

```
let a = "<b>";  // **mitte** paks, ja rida on pikem kui mull, milles see seisab
```"""


@pytest.fixture(scope="module")
def server(fake_server: FakeServer) -> FakeServer:
    return fake_server


def put(server: FakeServer, words: str, said: Sequence[tuple[str, str]]) -> None:
    """Put (actor, text) into the conversation in which `words` were said, past every check; a page sees it when it is loaded anew."""
    database = Database(f"sqlite:///{server.folder / 'abiline.db'}")
    with database.write() as session:
        events = session.scalars(select(EventRow).where(EventRow.kind == Kind.MESSAGE.value)).all()
        row = store.conversation(session, next(event.conversation_id for event in events if words in event.body["text"]), lock=True)
        for actor, text in said:
            store.append(session, row, Kind.MESSAGE, actor=actor, body={"text": text})
    database.close()


def rest(log: Locator) -> int:
    """How many pixels lie below what is seen."""
    return int(log.evaluate("log => log.scrollHeight - log.scrollTop - log.clientHeight"))


def spills(bubble: Locator, log: Locator) -> bool:
    """Whether anything of the bubble, its letters' piled marks too, is painted outside the log's width."""
    inside, outside = bubble.bounding_box(), log.bounding_box()
    if inside is None or outside is None:
        return True  # drawn anew just now: look again
    clipped = bubble.evaluate("bubble => getComputedStyle(bubble).overflowX === 'hidden'")
    return not clipped or inside["x"] < outside["x"] or inside["x"] + inside["width"] > outside["x"] + outside["width"] or rest_sideways(log) > 0


def rest_sideways(log: Locator) -> int:
    return int(log.evaluate("log => log.scrollWidth - log.clientWidth"))


def test_an_answers_markdown_is_shown_and_nothing_in_it_runs(visit: Visit, server: FakeServer) -> None:
    mari = visit("/demo")
    log = open_chat(mari)
    say(mari, "lugu vormindusest")
    expect(log).to_contain_text("ma veel vastust ei tea")
    put(
        server,
        "lugu vormindusest",
        [("bot", ANSWER), ("customer", "www.kodukaup.ee/a, jaan@naide.ee, 5123 4567 ja [siia](https://kuri.example) <img src=x onerror=alert(1)>")],
    )
    mari.reload()

    said = log.locator(".said.bot").last
    expect(said.locator("strong").first).to_have_text("Nii see käib")
    expect(said.locator("ol > li")).to_have_count(2)
    safe = "noopener noreferrer"
    links = [
        ["konto", "https://kodukaup.example/konto", "_blank", safe],
        ["mari@naide.ee", "mailto:mari@naide.ee", "", safe],
        ["+372 600 1234", "tel:+3726001234", "", safe],
        ["Video", "https://video.example/v1", "_blank", safe],
        ["Silt", f"{server.url}/static/silt.png", "", safe],  # the picture is not there: its words lead to it
        ["Kaart", "http://naide.ee/kaart.png", "_blank", safe],
    ]
    of_link = "all => all.map((link) => [link.textContent, link.getAttribute('href'), link.target, link.rel])"
    comes_to(links, lambda: said.get_by_role("link").evaluate_all(of_link), mari)
    expect(said).to_contain_text("nõks 2*3*4")
    expect(said.locator("p > code")).to_have_text("TAGASI")
    expect(said.locator("pre > code")).to_contain_text('let a = "<b>";  // **mitte** paks')
    expect(said.locator("pre")).to_have_css("white-space", "pre-wrap")  # whole, and nothing to scroll sideways

    own = log.locator(".said.customer").last
    expect(own).to_contain_text("[siia](")
    expect(own).to_contain_text("<img src=x onerror=alert(1)>")
    hrefs = ["https://www.kodukaup.ee/a", "mailto:jaan@naide.ee", "tel:51234567", "https://kuri.example"]
    comes_to(hrefs, lambda: own.get_by_role("link").evaluate_all("all => all.map((link) => link.getAttribute('href'))"), mari)


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_hostile_words_stay_harmless_in_their_bubble_on_both_sides(visit: Visit, desk: Page, server: FakeServer, phone: bool) -> None:
    words = f"lugu kurjusest {phone}"
    mari, log = talking(visit, desk, words, phone=phone)
    zalgo, turned, long = "Z" + "\u0489\u0336\u0315" * 200 + "algo", "\u202evalepidi \u2067sõnad", "pikksõna" * 200
    put(server, words, [("customer", text) for text in (zalgo, turned, long, "<script>alert(1)</script> javascript:alert(1)")])
    mari.reload()
    desk.reload()

    for side, bubbles in ((log, log.locator(".said.customer")), (desk.locator("#talk .log"), desk.locator("#talk .customer .bubble"))):
        expect(bubbles.last).to_contain_text("<script>alert(1)</script> javascript:alert(1)")
        until(lambda side=side, bubbles=bubbles: not any(spills(bubble, side) for bubble in bubbles.all()), side.page)  # type: ignore[misc]
        expect(bubbles.nth(bubbles.count() - 3)).to_have_css("unicode-bidi", "isolate")
        expect(bubbles.get_by_role("link")).to_have_count(0)


def test_a_megabyte_is_refused_kindly_on_both_sides(visit: Visit, desk: Page) -> None:
    mari, _log = talking(visit, desk, "lugu megabaidist")
    mari.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for page, field in ((mari, box(mari)), (desk, desk.get_by_role("textbox", name="Vastus kliendile"))):
        page.bring_to_front()  # what has not the focus may not touch the clipboard
        field.fill("Algus")
        page.evaluate("navigator.clipboard.writeText('x'.repeat(1_000_000))")
        field.press("ControlOrMeta+V")
        expect(page.get_by_text("Sõnum on liiga pikk")).to_be_visible()
        expect(field).to_have_value("Algus")
        field.press_sequentially(" ja lõpp")
        expect(page.get_by_text("Sõnum on liiga pikk")).to_have_count(0)
        expect(field).to_have_value("Algus ja lõpp")


def test_of_five_hundred_messages_the_last_is_seen_and_the_place_is_kept(visit: Visit, desk: Page, server: FakeServer) -> None:
    words = "lugu viiesajast"
    mari, log = talking(visit, desk, words)
    place_at_the_desk = desk.url
    desk.goto("about:blank")  # it need not draw them one by one
    put(server, words, [("customer" if place % 2 else "agent", f"Sõnum {place}, pikem kui üks rida, et kerida oleks, mida") for place in range(500)])
    mari.reload()
    expect(log).to_contain_text("Sõnum 499,")
    until(lambda: rest(log) < 5, mari)
    expect(log.locator(".said")).to_have_count(100)  # what was said before comes when somebody looks for it

    for count in (200, 300, 400, 500, 503):
        log.evaluate("log => { log.scrollTop = 0; }")
        expect(log.locator(".said")).to_have_count(count)
        if count == 200:
            expect(log.get_by_text("Sõnum 400,")).to_be_in_viewport()  # what was looked at stays where it was
    expect(log).to_contain_text("Sõnum 0,")

    log.evaluate("log => { log.scrollTop = 1000; }")
    until(lambda: rest(log) > 5_000, mari)
    desk.goto(place_at_the_desk)
    answer(desk, "See on uus sõnum")
    news = mari.get_by_role("button", name="Uued sõnumid")
    expect(news).to_be_visible()
    assert log.evaluate("log => log.scrollTop") == 1000
    expect(desk.locator("#talk .state", has_text="Nähtud")).to_have_count(0)  # it is not on the screen yet

    news.click()
    expect(news).to_be_hidden()
    expect(log).to_be_focused()
    until(lambda: rest(log) < 5, mari)
    expect(desk.locator("#talk .state", has_text="Nähtud")).to_have_count(1)
