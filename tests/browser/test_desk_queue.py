"""The queue as an agent lives with it: who waits is counted, heard and told; work comes to whose turn it is; every action has its key."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select, update

from handoff.accounts.tables import AgentRow, TeamMemberRow, TeamRow
from handoff.conversations.tables import ConversationRow
from handoff.database import Database
from tests.browser.axe import complaints
from tests.browser.conftest import DESKTOP, FakeServer, Visit
from tests.browser.patience import PATIENCE_MS, comes_to, until
from tests.browser.test_desk_moves import desk_of, move, talking
from tests.browser.test_story import answer, claim, open_in_desk, waiting
from tests.browser.test_talking import EAR, LOOKING_AWAY, notes
from tests.handoff import talk

pytestmark = pytest.mark.browser

NOTICES = """
  window.shown = [];
  window.Notification = class {
    static permission = "default";
    static requestPermission() { this.permission = "granted"; return Promise.resolve("granted"); }
    constructor(title, options) { window.shown.push(options.body); window.notice = this; }
    close() {}
  };
"""
LISTS = ("Ootavad", "Minu", "Meeskond", "Kõik", "Lõpetatud")


@pytest.fixture(scope="module")
def server(fake_server: FakeServer) -> FakeServer:
    return fake_server


@pytest.fixture
def database(server: FakeServer) -> Iterator[Database]:
    """That of the running service, with nobody in any list."""
    made = Database(f"sqlite:///{server.folder / 'abiline.db'}")
    with made.write() as session:
        session.execute(update(ConversationRow).values(state="closed", agent_id=None, waiting_since=None, offered_to=None))
        for team in session.scalars(select(TeamRow)):
            session.delete(team)
    yield made
    made.close()


@pytest.fixture
def ears(chromium: Browser) -> BrowserContext:
    """An agent's browser, which tells whether it sounds and what notices it shows, and can be told that the agent looks elsewhere."""
    context = chromium.new_context(viewport=DESKTOP, locale="et-EE")  # type: ignore[arg-type]
    context.add_init_script(LOOKING_AWAY + EAR + NOTICES)
    return context


Ask = Callable[..., str]


def wait_in_line(database: Database, conversation_id: str) -> None:
    """Until the bot has handed over."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while talk.row(database, conversation_id).state != "waiting":
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def ask(server: FakeServer, database: Database) -> Ask:
    """Somebody asks for a person; gives the conversation's id."""
    counter = iter(range(1_000))

    def say(client: httpx.Client, begun: dict[str, str], text: str) -> None:
        sent, secret = {"client_id": f"ootab-{next(counter):04}", "text": text}, {"Authorization": f"Bearer {begun['secret']}"}
        client.post(f"/api/widget/conversations/{begun['id']}/messages", json=sent, headers=secret).raise_for_status()

    def one(words: str, **row: object) -> str:
        with httpx.Client(base_url=server.url) as client:
            begun = client.post("/api/widget/conversations", json={}).json()
            say(client, begun, f"tahan inimesega rääkida, {words}")
            if row:
                wait_in_line(database, begun["id"])  # its handoff writes down a reason of its own
                with database.write() as session:
                    session.execute(update(ConversationRow).where(ConversationRow.id == begun["id"]).values(**row))
                say(client, begun, words)  # the desk looks again
        return str(begun["id"])

    return one


def shown(page: Page) -> list[str]:
    """The notices of the browser so far."""
    return [str(words) for words in page.evaluate("shown")]


def test_who_waits_is_counted_in_the_title_heard_and_told_to_whoever_looks_elsewhere(visit: Visit, ears: BrowserContext, ask: Ask) -> None:
    desk = visit("/desk", login="jaan", context=ears)
    title = "Vestlused · Abiline"
    expect(desk).to_have_title(title)
    expect(desk.get_by_text("Keegi ei oota.")).to_be_visible()
    desk.get_by_role("button", name="Luba brauseri teavitused").click()
    expect(desk.get_by_role("button", name="Brauseri teavitused on sees")).to_be_visible()

    ask("esimene mure")
    expect(desk).to_have_title(f"(1) {title}")
    expect(desk.locator("#said")).to_contain_text("esimene mure")
    until(lambda: notes(desk) == 2, desk)
    assert shown(desk) == [], "who looks at the desk sees it there"

    desk.evaluate("look(true)")
    ask("teine mure")
    expect(desk).to_have_title(re.compile("^● .* ootab$"))
    expect(desk).to_have_title(f"(2) {title}")
    comes_to(1, lambda: len(shown(desk)), desk)
    assert "teine mure" in shown(desk)[0]
    until(lambda: notes(desk) == 4, desk)
    desk.evaluate("notice.onclick()")
    expect(desk.locator("#talk .log")).to_contain_text("teine mure")

    desk.evaluate("look(false)")
    desk.get_by_role("button", name="Uue ootaja heli on sees").click()
    before = notes(desk)
    ask("kolmas mure")
    expect(desk).to_have_title(f"(3) {title}")
    assert notes(desk) == before, "switched off, nothing sounds"
    claim(desk, "teine mure")
    expect(desk).to_have_title(f"(2) {title}")


