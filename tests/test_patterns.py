"""No pattern of ours can be made to search for ever by what somebody writes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from re import _parser
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(path for folder in ("handoff", "bot", "actions") for path in (ROOT / folder).rglob("*.py"))
FUNCTIONS = frozenset(("compile", "match", "fullmatch", "search", "findall", "finditer", "sub", "split"))
MANY = 20  # repeats from here on count as any number


def _patterns(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        of_re = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) and node.func.value.id == "re"
        if of_re and node.func.attr in FUNCTIONS and node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):  # type: ignore[attr-defined]
            yield node.args[0].value  # type: ignore[attr-defined]


def _repeats_within_repeats(parsed: Any, *, inside: bool = False) -> bool:
    """Whether something that repeats without end holds something that does, and both could take the same text: that is what makes a search explode."""
    return any(_explodes(str(operation), value, inside) for operation, value in parsed)


def _explodes(name: str, value: Any, inside: bool) -> bool:
    if name in ("MAX_REPEAT", "MIN_REPEAT"):
        _, most, within = value
        endless = most >= MANY
        return (inside and endless) or _repeats_within_repeats(within, inside=(inside or endless) and not _fenced(within))
    if name == "SUBPATTERN":
        return _repeats_within_repeats(value[-1], inside=inside)
    if name == "BRANCH":
        return any(_repeats_within_repeats(branch, inside=inside) for branch in value[1])
    return name in ("ASSERT", "ASSERT_NOT") and _repeats_within_repeats(value[1], inside=inside)


def _fenced(within: Any) -> bool:
    """Each round has a letter of its own, or begins where a word does, so that text is shared out among the rounds in one way only."""
    while len(within) == 1 and str(within[0][0]) == "SUBPATTERN":
        within = within[0][1][-1]
    return any(_is_a_post(str(operation), value) for operation, value in within)


def _is_a_post(name: str, value: Any) -> bool:
    return name in ("LITERAL", "AT") or (name == "IN" and all(str(part) == "LITERAL" for part, _ in value))


def test_no_pattern_of_ours_explodes() -> None:
    found = [(path.relative_to(ROOT), pattern) for path in FILES for pattern in _patterns(path)]
    assert len(found) > 60
    assert [f"{path}: {pattern}" for path, pattern in found if _repeats_within_repeats(_parser.parse(pattern, re.VERBOSE if "\n" in pattern else 0))] == []


@pytest.mark.parametrize(
    ("pattern", "explodes"), [("(a+)+b", True), (r"(\w+\s?)*$", True), ("(a|b+)*", True), (r"(\d+,)*x", False), ("a+b+", False), ("(ab?){3}", False)]
)
def test_the_look_sees_what_explodes(pattern: str, explodes: bool) -> None:
    assert _repeats_within_repeats(_parser.parse(pattern)) is explodes
