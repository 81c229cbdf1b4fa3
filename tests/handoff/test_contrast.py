"""Colours that can be read: every pair of ink and ground that our pages and the widget may show, light and dark (WCAG 1.4.3, 1.4.11)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2] / "handoff"
TOKENS = (HOUSE / "static" / "tokens.css").read_text(encoding="utf-8")
SHEETS = sorted(path for path in HOUSE.rglob("*.css") if path.name not in ("tokens.css", "shop.css"))  # the demo shop has a dress of its own
OF_STATES = ("good", "warn", "bad")
GROUNDS = ("page", "surface", "surface-soft")
TEXT = [
    *((ink, ground) for ink in ("ink", "ink-soft", "accent", *OF_STATES) for ground in GROUNDS),
    *((ink, "accent-soft") for ink in ("ink", "ink-soft", "accent")),
    *((state, f"{state}-soft") for state in OF_STATES),
    *(("ink", f"{state}-soft") for state in OF_STATES),
    ("accent-ink", "accent"),
    ("surface", "bad"),  # the count of what is new
]
OUTLINES = [(edge, ground) for edge in ("line-strong", "focus", "accent", *OF_STATES) for ground in GROUNDS]
MADE_OF_OTHERS = {"brand": "accent", "brand-ink": "accent-ink"}  # unless a site gives a colour of its own; its ink is then chosen on the page


def palettes() -> dict[str, dict[str, str]]:
    """The colours by name: light ones stand first, dark ones once for the system's wish and once for the switch."""
    rules = re.findall(r"\{([^{}]*--accent:[^{}]*)\}", TOKENS)
    assert len(rules) == 3
    light, by_system, by_switch = (dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", rule)) for rule in rules)
    assert by_system == by_switch
    assert set(light) == set(by_system)
    return {"light": light, "dark": by_system}


def luminance(colour: str) -> float:
    """Relative luminance, 0…1 (WCAG 2.2, sRGB)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """1…21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_the_guidelines_do() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read(scheme: str, ink: str, ground: str) -> None:
    colours = palettes()[scheme]
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), OUTLINES)
def test_the_edge_of_a_control_and_the_focus_can_be_seen(scheme: str, edge: str, ground: str) -> None:
    colours = palettes()[scheme]
    assert contrast(colours[edge], colours[ground]) >= 3.0


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_no_sheet_uses_a_colour_that_is_not_looked_at_here(sheet: Path) -> None:
    rules = sheet.read_text(encoding="utf-8")
    inks = {MADE_OF_OTHERS.get(name, name) for name in re.findall(r"(?<![-\w])color:\s*var\(--([\w-]+)\)", rules)}
    grounds = {MADE_OF_OTHERS.get(name, name) for name in re.findall(r"background(?:-color)?:\s*var\(--([\w-]+)\)", rules)}
    seen = {ground for _, ground in TEXT}
    drawn = {"bad", "good", "warn", "ink-soft", "line", "line-strong"}  # bars and dots without words on them
    assert inks <= {ink for ink, _ in TEXT}
    assert grounds <= seen | drawn
    assert not re.findall(r"(?<![-\w])(?:color|background):\s*#", rules), "colours come from the tokens"
