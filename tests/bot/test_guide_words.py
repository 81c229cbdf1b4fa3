"""The guides for agents and editors are written without slips: Vabamorf reads every word of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.estonian import proofread

FOLDER = Path(__file__).resolve().parents[2] / "handoff" / "guide"
ELSEWHERE = re.compile(r"`[^`]*`|\]\([^)]*\)")  # keys, shortcuts and addresses


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/*.md")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_word_of_the_guide_is_spelled_right(path: Path) -> None:
    marks = proofread(ELSEWHERE.sub(" ", path.read_text(encoding="utf-8")))
    assert [(mark.word, mark.suggestions) for mark in marks] == []
