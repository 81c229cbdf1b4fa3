"""An answer with steps is written, reviewed by another, published and given to a customer; two who write at once lose nothing; earlier forms come back."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import complaints
from tests.browser.conftest import FakeServer, Visit
from tests.browser.patience import until
from tests.browser.test_story import open_chat, say

pytestmark = pytest.mark.browser

QUESTION = "Kas ruuter vilgub punaselt?"
LINK = "Lahendame koos, samm-sammult"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeServer]:
    """A house in which another person publishes than who wrote."""
    made = FakeServer(tmp_path_factory.mktemp("abiline"), entry_review="required")
    made.start()
    yield made
    made.stop()


def editor(visit: Visit, server: FakeServer, login: str = "liis", where: str = "", *, phone: bool = False, dark: bool = False) -> Page:
    """Somebody has logged in and opened an entry, or the list."""
    page = visit(f"/editor#{where}" if where else "/editor", login=login, phone=phone, dark=dark)
    expect(page.locator("#list button").first).to_be_attached()
    if where:
        expect(page.locator("#question")).not_to_have_value("")
    return page


def add_step(page: Page, text: str) -> Locator:
    page.click("#add-step")
    step = page.locator("#steps > li").last
    expect(step.locator("textarea")).to_be_focused()
    page.keyboard.type(text)
    return step


def test_an_answer_with_steps_is_written_reviewed_published_and_asked_for(visit: Visit, server: FakeServer) -> None:
    liis = editor(visit, server)
    liis.click("#new")
    liis.fill("#question", QUESTION)
    liis.fill("#answer", "Vaatame koos järele.")
    liis.click("#fold-steps summary")
    add_step(liis, "Oodake kaks minutit.")
    add_step(liis, "Kas tuli on nüüd roheline?")
    liis.keyboard.press("Alt+ArrowUp")
    expect(liis.locator("#steps > li").first.locator("textarea")).to_be_focused()
    expect(liis.locator("#steps > li").first.locator("textarea")).to_have_value("Kas tuli on nüüd roheline?")
    add_step(liis, "Tore!")
    asks = liis.locator("#steps > li").first
    asks.locator("[data-part=then]").select_option("ask")
    asks.locator("[data-part=yes]").select_option(label="3. Tore!")
    liis.click("#save")
    expect(asks.locator("p.error")).to_contain_text("ka teise vastuse jaoks")
    expect(asks.locator("[data-part=no]")).to_be_focused()
    asks.locator("[data-part=no]").select_option(label="2. Oodake kaks minutit.")
    expect(liis.locator("#shown-answer")).to_contain_text(LINK)
    liis.click("#tab-en")
    expect(liis.locator("#en-steps label").first).to_contain_text("Kas tuli on nüüd roheline?")
    liis.keyboard.press("ArrowLeft")
    expect(liis.locator("#tab-et")).to_be_focused()
    assert complaints(liis) == []

    expect(liis.locator("#publish")).to_be_hidden()
    liis.click("#send")
    expect(liis.locator("#said")).to_contain_text("Ootab ülevaatust")
    expect(liis.locator("#publish")).to_be_hidden()

    tiit = editor(visit, server, "tiit")
    tiit.locator("#show").select_option("review")
    expect(tiit.locator("#show option:checked")).to_have_text("Ootab ülevaatust (1)")
    expect(tiit.locator("#list button")).to_have_count(1)
    tiit.locator("#list button").click()
    tiit.fill("#send-back-note", "Lisage paus.")
    tiit.get_by_role("button", name="Saada tagasi").click()
    expect(tiit.locator("#said")).to_contain_text("tagasi koos teie märkusega")

    liis.reload()
    expect(liis.locator("#standing")).to_contain_text("Lisage paus.")
    liis.fill("#answer", "Vaatame koos järele. Varuge viis minutit.")
    liis.click("#send")
    expect(liis.locator("#marks")).to_contain_text("ootab ülevaatust")

    tiit.reload()
    expect(tiit.locator("#send-back-note")).to_be_visible()
    assert complaints(tiit) == []
    tiit.click("#publish")
    expect(tiit.locator("#said")).to_contain_text("Avaldatud")

    mari = visit("/demo")
    log = open_chat(mari)
    say(mari, QUESTION)
    expect(log).to_contain_text("Varuge viis minutit.")
    expect(log.get_by_role("link", name=LINK)).to_have_attribute("href", re.compile("/help/kas-ruuter-vilgub-punaselt$"))


def test_two_who_write_at_once_are_warned_and_choose_whose_words_stay(visit: Visit, server: FakeServer) -> None:
    where = "tarneaeg"
    liis = editor(visit, server, "liis", where)
    tiit = editor(visit, server, "tiit", where, phone=True, dark=True)
    expect(tiit.locator("#here")).to_contain_text("Liis")
    tiit.fill("#answer", "Tiidu **vastus**.")
    liis.fill("#answer", "Liisi vastus.")
    liis.fill("#tags", "kiire")
    tiit.click("#save")
    expect(tiit.locator("#said")).to_contain_text("salvestatud")
    liis.click("#save")

    merging = liis.locator("#merging")
    expect(merging.get_by_role("heading", name="Kumb tekst jääb?")).to_be_focused()
    expect(merging.locator("ins").first).to_contain_text("Liisi")
    assert complaints(liis) == []
    merging.locator("[data-name=answer]").get_by_role("radio", name="Tiit kirjutas").check()
    merging.get_by_role("button", name="Ühenda valitud").click()
    expect(liis.locator("#answer")).to_have_value("Tiidu **vastus**.")
    expect(liis.locator("#tags")).to_have_value("kiire")
    liis.click("#save")
    expect(liis.locator("#said")).to_contain_text("salvestatud")

    liis.click("#history summary")
    liis.locator("#revisions li").last.get_by_role("button", name="Võrdle praegusega").click()
    expect(liis.locator("#compared ins").first).to_be_visible()
    assert complaints(liis) == []
    liis.locator("#revisions li").last.get_by_role("button", name="Taasta").click()
    liis.get_by_role("button", name="Taasta mustandina").click()
    expect(liis.locator("#answer")).not_to_have_value(re.compile("Tiidu"))
    expect(liis.locator("#said")).to_contain_text("Taastatud mustandina")


def test_unsaved_words_survive_a_reload_and_a_pasted_picture_stands_in_the_answer(visit: Visit, server: FakeServer) -> None:
    liis = editor(visit, server)
    liis.click("#new")
    liis.fill("#question", "Milline pistik sobib?")
    liis.fill("#answer", "Selline:")
    drawn = io.BytesIO()
    Image.new("RGB", (40, 20), "teal").save(drawn, "PNG")
    liis.locator("[data-picture=answer]").set_input_files({"name": "pistik.png", "mimeType": "image/png", "buffer": drawn.getvalue()})
    expect(liis.locator("#answer")).to_have_value(re.compile(r"!\[pistik\]\(/pictures/[\w-]+\)"))
    expect(liis.locator("#shown-answer img")).to_have_js_property("naturalWidth", 40)
    liis.on("dialog", lambda dialog: dialog.accept())
    liis.reload()
    expect(liis.locator("#notice")).to_contain_text("salvestamata tekst on tagasi")
    expect(liis.locator("#question")).to_have_value("Milline pistik sobib?")
    liis.get_by_role("button", name="Näita salvestatud teksti").click()
    expect(liis.locator("#question")).to_have_value("")


def test_an_answer_is_merged_into_another_and_its_old_address_leads_there(visit: Visit, server: FakeServer) -> None:
    liis = editor(visit, server, "liis", "tagastamise-tahtaeg")
    question = liis.locator("#question").input_value()
    liis.click("#more summary")
    liis.fill("#entry-id", "tagastamine-paevad")
    liis.click("#rename")
    expect(liis.locator("#said")).to_contain_text("Tunnus on muudetud")
    liis.click("#more summary")
    liis.fill("#merge-into", "tagastamine-paevad")
    liis.click("#merge")
    expect(liis.locator("[data-field=into] .error")).to_contain_text("mõni teine vastus")
    liis.fill("#merge-into", "kuidas-tagastada")
    liis.click("#merge")
    expect(liis.locator("#said")).to_contain_text("Ühendatud")
    until(lambda: question in [box.input_value() for box in liis.locator("#examples input").all()], liis)
    liis.goto(f"{server.url}/help/tagastamise-tahtaeg")
    expect(liis).to_have_url(f"{server.url}/help/kuidas-tagastada")
