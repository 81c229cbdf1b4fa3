"""Pictures of widget, desk and editor from one scene, on a desktop and a phone, light and dark; nothing may spill sideways.

`ABILINE_PICTURES=docs/pictures make test-browser` renews the ones in the README.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Server, Visit
from tests.browser.patience import comes_to
from tests.browser.test_story import ANSWER_MS, answer, claim, open_chat, say

pytestmark = pytest.mark.browser

IN_README = ("widget", "desk", "editor")


def shoot(page: Page, folder: Path, name: str) -> None:
    """Light and dark; the page must fit its width."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=folder / f"{name}{'' if scheme == 'light' else '-dark'}.png")
    page.emulate_media(color_scheme="light")
    comes_to((name, 0), lambda: (name, page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")), page)


def test_the_rooms_look_as_in_the_readme(visit: Visit, desk: Page, server: Server, tmp_path: Path) -> None:
    desk.get_by_role("button", name="Sain aru").click()
    mari = visit("/demo")
    log = open_chat(mari)
    say(mari, "unustasin parooli ära, kuidas uue saan?")
    expect(mari.get_by_role("button", name="Jah, oli abi")).to_be_visible(timeout=ANSWER_MS)
    shoot(mari, tmp_path, "widget")
    others = [visit("/demo", phone=True), visit("/demo", phone=True)]
    for other, words in zip(
        others, ["сколько ждать посылку? позовите человека, пожалуйста", "tellimus 51077 jäi tulemata, palun ühendage operaatoriga"], strict=True
    ):
        open_chat(other)
        say(other, words)
    say(mari, "Aga kiri ei jõudnud kohale, aadress on mari@naide.ee")
    say(mari, "tahan inimesega rääkida")
    claim(desk, "tahan inimesega rääkida")
    answer(desk, "Tere, Mari! Saatsin kirja kohe uuesti. Kas see jõudis kohale?")
    expect(log).to_contain_text("Saatsin kirja kohe uuesti", timeout=ANSWER_MS)
    say(mari, "Jaa, nüüd on käes, suur aitäh!")
    expect(desk.locator("#talk")).to_contain_text("suur aitäh", timeout=ANSWER_MS)
    shoot(desk, tmp_path, "desk")
    shoot(mari, tmp_path, "widget-live")
    shoot(others[1], tmp_path, "widget-phone")
    desk.set_viewport_size(PHONE)  # type: ignore[arg-type]
    shoot(desk, tmp_path, "desk-phone")
    desk.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    desk.goto(f"{server.url}/editor#parool-ununes")
    expect(desk.locator("#answer")).not_to_have_value("")
    desk.get_by_label("Küsige nagu klient").fill("parool läks meelest")
    desk.get_by_role("button", name="Küsi", exact=True).click()
    expect(desk.locator("#reading")).to_contain_text("Miks nii", timeout=ANSWER_MS)
    shoot(desk, tmp_path, "editor")
    for path, name in (("/help", "help"), ("/reports", "reports"), ("/privacy", "privacy"), ("/contact", "contact")):
        desk.goto(server.url + path)
        shoot(desk, tmp_path, name)

    kept = os.environ.get("ABILINE_PICTURES")
    if kept:
        for name in IN_README:
            shutil.copy(tmp_path / f"{name}.png", Path(kept) / f"{name}.png")
        shutil.copytree(tmp_path, Path(kept).resolve().parent.parent / "var" / "pictures", dirs_exist_ok=True)
