from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.faq.alignment import Alignment
from bot.faq.index import Index, Kind, VectorCache, passages_of
from bot.understanding import FaqEntry
from tests.bot.fake_encoder import WordEncoder

PARCEL = FaqEntry("pakk", "Kus on minu pakk?", "Jälgige saadetist kullerfirma lehel.")
INVOICE = FaqEntry("arve", "Kust leian arve?", "Arve saadame e-postile.", ("raamatupidaja küsib dokumenti",))


def test_the_nearest_entry_is_the_one_that_shares_the_words(words_encoder: WordEncoder) -> None:
    index = Index([PARCEL, INVOICE], VectorCache(words_encoder))
    found = index.by_entry(words_encoder.queries(["kus on pakk", "raamatupidaja dokumenti"]))
    assert found.shape == (2, 2, len(Kind) + 1)
    assert found[0, :, Kind.QUESTION].argmax() == 0
    assert found[1, :, Kind.EXAMPLE].argmax() == 1


def test_an_entry_without_examples_counts_its_question_as_one(words_encoder: WordEncoder) -> None:
    found = Index([PARCEL, INVOICE], VectorCache(words_encoder)).by_entry(words_encoder.queries(["kus on minu pakk"]))
    assert found[0, 0, Kind.EXAMPLE] == found[0, 0, Kind.QUESTION]


def test_an_empty_index_finds_nothing(words_encoder: WordEncoder) -> None:
    index = Index([], VectorCache(words_encoder))
    assert index.search(words_encoder.queries(["kus"]), 3)[1].shape == (1, 0)
    assert index.by_entry(words_encoder.queries(["kus"])).shape == (1, 0, len(Kind) + 1)


def test_more_neighbours_than_passages_may_be_asked_for(words_encoder: WordEncoder) -> None:
    similarities, rows = Index([PARCEL], VectorCache(words_encoder)).search(words_encoder.queries(["pakk"]), 100)
    assert rows.shape == similarities.shape == (1, 3)
    assert np.all(np.diff(similarities[0]) <= 0)


def test_replacing_one_entry_encodes_only_that_one(words_encoder: WordEncoder) -> None:
    cache = VectorCache(words_encoder)
    Index([PARCEL, INVOICE], cache)
    words_encoder.encoded.clear()
    Index([PARCEL, FaqEntry("arve", "Kust leian arve?", "Kontolt.")], cache)
    assert set(words_encoder.encoded) == {"Kust leian arve? Kontolt.", "Kontolt."}


def test_vectors_outlive_a_restart(tmp_path: Path, words_encoder: WordEncoder) -> None:
    before = Index([PARCEL, INVOICE], VectorCache(words_encoder, tmp_path))
    again = WordEncoder()
    after = Index([PARCEL, INVOICE], VectorCache(again, tmp_path))
    assert again.encoded == []
    asked = words_encoder.queries(["arve"])
    assert after.by_entry(asked) == pytest.approx(before.by_entry(asked))


def test_a_translation_is_found_and_its_tokens_are_compared_in_its_language(words_encoder: WordEncoder) -> None:
    entry = FaqEntry("arve", "Kust leian arve?", "Kontolt.", translations={"en": {"question": "Where is my invoice?", "answer": "In your account."}})
    assert {passage.language for passage in passages_of([entry])} == {"et", "en"}
    index = Index([PARCEL, entry], VectorCache(words_encoder))
    tokens = words_encoder.read_queries(["where is my invoice"])[0].tokens
    assert index.aligned(tokens, "en")[1, 0] > index.aligned(tokens, "et")[1, 0]


def test_alignment_is_the_mean_of_the_best_matches_both_ways() -> None:
    east, north = np.array([1, 0], np.float32), np.array([0, 1], np.float32)
    alignment = Alignment([(0, np.stack([east, east])), (1, np.stack([east, north]))], 2, np.zeros(2, np.float32), np.zeros(2, np.float32))
    # Asked east and north: the first entry meets one of two, the second both. Back: all of both entries' tokens are met.
    assert alignment.scores(np.stack([east, north])) == pytest.approx(np.array([[0.5, 1.0], [1.0, 1.0]]))


def test_vectors_of_another_encoder_are_thrown_away(tmp_path: Path, words_encoder: WordEncoder) -> None:
    Index([PARCEL], VectorCache(words_encoder, tmp_path))
    other = WordEncoder()
    other.name = "another"
    Index([PARCEL], VectorCache(other, tmp_path))
    again = WordEncoder()
    Index([PARCEL], VectorCache(again, tmp_path))
    assert other.encoded
    assert again.encoded


def test_a_broken_cache_is_begun_anew(tmp_path: Path, words_encoder: WordEncoder) -> None:
    (tmp_path / "vectors2.db").write_bytes(b"no database at all, but long enough to be looked at" * 40)
    Index([PARCEL], VectorCache(words_encoder, tmp_path))
    again = WordEncoder()
    Index([PARCEL], VectorCache(again, tmp_path))
    assert again.encoded == []
