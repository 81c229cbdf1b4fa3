from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.faq.bank import Asked, Business
from bot.faq.bridge import COLUMNS, Bridge, Crossing
from bot.faq.facts import Centre, FactCache, own_centre
from bot.faq.index import Index, Said, asked_vector
from bot.faq.passages import passages_of
from bot.understanding import FaqEntry
from tests.bot.fake_encoder import WordEncoder

# Elsewhere somebody wrote „luuk lukus“ of a parcel locker's door, and „pappi pole“ of money that did not come.
BANK = [
    Business(
        "automaadid",
        (FaqEntry("auto-uks", "Pakiautomaadi uks ei avane", "Uks avatakse kaugelt"), FaqEntry("auto-raha", "Raha tagastamine", "Raha laekub kontole")),
        (
            *(Asked(text, frozenset(["auto-uks"]), "colloquial", "auto-uks") for text in ("luuk lukus", "luuk kinni", "uks lukus")),
            *(Asked(text, frozenset(["auto-raha"]), "colloquial", "auto-raha") for text in ("pappi pole", "raha pole", "papp kontole")),
            Asked("aga homme", frozenset(["auto-raha"]), "followup", "auto-raha"),
            Asked("kas müüte lilli", frozenset(), "out_of_scope"),
        ),
    )
]
ENTRIES = [FaqEntry("uks", "Kapi uks ei avane", "Pakiautomaadi tugi avab"), FaqEntry("maksed", "Raha tagasi kontole", "Laekub viie päevaga")]


@pytest.fixture
def centre(words_encoder: WordEncoder) -> Centre:
    cache = FactCache(words_encoder)
    encoded = cache.encoded([passage for entry in ENTRIES for passage in passages_of(entry)])
    return own_centre(encoded, encoded, cache.dim)


@pytest.fixture
def index(words_encoder: WordEncoder, centre: Centre) -> Index:
    held = FactCache(words_encoder).read(ENTRIES, centre)
    return Index(held, centre, Said.of(held, WordEncoder.dim).mean(centre))


@pytest.fixture
def bridge(words_encoder: WordEncoder, centre: Centre) -> Bridge:
    learned = Bridge.learn(BANK, words_encoder, centre)
    assert learned
    return learned


@pytest.mark.parametrize(("asked", "entry"), [("luuk jäi lukku luuk lukus", 0), ("pappi pole papp", 1)])
def test_a_question_without_a_word_in_common_crosses_to_the_entry_on_the_same_topic(
    words_encoder: WordEncoder, centre: Centre, index: Index, bridge: Bridge, asked: str, entry: int
) -> None:
    vector = asked_vector(words_encoder.queries([asked])[0], centre)
    scores = Crossing(bridge, *index.whole(), len(ENTRIES)).scores(bridge.crossed(vector))
    assert scores.shape == (len(ENTRIES), len(COLUMNS))
    assert scores.argmax(axis=0).tolist() == [entry, entry]


def test_follow_ups_and_questions_without_an_answer_are_no_part_of_a_bridge(bridge: Bridge) -> None:
    assert len(bridge.questions) == 6
    assert bridge.starts.tolist() == [0, 3]
    assert len(bridge.passages) == 2


def test_a_bridge_survives_saving_and_says_when_it_is_another(tmp_path: Path, words_encoder: WordEncoder, centre: Centre, bridge: Bridge) -> None:
    bridge.save(tmp_path / "bridge.npz")
    again = Bridge.load(tmp_path / "bridge.npz")
    assert again.digest() == bridge.digest()
    asked = asked_vector(words_encoder.queries(["luuk"])[0], centre)[None]
    assert again.likeness(asked) == pytest.approx(bridge.likeness(asked), abs=0.01)
    assert Bridge(bridge.basis, bridge.questions[::-1].copy(), bridge.starts, bridge.passages, bridge.scale).digest() != bridge.digest()


def test_there_is_no_bridge_over_an_empty_bank(words_encoder: WordEncoder, centre: Centre) -> None:
    assert Bridge.learn([], words_encoder, centre) is None


@pytest.mark.parametrize("text", ["luuk lukus", "pappi pole"])
def test_of_several_versions_of_an_entry_the_likest_counts(words_encoder: WordEncoder, centre: Centre, index: Index, bridge: Bridge, text: str) -> None:
    vectors, _ = index.whole()
    asked = bridge.crossed(asked_vector(words_encoder.queries([text])[0], centre))
    both = Crossing(bridge, vectors, np.array([0, 0]), 1).scores(asked)
    apart = Crossing(bridge, vectors, np.array([0, 1]), 2).scores(asked)
    assert both[0] == pytest.approx(apart.max(axis=0))
