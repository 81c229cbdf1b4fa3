"""What programs read of the help page, its guides and its colour: pure functions."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from pydantic import ValidationError

from bot.understanding import FaqEntry, Step
from handoff.help import guide
from handoff.help.feeds import ATOM, SITEMAP, XHTML, news, robots, sitemaps
from handoff.help.published import Published
from handoff.help.theme import contrast, sheet
from handoff.settings import Settings

SITE = "https://abi.kodukaup.example"
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOTH = FaqEntry("pakk", "Millal pakk & kiri jõuab?", "Homme.", topic="tarne", translations={"en": {"question": "When?", "answer": "Tomorrow."}})
ONLY = FaqEntry("arve", "Kust saan arve?", "Siit.", topic="arved")
PUBLISHED = Published(1, {"pakk": BOTH, "arve": ONLY}, {"pakk": AT, "arve": AT + timedelta(days=1)}, {}, {})

STEPS = (
    Step("tuli", "Kas tuli põleb?", yes="kaabel", no="pistik"),
    Step("kaabel", "Vahetage kaabel.", translations={"en": "Change the cable."}),
    Step("uuesti", "Kas nüüd töötab?", yes="korras", no="tuli"),
    Step("korras", "Tore!", end=True),
    Step("pistik", "Pange pistik seina.", end=True),
)


def test_the_sitemap_names_each_page_in_each_language_it_is_in() -> None:
    (written,) = sitemaps(PUBLISHED, site=SITE)
    root = ElementTree.fromstring(written)
    places = {place.findtext(f"{{{SITEMAP}}}loc"): place for place in root}
    entries = {address for address in places if address and "topics" not in address and address.count("/") > 3 and not address.endswith("/help")}
    assert entries == {f"{SITE}/help/pakk", f"{SITE}/en/help/pakk", f"{SITE}/help/arve"}
    pakk = places[f"{SITE}/en/help/pakk"]
    assert pakk.findtext(f"{{{SITEMAP}}}lastmod") == "2026-03-01T12:00:00+00:00"
    assert {one.get("hreflang"): one.get("href") for one in pakk.findall(f"{{{XHTML}}}link")} == {"et": f"{SITE}/help/pakk", "en": f"{SITE}/en/help/pakk"}
    assert places[f"{SITE}/help/arve"].findall(f"{{{XHTML}}}link") == []


def test_a_sitemap_of_too_many_pages_is_an_index_of_several() -> None:
    index, *parts = sitemaps(PUBLISHED, site=SITE, most=5)
    listed = [one.findtext(f"{{{SITEMAP}}}loc") for one in ElementTree.fromstring(index)]
    assert listed == [f"{SITE}/sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
    assert [len(ElementTree.fromstring(part)) for part in parts] == [5, 5, 2]


def test_news_are_newest_first_and_only_what_is_in_the_language() -> None:
    root = ElementTree.fromstring(news(PUBLISHED, "et", site=SITE, title="Kodukaup"))
    titles = [one.findtext(f"{{{ATOM}}}title") for one in root.findall(f"{{{ATOM}}}entry")]
    assert titles == ["Kust saan arve?", "Millal pakk & kiri jõuab?"]
    assert root.findtext(f"{{{ATOM}}}updated") == "2026-03-02T12:00:00+00:00"
    english = ElementTree.fromstring(news(PUBLISHED, "en", site=SITE, title="Kodukaup"))
    assert [one.findtext(f"{{{ATOM}}}id") for one in english.findall(f"{{{ATOM}}}entry")] == [f"{SITE}/en/help/pakk"]
    assert ElementTree.fromstring(news(Published(0, {}, {}, {}, {}), "ru", site=SITE, title="x")).findall(f"{{{ATOM}}}entry") == []


def test_robots_find_the_sitemap_and_leave_the_rooms_of_those_who_work_alone() -> None:
    assert f"Sitemap: {SITE}/sitemap.xml" in robots(SITE)
    assert "Disallow: /desk" in robots(SITE)
    assert "Disallow: /help" not in robots(SITE)


WALKS = [
    ("", "tuli", 1, False),
    ("n", "pistik", 2, True),
    ("yxy", "korras", 4, True),
    ("yxn", "tuli", 4, False),
    ("yq", "kaabel", 2, False),
    ("nnn", "pistik", 2, True),
]


@pytest.mark.parametrize(("way", "here", "number", "is_end"), WALKS)
def test_a_guide_goes_as_far_as_its_way_leads(way: str, here: str, number: int, is_end: bool) -> None:
    walked = guide.walk(STEPS, way)
    assert (walked.here.id, walked.number, walked.is_end) == (here, number, is_end)


def test_a_way_round_and_round_ends_somewhere_and_each_step_knows_its_own_address() -> None:
    assert guide.walk(STEPS, "yxn" * 10_000).number == guide.LONGEST + 1
    assert [one.way for one in guide.walk(STEPS, "yxy").taken] == ["", "y", "yx"]


def test_what_was_tried_is_told_step_by_step() -> None:
    told = guide.told(guide.walk(STEPS, "yx"), "en", {"y": "yes", "n": "no"})
    assert told == "1. Kas tuli põleb? – yes\n2. Change the cable.\n3. Kas nüüd töötab?"


@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#f2c200", "#0f766e", "#2457d6", "#7a7a7a"])
def test_any_colour_can_be_read_by_day_and_by_night(colour: str) -> None:
    blocks = re.findall(r"\{([^{}]*--accent:[^{}]*)\}", sheet(colour))
    assert len(blocks) == 3
    for block in blocks:
        accent, ink, soft = (channels(block, name) for name in ("--accent", "--accent-ink", "--accent-soft"))
        assert contrast(accent, soft) >= 4.5
        assert contrast(accent, ink) >= 4.5


def channels(block: str, name: str) -> tuple[float, float, float]:
    found = re.search(rf"{name}: #(..)(..)(..);", block)
    assert found is not None
    red, green, blue = (int(part, 16) / 255 for part in found.groups())
    return red, green, blue


def test_settings_of_the_help_page_are_checked() -> None:
    given = Settings(help_color="#0F766E", help_links="Pood=https://pood.ee, Ligipääs=/accessibility")
    assert (given.help_color, given.help_links) == ("#0f766e", (("Pood", "https://pood.ee"), ("Ligipääs", "/accessibility")))
    wrong: list[dict[str, Any]] = [{"help_color": "red"}, {"help_links": "Pood"}, {"help_links": "Pood=javascript:alert(1)"}, {"help_logo": "javascript:x"}]
    for values in wrong:
        with pytest.raises(ValidationError):
            Settings(**values)
