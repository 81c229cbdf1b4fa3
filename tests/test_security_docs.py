"""What docs/security.md claims has a test that exists, and what stands in deploy/ fits the service."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from handoff.settings import Settings

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NGINX = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
CADDY = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
SECTIONS = {1: 5, 2: 4, 3: 7, 4: 4, 5: 4, 6: 8, 7: 6, 8: 4, 9: 2, 10: 7, 11: 7, 12: 3, 13: 4, 14: 3, 15: 4, 16: 5}  # of ASVS 5.0 by chapter; 17 is WebRTC


@cache
def _tests_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_line_against_a_threat_is_held_by_a_test_that_exists() -> None:
    lines = [line for line in PAGE.splitlines() if re.match(r"\| [STRIDE] \|", line)]
    named = [re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", line) for line in lines]
    assert [line for line, found in zip(lines, named, strict=True) if not found] == []
    assert [f"{path}::{name}" for found in named for path, name in found if name not in _tests_of(ROOT / path)] == []
    assert {line[2] for line in lines} == set("STRIDE")
    assert len(lines) > 40


def test_every_section_of_the_standard_is_answered() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| V")]
    answered = re.findall(r"\bV(\d+)\.(\d+) ", "\n".join(rows))
    assert {(int(chapter), int(section)) for chapter, section in answered} == {
        (chapter, one) for chapter, most in SECTIONS.items() for one in range(1, most + 1)
    }
    assert [row for row in rows if row.split("|")[2].strip() not in ("yes", "partly", "no", "—")] == []


def test_every_file_of_ours_that_the_page_names_is_there() -> None:
    assert [path for path in re.findall(r"`((?:handoff|deploy|bot)/[\w/.]+)`", PAGE) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize(("text", "ends"), [(NGINX, ";"), (CADDY, "")], ids=("nginx", "caddy"))
def test_the_proxies_files_are_whole(text: str, ends: str) -> None:
    """As far as can be seen without the programs: blocks open and close, and each line of nginx ends as it must."""
    bare = [re.sub(r"(^|\s)#.*", "", line).strip() for line in text.splitlines()]
    depth = 0
    for line in filter(None, bare):
        depth += line.endswith("{") - (line == "}")
        assert depth >= 0, line
        assert not ends or line.endswith((ends, "{", "}")), line
    assert depth == 0


def test_the_proxies_fit_the_service() -> None:
    settings = Settings.model_fields
    for text in (NGINX, CADDY):
        assert f"127.0.0.1:{settings['port'].default}" in text
        assert f"ABILINE_ATTACHMENT_SIZE ({settings['attachment_size'].default})" in text
        assert "12m" in text.lower()
    assert "proxy_buffering off" in NGINX
    assert "flush_interval -1" in CADDY
    assert re.search(r"ssl_protocols TLSv1\.2 TLSv1\.3;", NGINX)
    for private in ("asi", "invitation"):  # tokens in a path are not logged
        assert f"/{private}/" in NGINX or private in NGINX
        assert private in CADDY
