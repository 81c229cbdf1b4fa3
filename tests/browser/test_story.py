"""The whole story with two browsers: Mari asks, the bot answers, Jaan takes over; nothing is lost on the way."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Server, Visit
from tests.browser.patience import PATIENCE_MS

pytestmark = pytest.mark.browser

ANSWER_MS = PATIENCE_MS  # the bot thinks, and so does everything else on the machine


def open_chat(page: Page) -> Locator:
    """Open the chat on a page; gives its log."""
    page.get_by_role("button", name="Ava vestlus").click()
    expect(page.get_by_role("log")).to_be_visible()
    return page.get_by_role("log")


def say(page: Page, words: str) -> None:
    box = page.get_by_role("textbox", name="Teie sõnum")
    box.fill(words)
    box.press("Enter")


def waiting(desk: Page, words: str) -> Locator:
    """The line of the desk's queue whose last words these are."""
    return desk.locator("#lines > li").filter(has_text=words)


def open_in_desk(desk: Page, words: str) -> None:
    line = waiting(desk, words)
    expect(line).to_be_visible(timeout=ANSWER_MS)
    line.click()


def claim(desk: Page, words: str) -> None:
    open_in_desk(desk, words)
    desk.get_by_role("button", name="Võta vestlus").click()
    expect(desk.locator(".talk-head")).to_contain_text("teie käes")  # from here on its bar stays as it is


def answer(desk: Page, words: str) -> None:
    box = desk.get_by_role("textbox", name="Vastus kliendile")
    box.fill(words)
    box.press("Enter")


def test_mari_is_told_at_once_that_she_talks_to_a_machine(visit: Visit) -> None:
    log = open_chat(visit("/demo"))

    expect(log).to_contain_text("tehisaru")


def test_a_question_in_her_own_words_gets_the_right_answer(visit: Visit) -> None:
    mari = visit("/demo")
    log = open_chat(mari)

    say(mari, "kas ma saan kingad tagasi saata kui number ei sobi")

    expect(mari.get_by_role("button", name="Jah, oli abi")).to_be_visible(timeout=ANSWER_MS)
    expect(log).to_contain_text("tagastuskoodi")  # how to return it


def test_half_a_sentence_without_diacritics_gets_the_right_answer(visit: Visit) -> None:
    mari = visit("/demo", phone=True)
    log = open_chat(mari)

    say(mari, "unustasin parooli ara")

    expect(log).to_contain_text("parool", timeout=ANSWER_MS)
    expect(log).to_contain_text("Parooli vahetus", timeout=ANSWER_MS)


def test_a_question_between_entries_gets_did_you_mean_and_a_tap_answers_it(visit: Visit) -> None:
    mari = visit("/demo")
    log = open_chat(mari)

    say(mari, "kus pakk jääb")
    expect(log).to_contain_text("Kas mõtlesite", timeout=ANSWER_MS)
    none = mari.get_by_role("button", name="Ükski neist")
    expect(none).to_be_visible()
    choice = log.get_by_role("button").filter(has_text="pakki jälgida")
    choice.click()

    expect(mari.get_by_role("button", name="Jah, oli abi")).to_be_visible(timeout=ANSWER_MS)


def test_what_nobody_wrote_an_answer_for_gets_the_offer_of_a_person(visit: Visit, desk: Page) -> None:
    mari = visit("/demo")
    log = open_chat(mari)

    say(mari, "kas te müüte ka kasse")

    expect(log.get_by_role("button", name="Jah, palun")).to_be_visible(timeout=ANSWER_MS)


def test_a_wish_for_a_person_is_granted_live_and_the_bot_stays_silent(visit: Visit, desk: Page) -> None:
    mari = visit("/demo")
    log = open_chat(mari)
    say(mari, "kuidas ma oma tellimust nr 48213 tühistan?")
    expect(mari.get_by_role("button", name="Jah, oli abi").or_(log.get_by_text("Kas mõtlesite")).first).to_be_visible(timeout=ANSWER_MS)
    say(mari, "tahan inimesega rääkida")
    expect(log).to_contain_text("Annan vestluse üle", timeout=ANSWER_MS)

    claim(desk, "tahan inimesega rääkida")
    expect(desk.locator("#context")).to_contain_text("48213")
    expect(desk.locator("#talk")).to_contain_text("tühistan")
    expect(desk.get_by_role("button", name=re.compile(r"^Minu \d"))).to_be_visible(timeout=ANSWER_MS)
    expect(log).to_contain_text("Jaan liitus vestlusega", timeout=ANSWER_MS)

    answer(desk, "Tere! Vaatan kohe teie tellimuse üle.")
    expect(log).to_contain_text("Vaatan kohe teie tellimuse üle", timeout=ANSWER_MS)
    bot_words = log.get_by_text("Abiline").count()
    say(mari, "kas pakk on juba teel?")
    expect(desk.locator("#talk")).to_contain_text("kas pakk on juba teel?", timeout=ANSWER_MS)
    answer(desk, "Jah, see jõuab homme.")
    expect(log).to_contain_text("see jõuab homme", timeout=ANSWER_MS)
    expect(log.get_by_text("Abiline")).to_have_count(bot_words)

    desk.get_by_text("Veel", exact=True).click()
    desk.get_by_role("button", name="Anna botile tagasi").click()
    expect(log).to_contain_text("Vestlust jätkab Abiline", timeout=ANSWER_MS)
    say(mari, "aitäh!")
    expect(log.get_by_text("Abiline").nth(bot_words)).to_be_visible(timeout=ANSWER_MS)


