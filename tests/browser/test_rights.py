"""Mari proves by a code from her mailbox that it is hers, takes a copy and has it erased; where her address was only typed, Tiit decides."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import complaints
from tests.browser.conftest import FakeServer, Visit
from tests.browser.test_desk_moves import desk_of, move
from tests.browser.test_informed import Postman, postman  # noqa: F401 (a fixture)
from tests.browser.test_story import open_in_desk

pytestmark = pytest.mark.browser

ADDRESS = "mari@naide.ee"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, postman: tuple[Postman, int]) -> Iterator[FakeServer]:  # noqa: F811
    made = FakeServer(tmp_path_factory.mktemp("abiline"), smtp_url=f"smtp://127.0.0.1:{postman[1]}", mail_from="tugi@kodukaup.example")
    made.start()
    yield made
    made.stop()


def write_to_us(visit: Visit, text: str) -> Page:
    form = visit("/contact")
    form.fill("#text", text)
    form.fill("#contact", ADDRESS)
    form.locator("button.primary").click()
    expect(form.get_by_role("link", name="Vaata, kus asi on")).to_be_visible()
    return form


def test_mari_takes_a_copy_and_has_everything_erased_with_a_receipt(visit: Visit, postman: tuple[Postman, int]) -> None:  # noqa: F811
    post = postman[0]
    page = write_to_us(visit, "Kas arve on tulnud?")
    page.goto(re.sub(r"(https?://[^/]+)/.*", r"\1/privacy", page.url))
    page.get_by_role("link", name="Küsige oma vestluste koopiat").click()
    page.get_by_label("Mis e-posti aadressi").fill(ADDRESS)
    page.get_by_role("button", name="Saada kood").click()
    code = re.search(r"\d{3} \d{3}", post.letter(ADDRESS, "Teie kood", page))
    assert code is not None
    assert complaints(page) == []
    page.get_by_label("Mis kood kirjas on?").fill(code.group())
    page.get_by_role("button", name="Kinnita kood").click()
    expect(page.get_by_role("heading", name="kus seda aadressi ainult mainiti: 1")).to_be_visible()  # so it was in the form
    page.get_by_role("button", name="Palu need üle vaadata").click()
    expect(page.get_by_text("hiljemalt ühe kuu jooksul")).to_be_visible()
    expect(page.get_by_text("Teie vestlusi meie juures: 1")).to_be_visible()  # what she has just asked for
    assert complaints(page) == []
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Laadi koopia alla").click()
    with zipfile.ZipFile(downloading.value.path()) as archive:
        copy = archive.read("abiline.json").decode()
        assert ("Kinnitasin" in copy, "Kas arve on tulnud?" in copy) == (True, False)
    page.get_by_role("button", name="Kustuta minu andmed").click()
    page.get_by_role("button", name="Jah, kustuta").click()
    expect(page.get_by_role("heading", name="Teie andmed on kustutatud")).to_be_visible()
    receipt = page.locator("strong").inner_text()
    assert "on kustutatud" in post.letter(ADDRESS, receipt, page)
    assert complaints(page) == []
    assert page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]


def test_tiit_erases_for_who_asked_by_phone_once_he_has_typed_how_much_it_is(visit: Visit) -> None:
    write_to_us(visit, "Kingad on katki")
    page = visit("/desk", login="tiit")
    page.get_by_role("link", name="Inimesed").click()
    page.get_by_role("link", name="Isiku andmed").click()
    page.get_by_label("Kelle andmeid otsite?").fill(ADDRESS)
    page.get_by_role("button", name="Otsi").click()
    expect(page.get_by_text("aadressi ainult mainiti", exact=True).first).to_be_visible()
    expect(page.get_by_role("checkbox").first).not_to_be_checked()
    page.get_by_role("button", name="Kustuta jäädavalt").click()
    expect(page.get_by_role("alert")).to_contain_text("vähemalt üks vestlus")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Kustuta jäädavalt").click()
    expect(page.get_by_role("alert")).to_contain_text("valige põhjus")
    expect(page.get_by_role("checkbox").first).to_be_checked()
    assert complaints(page) == []
    page.get_by_label("Miks kustutate?").select_option("phone")
    page.get_by_label("Kinnituseks").fill("1")
    page.get_by_role("button", name="Kustuta jäädavalt").click()
    expect(page.get_by_text("Kustutatud vestlusi: 1.")).to_be_visible()


def test_what_tiit_keeps_for_a_dispute_stays_although_its_erasure_is_wished_and_goes_once_he_lets_go(visit: Visit, server: FakeServer) -> None:
    write_to_us(visit, "Vaidlus kingade üle")
    desk = desk_of(visit, server, "tiit")
    open_in_desk(desk, "Vaidlus kingade üle")
    move(desk, "Hoia alles")
    desk.get_by_label("Põhjus kolleegidele").fill("Vaidlus komisjonis")
    desk.get_by_label("Põhjus kolleegidele").press("Enter")
    expect(desk.locator(".title").get_by_text("Hoiul")).to_be_visible()
    page = desk.context.new_page()
    page.goto(re.sub(r"/desk.*", "/privacy/person", desk.url))
    page.get_by_label("Kelle andmeid otsite?").fill(ADDRESS)
    page.get_by_role("button", name="Otsi").click()
    page.get_by_role("row").filter(has_text="hoitakse alles").get_by_role("checkbox").check()
    page.get_by_label("Miks kustutate?").select_option("letter")
    page.get_by_label("Kinnituseks").fill("1")
    page.get_by_role("button", name="Kustuta jäädavalt").click()
    expect(page.get_by_text("Kustutatud vestlusi: 0. Alles hoitakse: 1.")).to_be_visible()
    expect(desk.get_by_text("Klient palus vestluse kustutada.")).to_be_visible()
    move(desk, "Lõpeta hoidmine")
    expect(desk.locator(".title").get_by_text("Hoiul")).to_have_count(0)
    page.get_by_label("Kelle andmeid otsite?").fill(ADDRESS)
    page.get_by_role("button", name="Otsi").click()
    expect(page.get_by_text("Vaadake need vestlused enne töölaual üle")).to_be_visible()  # of the tests before
    expect(page.get_by_text("hoitakse alles", exact=False)).to_have_count(0)
