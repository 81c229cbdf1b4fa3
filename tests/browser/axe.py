"""The accessibility rules of axe-core, run on a page as it stands; it looks into the widget's shadow tree too."""

from __future__ import annotations

import json
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

LOOKS, GLANCE_MS = 8, 250  # a colour on its way to another is no complaint: only what stays is

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")


def complaints(page: Page, *, within: str | None = None, but: tuple[str, ...] = ()) -> list[str]:
    """What breaks a rule, one line a place: rule, elements, what would mend it. `within` is a selector; `but` names rules to leave out."""
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"], "rules": {rule: {"enabled": False} for rule in but}}
    found: list[str] = []
    for _ in range(LOOKS):
        found = _look(page, within or "html", options)
        if not found:
            break
        page.wait_for_timeout(GLANCE_MS)
    return found


def _look(page: Page, within: str, options: dict[str, Any]) -> list[str]:
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(f"axe.run({json.dumps(within)}, {json.dumps(options)})")
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found["violations"] for node in rule["nodes"]]
