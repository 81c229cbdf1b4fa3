"""The guides for agents and for editors: for who is logged in only, whole, and every place and picture in it is there."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from handoff.accounts.service import NEW_FOR
from handoff.accounts.tables import AgentRow
from handoff.database import Database, now
from handoff.guide.chapters import AGENTS, EDITORS, Guide, picture, read_guide
from handoff.guide.routes import FOR_AGENTS, FOR_EDITORS, Volume
from handoff.markdown import Picture, anchor, as_document
from tests.handoff.conftest import LogIn

FILES = sorted(AGENTS.glob("*.md")) + sorted(EDITORS.glob("*.md"))
LARGEST, ALL = 150_000, 2_000_000  # bytes
HARSH = re.compile(r"\b(ei saa|peate|kahjuks|ei õnnestu|viga|teostatakse|vastavalt)\b", re.IGNORECASE)


@pytest.fixture(params=[FOR_AGENTS, FOR_EDITORS], ids=lambda volume: volume.name)
def volume(request: pytest.FixtureRequest) -> Volume:
    found: Volume = request.param
    return found


@pytest.fixture
def guide(volume: Volume) -> Guide:
    return read_guide(volume.folder, pictures=f"{volume.path}/pictures")


@pytest.fixture
def page(log_in: LogIn, volume: Volume) -> str:
    text: str = log_in("jaan").get(volume.path).text
    return text


def test_whoever_is_logged_in_reads_it_an_editor_too(log_in: LogIn) -> None:
    assert "Kuidas vestlus võtta" in log_in("jaan").get("/guide").text
    assert "Kuidas vestlus võtta" in log_in("liis").get("/guide").text
    assert "Kuidas kirjutada küsimust" in log_in("jaan").get("/guide/editors").text


def test_others_are_led_to_the_log_in_and_see_no_picture(client: TestClient) -> None:
    answer = client.get("/guide", headers={"accept": "text/html"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/guide")
    assert client.get("/guide/pictures/laud.webp").status_code == 401


def test_each_is_led_to_their_own_guide_and_who_does_both_to_either(log_in: LogIn) -> None:
    assert 'href="/guide/editors"' in log_in("liis").get("/editor").text.split("</nav>")[0]
    assert 'href="/guide/editors"' in log_in("tiit").get("/guide").text
    assert 'href="/guide/editors"' not in log_in("jaan").get("/guide").text
    assert 'href="/guide"' in log_in("tiit").get("/guide/editors").text.split("</nav>")[1]


def test_all_chapters_stand_on_the_page_in_the_order_of_the_table_of_contents(page: str, guide: Guide, volume: Volume) -> None:
    listed = re.findall(r'<li><a href="#([a-z-]+)"', page)
    assert listed == [chapter.id for chapter in guide.chapters] == re.findall(r'<h2 id="([a-z-]+)" tabindex', page)
    assert len(listed) == len(list(volume.folder.glob("*.md"))) - 1


def test_the_readme_lists_the_same_chapters_as_the_page(guide: Guide, volume: Volume) -> None:
    listed = re.findall(r"^\d+\. \[(.+)\]\((.+)\)$", (volume.folder / "README.md").read_text(encoding="utf-8"), re.M)
    assert listed == [(chapter.title, path.name) for chapter, path in zip(guide.chapters, sorted(volume.folder.glob("*.md")), strict=False)]


def test_every_link_on_the_page_leads_to_a_place_on_it(page: str) -> None:
    article = page.split("<article")[1]
    assert {unquote(place) for place in re.findall(r'href="#([^"]+)"', article)} - set(re.findall(r'id="([^"]+)"', page)) == set()
    assert ".md" not in article


def test_places_are_named_once(page: str) -> None:
    names = re.findall(r'\bid="([^"]+)"', page)
    assert len(names) == len(set(names))


def test_every_picture_is_there_is_described_and_is_small(log_in: LogIn, page: str) -> None:
    jaan = log_in("jaan")
    shown = re.findall(r"<img[^>]+>", page)
    assert len(shown) > 3
    for one in shown:
        address = re.search(r'src="([^"]+)"', one)
        answer = jaan.get(address[1] if address else "")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp"), one
        assert re.search(r'alt="[^"]{15,}"', one), one
        assert len(answer.content) < LARGEST, one


def test_no_picture_is_kept_that_nobody_shows(page: str, volume: Volume) -> None:
    kept = list((volume.folder / "pildid").iterdir())
    assert [path.name for path in kept if f"{volume.path}/pictures/{path.name}" not in page] == []
    assert sum(path.stat().st_size for path in kept) < ALL


@pytest.mark.parametrize("name", ["puudub.webp", "..%2FREADME.md", "%2e%2e%2f%2e%2e%2fdesk.md"])
def test_no_other_file_is_given_away_as_a_picture(log_in: LogIn, name: str) -> None:
    assert log_in("jaan").get(f"/guide/pictures/{name}").status_code == 404


def test_a_picture_is_found_by_its_whole_name_only() -> None:
    assert picture(AGENTS, "laud.webp") is not None
    assert picture(AGENTS, "*.webp") is None


@pytest.mark.parametrize(("language", "words"), [("en", "This guide is written in Estonian"), ("ru", "Руководство написано на эстонском")])
def test_in_another_language_the_page_says_that_the_guide_is_in_estonian(log_in: LogIn, language: str, words: str) -> None:
    answer = log_in("jaan").get(f"/guide?lang={language}").text
    assert f'<html lang="{language}"' in answer
    assert '<article lang="et">' in answer
    assert words in answer


def test_in_estonian_nothing_is_said_about_the_language(page: str) -> None:
    assert "Juhend on eesti keeles." not in page


def test_the_desk_leads_to_the_guide(log_in: LogIn) -> None:
    assert 'href="/guide"' in log_in("jaan").get("/desk").text.split("</nav>")[0]


def test_who_has_just_come_is_shown_the_way_and_nobody_else(log_in: LogIn, database: Database, people: dict[str, str]) -> None:
    jaan = log_in("jaan")
    assert "Esimest korda siin?" in jaan.get("/desk").text
    with database.write() as session:
        session.execute(update(AgentRow).where(AgentRow.id == people["jaan"]).values(created_at=now() - NEW_FOR - timedelta(minutes=1)))
    assert 'id="newcomer"' not in jaan.get("/desk").text


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_it_speaks_as_the_house_does(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert HARSH.findall(text) == []
    assert re.findall(r'["“]\w', re.sub(r"\(pildid[^)]*\)", "", text)) == []


@pytest.fixture
def written(tmp_path: Path) -> Path:
    (tmp_path / "README.md").write_text("# Juhend\n\nTere!\n\n## Peatükid\n\n1. [Algus](01-algus.md)\n", encoding="utf-8")
    (tmp_path / "01-algus.md").write_text("# Algus\n\n## Öötöö ja paus\n\nVaata [siia](01-algus.md#öötöö-ja-paus) ja [sinna](02-lopp.md).\n", encoding="utf-8")
    (tmp_path / "02-lopp.md").write_text("# Lõpp\n\n<script>alert(1)</script> [x](javascript:alert(1))\n", encoding="utf-8")
    return tmp_path


def test_links_between_files_become_places_on_the_page(written: Path) -> None:
    guide = read_guide(written, pictures="/p")
    assert (guide.title, guide.lead) == ("Juhend", "<p>Tere!</p>\n")
    assert '<h3 id="algus-öötöö-ja-paus">' in guide.chapters[0].body
    assert 'href="#algus-öötöö-ja-paus"' in unquote(guide.chapters[0].body)
    assert 'href="#lopp"' in guide.chapters[0].body


def test_a_file_brings_no_script_onto_the_page(written: Path) -> None:
    body = read_guide(written, pictures="/p").chapters[1].body
    assert "<script" not in body
    assert 'href="javascript' not in body


def test_a_picture_has_its_size_so_that_the_text_stands_still() -> None:
    shown = as_document("![Laud](pildid/a.webp)", prefix="x", link=str, show=lambda source: Picture(f"/{source}", 320, 200))
    assert 'width="320"' in shown
    assert 'height="200"' in shown
    assert 'src="/pildid/a.webp"' in shown


def test_headings_are_named_as_on_github() -> None:
    assert anchor("Vabasta, anna botile tagasi, võta üle") == "vabasta-anna-botile-tagasi-võta-üle"