def test_jaan_closes_a_conversation_and_mari_sees_it(visit: Visit, desk: Page) -> None:
    mari = visit("/demo")
    log = open_chat(mari)
    say(mari, "palun ühendage mind klienditeenindajaga, asi on kiire")
    claim(desk, "asi on kiire")
    answer(desk, "Kõik on korras.")
    expect(log).to_contain_text("Kõik on korras", timeout=ANSWER_MS)

    desk.get_by_role("button", name="Lõpeta", exact=True).click()
    desk.get_by_role("button", name="Lahendatud").click()

    expect(mari.get_by_text("Vestlus on lõppenud").first).to_be_visible(timeout=ANSWER_MS)


def test_jaan_takes_an_answer_from_the_faq_reads_it_over_and_sends_it(visit: Visit, desk: Page) -> None:
    mari = visit("/demo")
    log = open_chat(mari)
    say(mari, "kaua mul aega on kauba tagastamiseks")
    expect(mari.get_by_role("button", name="Jah, oli abi").or_(log.get_by_text("Kas mõtlesite")).first).to_be_visible(timeout=ANSWER_MS)
    say(mari, "soovin siiski inimesega rääkida")
    claim(desk, "soovin siiski inimesega rääkida")

    desk.locator("#context").get_by_role("button", name=re.compile("^Võta see vastus")).first.click()
    box = desk.get_by_role("textbox", name="Vastus kliendile")
    expect(box).to_be_focused()
    expect(box).to_have_value(re.compile("14 päeva"))
    box.press("End")
    box.type(" Aitan hea meelega edasi.")
    box.press("Enter")

    expect(log.locator(".agent").last).to_contain_text("Aitan hea meelega edasi", timeout=ANSWER_MS)
    expect(log.locator(".agent").last).to_contain_text("14 päeva")


def test_what_liis_publishes_answers_the_next_question_within_a_second(visit: Visit, desk: Page) -> None:
    liis = desk
    liis.goto(liis.url.split("/desk")[0] + "/editor")
    liis.get_by_role("button", name="Uus vastus").click()
    liis.locator("#question").fill("Kas lemmikloomaga tohib esinduspoodi tulla?")
    liis.locator("#answer").fill("Jah, koerad ja kassid on meie poes **väga oodatud**. Palun hoidke koer rihma otsas.")
    liis.get_by_role("button", name="Lisa sõnastus").click()
    liis.get_by_label("Teine sõnastus").last.fill("kas koeraga võib poodi tulla")
    mari = visit("/demo")
    log = open_chat(mari)

    liis.get_by_role("button", name="Avalda").click()
    expect(liis.get_by_text("Avaldatud.")).to_be_visible()
    published = time.monotonic()
    say(mari, "kas ma võin oma koeraga poodi tulla")

    expect(log).to_contain_text("väga oodatud", timeout=ANSWER_MS)
    print(f"publish to first right answer on the page: {time.monotonic() - published:.2f} s")


def test_a_reload_and_a_page_change_keep_the_conversation(visit: Visit) -> None:
    mari = visit("/demo")
    log = open_chat(mari)
    say(mari, "mis kell te lahti olete")
    expect(mari.get_by_role("button", name="Jah, oli abi").or_(log.get_by_text("Kas mõtlesite")).first).to_be_visible(timeout=ANSWER_MS)

    mari.reload()
    expect(mari.get_by_role("log")).to_contain_text("mis kell te lahti olete", timeout=ANSWER_MS)
    mari.goto(mari.url.rstrip("/") + "/tooted")

    expect(mari.get_by_role("log")).to_contain_text("mis kell te lahti olete", timeout=ANSWER_MS)


def test_a_killed_server_loses_nothing_on_either_side(visit: Visit, desk: Page, server: Server) -> None:
    mari = visit("/demo")
    log = open_chat(mari)
    say(mari, "palun inimest, mu küsimus on tellimuse kohta")
    claim(desk, "mu küsimus on tellimuse kohta")
    expect(log).to_contain_text("Jaan liitus", timeout=ANSWER_MS)

    server.kill()
    say(mari, "kirjutan ajal, mil server on maas")
    server.start()

    expect(desk.locator("#talk")).to_contain_text("kirjutan ajal, mil server on maas", timeout=60_000)
    answer(desk, "Olen taas siin.")
    expect(log).to_contain_text("Olen taas siin.", timeout=60_000)
    expect(log.get_by_text("kirjutan ajal, mil server on maas")).to_have_count(1)
    expect(desk.locator("#talk").get_by_text("kirjutan ajal, mil server on maas")).to_have_count(1)


def test_an_owed_answer_is_paid_once_after_a_kill(visit: Visit, server: Server) -> None:
    mari = visit("/demo")
    log = open_chat(mari)
    say(mari, "tere")
    expect(log.get_by_text("Saadetud").first).to_be_visible(timeout=ANSWER_MS)

    say(mari, "unustasin parooli, kuidas uue saan")
    server.kill()
    server.start()

    expect(log).to_contain_text("Parooli vahetus", timeout=60_000)
    expect(log.get_by_role("link", name="Parooli vahetus")).to_have_count(1)


def test_an_empty_and_an_overlong_message_get_a_clear_word_and_keep_the_text(visit: Visit) -> None:
    mari = visit("/demo")
    open_chat(mari)
    long = "väga pikk jutt " * 700

    say(mari, long)

    expect(mari.get_by_text("Sõnum on liiga pikk")).to_be_visible()
    expect(mari.get_by_role("textbox", name="Teie sõnum")).to_have_value(long)
