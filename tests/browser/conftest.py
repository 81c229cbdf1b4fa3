"""The real product as a process of its own, and a real Chromium. A test may kill the one and reload the other."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.browser.patience import PATIENCE_MS
from tests.browser.sites import IDENTITY_SECRET, Site
from tests.ports import free_port
from tests.serve import PASSWORD

if TYPE_CHECKING:
    from tests.browser.proxied import Proxied
    from tests.proxy import Proxy

ROOT = Path(__file__).parent.parent.parent
CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
SLOWLY = float(os.environ.get("ABILINE_SLOWLY", "0"))
START_SECONDS = 240  # on a machine that has much else to do

expect.set_options(timeout=PATIENCE_MS)  # two browsers and two servers share two cores


class Server:
    """`abiline serve` on a free port with a data folder of its own; can be killed and started again on the same data."""

    def __init__(self, folder: Path, **settings: str) -> None:
        """`Server(folder, consent="required")` sets `ABILINE_CONSENT`."""
        self.folder = folder
        self._settings = {f"ABILINE_{name.upper()}": value for name, value in settings.items()}
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.login, self.password = "", ""
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start and wait until it answers; reads the log-in that the first start prints."""
        log = self.folder / "serve.log"
        environment = os.environ | {
            "ABILINE_DATA_DIR": str(self.folder),
            "ABILINE_PORT": str(self.port),
            "ABILINE_PUBLIC_URL": self.url,
            "PYTHONUNBUFFERED": "1",
            **self._settings,
        }
        with log.open("a", encoding="utf-8") as output:
            self._process = subprocess.Popen(self._words(), cwd=ROOT, env=environment, stdout=output, stderr=output, text=True)
        self._await_answer(log)
        printed = re.search(r"made for you: (\S+)\s+password: (\S+)", log.read_text(encoding="utf-8"))
        if printed:
            self.login, self.password = printed.groups()

    def kill(self) -> None:
        """As a power cut would: no good-byes."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def command(self, *words: str) -> str:
        """Run `abiline …` on the same data and give what it prints."""
        environment = os.environ | {"ABILINE_DATA_DIR": str(self.folder)}
        run = subprocess.run([sys.executable, "-m", "handoff", *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        return run.stdout + run.stderr

    def _words(self) -> list[str]:
        """The command line that serves."""
        return [sys.executable, "-m", "handoff", "serve"]

    def _await_answer(self, log: Path) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                if httpx.get(f"{self.url}/health", timeout=2).is_success:
                    return
            except httpx.HTTPError:
                time.sleep(0.1)
        raise RuntimeError("the service did not start:\n" + log.read_text(encoding="utf-8")[-2_000:])

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=20)
            self._process = None


class FakeServer(Server):
    """The same house with the fake bot (`tests/serve.py`): up at once, for what is not about understanding. Jaan is the agent."""

    def start(self) -> None:
        super().start()
        self.login, self.password = "jaan", PASSWORD  # all its people have the same

    def _words(self) -> list[str]:
        return [sys.executable, "-m", "tests.serve", str(self.port), str(self.folder)]


@pytest.fixture(scope="module")
def server(trained_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The service, started once for the stories of a file."""
    made = Server(tmp_path_factory.mktemp("abiline"))
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def fake_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeServer]:
    """A file whose own fixture `server` gives this one has `visit` and `desk` on it."""
    made = FakeServer(tmp_path_factory.mktemp("abiline"))
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def proxied_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    """A fake server behind a proxy of the bad kind; given as `server`, as `fake_server` is."""
    from tests.browser.proxied import behind_proxy

    with behind_proxy(tmp_path_factory.mktemp("abiline")) as made:
        yield made


@pytest.fixture
def proxy(proxied_server: Proxied) -> Iterator[Proxy]:
    """Its proxy, kindly before and after the test."""
    from tests.browser.proxied import well_mannered

    with well_mannered(proxied_server.proxy) as one:
        yield one


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeServer]:
    """A house whose widget other people's sites embed; they say who is logged in there."""
    made = FakeServer(tmp_path_factory.mktemp("abiline"), identity_secret=IDENTITY_SECRET)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Somebody else's website."""
    with Site() as made:
        yield made


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.fail("there is no Chromium: `make chromium` gets it from Debian's packages")
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield browser
    browser.close()


Visit = Callable[..., Page]
Open = Callable[..., Page]


@pytest.fixture
def visit(chromium: Browser, server: Server) -> Iterator[Visit]:
    """`visit("/demo")` opens a page in a browser of its own (its own storage and cookies). Errors on a page fail the test.

    `visit("/desk", login="jaan")` is that person's page; the log-in's own page is looked at in `test_people.py`.
    A `context` of the test's own is closed at the end like the others; any other option is one of Playwright's for a new context.
    """
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def open_page(path: str, *, login: str = "", phone: bool = False, dark: bool = False, context: BrowserContext | None = None, **options: Any) -> Page:
        if context is None:
            usual = {"viewport": PHONE if phone else DESKTOP, "color_scheme": "dark" if dark else "light", "locale": "et-EE", "has_touch": phone}
            context = chromium.new_context(**(usual | options))
        if context not in contexts:
            contexts.append(context)
        if login:
            log_in(context, server, login)
        page = new_page(context)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(server.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


def new_page(context: BrowserContext) -> Page:
    """A page; with `ABILINE_SLOWLY=6` its scripts take six times as long, as on a machine that has much else to do."""
    page = context.new_page()
    if SLOWLY:
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWLY})
    return page


def log_in(context: BrowserContext, server: Server, login: str) -> None:
    """All pages of this browser are that person's from now on."""
    answer = context.request.post(f"{server.url}/login", form={"login": login, "password": server.password}, max_redirects=0)
    assert answer.status == HTTPStatus.SEE_OTHER, f"{login} can't log in: {answer.status}"


@pytest.fixture
def open_site(chromium: Browser) -> Iterator[Open]:
    """`open_site(url)` in a browser of its own. Errors on a page, and what a security policy refuses, fail the test."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def open_page(url: str, *, context: BrowserContext | None = None, **options: Any) -> Page:
        if context is None:
            context = chromium.new_context(**({"viewport": DESKTOP, "locale": "et-EE"} | options))
            contexts.append(context)
        page = new_page(context)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: troubles.append(said.text) if "Security Policy" in said.text or "TrustedHTML" in said.text else None)
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def desk(visit: Visit, server: Server) -> Page:
    """Jaan's desk, logged in."""
    return visit("/desk", login=server.login)
