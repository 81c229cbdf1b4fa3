"""Stories, two questions at once and follow-ups, asked of the starter FAQ: which entry is found. Each set is labelled by hand.

Which stretch asks, and what leans on the question before, is tested in `test_asking.py`; here the whole matcher answers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.asking import leans_on_the_one_before, questions_in
from bot.faq.entries import read_folder
from bot.understand import Reader, load_reader

SETS = Path(__file__).parent / "sets"
FAQ = Path(__file__).parents[2] / "data" / "faq"


@pytest.fixture(scope="module")
def reader(trained_model: Path) -> Reader:
    """The starter FAQ without its other wordings would be another's; it is asked as it is shipped."""
    found = load_reader(trained_model)
    found.replace_entries(read_folder(FAQ), revision=1)
    return found


def read_set(name: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = yaml.safe_load((SETS / f"{name}.yml").read_text(encoding="utf-8"))
    assert len(items) >= 60
    return items


def share(hits: list[bool]) -> float:
    return sum(hits) / len(hits)


def found_in(reader: Reader, text: str, wanted: set[str], first: int) -> bool:
    return bool(wanted & {one.entry_id for one in reader.match(reader.question(text))[:first]})


@pytest.mark.parametrize(("first", "floor"), [(1, 0.72), (3, 0.85)])
def test_the_question_in_a_story_finds_its_entry(reader: Reader, first: int, floor: float) -> None:
    items = read_set("stories")
    assert share([found_in(reader, item["text"], {item["expected"], *item.get("also_ok", ())}, first) for item in items]) >= floor


@pytest.mark.parametrize(("first", "floor"), [(1, 0.68), (3, 0.80)])
def test_each_of_two_questions_finds_its_entry(reader: Reader, first: int, floor: float) -> None:
    hits = []
    for item in read_set("two_questions"):
        candidates = [reader.match(reader.question(part))[:first] for part in questions_in(item["text"])]
        ids = {one.entry_id for found in candidates for one in found}
        hits += [wanted in ids for wanted in item["expected"]]
    assert share(hits) >= floor


@pytest.mark.parametrize(("first", "floor"), [(1, 0.74), (3, 0.85)])
def test_a_follow_up_finds_its_entry_after_the_question_before_it(reader: Reader, first: int, floor: float) -> None:
    hits = []
    for item in read_set("followups"):
        leans = leans_on_the_one_before(item["text"])
        question = reader.question_after(item["before"], item["text"]) if leans else reader.question(item["text"])
        hits.append(bool({item["expected"], *item.get("also_ok", ())} & {one.entry_id for one in reader.match(question)[:first]}))
    assert share(hits) >= floor
