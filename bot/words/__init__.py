"""Word lists as text files, one entry a line, `#` begins a comment."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path


@cache
def lines(name: str) -> tuple[str, ...]:
    """The lines of `<name>.txt` without comments and empty ones."""
    text = (Path(__file__).parent / f"{name}.txt").read_text(encoding="utf-8")
    bare = (line.split("#", 1)[0].strip() for line in text.splitlines())
    return tuple(line for line in bare if line)


@cache
def words(name: str) -> frozenset[str]:
    """All words of `<name>.txt`, however many stand on a line."""
    return frozenset(word for line in lines(name) for word in line.split())


@cache
def pairs(name: str) -> Mapping[str, str]:
    """The first word of each line → the rest of it."""
    return {first: rest.strip() for first, _, rest in (line.partition(" ") for line in lines(name))}
