"""Liis brings a table: she sees every change, puts a column right, leaves one out, imports, and the customer gets the new answer.

The pictures of the editors' guide are taken here: `ABILINE_PICTURES=docs/pictures pytest tests/browser/test_editor_import.py -n 0` takes them anew.
"""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from handoff.guide.chapters import EDITORS, PICTURES, SHARPNESS
from tests.browser.axe import complaints
from tests.browser.conftest import FakeServer, Visit
from tests.browser.patience import comes_to
from tests.browser.test_editor_help import RETURN_DAYS, editor
from tests.browser.test_guide import TALL, Album
from tests.browser.test_story import open_chat, say

pytestmark = pytest.mark.browser

WIDE = {"width": 1140, "height": 580}
TABLE = "Mida küsitakse;Mida vastata;Rubriik\nKas kassid tohivad poodi tulla?;Tohivad, **rihmaga**.;loomad\nKas koerad ujuvad basseinis?;Ujuvad.;loomad\n"


@pytest.fixture(scope="module")
def server(fake_server: FakeServer) -> FakeServer:
    """Understanding is not what is looked at here."""
    return fake_server


def file(name: str, text: str | bytes) -> list[dict[str, object]]:
    return [{"name": name, "mimeType": "text/csv", "buffer": text.encode() if isinstance(text, str) else text}]


def test_a_table_is_looked_over_put_right_and_imported_and_the_customer_gets_the_answer(visit: Visit, server: FakeServer) -> None:
    liis = editor(visit, server, "import")
    result = liis.locator("#import-result")
    liis.set_input_files("#import-files", file("kkk.csv", TABLE))  # type: ignore[arg-type]
    expect(result).to_contain_text("Valige, millises veerus on küsimus ja millises vastus.")
    assert complaints(liis) == []
    result.get_by_role("combobox", name="Mis see on: Mida küsitakse").select_option("question")
    result.get_by_role("combobox", name="Mis see on: Mida vastata").select_option("answer")

    expect(result).to_contain_text("Uusi: 2.")
    result.get_by_text("Vaata muudatust").first.click()
    expect(result.locator(".differences").first).to_contain_text("Tohivad, **rihmaga**.")
    assert complaints(liis) == []
    result.get_by_role("checkbox", name="Kas koerad ujuvad").uncheck()
    result.get_by_role("button", name="Impordi ja avalda: 1").click()
    expect(result.get_by_role("status")).to_be_focused()
    expect(result).to_contain_text("Muutunud vastuseid: 1.")
    expect(liis.locator("#list")).to_contain_text("Kas kassid tohivad poodi tulla?")
    expect(liis.locator("#list")).not_to_contain_text("Kas koerad ujuvad")

    mari = visit("/demo")
    log = open_chat(mari)
    say(mari, "kas kassid tohivad poodi tulla")
    expect(log).to_contain_text("Tohivad, rihmaga.")

    mari.get_by_role("button", name="Jah, oli abi").click()
    expect(log).to_contain_text("Aitäh tagasiside eest!")
    liis.locator("#list").get_by_role("button", name="Kas kassid tohivad poodi tulla?").click()
    expect(liis.locator("#question")).to_have_value("Kas kassid tohivad poodi tulla?")
    liis.get_by_role("button", name="Arhiveeri", exact=True).click()
    expect(liis.locator("#gate")).to_contain_text("kas kassid tohivad poodi tulla")
    liis.locator("#gate").get_by_role("button", name="Arhiveeri ikkagi").click()
    expect(liis.locator("#said")).to_contain_text("Arhiveeritud.")


