"""The house behind a proxy of the bad kind, and short ways to talk on a page: for stories about what gets lost on the way."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from handoff.conversations.tables import EventRow
from handoff.database import Database
from tests.browser.conftest import FakeServer, Visit
from tests.browser.patience import PATIENCE_MS
from tests.proxy import Asked, Manner, Proxy

UNKNOWN = "Selle kohta ma veel vastust ei tea"  # the fake bot's answer to what no entry answers


class Proxied(FakeServer):
    """The house behind a proxy whose manners a test may choose."""

    proxy: Proxy

    def behind(self, proxy: Proxy) -> None:
        self.proxy, self.url = proxy, proxy.url

    def count(self, query: str, *values: object) -> int:
        """One number from the service's own database."""
        connection = sqlite3.connect(f"file:{self.folder / 'abiline.db'}?mode=ro", uri=True)
        try:
            found: int = connection.execute(query, values).fetchone()[0]
            return found
        finally:
            connection.close()

    def kept(self, words: str) -> int:
        """How many messages with these words the service has."""
        database = Database(f"sqlite:///{self.folder / 'abiline.db'}")
        try:
            with database.read() as session:
                return sum(body.get("text") == words for body in session.scalars(select(EventRow.body)))
        finally:
            database.close()


@contextmanager
def behind_proxy(folder: Path) -> Iterator[Proxied]:
    made = Proxied(folder)
    proxy = Proxy(made.port)
    proxy.start()
    made.behind(proxy)
    made.start()
    yield made
    made.stop()
    proxy.stop()


@contextmanager
def well_mannered(proxy: Proxy) -> Iterator[Proxy]:
    """The proxy for one test: kindly before and after."""
    proxy.reset()
    yield proxy
    proxy.release()
    proxy.reset()


def misbehave(which: Callable[[Asked], bool], manner: Manner) -> Callable[[Asked], Manner]:
    return lambda asked: manner if which(asked) else "pass"


def saying(asked: Asked) -> bool:
    return asked.method == "POST" and asked.path.endswith("/messages")


def beginning(asked: Asked) -> bool:
    return asked.method == "POST" and asked.path.endswith("/conversations")


def once(manner: Callable[[Asked], Manner]) -> Callable[[Asked], Manner]:
    """Bad manners to the first request they are for."""
    done: list[Asked] = []

    def first_only(asked: Asked) -> Manner:
        wanted = manner(asked)
        if wanted == "pass" or done:
            return "pass"
        done.append(asked)
        return wanted

    return first_only


def log_of(page: Page) -> Locator:
    return page.get_by_role("log")


def open_chat(page: Page) -> Locator:
    page.get_by_role("button", name="Ava vestlus").click()
    return log_of(page)


def say(page: Page, words: str) -> None:
    box = page.get_by_role("textbox", name="Teie sõnum")
    box.fill(words)
    box.press("Enter")


def beside(visit: Visit, page: Page) -> Page:
    """Another tab of the same browser."""
    return visit("/demo", context=page.context)


def ask_for_person(mari: Page, desk: Page) -> str:
    """Mari gets Jaan; gives her words."""
    words = f"tahan inimesega rääkida {time.monotonic_ns()}"
    say(mari, words)
    line = desk.locator("#lines > li").filter(has_text=words)
    expect(line).to_be_visible(timeout=PATIENCE_MS)
    line.click()
    desk.get_by_role("button", name="Võta vestlus").click()
    expect(log_of(mari)).to_contain_text("Jaan liitus vestlusega", timeout=PATIENCE_MS)
    return words


def answer(desk: Page, words: str) -> None:
    box = desk.get_by_role("textbox", name="Vastus kliendile")
    box.fill(words)
    box.press("Enter")


def hide(page: Page, hidden: bool) -> None:
    """As in a pocket: the page is told so."""
    page.evaluate("hidden => Object.defineProperty(document, 'hidden', { value: hidden, configurable: true })", hidden)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
