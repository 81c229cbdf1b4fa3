from __future__ import annotations

import threading

import pytest

from bot.encoder import OnnxEncoder
from bot.faq.matcher import MatcherWeights
from bot.understand import Reader
from bot.understanding import FaqEntry, Outcome

ARVE = FaqEntry("arve", "Kust leian oma ostu arve?", "Arve saadame e-postile kohe pärast maksmist.")
LAHTI = FaqEntry("lahti", "Mis kell on pood avatud?", "Pood on avatud tööpäeviti kell 10–18.")


@pytest.fixture
def reader(real_encoder: OnnxEncoder) -> Reader:
    return Reader(real_encoder, MatcherWeights.load())


def test_an_entry_published_is_found_by_the_next_question(reader: Reader) -> None:
    assert reader.read("kust leian arve").candidates == ()
    reader.replace_entries([ARVE, LAHTI], revision=1)
    reading = reader.read("kust leian arve")
    assert reading.candidates[0].entry_id == "arve"
    assert reader.revision == 1


def test_an_older_revision_that_comes_late_is_passed_over(reader: Reader) -> None:
    reader.replace_entries([ARVE], revision=5)
    reader.replace_entries([LAHTI], revision=4)
    assert [entry.id for entry in reader.entries] == ["arve"]


def test_a_reading_carries_language_entities_and_the_reason(reader: Reader) -> None:
    reading = reader.read("where is order 12345")
    assert reading.language == "en"
    assert reading.entities[0]["value"] == "12345"
    assert reading.why


def test_the_chosen_language_counts_where_the_text_does_not_tell(reader: Reader) -> None:
    assert reader.read("ok", language="ru").language == "ru"
    assert reader.read("ok").language == "et"


def test_intents_given_from_outside_decide(reader: Reader) -> None:
    reading = reader.read("ma tahan inimesega rääkida", intents=[("ask_human", 0.9), ("ask_question", 0.1)])
    assert (reading.action, reading.intent) == ("human", "ask_human")


def test_broken_promises_make_the_next_ones_smaller_and_stay_when_entries_are_replaced(reader: Reader) -> None:
    reader.replace_entries([ARVE, LAHTI], revision=1)
    before = reader.read("millal poes käia saab").candidates[0].probability
    shift = reader.recalibrate([Outcome(0.8, False)] * 30 + [Outcome(0.8, True)] * 30)
    after = reader.read("millal poes käia saab")
    assert shift < 0
    assert after.candidates[0].probability < before
    assert after.shift == shift
    reader.replace_entries([ARVE, LAHTI], revision=2)
    assert reader.read("millal poes käia saab").candidates[0].probability == after.candidates[0].probability
    reader.recalibrate([])
    assert reader.read("millal poes käia saab").candidates[0].probability == before


def test_reading_goes_on_while_entries_are_replaced(reader: Reader) -> None:
    reader.replace_entries([ARVE], revision=1)
    seen: list[str] = []

    def ask() -> None:
        seen.extend(reader.read("kust leian arve").candidates[0].entry_id for _ in range(10))

    asking = threading.Thread(target=ask)
    asking.start()
    for revision in range(2, 8):
        reader.replace_entries([ARVE], revision=revision)
    asking.join()
    assert seen == ["arve"] * 10


@pytest.mark.parametrize("text", ["", " ", "😡😡😡", "a" * 5000, "/restart", "\u0000", "<script>alert(1)</script>", "1" * 200])
def test_any_text_can_be_read(reader: Reader, text: str) -> None:
    reader.replace_entries([ARVE, LAHTI], revision=1)
    assert reader.read(text).action in ("answer", "suggest", "clarify", "human", "smalltalk", "flow")