def test_a_row_that_is_wrong_is_named_and_nothing_is_taken_in_until_it_is_passed_over(visit: Visit, server: FakeServer) -> None:
    liis = editor(visit, server, "import", phone=True, dark=True)
    result = liis.locator("#import-result")
    liis.set_input_files("#import-files", file("a.xlsx", b"no workbook"))  # type: ignore[arg-type]
    expect(result.get_by_role("alert")).to_contain_text("Kõik vastused on endised.")
    expect(result).to_contain_text("salvestate uuesti XLSX-failina")

    liis.set_input_files("#import-files", file("b.csv", "Küsimus;Vastus\nKas linnud laulavad?;Laulavad.\nMiks?;\n"))  # type: ignore[arg-type]
    expect(result.locator(".problems")).to_contain_text("B (Vastus)")
    submit = result.get_by_role("button", name="Impordi mustanditena: 1")
    result.get_by_role("radio", name="Salvesta mustanditena").check()
    expect(submit).to_be_disabled()
    result.get_by_role("checkbox", name="Jäta need read praegu välja").check()
    assert complaints(liis) == []
    comes_to(0, lambda: liis.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"), liis)
    submit.click()
    expect(result).to_contain_text("Imporditud mustanditena: 1.")


def test_what_is_exported_for_a_spreadsheet_comes_back_as_it_was(visit: Visit, server: FakeServer) -> None:
    liis = editor(visit, server, "import")
    liis.get_by_label("Teema").last.select_option(label="Arved")
    with liis.expect_download() as download:
        liis.get_by_role("button", name="Laadi alla").click()
    data = Path(download.value.path()).read_bytes()
    assert download.value.suggested_filename == "abiline-entries.xlsx"
    assert [cell.value for cell in load_workbook(io.BytesIO(data)).worksheets[0][1]][:4] == ["Tunnus", "Teema", "Küsimus", "Vastus"]
    liis.set_input_files("#import-files", file("abiline-entries.xlsx", data))  # type: ignore[arg-type]
    expect(liis.locator("#import-result")).to_contain_text("Muutuvaid: 0.")


def test_the_pictures_of_the_editors_guide_are_those_that_the_scenes_show(visit: Visit, server: FakeServer, tmp_path: Path) -> None:
    album = Album(tmp_path, EDITORS)
    liis = visit(f"/editor#{RETURN_DAYS}", login="liis", viewport=WIDE, device_scale_factor=SHARPNESS)
    expect(liis.locator("#hint-count")).not_to_be_empty()
    album.take(liis, "vastused")
    liis.set_viewport_size(TALL)  # type: ignore[arg-type]

    before = liis.locator("#answer").input_value()
    liis.fill("#answer", "Tagastamise aeg on kahjuks läbi 31.12.2025, seega tellimsu jääb teile.")
    expect(liis.locator("#hints li").nth(2)).to_be_visible()
    album.take(liis.locator("#advice"), "nouanded")
    liis.fill("#answer", before)
    liis.fill("#ask-text", "mitu päeva on mul aega kaup tagastada")
    liis.locator("#ask").get_by_role("button").click()
    expect(liis.locator("#reading .candidates")).to_be_visible()
    album.take(liis.locator(".ask"), "kusi-kohe")

    liis.goto(f"{server.url}/editor#import")
    table = "Küsimus;Vastus\nKas ostetud kaupa saab kinkida?;Saab. Lisame tasuta kinkepaberi.\nKust leian oma ostu arve?;Arve on lehel **Minu tellimused**.\n"
    liis.set_input_files("#import-files", file("kkk.csv", table))  # type: ignore[arg-type]
    liis.locator("#import-result").get_by_text("Vaata muudatust").last.click()
    album.take(liis.locator("#import-result"), "import")
    assert album.names == {path.name for path in (EDITORS / PICTURES).iterdir()}


def test_the_guide_opens_from_the_bar_and_by_its_key(visit: Visit, server: FakeServer) -> None:
    liis = editor(visit, server)
    with liis.expect_popup() as opened:
        liis.keyboard.press("h")
    expect(opened.value.get_by_role("heading", name="Juhend toimetajale")).to_be_visible()
    liis.locator("#search").press_sequentially("h")
    expect(liis.locator("#search")).to_have_value("h")
    liis.get_by_role("navigation", name="Abiline").get_by_role("link", name="Juhend").click()
    expect(liis.get_by_role("heading", name="Kuidas kirjutada küsimust")).to_be_visible()
    assert complaints(liis) == []
