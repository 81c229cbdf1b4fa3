"""What the docs claim and a machine can check, is checked."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from handoff.settings import SECRET_FIELDS, Settings
from handoff.texts import Texts

ROOT = Path(__file__).parent.parent
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "handoff" / "guide").glob("*/*.md")),
]
CLAIMS = [ROOT / "docs" / name for name in ("privacy.md", "andmekaitse.md", "security.md")]
DESK = ROOT / "handoff" / "console"
KEYS = ROOT / "handoff" / "guide" / "agents" / "14-klahvid.md"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
    missing = [link for link in links if not link.startswith(("http://", "https://")) and not (page.parent / link).exists()]

    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_setting_that_is_named_exists(page: Path) -> None:
    known = {f"ABILINE_{name.upper()}" for name in Settings.model_fields} | {"ABILINE_ENCODER", "ABILINE_INTAKE_URL", "ABILINE_PICTURES", "ABILINE_SLOWLY"}
    known |= {f"ABILINE_{name.upper()}_FILE" for name in SECRET_FIELDS}
    named = set(re.findall(r"\bABILINE_[A-Z_]+\b", page.read_text(encoding="utf-8")))

    assert named - known == set()


@pytest.mark.parametrize("page", CLAIMS, ids=lambda page: page.name)
def test_every_test_and_every_file_that_keeps_a_claim_exists(page: Path) -> None:
    words = re.findall(r"`([^`\n]+)`", page.read_text(encoding="utf-8"))
    files = {word.partition("::")[0] for word in words if re.fullmatch(r"(actions|bot|deploy|docs|handoff|tests)/[\w./-]+(::\w+)?", word)}
    tests = [word.split("::") for word in words if "::" in word]
    written = {file: (ROOT / file).read_text(encoding="utf-8") if (ROOT / file).is_file() else "" for file, _name in tests}

    assert [file for file in sorted(files) if not (ROOT / file).exists()] == []
    assert [f"{file}::{name}" for file, name in tests if f"def {name}(" not in written[file]] == []


@pytest.mark.parametrize("page", ["privacy.md", "andmekaitse.md"])
def test_no_claim_stands_without_what_keeps_it(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    rows = [row for row in text.rpartition("\n## " if page != "privacy.md" else "\n### ")[2].splitlines() if row.startswith("| ")][1:]

    assert len(rows) > 10
    assert [row for row in rows if "---" not in row and not row.split("|")[-2].strip().startswith("`tests/")] == []


def test_every_point_of_the_page_to_sign_is_kept_by_a_test() -> None:
    text = (ROOT / "docs" / "andmekaitse.md").read_text(encoding="utf-8")

    assert set(re.findall(r"^(\d+)\. \*\*", text, flags=re.M)) == set(re.findall(r"^\| (\d+) \|", text, flags=re.M))


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


def test_the_guide_names_every_key_of_the_desk() -> None:
    """What fails here is mended by copying the rows into the guide."""
    texts = Texts(DESK / "texts")
    here, switches = (re.findall(r'\["([^"]+)", "([a-z_.]+)"(?:, "([a-z_.]+)")?\]', _line("keys.js", f"const {name} =")) for name in ("HERE", "SWITCHES"))
    moves = [(key, f"do.{name}", "") for name, key in re.findall(r'(\w+): "([^"]+)"', _line("moves.js", "export const KEYS ="))]
    said = [(key, texts.say("et", f"desk.{name}", name=texts.say("et", f"desk.{what}"))) for key, name, what in [*here, *moves, *switches]]
    wanted = [f"| `{key}` | {words[0].upper()}{words[1:]} |" for key, words in said]

    assert [row for row in KEYS.read_text(encoding="utf-8").splitlines() if row.startswith("| `")] == wanted


def _line(script: str, start: str) -> str:
    """The line of a script of the desk that begins so."""
    return next(line for line in (DESK / "static" / script).read_text(encoding="utf-8").splitlines() if line.startswith(start))
