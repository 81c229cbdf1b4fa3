"""The statement of accessibility: there, honest, in three languages, and found from where people look for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from bot.understanding import Language
from handoff.accessibility import routes
from handoff.app import create_app
from handoff.database import Database
from handoff.dates import as_date
from handoff.settings import read_settings
from tests.fakes import FakeBot

STANDARDS = ("EN 301 549", "WCAG 2.2", "axe-core", "ttja.ee")


@pytest.mark.parametrize(("language", "title"), [("et", "Ligipääsetavus"), ("en", "Accessibility"), ("ru", "Доступность")])
def test_the_statement_says_to_what_it_conforms_how_that_was_checked_and_when(quiet: TestClient, language: Language, title: str) -> None:
    page = quiet.get(f"/accessibility?lang={language}").text
    assert f"<h1>{title}</h1>" in page
    assert f'<html lang="{language}">' in page
    assert [standard for standard in STANDARDS if standard not in page] == []
    assert as_date(routes.ASSESSED, language) in page
    assert "[?" not in page
    assert "$" not in page


def test_without_an_address_it_points_to_the_chat(quiet: TestClient) -> None:
    assert "Andke sellest teada vestluses." in quiet.get("/accessibility").text


def test_with_an_address_it_names_it(tmp_path: Path, database: Database) -> None:
    settings = read_settings(data_dir=tmp_path, accessibility_contact="ligipaas@kodukaup.example")
    with TestClient(create_app(settings, FakeBot(), database)) as browser:
        assert "ligipaas@kodukaup.example" in browser.get("/accessibility?lang=ru").text


@pytest.mark.parametrize("page", ["/help", "/privacy", "/demo"])
def test_it_is_linked_in_the_language_of_the_page(quiet: TestClient, page: str) -> None:
    assert f'href="{routes.PATH}?lang=en"' in quiet.get(f"{page}?lang=en").text


@pytest.mark.parametrize("language", ["et", "en", "ru"])
def test_the_widget_has_what_it_calls_the_link(quiet: TestClient, language: str) -> None:
    assert quiet.get(f"/api/widget/config?language={language}").json()["texts"]["accessibility"]
