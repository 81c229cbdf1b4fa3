"""What several say in the same words is read once or twice; nobody's own words are kept for it."""

from __future__ import annotations

import pickle
import weakref
from typing import Any

import pytest

from bot import heard
from bot.heard import LASTS_SECONDS, LONGEST, Heard


class Entries:
    pass


ENTRIES, OTHERS = Entries(), Entries()


def reading(text: str, *entities: str) -> dict[str, Any]:
    return {"text": text, "entities": [{"entity": kind} for kind in ("language", *entities)], "decision": {"action": "answer", "candidates": []}}


def told(kept: Heard, text: str, times: int, *entities: str) -> dict[str, Any] | None:
    """What is remembered of a text after it came so many times."""
    for _ in range(times):
        kept.note(text, ENTRIES, reading(text, *entities))
    return kept.recall(text, ENTRIES)


def test_what_comes_a_third_time_is_known() -> None:
    kept = Heard()
    assert told(kept, "kus mu pakk on", 1) is None
    assert told(kept, "kus mu pakk on", 1) == reading("kus mu pakk on")


def test_each_asker_gets_a_reading_of_their_own() -> None:
    kept = Heard()
    first = told(kept, "tere", 2)
    assert first is not None
    first["decision"]["action"] = "human"
    assert kept.recall("tere", ENTRIES) == reading("tere")


@pytest.mark.parametrize(("text", "entities"), [("minu meil on mari@kaktus.ee", ("email",)), ("x" * (LONGEST + 1), ())])
def test_what_tells_of_somebody_is_never_kept(text: str, entities: tuple[str, ...]) -> None:
    assert told(Heard(), text, 5, *entities) is None


def test_of_what_was_said_once_no_word_is_kept() -> None:
    kept = Heard()
    told(kept, "mul on kaks kassi", 1)
    assert b"kassi" not in pickle.dumps((kept._once, kept._readings))
    assert list(kept._once) != list(_heard_once("mul on kaks kassi")._once)  # and another process could not tell whether it is this text


def _heard_once(text: str) -> Heard:
    kept = Heard()
    told(kept, text, 1)
    return kept


def test_other_entries_are_asked_anew() -> None:
    kept = Heard()
    told(kept, "tere", 2)
    assert kept.recall("tere", OTHERS) is None
    kept.note("tere", OTHERS, reading("tere"))
    assert kept.recall("tere", ENTRIES) is None
    assert kept.recall("tere", OTHERS) == reading("tere")


def test_entries_that_were_replaced_are_not_held() -> None:
    kept, entries = Heard(), Entries()
    kept.note("tere", entries, reading("tere"))
    there = weakref.ref(entries)
    del entries
    assert there() is None


def test_after_an_hour_it_is_read_anew() -> None:
    now = [0.0]
    kept = Heard(clock=lambda: now[0])
    told(kept, "tere", 2)
    now[0] = LASTS_SECONDS + 1
    assert kept.recall("tere", ENTRIES) is None


def test_no_more_is_kept_than_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heard, "MOST", 3)
    monkeypatch.setattr(heard, "MOST_ONCE", 5)
    kept = Heard()
    for number in range(20):
        told(kept, f"tere {number}", 2)
    assert (len(kept._readings), len(kept._once)) == (3, 5)
    assert kept.recall("tere 19", ENTRIES) is not None
    assert kept.recall("tere 1", ENTRIES) is None
