"""Stories, two questions at once and follow-ups, asked of the starter FAQ: which entry is found. Each set is labelled by hand.

Which stretch asks, and what leans on the question before, is tested in `test_asking.py`; here the whole matcher answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.asking import leans_on_the_one_before, questions_in
from bot.faq.entries import read_folder
from bot.understand import Reader, load_reader
from bot.understanding import Candidate

SETS = Path(__file__).parent / "sets"
FAQ = Path(__file__).parents[2] / "data" / "faq"

pytestmark = [pytest.mark.figures, pytest.mark.load]


@pytest.fixture(scope="module")
def reader(trained_model: Path) -> Reader:
    """The starter FAQ as it is shipped."""
    found = load_reader(trained_model)
    found.replace_entries(read_folder(FAQ), revision=1)
    return found


def read_set(name: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = yaml.safe_load((SETS / f"{name}.yml").read_text(encoding="utf-8"))
    assert len(items) >= 60
    return items


@pytest.fixture(scope="module")
def stories(reader: Reader) -> list[int]:
    return [place(reader.match(reader.question(item["text"])), item) for item in read_set("stories")]


@pytest.fixture(scope="module")
def two_questions(reader: Reader) -> list[int]:
    found = []
    for item in read_set("two_questions"):
        lists = [reader.match(reader.question(part)) for part in questions_in(item["text"])]
        found += [min(place(candidates, {"expected": wanted}) for candidates in lists) for wanted in item["expected"]]
    return found


@pytest.fixture(scope="module")
def follow_ups(reader: Reader) -> list[int]:
    found = []
    for item in read_set("followups"):
        leans = leans_on_the_one_before(item["text"])
        question = reader.question_after(item["before"], item["text"]) if leans else reader.question(item["text"])
        found.append(place(reader.match(question), item))
    return found


def place(candidates: Sequence[Candidate], item: Mapping[str, Any]) -> int:
    """Place of the first right entry, from 1; a hundred when it is not there."""
    right = {item["expected"], *item.get("also_ok", ())}
    return next((number for number, one in enumerate(candidates, 1) if one.entry_id in right), 100)


def within(places: list[int], first: int) -> float:
    return sum(number <= first for number in places) / len(places)


@pytest.mark.parametrize(("first", "floor"), [(1, 0.78), (3, 0.89)])
def test_the_question_in_a_story_finds_its_entry(stories: list[int], first: int, floor: float) -> None:
    assert within(stories, first) >= floor


@pytest.mark.parametrize(("first", "floor"), [(1, 0.73), (3, 0.91)])
def test_each_of_two_questions_finds_its_entry(two_questions: list[int], first: int, floor: float) -> None:
    assert within(two_questions, first) >= floor


@pytest.mark.parametrize(("first", "floor"), [(1, 0.77), (3, 0.90)])
def test_a_follow_up_finds_its_entry_after_the_question_before_it(follow_ups: list[int], first: int, floor: float) -> None:
    assert within(follow_ups, first) >= floor
