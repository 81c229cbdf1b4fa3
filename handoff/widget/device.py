"""What the visitor uses, in a few words for the agent: „Android · 390 × 844“."""

from __future__ import annotations

from collections.abc import Mapping

SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")  # in this order: an Android also calls itself Linux, an iPhone Mac OS


def described(headers: Mapping[str, str], size: str | None) -> str | None:
    """The system as the browser's request names it, and the size of its window as the page has measured it."""
    browser = headers.get("user-agent", "")
    system = headers.get("sec-ch-ua-platform", "").strip('"') or next((name for name in SYSTEMS if name in browser), None)
    return " · ".join(part for part in (system, size) if part) or None
