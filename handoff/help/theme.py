"""The operator's colour on the help page: any colour becomes one that can be read on white and one that can be read on black."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Rgb = tuple[float, float, float]  # 0…1

LEAST_CONTRAST = 5.0  # a little more than 4.5 : 1, for words stand on a tint of the colour too
WHITE, BLACK = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)
DARK_GROUND: Rgb = (0x2A / 255, 0x2A / 255, 0x28 / 255)
TINT_LIGHT, TINT_DARK = 0.1, 0.14
STEPS = 50


def sheet(colour: str) -> str:
    """The style sheet for `#rrggbb`."""
    wanted = _read(colour)
    light = _until(wanted, BLACK, lambda one: contrast(one, _mixed(WHITE, one, TINT_LIGHT)) >= LEAST_CONTRAST)
    dark = _until(wanted, WHITE, lambda one: contrast(one, _mixed(DARK_GROUND, one, TINT_DARK)) >= LEAST_CONTRAST)
    bright = _tokens(light, _mixed(WHITE, light, TINT_LIGHT))
    dim = _tokens(dark, _mixed(DARK_GROUND, dark, TINT_DARK))
    at_night = f'@media (prefers-color-scheme: dark) {{ :root:not([data-theme="light"]) {{ {dim} }} }}'
    return f':root {{ {bright} }}\n{at_night}\n:root[data-theme="dark"] {{ {dim} }}\n'


def contrast(one: Rgb, other: Rgb) -> float:
    """As WCAG counts it, 1…21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _tokens(accent: Rgb, soft: Rgb) -> str:
    ink = max((WHITE, BLACK), key=lambda one: contrast(one, accent))
    return f"--accent: {_written(accent)}; --accent-ink: {_written(ink)}; --accent-soft: {_written(soft)}; --focus: {_written(accent)};"


def _until(colour: Rgb, towards: Rgb, is_fine: Callable[[Rgb], bool]) -> Rgb:
    """The nearest shade on the way to black or white that is fine."""
    shades = (_mixed(colour, towards, step / STEPS) for step in range(STEPS + 1))
    return next((shade for shade in shades if is_fine(shade)), towards)


def _mixed(ground: Rgb, colour: Rgb, share: float) -> Rgb:
    red, green, blue = (a + (b - a) * share for a, b in zip(ground, colour, strict=True))
    return (red, green, blue)


def _luminance(colour: Sequence[float]) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _read(colour: str) -> Rgb:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return (red, green, blue)


def _written(colour: Rgb) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)
