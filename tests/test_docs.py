"""What the docs claim and a machine can check, is checked."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from handoff.settings import Settings

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
    missing = [link for link in links if not link.startswith(("http://", "https://")) and not (page.parent / link).exists()]

    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_setting_that_is_named_exists(page: Path) -> None:
    known = {f"ABILINE_{name.upper()}" for name in Settings.model_fields} | {"ABILINE_ENCODER", "ABILINE_INTAKE_URL"}
    named = set(re.findall(r"\bABILINE_[A-Z_]+\b", page.read_text(encoding="utf-8")))

    assert named - known == set()


def test_every_make_target_that_the_docs_name_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.M))
    named = {name for page in PAGES for name in re.findall(r"`?make ([a-z]+(?:-[a-z]+)*)`", page.read_text(encoding="utf-8"))}

    assert named - targets == set()


@pytest.mark.parametrize("name", ["widget", "desk", "editor"])
def test_the_pictures_in_the_readme_are_real_screenshots(name: str) -> None:
    header = (ROOT / "docs" / "pictures" / f"{name}.png").read_bytes()[:24]
    width, height = struct.unpack(">II", header[16:24])

    assert header.startswith(b"\x89PNG")
    assert width >= 380
    assert height >= 500
