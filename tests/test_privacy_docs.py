"""What docs/privacy.md claims is kept by tests and files that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def _tests_of(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_claim_is_kept_by_a_test_that_exists() -> None:
    claims = PAGE[PAGE.index("### What keeps these claims") :].splitlines()[4:]
    assert len(claims) > 20
    assert [line for line in claims if line and not _NAMED.search(line)] == []
    assert [f"{path}::{name}" for path, name in _NAMED.findall(PAGE) if name not in _tests_of(path)] == []


def test_every_file_of_ours_that_the_page_names_is_there() -> None:
    assert [path for path in re.findall(r"`((?:handoff|bot|tests)/[\w/.]+)`", PAGE) if not (ROOT / path).exists()] == []


def test_every_place_on_the_page_that_it_points_to_is_there() -> None:
    headings = {re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-") for line in PAGE.splitlines() if line.startswith("#")}
    assert [anchor for anchor in re.findall(r"\]\(#([\w-]+)\)", PAGE) if anchor not in headings] == []
