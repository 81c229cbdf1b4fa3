"""What agents are offered for the customer's last words, on talks of four businesses that nothing was learned from; each is labelled by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from bot.faq.bank import TEST, read_bank
from bot.understand import Reader, load_reader
from bot.understanding import Language, Reading, Understanding
from handoff.console.writing import LEAST_PROBABILITY, MOST_OFFERS, likeliest
from handoff.conversations.asked import LOOKED_AT, Asked

ROOT = Path(__file__).parents[2]
SET = ROOT / "tests" / "bot" / "sets" / "offers.yml"

pytestmark = [pytest.mark.figures, pytest.mark.load]


@dataclass(frozen=True)
class Offered:
    """The entries that are right, and those that were offered."""

    said: str
    right: frozenset[str]
    offers: tuple[str, ...]


class Asking:
    """As much of the bot as the desk asks for its offers."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def ask(self, text: str, *, language: Language | None = None) -> Reading:
        return self._reader.read(text, language=language)


async def offers(reader: Reader, said: Sequence[str]) -> tuple[str, ...]:
    newest = list(reversed(said))[:LOOKED_AT]
    candidates = await likeliest(cast(Understanding, Asking(reader)), Asked("et", newest, frozenset()))
    return tuple(one.entry_id for one in candidates if one.probability >= LEAST_PROBABILITY)[:MOST_OFFERS]


@pytest.fixture(scope="module")
def offered(trained_model: Path) -> list[Offered]:
    reader = load_reader(trained_model, keep_vectors=False)
    entries = {business.name: business.entries for business in read_bank(ROOT / "data" / "bank", TEST)}
    form: list[dict[str, Any]] = yaml.safe_load(SET.read_text(encoding="utf-8"))
    found = []
    for number, business in enumerate(form, 1):
        reader.replace_entries(entries[business["business"]], revision=number)
        found += [Offered(talk["said"][-1], frozenset(talk["right"]), asyncio.run(offers(reader, talk["said"]))) for talk in business["talks"]]
    return found


def share(of: Sequence[bool]) -> float:
    return sum(of) / len(of)


def test_the_set_is_large_enough_to_say_something(offered: list[Offered]) -> None:
    assert len(offered) >= 120
    assert sum(not one.right for one in offered) >= 20


@pytest.mark.parametrize(("first", "floor"), [(1, 0.76), (3, 0.85)])
def test_the_right_answer_is_among_those_offered(offered: list[Offered], first: int, floor: float) -> None:
    assert share([bool(one.right & set(one.offers[:first])) for one in offered if one.right]) >= floor


def test_nothing_is_offered_where_no_answer_is_right(offered: list[Offered]) -> None:
    assert share([not one.offers for one in offered if not one.right]) >= 0.27
