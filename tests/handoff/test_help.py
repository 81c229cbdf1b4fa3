"""The public help page: found in one's own words, read in one's own language, safe whatever an editor wrote."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient

from bot.understanding import BotUnavailable, EntryButton, FaqEntry, Language, Reading, Step
from handoff.entries.follow import follow_entries
from handoff.entries.tables import CatalogueRow, EntryAliasRow
from handoff.help.catalogue import Words, article, related
from handoff.help.published import Published
from handoff.help.search import Search
from handoff.markdown import as_page, as_plain
from handoff.services import Services
from tests.fakes import FakeBot
from tests.handoff.conftest import DELIVERY, RETURNS

INSTALMENTS = FaqEntry(
    id="jarelmaks",
    topic="jarelmaks",
    question="Kas saan maksta järelmaksuga?",
    answer="Jah, **12 kuud**.\n\n1. Valige toode\n2. Valige [järelmaks](https://kodukaup.example)",
    translations={"en": {"question": "Can I pay by instalments?", "answer": "Yes, 12 months. See [returns](/help/kuidas-tagastada)."}},
)
ROUTER = FaqEntry(
    id="ruuter",
    topic="garantii",
    question="Ruuter ei tööta",
    answer="Proovime koos.",
    steps=(Step("tuli", "Kas roheline tuli põleb?", yes="kaabel", no="pistik"), Step("kaabel", "Vahetage kaabel.", end=True), Step("pistik", "Pange pistik.")),
    buttons=(EntryButton("Tagastan selle", entry="kuidas-tagastada"), EntryButton("Juhend", url="https://kodukaup.example/ruuter")),
)
HTML = {"Accept": "text/html"}


def held(*entries: FaqEntry) -> Published:
    return Published(1, {entry.id: entry for entry in entries}, {}, {}, {})


@pytest.fixture
def published(services: Services, client: TestClient) -> Services:
    services.entries.import_all([INSTALMENTS, ROUTER], by=None)
    return services


class SilentBot(FakeBot):
    """A bot that is still starting."""

    async def ask(self, text: str, *, language: Language | None = None) -> Reading:
        raise BotUnavailable("not yet")


def structured(page: str) -> dict[str, dict[str, Any]]:
    """What search engines are told, by its type."""
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    assert found is not None
    return {part["@type"]: part for part in json.loads(found[1])["@graph"]}


def test_the_front_page_has_a_card_for_each_topic_that_leads_to_all_its_answers(client: TestClient, published: Services) -> None:
    page = client.get("/help").text.split("<main")[1]
    assert page.index("Tagastamine") < page.index(RETURNS.question)
    assert 'href="/help/jarelmaks"' in page
    topic = client.get("/help/topics/tagastamine")
    assert RETURNS.question in topic.text
    assert INSTALMENTS.question not in topic.text
    assert [client.get(f"/help/topics/{name}").status_code for name in ("olematu", "tagastamine?page=2", "tagastamine?page=x")] == [404, 404, 404]


def test_a_draft_is_not_public_an_archived_entry_is_gone_and_a_merged_one_leads_on(client: TestClient, published: Services) -> None:
    published.entries.save("salajane", topic="", content={"question": "Salajane?", "answer": "Veel mitte."}, publish=False, by=None)
    published.entries.archive(DELIVERY.id, by=None)
    page = client.get("/help").text
    assert "Salajane" not in page
    assert DELIVERY.question not in page
    assert client.get("/help/salajane").status_code == 404
    gone = client.get(f"/help/{DELIVERY.id}", headers=HTML)
    assert (gone.status_code, DELIVERY.question in gone.text) == (410, False)
    assert DELIVERY.id not in client.get("/sitemap.xml").text + client.get("/help/feed.xml").text

    with published.database.write() as session:
        session.add(EntryAliasRow(id="vana-aadress", entry_id="jarelmaks"))
        session.get_one(CatalogueRow, 1).revision += 1
    moved = client.get("/en/help/vana-aadress", follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (301, "/en/help/jarelmaks")


def test_a_question_without_diacritics_is_found_without_the_bot_too() -> None:
    words = Words([RETURNS, INSTALMENTS])
    assert words.containing("jarelmaksuga") == ["jarelmaks"]
    assert words.containing("instalments") == ["jarelmaks"]
    assert words.containing("  ?! ") == []
    assert words.containing("lennuk") == []


async def test_words_in_the_question_come_before_words_in_the_answer() -> None:
    other = FaqEntry("muu", "Kuidas maksta?", "Kaardiga või järelmaksuga.")
    assert Words([other, INSTALMENTS]).containing("järelmaksuga") == ["jarelmaks", "muu"]
    assert (await Search(SilentBot()).find("järelmaksuga", held(other, INSTALMENTS), "et")).ids == ("jarelmaks", "muu")


async def test_the_bot_s_candidates_come_first_and_only_published_ones() -> None:
    bot = FakeBot([RETURNS, DELIVERY])
    assert (await Search(bot).find("Millal pakk jõuab?", held(DELIVERY), "et")).ids == (DELIVERY.id,)
    assert (await Search(bot).find("Millal kaup", held(DELIVERY), "et", by_meaning=False)).ids == ()
    assert (await Search(bot).find("   ", held(DELIVERY), "et")).ids == ()


async def test_where_nothing_is_likely_the_nearest_topics_are_told() -> None:
    found = await Search(FakeBot([DELIVERY])).find("pakk " + " ".join(f"sõna{number}" for number in range(20)), held(DELIVERY), "et")
    assert (found.ids, found.topics) == ((), ("tarne",))


async def test_the_search_on_the_page_works_by_address_alone_and_while_typing(client: TestClient, published: Services) -> None:
    await follow_entries(published.entries, published.bot)
    answer = client.get("/help", params={"q": "kuidas kaupa tagastada"})
    assert RETURNS.question in answer.text
    assert INSTALMENTS.question not in answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"
    found = client.get("/en/help/suggest.json", params={"q": "instalments"}).json()["found"]
    assert found == [{"question": "Can I pay by instalments?", "language": "en", "address": "/en/help/jarelmaks"}]
    assert {client.get("/help/suggest.json", params={"q": "x"}).status_code for _ in range(60)} == {200, 429}
    assert RETURNS.question in client.get("/help", params={"q": "tagastada"}).text  # past the limit by the words alone


def test_nothing_found_offers_the_chat_a_letter_and_all_topics(client: TestClient, published: Services) -> None:
    page = client.get("/help", params={"q": "<script>alert(1)</script>"}).text
    assert "<script>alert(1)" not in page
    assert 'data-abiline-open="&lt;script&gt;' in page
    assert 'href="/contact?text=%3Cscript' in page
    assert 'href="/help/topics/tagastamine"' in page
    assert client.get("/help", params={"q": "pikk " * 2000}).status_code == 200


def test_each_answer_has_one_true_address_in_each_language_it_is_in(client: TestClient, published: Services) -> None:
    page = client.get("/help/jarelmaks").text
    assert '<link rel="canonical" href="http://localhost:8000/help/jarelmaks">' in page
    assert '<link rel="alternate" hreflang="en" href="http://localhost:8000/en/help/jarelmaks">' in page
    assert 'hreflang="ru" href="http' not in page
    assert "<strong>12 kuud</strong>" in page
    assert '<link rel="canonical" href="http://localhost:8000/help/jarelmaks">' in client.get("/ru/help/jarelmaks").text


def test_addresses_with_a_mark_of_the_language_lead_to_those_of_now(client: TestClient, published: Services) -> None:
    moved = {
        "/help?lang=en": "/en/help",
        "/help/jarelmaks?lang=ru": "/ru/help/jarelmaks",
        "/ru/help?lang=et": "/help",
        "/help?q=pakk&lang=en": "/en/help?q=pakk",
    }
    answers = {old: client.get(old, follow_redirects=False) for old in moved}
    assert {old: answer.headers["location"] for old, answer in answers.items()} == moved
    assert {answer.status_code for answer in answers.values()} == {301}
    assert [client.get(f"/{other}/help").status_code for other in ("et", "xx")] == [404, 404]


def test_an_entry_is_read_in_the_reader_s_language(client: TestClient, published: Services) -> None:
    page = client.get("/en/help/jarelmaks").text
    assert "Can I pay by instalments?" in page
    assert 'href="/en/help"' in page
    assert 'href="/en/help/kuidas-tagastada"' in page  # links in an answer stay in the language
    assert article(INSTALMENTS, "ru").language == "et"
    assert "на эстонском" in client.get("/ru/help/jarelmaks").text


def test_search_engines_get_the_question_its_place_and_its_steps(client: TestClient, published: Services) -> None:
    plain_steps = {"question": "Kuidas vahetada patareid?", "answer": "Nii.", "steps": [{"id": "a", "text": "**Avage** kaas"}, {"id": "b", "text": "Vahetage"}]}
    published.entries.save("patarei", topic="garantii", content=plain_steps, publish=True, by=None)
    data = structured(client.get("/help/patarei").text)
    assert data["FAQPage"]["mainEntity"][0]["name"] == "Kuidas vahetada patareid?"
    assert [step["text"] for step in data["HowTo"]["step"]] == ["Avage kaas", "Vahetage"]
    assert [one["name"] for one in data["BreadcrumbList"]["itemListElement"]] == ["Abileht", "Garantii", "Kuidas vahetada patareid?"]
    assert "HowTo" not in structured(client.get("/help/ruuter").text)
    assert structured(client.get("/help").text)["WebSite"]["url"] == "http://localhost:8000/help"


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[link](javascript:alert(1)) ![pilt](javascript:alert(1))",
    "[link](data:text/html;base64,PHNjcmlwdD4=) ![pilt](//evil.example/x.png) ![pilt](data:image/svg+xml,x)",
    '[link](https://a.example "onmouseover=alert(1)")<b onclick=alert(1)>',
    "</script><script>alert(1)</script>\x0b",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_markdown_becomes_a_script(text: str) -> None:
    assert not re.search(r"<(script|b)\b|(href|src)=\"(javascript|data|//):?|<[^>]*\son\w+=", str(as_page(text)))


def test_nothing_an_editor_writes_becomes_a_script(client: TestClient, published: Services) -> None:
    for number, text in enumerate(HOSTILE):
        content = {"question": text, "answer": text, "steps": [{"id": "a", "text": text}]}
        published.entries.save(f"kuri-{number}", topic="", content=content, publish=True, by=None)
    for number, text in enumerate(HOSTILE):
        page = client.get(f"/help/kuri-{number}").text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert structured(page)["FAQPage"]["mainEntity"][0]["name"] == text
    ElementTree.fromstring(client.get("/help/feed.xml").content)


def test_pictures_of_an_answer_load_when_they_are_come_to() -> None:
    assert '<img src="/pictures/abc" alt="Kaas" loading="lazy">' in str(as_page("![Kaas](/pictures/abc)"))


def test_plain_words_have_no_marks() -> None:
    assert as_plain("**Jah** & ei\n\n- üks\n- kaks") == "Jah & ei üks kaks"


def test_neighbours_that_share_words_come_first() -> None:
    questions = {"a": "Kas pakk?", "b": "Pakiautomaat tööl", "c": "Pakiautomaadi koodid"}
    first, second, third = (FaqEntry(one, question, "x", topic="tarne") for one, question in questions.items())
    everyone = held(first, second, third, RETURNS)
    assert [one.id for one in related(second, everyone.entries.values(), everyone.stems, ("a",), 5)] == ["c", "a"]


def test_a_reader_who_has_the_page_is_told_so_until_it_changes(client: TestClient, published: Services) -> None:
    first = client.get("/help/jarelmaks")
    again = client.get("/help/jarelmaks", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "must-revalidate" in first.headers["Cache-Control"]
    assert client.head("/help/jarelmaks").status_code == 200
    published.entries.save("jarelmaks", topic="jarelmaks", content={"question": "Uus?", "answer": "Uus."}, publish=True, by=None, base_revision=1)
    changed = client.get("/help/jarelmaks", headers={"If-None-Match": first.headers["ETag"]})
    assert (changed.status_code, "Uus." in changed.text) == (200, True)


def test_a_guide_is_gone_through_by_address(client: TestClient, published: Services) -> None:
    begun = client.get("/help/ruuter").text
    assert "Samm 1" in begun
    assert 'href="/help/ruuter?way=n#step"' in begun
    assert 'href="/help/kuidas-tagastada"' in begun
    assert "Kas sai korda?" not in begun
    ended = client.get("/help/ruuter?way=n").text
    assert "Samm 2" in ended
    assert "Pange pistik." in ended
    assert "Kas sai korda?" in ended
    assert 'href="/help/ruuter#step"' in ended  # to change what was said
    assert 'data-abiline-open="Proovisin juhendit „Ruuter ei tööta“:\n1. Kas roheline tuli põleb? – ei\n2. Pange pistik."' in ended
    assert "noindex" in ended
    assert "noindex" not in begun


def test_every_page_has_every_text(client: TestClient, published: Services) -> None:
    thanked = [f"/jarelmaks?thanks={said}" for said in ("yes", "no", "said")]
    for path in ("", "/jarelmaks", *thanked, "/ruuter?way=y", "/olematu", "?q=xyzzy", "/topics/garantii"):
        for begin in ("", "/en", "/ru"):
            page = client.get(f"{begin}/help{path}", headers=HTML).text
            assert "[?" not in page, path
            assert "style=" not in page, path
