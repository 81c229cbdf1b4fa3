"""Unanswered questions of seven businesses, put into groups by hand: how well the bot finds these groups again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.faq.grouping import gathered
from bot.grouped import Labelled, figures, read_groups
from bot.understand import Reader, load_reader

SET = Path(__file__).parent / "sets" / "grouping.yml"
BUSINESSES: tuple[Labelled, ...] = tuple(read_groups(SET))

pytestmark = [pytest.mark.figures, pytest.mark.load]


@pytest.fixture(scope="module")
def reader(trained_model: Path) -> Reader:
    """Without an FAQ: what asks the same does not depend on the answers there are."""
    return load_reader(trained_model, keep_vectors=False)


@pytest.fixture(scope="module")
def sketches(reader: Reader) -> dict[str, bytes | None]:
    return {text: reader.sketch(text) for one in BUSINESSES for text in (*one.questions, *one.nothing)}


def test_the_set_is_large_enough_to_say_something() -> None:
    assert len(BUSINESSES) >= 6
    assert sum(len(set(one.groups)) for one in BUSINESSES) >= 40
    assert sum(len(one.questions) for one in BUSINESSES) >= 240


@pytest.mark.parametrize(("figure", "floor"), [("rand", 0.3), ("bcubed", 0.57), ("pairs", 0.41)])
def test_questions_that_ask_the_same_are_put_together(sketches: dict[str, bytes | None], figure: str, floor: float) -> None:
    def grouped(questions: Sequence[str]) -> Sequence[object]:
        kept = [text for text in questions if sketches[text] is not None]
        names = dict(zip(kept, gathered([sketches[text] or b"" for text in kept], [None] * len(kept), []).names, strict=True))
        return [names.get(text, text) for text in questions]

    assert figures(BUSINESSES, grouped)[figure] >= floor


def test_questions_are_hardly_ever_taken_for_chat_and_chat_hardly_ever_for_a_question(sketches: dict[str, bytes | None]) -> None:
    asked = [sketches[text] for one in BUSINESSES for text in one.questions]
    nothing = [sketches[text] for one in BUSINESSES for text in one.nothing]
    assert sum(sketch is None for sketch in asked) <= 0.03 * len(asked)
    assert sum(sketch is not None for sketch in nothing) <= 0.1 * len(nothing)