def test_a_line_and_its_head_say_by_which_way_somebody_came(desk: Page, ask: Ask) -> None:
    ask("kiri postkastist", channel="email")
    ask("tuli telefonist", channel="telegram")
    ask("siinsamas lehel")
    for words, mark in (("kiri postkastist", "Kanal: E-post"), ("tuli telefonist", "Kanal: Telegram")):
        expect(waiting(desk, words).locator(".channel")).to_have_text(mark)
        open_in_desk(desk, words)
        expect(desk.locator("#talk .title .channel")).to_have_text(mark)
    open_in_desk(desk, "siinsamas lehel")
    expect(desk.locator("#talk .title")).to_contain_text("Ootab")
    expect(desk.locator("#talk .title .channel")).to_have_count(0)
    assert complaints(desk) == []


def test_each_list_follows_live_and_counts_its_own(visit: Visit, server: FakeServer, desk: Page, database: Database, ask: Ask) -> None:
    with database.write() as session:
        team = TeamRow(name="Arved")
        session.add(team)
        session.flush()
        jaan = session.scalar(select(AgentRow.id).where(AgentRow.login == "jaan"))
        session.add(TeamMemberRow(team_id=team.id, agent_id=jaan))
        team_id = team.id
    desk.reload()
    ask("tavaline mure")
    ask("kaebuse mure", reason="complaint")
    ask("arve mure", team_id=team_id)

    def counts() -> list[str]:
        return [re.sub(r"\D", "", text) for text in desk.locator(".tabs button").all_inner_texts()[:4]]

    expect(desk.locator(".tabs button")).to_have_text([re.compile(name) for name in LISTS])
    comes_to(["3", "", "1", "3"], counts, desk)
    expect(desk.locator("#lines > li").first).to_contain_text("kaebuse mure")
    desk.get_by_role("button", name="Meeskond").click()
    expect(desk.locator("#lines > li")).to_have_count(1)
    expect(desk.locator("#lines > li")).to_contain_text("arve mure")

    kadri = desk_of(visit, server, "kadri")
    claim(kadri, "tavaline mure")
    comes_to(["2", "", "1", "3"], counts, desk)
    claim(desk, "arve mure")
    comes_to(["1", "1", "1", "3"], counts, desk)


def test_a_teams_work_comes_to_who_is_free_with_time_to_accept_and_goes_on(visit: Visit, server: FakeServer, desk: Page, database: Database, ask: Ask) -> None:
    with database.write() as session:
        team = TeamRow(name="Arved", accept_seconds=600)
        session.add(team)
        session.flush()
        for login in ("jaan", "kadri"):
            agent = session.scalars(select(AgentRow).where(AgentRow.login == login)).one()
            agent.capacity = 5
            session.add(TeamMemberRow(team_id=team.id, agent_id=agent.id))
        team_id = team.id
    kadri = desk_of(visit, server, "kadri")
    kadri.get_by_role("combobox", name="Kas võtate vestlusi vastu?").select_option("Hõivatud")
    expect(desk.get_by_text("1 kolleeg on vaba.")).to_be_visible()
    ask("jagatud mure", team_id=team_id)

    desk.get_by_role("button", name="Minu").click()
    expect(waiting(desk, "jagatud mure")).to_contain_text("teie kord")
    expect(desk.locator("#said")).to_contain_text("Teie kord vastata")
    kadri.get_by_role("combobox", name="Kas võtate vestlusi vastu?").select_option("Vaba")
    open_in_desk(desk, "jagatud mure")
    move(desk, "Anna kord edasi")
    kadri.get_by_role("button", name="Minu").click()
    expect(waiting(kadri, "jagatud mure")).to_contain_text("teie kord")
    claim(kadri, "jagatud mure")
    expect(desk.locator(".talk-head")).to_contain_text("Kadri käes")


