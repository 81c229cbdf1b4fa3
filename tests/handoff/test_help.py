"""The public help page: found in one's own words, read in one's own language, safe whatever an editor wrote."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from bot.understanding import BotUnavailable, FaqEntry, Language, Reading
from handoff.entries.follow import follow_entries
from handoff.help.catalogue import article, containing
from handoff.help.search import Search
from handoff.markdown import as_html, as_plain
from handoff.services import Services
from tests.fakes import FakeBot
from tests.handoff.conftest import DELIVERY, RETURNS

INSTALMENTS = FaqEntry(
    id="jarelmaks",
    topic="jarelmaks",
    question="Kas saan maksta järelmaksuga?",
    answer="Jah, **12 kuud**.\n\n1. Valige toode\n2. Valige [järelmaks](https://kodukaup.example)",
    translations={"en": {"question": "Can I pay by instalments?", "answer": "Yes, 12 months."}},
)


@pytest.fixture
def published(services: Services, client: TestClient) -> Services:
    services.entries.import_all([INSTALMENTS], by=None)
    return services


class SilentBot(FakeBot):
    """A bot that is still starting."""

    async def ask(self, text: str, *, language: Language | None = None) -> Reading:
        raise BotUnavailable("not yet")


def structured(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_the_front_page_lists_what_is_published_by_topic(client: TestClient, published: Services) -> None:
    page = client.get("/help").text.split("<main")[1]
    assert page.index("Tagastamine") < page.index(RETURNS.question)
    assert 'href="/help/jarelmaks"' in page


def test_a_draft_and_an_archived_entry_are_not_public(client: TestClient, published: Services) -> None:
    published.entries.save("salajane", topic="", content={"question": "Salajane?", "answer": "Veel mitte."}, publish=False, by=None)
    published.entries.archive(DELIVERY.id, by=None)
    page = client.get("/help").text
    assert "Salajane" not in page
    assert DELIVERY.question not in page
    assert client.get("/help/salajane").status_code == 404
    assert client.get(f"/help/{DELIVERY.id}", headers={"Accept": "text/html"}).status_code == 404


def test_a_question_without_diacritics_is_found_without_the_bot_too() -> None:
    assert containing([RETURNS, INSTALMENTS], "jarelmaksuga") == ["jarelmaks"]
    assert containing([RETURNS, INSTALMENTS], "instalments") == ["jarelmaks"]
    assert containing([RETURNS, INSTALMENTS], "  ?! ") == []
    assert containing([RETURNS, INSTALMENTS], "lennuk") == []


async def test_words_in_the_question_come_before_words_in_the_answer() -> None:
    other = FaqEntry("muu", "Kuidas maksta?", "Kaardiga või järelmaksuga.")
    assert containing([other, INSTALMENTS], "järelmaksuga") == ["jarelmaks", "muu"]
    assert await Search(SilentBot()).find("järelmaksuga", [other, INSTALMENTS], "et") == ["jarelmaks", "muu"]


async def test_the_bot_s_candidates_come_first_and_only_published_ones() -> None:
    bot = FakeBot([RETURNS, DELIVERY])
    assert await Search(bot).find("Millal pakk jõuab?", [DELIVERY], "et") == [DELIVERY.id]
    assert await Search(bot).find("   ", [DELIVERY], "et") == []


async def test_the_search_on_the_page_works_by_address_alone(client: TestClient, published: Services) -> None:
    await follow_entries(published.entries, published.bot)
    page = client.get("/help", params={"q": "kuidas kaupa tagastada"}).text
    assert RETURNS.question in page
    assert INSTALMENTS.question not in page


def test_nothing_found_offers_the_chat_and_all_topics(client: TestClient, published: Services) -> None:
    page = client.get("/help", params={"q": "<script>alert(1)</script>"}).text
    assert "<script>alert(1)" not in page
    assert "/demo" in page
    assert RETURNS.question in page


def test_a_very_long_question_is_cut(client: TestClient, published: Services) -> None:
    assert client.get("/help", params={"q": "pikk " * 2000}).status_code == 200


def test_an_entry_has_its_own_page_with_one_true_address(client: TestClient, published: Services) -> None:
    page = client.get("/help/jarelmaks").text
    assert '<link rel="canonical" href="http://localhost:8000/help/jarelmaks">' in page
    assert '<link rel="alternate" hreflang="en" href="http://localhost:8000/help/jarelmaks?lang=en">' in page
    assert "<strong>12 kuud</strong>" in page
    assert "<li>Valige toode</li>" in page


def test_an_entry_is_read_in_the_reader_s_language(client: TestClient, published: Services) -> None:
    page = client.get("/help/jarelmaks?lang=en").text
    assert "Can I pay by instalments?" in page
    assert 'href="/help?lang=en"' in page
    assert article(INSTALMENTS, "ru").language == "et"
    assert "на эстонском" in client.get("/help/jarelmaks?lang=ru").text


def test_search_engines_get_faq_data(client: TestClient, published: Services) -> None:
    data = structured(client.get("/help/jarelmaks").text)
    assert data["@type"] == "FAQPage"
    assert data["mainEntity"][0]["name"] == INSTALMENTS.question
    assert len(structured(client.get("/help").text)["mainEntity"]) == 3


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[link](javascript:alert(1))",
        "[link](data:text/html;base64,PHNjcmlwdD4=)",
        '[link](https://a.example "onmouseover=alert(1)")<b onclick=alert(1)>',
        "</script><script>alert(1)</script>",
    ],
)
def test_nothing_an_editor_writes_becomes_a_script(client: TestClient, published: Services, text: str) -> None:
    rendered = str(as_html(text))
    assert not re.search(r"<(script|img|b)\b|href=\"(javascript|data):|<[^>]*\son\w+=", rendered)
    published.entries.save("kuri", topic="", content={"question": text, "answer": text}, publish=True, by=None)
    page = client.get("/help/kuri").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert structured(page)["mainEntity"][0]["name"] == text


def test_plain_words_have_no_marks() -> None:
    assert as_plain("**Jah** & ei\n\n- üks\n- kaks") == "Jah & ei üks kaks"


@pytest.mark.parametrize("language", ["et", "en", "ru"])
@pytest.mark.parametrize("path", ["/help", "/help/jarelmaks", "/help/olematu", "/help?q=xyzzy"])
def test_every_page_has_every_text(client: TestClient, published: Services, language: str, path: str) -> None:
    page = client.get(path + ("&" if "?" in path else "?") + f"lang={language}", headers={"Accept": "text/html"}).text
    assert "[?" not in page
    assert "style=" not in page
