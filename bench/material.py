"""What both are asked: an FAQ of businesses that ours has learned nothing from, and customers' questions to it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.examples import Example, read_nlu
from bot.faq.bank import TEST, Asked, Business, read_bank
from bot.faq.decision import QUESTION
from bot.understanding import FaqEntry

ROOT = Path(__file__).resolve().parents[1]
BANK, NLU = ROOT / "data" / "bank", ROOT / "data" / "nlu"
KINDS = ("paraphrase", "colloquial", "typical", "typo", "no_diacritics", "keyword", "story")
WORDINGS = 3  # of each entry, besides its question, that an editor wrote down
FROM_BUTTONS = frozenset({"choose_entry", "none_of_these"})


@dataclass(frozen=True)
class Material:
    """`entries` and `chat` are for both to learn, `questions` for both to answer; no wording is in two of them."""

    entries: tuple[FaqEntry, ...]
    questions: tuple[Asked, ...]
    chat: tuple[Example, ...]


def material(questions: int, *, seed: int = 0) -> Material:
    """The same for the same seed. Raises `bot.mendable.Mendable`: the bank or the training data can't be read."""
    dice = random.Random(seed)
    entries, left = _taught(read_bank(BANK, TEST), dice)
    chat = tuple(example for example in read_nlu(NLU) if example.intent not in (QUESTION, *FROM_BUTTONS))
    return Material(tuple(entries), tuple(dice.sample(left, min(questions, len(left)))), chat)


def _taught(businesses: Sequence[Business], dice: random.Random) -> tuple[list[FaqEntry], list[Asked]]:
    """Every entry with some of its wordings, and the wordings that are left."""
    entries, left = [], []
    for business in businesses:
        for entry in business.entries:
            asked = [one for one in business.asked if one.topic == entry.id and one.kind in KINDS]
            dice.shuffle(asked)
            entries.append(replace(entry, examples=tuple(one.text for one in asked[:WORDINGS])))
            left += asked[WORDINGS:]
    return entries, left