ALONE = ("Veel", "Saada")  # opens the rest of the bar; Enter in the box
OTHERWISE = {"Märkus": "Lisa märkus"}  # what the palette calls it


def test_every_action_of_the_page_has_its_key_and_stands_in_the_palette(visit: Visit, desk: Page, ask: Ask) -> None:
    ask("keegi teine ka")
    talking(visit, desk, "klahvide tabel")
    answer(desk, "Tere!")
    expect(desk.locator("#talk .log .change")).to_be_visible()
    expect(desk.locator("#context").get_by_role("button", name="Salvesta KKK-sse")).to_be_visible()  # from here on the palette has it too
    desk.locator("#talk .log").focus()
    desk.keyboard.press("Control+k")
    options = desk.locator(".palette li")
    expect(options.filter(has_text="Salvesta KKK-sse")).to_be_visible()
    table: dict[str, str] = dict(options.evaluate_all("all => all.map((one) => [one.children[0].textContent, one.children[1]?.textContent ?? ''])"))
    desk.keyboard.press("Escape")

    assert [text for text, key in table.items() if not key] == [], "each has a key"
    assert len(set(table.values())) == len(table), "and no two have the same"
    bar = dict(desk.locator(".bar button").evaluate_all("all => all.map((one) => [one.firstChild.textContent, one.getAttribute('aria-keyshortcuts')])"))
    assert {text: table.get(text) for text in bar} == bar, "the bar and the palette are one table"
    buttons = desk.locator(
        ".queue-tools button, .bar button, .bar summary, .change button, .box-foot button, #context section > button, #context .doing button"
    )
    name_or_text = "(one) => (one.getAttribute('aria-label') ?? one.firstChild.textContent ?? '').trim() || one.textContent.trim()"
    names = buttons.evaluate_all(f"all => all.map({name_or_text})")
    known = {*table, *ALONE, "Muuda", "Otsi tegevust (Ctrl+K)"}  # „Muuda“ beside the message is „Muuda viimast sõnumit“
    assert {name for name in names if OTHERWISE.get(name, name) not in known} == set(), "no button without its action"
    lists = [re.sub(r"\s*\d*$", "", text) for text in desk.locator(".tabs button").all_inner_texts()]
    assert [f"Ava nimekiri: {name}" for name in lists if f"Ava nimekiri: {name}" not in table] == []
    desk.keyboard.press("?")
    expect(desk.locator("#keys kbd").first).to_be_visible()
    panel = desk.locator("#keys kbd").all_inner_texts()
    assert {key for key in table.values() if not key.isdigit()} - set(panel) == set(), "the panel of keys knows them all"


def test_the_switches_the_search_and_the_rest_are_done_by_their_keys(visit: Visit, desk: Page) -> None:
    talking(visit, desk, "lülitite lugu")
    answer(desk, "Hind on 20 eurot.")
    expect(desk.locator("#talk .log .change")).to_be_visible()
    desk.locator("#talk .log").focus()
    desk.keyboard.press("Shift+B")
    expect(desk.get_by_role("combobox", name="Kas võtate vestlusi vastu?")).to_have_value("busy")
    desk.keyboard.press("Shift+A")
    expect(desk.get_by_role("combobox", name="Kas võtate vestlusi vastu?")).to_have_value("available")
    desk.keyboard.press("Shift+D")
    expect(desk.locator("body.dense")).to_be_attached()
    desk.keyboard.press("Shift+D")
    desk.keyboard.press("g")
    expect(desk.locator("#context")).to_be_focused()
    desk.keyboard.press("Shift+W")
    expect(desk.get_by_role("button", name="Jah, võta tagasi")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.locator("#talk .log")).to_contain_text("Sõnum võeti tagasi")
    desk.locator("#talk .log").focus()
    desk.keyboard.press("Shift+F")
    expect(desk.get_by_role("searchbox")).to_be_focused()
    desk.keyboard.press("Escape")
    desk.keyboard.press("1")
    expect(desk.get_by_role("button", name="Ootavad", pressed=True)).to_be_visible()
